"""Imports: rows become documents, admission judges them, every row is accounted for, and nothing counts twice."""

import json
from pathlib import Path

import pytest

from ledger.imports.documents import ROWS_A_SOURCE
from schemas.page import Result
from tests.import_desk import MAPPING, PAIRED, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# -- every row is accounted for


def test_every_row_is_admitted_or_quarantined_and_none_is_dropped(desk: Desk) -> None:
    tally = desk.write(
        "2020-01-29,in,A,雨鞋,20双/箱,箱,2",
        "2020-01-30,out,B,口罩,,个,12件*100",
        "合计,,,,,,",
        "",
        "2020-01-30,gave,B,口罩,,个,5",
        "soon,in,A,口罩,,个,5",
        "2020-01-30,in,A,口罩,,个,7",
    ).run()
    assert (tally.rows, tally.admitted, tally.already_admitted, tally.quarantined) == (6, 2, 0, 4)


def test_what_is_not_understood_stays_as_written_and_the_reason_names_it(desk: Desk) -> None:
    tally = desk.write("2020-01-30,in,A,口罩,,个,12件*100", "2020-01-30,in,A,口罩,,个,1").run()
    [problem] = tally.problems
    assert problem.reason is not None
    assert problem.reason.facts["where"] == "lines[0].quantity"
    assert "12件*100" in problem.reason.facts["found"]
    assert desk.on_hand("口罩") == 1


def test_a_second_run_admits_nothing(desk: Desk) -> None:
    desk.write(*[f"2020-01-30,in,A,口罩,,个,{n}" for n in range(1, 260)])
    first, second = desk.run(), desk.run()
    assert (first.admitted, first.already_admitted) == (259, 0)
    assert (second.admitted, second.already_admitted, second.quarantined) == (0, 259, 0)
    assert second.catalogue.recorded == 0
    assert desk.on_hand("口罩") == sum(range(1, 260))


def test_an_appended_file_adds_only_its_new_rows(desk: Desk) -> None:
    rows = [f"2020-01-30,in,A,口罩,,个,{n}" for n in range(1, ROWS_A_SOURCE + 20)]
    desk.write(*rows).run()
    tally = desk.write(*rows, "2020-01-31,in,A,口罩,,个,5000").run()
    assert (tally.admitted, tally.already_admitted) == (1, len(rows))


def test_a_file_under_another_name_is_still_the_same_rows(desk: Desk) -> None:
    desk.write("2020-01-30,in,A,口罩,,个,5").run()
    desk.file = desk.file.rename(desk.folder / "rows (1).csv")
    assert desk.run().already_admitted == 1


def test_a_changed_row_is_conflicting_and_changes_no_stock(desk: Desk) -> None:
    desk.write("2020-01-30,in,A,口罩,,个,5", "2020-01-30,in,A,口罩,,个,6").run()
    tally = desk.write("2020-01-30,in,A,口罩,,个,5", "2020-01-30,in,A,口罩,,个,600").run()
    assert tally.count(Result.CONFLICTING) == 1
    assert desk.on_hand("口罩") == 11


def test_a_row_that_repeats_an_earlier_one_is_the_same_document(desk: Desk) -> None:
    desk.map(MAPPING.replace('entries = "desk', 'repeat_key = ["date", "item", "quantity"]\n    entries = "desk'))
    tally = desk.write("2020-01-30,in,A,口罩,,个,5", "2020-01-30,in,A,口罩,,个,6", "2020-01-30,in,A,口罩,,个,5").run()
    assert (tally.rows, tally.admitted, tally.already_admitted, tally.repeated_rows) == (3, 2, 1, 1)
    assert desk.on_hand("口罩") == 11


def test_a_dry_run_says_what_would_happen_and_writes_nothing(desk: Desk) -> None:
    desk.write("2020-01-30,in,A,口罩,,个,5", "2020-01-30,in,A,口罩,,桶,5", "2020-01-30,out,A,口罩,,个,2")
    pages = desk.book.log.last_page()
    dry = desk.run(dry=True)
    assert desk.book.log.last_page() == pages
    assert [(p.row, p.result) for p in dry.problems] == [(3, Result.UNCONVERTIBLE)]
    real = desk.run()
    assert real.results == dry.results


# -- merged cells, names, units, packs


def test_a_merged_unit_is_filled_down_within_its_block_only(desk: Desk) -> None:
    tally = desk.write(
        "2020-01-30,in,A,监护仪,,套,2",
        "2020-01-30,in,,监护仪,,,8",
        "2020-01-30,in,B,监护仪,,,5",
        "2020-01-30,in,,,,,",
    ).run()
    assert desk.on_hand("监护仪") == 10
    assert [p.row for p in tally.problems] == [4, 5]
    without_quantity = json.loads(tally.problems[1].document)["lines"][0]
    assert without_quantity["unit"] == ""


def test_receipts_in_cases_and_issues_in_pieces_meet_in_the_finest_unit_written(desk: Desk) -> None:
    desk.write("2020-01-29,in,A,雨靴,2000个/箱,箱,100", "2020-01-31,out,B,雨 靴,,个,200000").run()
    assert (desk.base_unit("雨靴"), desk.on_hand("雨靴")) == ("个", 0)


def test_an_item_written_only_in_cases_is_counted_in_cases(desk: Desk) -> None:
    desk.write("2020-01-30,in,A,检查手套,2000只/箱,箱,435", "2020-01-30,out,B,检查手套,2000只/箱,箱,135").run()
    assert (desk.base_unit("检查手套"), desk.on_hand("检查手套")) == ("箱", 300)


def test_a_pack_all_receipts_agree_on_holds_for_issues_that_state_none(desk: Desk) -> None:
    desk.write(
        "2020-01-29,in,A,甘草片,450瓶/件,瓶,36000",
        "2020-01-30,out,B,甘草片,,件,70",
        "2020-01-30,in,C,甘草片,450瓶/件,件,1",
    ).run()
    assert desk.on_hand("甘草片") == 36000 - 70 * 450 + 450


def test_packs_that_differ_or_are_not_stated_are_never_guessed(desk: Desk) -> None:
    tally = desk.write(
        "2020-01-29,in,A,护目镜,150个/箱,箱,2", "2020-01-29,in,B,护目镜,200个/箱,箱,8", "2020-01-30,out,C,护目镜,,箱,1",
        "2020-01-30,out,C,护目镜,,个,50", "2020-01-29,in,A,酒精,30瓶/箱,箱,1", "2020-01-29,in,B,酒精,,箱,1",
        "2020-01-30,out,C,酒精,,瓶,1",
    ).run()  # fmt: skip
    assert [p.row for p in tally.problems] == [4, 7]
    assert desk.on_hand("护目镜") == 2 * 150 + 8 * 200 - 50
    assert desk.on_hand("酒精") == 29


def test_a_pack_of_another_unit_is_not_taken_for_this_lines_pack(desk: Desk) -> None:
    tally = desk.write("2020-01-29,in,A,护目镜,200个/箱,件,7", "2020-01-29,in,A,护目镜,,个,1").run()
    assert [p.row for p in tally.problems] == [2]


def test_recorded_synonyms_join_names_and_units_and_nothing_else_does(desk: Desk) -> None:
    desk.write(
        "2020-01-30,in,A,消毒片,,箱,110", "2020-01-30,out,B,消毒片（万消灵）,,箱,100",
        "2020-01-30,in,A,手套,1000支/箱,箱,10", "2020-01-31,out,B,手套,,只,5000", "2020-01-30,in,A,消毒片剂,,箱,3",
    ).run()  # fmt: skip
    assert desk.on_hand("消毒片") == 10
    assert (desk.base_unit("手套"), desk.on_hand("手套")) == ("只", 5000)
    assert desk.on_hand("消毒片剂") == 3


def test_a_synonym_waits_until_its_item_is_known(desk: Desk) -> None:
    first = desk.write("2020-01-30,in,A,手套,,只,1").run()
    assert (first.catalogue.not_needed, first.catalogue.refused) == (1, [])
    desk.write("2020-01-30,in,A,手套,,只,1", "2020-01-30,in,A,消毒片（万消灵）,,箱,5").run()
    assert desk.on_hand("消毒片") == 5


def test_a_gift_designated_in_the_items_name_is_met_by_the_issue_to_that_receiver(desk: Desk) -> None:
    gift = "口罩（定向捐赠江夏红十字）"
    desk.write(f"2020-01-29,in,A,{gift},,个,200", f"2020-01-31,out,江夏区红十字会,{gift},,个,150").run()
    party = desk.book.folds.stock.parties["WH-01", gift, "江夏区红十字会"]
    assert (party.designated, party.issued, party.reserved()) == (200, 150, 50)


def test_an_item_first_seen_says_where_and_in_which_file(desk: Desk) -> None:
    tally = desk.write("2020-01-30,in,A,口罩,,个,5").run()
    said = [e.raw for page, _ in desk.book.pages() for e in page.entries if b"item_described" in e.raw]
    [item] = [json.loads(raw) for raw in said]
    assert "row 2" in item["reason"]
    assert item["references"][0]["sha256"] == tally.sha256


# -- transfers and clocks


def test_two_rows_are_one_transfer_only_when_that_is_certain(desk: Desk) -> None:
    desk.map(PAIRED)
    desk.write(
        "LAZ,-19991,2022-02-23", "PIE,20000,2022-02-23", "TOS,500,2022-02-23",  # a pair, its ends 9 apart
        "SIC,-700,2022-03-01",  # nobody received it
        "UMB,-300,2022-04-01", "VEN,300,2022-04-01", "MAR,301,2022-04-01",  # two could have
        header="site,n,day",
    ).run()  # fmt: skip
    legs = desk.book.folds.transfers.legs
    assert {key[0]: leg.in_transit() for key, leg in legs.items()} == {"2022-02-23 LAZ>PIE": -9}
    totals = desk.book.folds.stock.totals
    assert {site: total.on_hand for (site, _), total in totals.items()} == {
        "LAZ": -19991, "PIE": 20000, "TOS": 500, "SIC": -700, "UMB": -300, "VEN": 300, "MAR": 301,
    }  # fmt: skip


def test_a_rehearsal_takes_its_time_recorded_from_the_file_unless_the_book_is_later(desk: Desk) -> None:
    desk.map(PAIRED)
    tally = desk.write("LAZ,5,2022-02-23", header="site,n,day").run()
    assert (tally.admitted, tally.clock_kept, tally.late_rows) == (1, 1, 1)


def test_a_real_book_keeps_its_own_clock_whatever_the_file_states(tmp_path: Path) -> None:
    desk = Desk(tmp_path, nature="real")
    desk.map(PAIRED)
    tally = desk.write("LAZ,5,2022-02-23", header="site,n,day").run()
    assert (tally.admitted, tally.clock_kept) == (1, 0)
    recorded = {page.header.recorded_at.year for page, _ in desk.book.pages()}
    assert min(recorded) > 2022
