"""What an import reads: pack text, dates and amounts as people write them, and files of every format."""

import json
from datetime import time, timedelta, timezone
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from ledger.errors import BrokenEnvironment, WrongUse
from ledger.imports.amounts import read_amount
from ledger.imports.mapping import FileForm
from ledger.imports.moments import read_moment
from ledger.imports.packing import read_packing
from ledger.imports.reading import read_rows
from tests.import_desk import MAPPING, Desk

NOON, CHINA = time(12), timezone(timedelta(hours=8))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# -- pack text


@pytest.mark.parametrize(
    ("text", "outer", "holds"),
    [
        ("2000只/箱", "箱", {"只": 2000}),
        ("500ml*30瓶", None, {"瓶": 30}),
        ("5L*4瓶/件", "件", {"瓶": 4}),
        ("100只*10盒/箱", "箱", {"盒": 10, "只": 1000}),
        ("10支*42盒/箱", "箱", {"盒": 42, "支": 420}),
        ("12*25只/箱", "箱", {"只": 300}),
        ("24粒X10小盒X40/箱", "箱", {"小盒": 400, "粒": 9600}),
        ("6gX6袋X200盒/箱", "箱", {"盒": 200, "袋": 1200}),
        ("1.25gX1瓶/盒X600盒/箱", "箱", {"盒": 600, "瓶": 600}),
        ("15片X2板/盒X200盒/箱", "箱", {"盒": 200, "板": 400, "片": 6000}),
        ("2.5L/瓶，6瓶/箱", "箱", {"瓶": 6}),
        ("10盒/箱，10支/盒", "箱", {"盒": 10, "支": 100}),
        ("100盒/件(4瓶装)", "件", {"盒": 100}),
        ("1箱8件", "箱", {"件": 8}),
        ("20只装", None, {"只": 20}),
        ("１０套／箱", "箱", {"套": 10}),
    ],
)  # fmt: skip
def test_pack_text_that_can_be_read_in_one_way_is_read(text: str, outer: str | None, holds: dict[str, int]) -> None:
    packing = read_packing(text)
    assert packing is not None
    assert (packing.outer, dict(packing.holds), packing.bare) == (outer, holds, False)


@pytest.mark.parametrize(
    "text",
    [
        "", "700/箱", "12装", "200ML*12", "12件*100个", "100支*盒/箱", "250双/12箱", "500公斤/桶", "0.5g/支",
        "2、5KG/箱", "5小箱，12个/箱", "50箱（*1000）", "33*27*28", "SO*20个", "3*5kg", "0只/箱", "20191104",
        "（10装）促销装", "S小号",
    ],
)  # fmt: skip
def test_pack_text_that_says_nothing_certain_is_left_out(text: str) -> None:
    assert read_packing(text) is None


def test_a_bare_amount_is_a_pack_only_where_there_is_one_pack(desk: Desk) -> None:
    desk.write(
        "2020-01-30,in,A,口罩,2000个,箱,1", "2020-01-30,in,B,口罩,2000个,箱,3", "2020-01-30,out,C,口罩,,个,500"
    ).run()
    assert desk.on_hand("口罩") == 1500


# -- dates and amounts


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2020-01-29", "2020-01-29T12:00:00+08:00"),
        ("2020年1月29日", "2020-01-29T12:00:00+08:00"),
        ("2020/02/10 16:29:10", "2020-02-10T16:29:10+08:00"),
        ("2020-02-10T16:31:59+09:00", "2020-02-10T16:31:59+09:00"),
        ("2020-02-10T08:31Z", "2020-02-10T08:31:00+00:00"),
        ("43861", "2020-01-31T12:00:00+08:00"),
    ],
)
def test_a_date_is_read_in_every_form_people_write(text: str, at: str) -> None:
    moment = read_moment(text, NOON, CHINA)
    assert moment is not None
    assert moment.at.isoformat() == at


def test_a_range_of_days_happened_at_its_end_since_its_start() -> None:
    moment = read_moment("2020-01-22/2020-01-28", NOON, CHINA)
    assert moment is not None
    assert moment.since is not None
    assert (moment.since.isoformat(), moment.at.isoformat()) == (
        "2020-01-22T00:00:00+08:00", "2020-01-28T12:00:00+08:00",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "soon", "2020-02-31", "2020-01-28/2020-01-22", "1234567", "12"])
def test_what_is_no_date_is_not_made_one(text: str) -> None:
    assert read_moment(text, NOON, CHINA) is None


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("198件", "件", 198), ("198件", "箱", "198件"), ("1,000", "", 1000), ("１２", "个", 12), ("-5", "", -5),
        ("1.5", "", "1.5"), ("12件*100", "件", "12件*100"), ("", "个", ""), ("1,00", "", "1,00"),
        ("9" * 13, "", "9" * 13),
    ],
)  # fmt: skip
def test_an_amount_is_a_whole_number_or_stays_as_written(text: str, unit: str, amount: int | str) -> None:
    assert read_amount(text, unit) == amount


# -- files


def test_a_heading_that_drifted_is_found_by_its_alias(desk: Desk) -> None:
    tally = desk.write("2020-01-30,in,A,口罩,,个,5", header="日期,way,party,item,spec,unit,数量").run()
    assert tally.admitted == 1


def test_a_heading_that_is_gone_is_named_with_what_was_found(desk: Desk) -> None:
    desk.write("2020-01-30,in,A,口罩,,个,5", header="date,way,party,item,spec,unit,amount")
    with pytest.raises(WrongUse, match=r"quantity / 数量.*amount"):
        desk.run()


def test_spreadsheet_csv_ndjson_and_parquet_give_the_same_rows(tmp_path: Path) -> None:
    rows = [["Title", "", ""], ["日期", "item", "n"], ["43861", "口\u200b罩\xa0", "41"], ["2020-01-30", "手套", "7"]]
    workbook = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = workbook.add_worksheet("第1页")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.write(r, c, float(cell) if cell.isdigit() else cell)
    workbook.close()
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-8-sig")
    records = [dict(zip(rows[1], row, strict=True)) for row in rows[2:]]
    (tmp_path / "a.ndjson").write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    duckdb.sql(f"COPY (FROM '{tmp_path}/a.ndjson') TO '{tmp_path}/a.parquet'")
    columns = {"date": ("date", "日期"), "item": ("item",), "n": ("n",)}
    for name, header_row in (("a.xlsx", 2), ("a.csv", 2), ("a.ndjson", 1), ("a.parquet", 1)):
        read = [row.cells for row in read_rows(tmp_path / name, FileForm(header_row=header_row, columns=columns))]
        assert read == [
            {"date": "43861", "item": "口罩", "n": "41"}, {"date": "2020-01-30", "item": "手套", "n": "7"},
        ], name  # fmt: skip


def test_a_line_that_is_not_json_is_a_row_and_ends_in_quarantine(desk: Desk) -> None:
    desk.file = desk.folder / "rows.ndjson"
    good = {"date": "2020-01-30", "way": "in", "party": "A", "item": "口罩", "spec": None, "unit": "个", "quantity": 5}
    desk.file.write_text(json.dumps(good) + "\nnot json\n[1]\n", encoding="utf-8")
    tally = desk.run()
    assert (tally.rows, tally.admitted, tally.quarantined) == (3, 1, 2)


@pytest.mark.parametrize("name", ["rows.xlsx", "rows.parquet"])
def test_a_file_that_is_not_what_it_says_is_refused_by_name(desk: Desk, name: str) -> None:
    desk.file = desk.folder / name
    desk.file.write_bytes(b"not a spreadsheet")
    with pytest.raises(BrokenEnvironment, match=name):
        desk.run()


def test_a_missing_file_and_an_unknown_format_are_named(desk: Desk) -> None:
    desk.file = desk.folder / "nowhere.csv"
    with pytest.raises(BrokenEnvironment, match=r"nowhere\.csv"):
        desk.run()
    desk.file = desk.folder / "rows.pdf"
    desk.file.write_bytes(b"%PDF")
    with pytest.raises(WrongUse, match="pdf"):
        desk.run()


def test_a_mapping_with_a_typing_slip_is_refused_with_its_place(desk: Desk) -> None:
    desk.map(MAPPING.replace("units_finest_first", "units_finest_frist"))
    with pytest.raises(WrongUse, match="units_finest_frist"):
        desk.run()
    desk.map(MAPPING.replace("{designated}", "{desginated}"))
    with pytest.raises(WrongUse, match="desginated"):
        desk.run()
    desk.map("name = ")
    with pytest.raises(WrongUse, match="TOML"):
        desk.run()
