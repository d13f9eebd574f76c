"""Donors' offers and their matches, as a public exchange recorded them: every row accounted for, every poison found."""

from collections import Counter
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from ledger.book import Book
from ledger.imports.running import Tally
from ledger.lake import Lake, catch_up
from projections.chapters.donations import gifts
from tests.test_real_inputs import new_book, read_csv, run_import, sums

Imported = tuple[Book, Tally, Tally, DuckDBPyConnection]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Imported:
    """Import offers, then matches."""
    book = new_book(tmp_path_factory.mktemp("getusppe"))
    folder = shared_data / "getusppe"
    offers = run_import(book, "getusppe_offers", folder / "all_offers.csv")
    matches = run_import(book, "getusppe_matches", folder / "all_matches.csv")
    catch_up(book)
    return book, offers, matches, Lake.connect(book.path)


def found_in(tally: Tally) -> Counter[str]:
    """Count what stands on the quarantined rows, as the reasons say it."""
    return Counter(p.reason.facts["found"] for p in tally.problems if p.reason)


def test_all_4966_offers_and_6932_matches_are_donation_entries_or_quarantined_rows(imported: Imported) -> None:
    """(B1)"""
    _, offers, matches, lake = imported
    assert sums(offers) == (4_966, 4_591, 0, 375)
    assert sums(matches) == (6_932, 6_527, 0, 405)
    assert offers.catalogue.refused == matches.catalogue.refused == []
    kinds = dict(lake.sql("SELECT kind, count(*) FROM gift_lines GROUP BY kind").fetchall())
    assert kinds == {"gift_offered": 4_591, "gift_passed_on": 4_089, "gift_matched": 2_438}


def test_every_poison_value_and_test_row_is_in_quarantine_with_what_it_says(imported: Imported) -> None:
    """(A11, B1) Nothing, less than nothing, and 199,999,999,999,998 masks; rows typed to try the form."""
    _, offers, matches, _ = imported
    assert found_in(offers) == {
        "0": 339, "-1": 27, "-2": 1, "-4": 1, "-10": 1, "-18": 1, "'199999999999998'": 1, "'not_mapped'": 4
    }  # fmt: skip
    assert found_in(matches) == {"0": 281, "-1": 26, "'not_mapped'": 98}


def test_offers_of_more_than_can_be_are_found(imported: Imported) -> None:
    """(B1)"""
    rows = imported[3].sql("SELECT offered, count(*) FROM audit_offer_implausible GROUP BY 1 ORDER BY 1").fetchall()
    assert rows == [
        (40_000_000, 1), (100_000_000, 1), (200_000_000, 2), (1_000_000_000, 4), (2_000_000_000, 4), (10_000_000_000, 2)
    ]  # fmt: skip


def test_deliveries_before_they_were_agreed_are_found(imported: Imported) -> None:
    """(B1) Kept: they were delivered; found: the dates cannot be."""
    rows = imported[3].sql("SELECT fault, count(*) FROM audit_gift_out_of_order GROUP BY 1").fetchall()
    assert rows == [("before it was agreed", 305)]


def test_deliveries_beyond_the_offer_and_matches_nobody_offered_are_found(
    imported: Imported, shared_data: Path
) -> None:
    """(B10) Pairs without any offer row, and those whose only offers wait in quarantine."""
    lake = imported[3]
    beyond = "SELECT count(DISTINCT (donor, item)) FROM audit_gift_without_offer WHERE fault = 'beyond the offer'"
    assert lake.sql(beyond).fetchall() == [(5,)]
    never = set(
        lake.sql("SELECT DISTINCT donor, item FROM audit_gift_without_offer WHERE fault = 'never offered'").fetchall()
    )
    folder = shared_data / "getusppe"
    offered = {(r["donorKey"], r["equipmentEnum"]) for r in read_csv(folder / "all_offers.csv")}
    matched = {(r["donorkey"], r["enumcode"]) for r in read_csv(folder / "all_matches.csv")}
    without_a_row = matched - offered
    assert len(without_a_row) == 13
    assert without_a_row <= never
    in_book = set(lake.sql("SELECT DISTINCT donor, item FROM gift_lines WHERE kind = 'gift_offered'").fetchall())
    assert never - without_a_row <= offered - in_book


def test_gifts_that_went_straight_to_facilities_are_disclosed_and_never_stock(imported: Imported) -> None:
    """(B3, B8)"""
    book, _, _, lake = imported
    assert book.folds.stock.balances == {}
    assert lake.sql("SELECT direction, count(*) FROM disclosure_list GROUP BY 1").fetchall() == [("straight on", 4_089)]


def test_the_fold_and_the_lake_know_the_same_offers(imported: Imported) -> None:
    """(B1) Quantities offered, gift by gift."""
    by_fold = {
        (g.gift, item): quantity
        for g in gifts(imported[0].folds.chapters.donations)
        for item, quantity in g.quantities["offered"].items()
    }
    asked = "SELECT gift, item, sum(base_quantity)::BIGINT FROM gift_lines WHERE kind = 'gift_offered' GROUP BY 1, 2"
    by_sql = {(gift, item): quantity for gift, item, quantity in imported[3].sql(asked).fetchall()}
    assert by_fold == by_sql


def test_the_offers_again_admit_nothing(tmp_path: Path, shared_data: Path) -> None:
    """(A11) A second run changes nothing."""
    file = shared_data / "getusppe" / "all_offers.csv"
    book = new_book(tmp_path)
    first = run_import(book, "getusppe_offers", file)
    again = run_import(book, "getusppe_offers", file)
    assert sums(again) == (4_966, 0, first.admitted, first.quarantined)
