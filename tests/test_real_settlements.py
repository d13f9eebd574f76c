"""Real input about transfers and days: Italy's transfers, China's holiday calendars in both versions, its districts."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.book import ZONE
from ledger.holiday_calendars import Holidays, from_file, from_package
from ledger.lake import Lake, catch_up
from projections.chapters.settlements.transit import differences
from projections.chapters.standing import Standing, place_at
from projections.chapters.standing import take as take_standing
from projections.working_days import working_day_after
from schemas.holidays import CalendarPublished
from tests.on_disk import OnDisk, rows
from tests.spec import Doc, document, given
from tests.test_real_inputs import baogong, new_book, run_import

BEFORE_THE_EXTENSION = datetime(2020, 1, 26, tzinfo=ZONE)
LONG_AFTER = datetime(2030, 1, 1, tzinfo=ZONE)


def entry_of(found: Holidays) -> Doc:
    """Write a calendar as an entry; one whose source does not say when it was published, as published long before."""
    return document(
        "calendar_published", "*", "hq.t1", **found.fields(found.published_at or datetime(2010, 1, 1, tzinfo=ZONE))
    )


@pytest.fixture(scope="module")
def vectors(shared_data: Path) -> list[dict[str, Any]]:
    text = (shared_data / "holiday_cn" / "fifteen_working_days_vectors.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def calendars(shared_data: Path) -> list[Doc]:
    """Give both versions of 2020 and the years after it from files, and the rest from the package."""
    folder = shared_data / "holiday_cn"
    files = ("2020.as_of_2019-11-21.json", "2020.json", "2021.json", "2022.json", "2023.json")
    return [
        entry_of(found)
        for found in (*map(from_file, (folder / f for f in files)), *map(from_package, (2024, 2025, 2026)))
    ]


def standing_of(calendars: list[Doc]) -> Standing:
    state = Standing()
    for number, said in enumerate(calendars, 1):
        entry = said.but(number=number).entry()
        assert isinstance(entry, CalendarPublished)
        take_standing(state, entry, LONG_AFTER)
    return state


def test_fifteen_working_days_come_out_for_every_vector(calendars: list[Doc], vectors: list[dict[str, Any]]) -> None:
    """(F10) By the calendar as it was in the end."""
    known = standing_of(calendars).calendars
    found = {v["start"]: working_day_after(known, date.fromisoformat(v["start"]), v["n"], LONG_AFTER) for v in vectors}
    assert {start: str(due.day) for start, due in found.items() if due} == {v["start"]: v["due"] for v in vectors}
    assert found["2020-01-17"] is not None
    assert found["2020-01-17"].versions == ("holiday-cn 2020 (2020-01-27)",)


def test_before_the_holiday_was_stretched_the_same_days_gave_another_due_day(
    calendars: list[Doc], vectors: list[dict[str, Any]]
) -> None:
    """(F10, A10) Asked as known on 26 January 2020, with the version that was in force then."""
    known = standing_of(calendars).calendars
    asked = [v for v in vectors if v["start"] < "2020-03"]
    found = {
        v["start"]: working_day_after(known, date.fromisoformat(v["start"]), v["n"], BEFORE_THE_EXTENSION)
        for v in asked
    }
    assert {s: str(due.day) for s, due in found.items() if due} == {
        v["start"]: v["due_calendar_before_2020_extension"] for v in asked
    }
    assert {due.versions for due in found.values() if due} == {("holiday-cn 2020 (2019-11-21)",)}
    assert sum(v["due"] != v["due_calendar_before_2020_extension"] for v in asked) >= 3


def test_the_working_days_of_sql_are_those_of_the_fold(
    calendars: list[Doc], vectors: list[dict[str, Any]], tmp_path: Path
) -> None:
    """(F10)"""
    disk = OnDisk(tmp_path / "book")
    disk.admit(*calendars, recorded="2027-01-01T00:00:00+08:00")
    sql = """SELECT s.day AS start, d.day FROM working_days AS s
        JOIN working_days AS d ON d.working AND d.nth = s.nth + 15 AND d.stretch = s.stretch"""
    found = {str(row["start"]): str(row["day"]) for row in rows(disk.lake(), sql)}
    disk.book.close()
    assert {v["start"]: found[v["start"]] for v in vectors} == {v["start"]: v["due"] for v in vectors}


def test_the_package_says_of_2020_only_what_held_in_the_end(shared_data: Path) -> None:
    """(F10) So an earlier version has to come from its file; and the file of 13 February still lacked 31 January."""
    package = from_package(2020)
    early, latest = (from_file(shared_data / "holiday_cn" / f) for f in ("2020.as_of_2020-02-13.json", "2020.json"))

    def weekdays(days: tuple[date, ...]) -> set[date]:
        return {day for day in days if day.weekday() < 5}

    assert weekdays(package.days_off) == weekdays(latest.days_off)
    assert weekdays(package.days_off) - weekdays(early.days_off) == {date(2020, 1, 31)}
    assert set(package.make_up_days) == {day for day in latest.make_up_days if day.weekday() >= 5}


def test_a_user_records_a_calendar_with_one_command_and_a_wrong_file_is_explained(
    tmp_path: Path, shared_data: Path
) -> None:
    """(F10)"""
    baogong(tmp_path, "init", "--rehearsal")
    old, new = (shared_data / "holiday_cn" / f"2020.as_of_{day}.json" for day in ("2019-11-21", "2020-02-13"))
    for file in (old, new):
        baogong(tmp_path, "calendar", "record", "2020", "--file", str(file))
    baogong(tmp_path, "calendar", "record", "2026")
    listed = json.loads(baogong(tmp_path, "calendar", "list", "--format", "json"))
    assert [row["version"] for row in listed][:2] == ["holiday-cn 2020 (2019-11-21)", "holiday-cn 2020 (2020-01-27)"]
    assert listed[2]["version"].startswith("chinesecalendar ")
    with pytest.raises(AssertionError, match="the file is of 2020"):
        baogong(tmp_path, "calendar", "record", "2021", "--file", str(new))
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"year": 2020}', encoding="utf-8")
    with pytest.raises(AssertionError, match="no year's file of holiday-cn"):
        baogong(tmp_path, "calendar", "record", "2020", "--file", str(wrong))


# -- districts


def test_every_district_of_china_becomes_a_place_and_a_merged_one_stays_in_its_past(
    shared_data: Path, tmp_path: Path
) -> None:
    """(F10, K2) 江干 of Hangzhou merged into 上城 on 9 April 2021: the file of 2023 no longer has it."""
    areas = shared_data / "cn_divisions" / "areas.csv"
    with areas.open(encoding="utf-8", newline="") as file:
        expected = {row["code"]: f"{row['name']}({row['code']})" for row in csv.DictReader(file)}
    baogong(tmp_path, "init", "--rehearsal")
    said = json.loads(
        baogong(tmp_path, "import", "examples/mappings/cn_divisions.toml", str(areas), "--format", "json")
    )
    assert (said["rows"], said["admitted"], said["quarantined"]) == (len(expected), len(expected), 0)
    catch_up(tmp_path / "book")
    with Lake.connect(tmp_path / "book") as lake:
        found = dict(lake.sql("SELECT site, district FROM places").fetchall())
    assert found == expected
    assert not any("江干区" in district for district in expected.values())
    merged = datetime(2021, 4, 9, tzinfo=ZONE)
    described = [
        document("site_described", "*", "desk.t1", describes="HZ-7", name="a", district=district, site_kind="store").at(
            at
        )
        for district, at in (("上城区(330102)", merged), ("江干区(330104)", merged - timedelta(days=800)))
    ]
    world = given(*described)
    standing = world.folds.chapters.standing
    then = [place_at(standing, "HZ-7", at) for at in (merged - timedelta(days=1), merged)]
    assert [place.district if place else "" for place in then] == ["江干区(330104)", "上城区(330102)"]


# -- Italy


def test_transfers_between_regions_whose_ends_differ_become_open_cases(tmp_path: Path, shared_data: Path) -> None:
    """(F9) Five pairs differ, four tie; each difference names its two regions and waits for an explanation."""
    book = new_book(tmp_path)
    run_import(book, "italy_vaccine", shared_data / "italy_vaccine" / "consegne-vaccini-latest.csv")
    chapters = book.folds.chapters
    found = {(ends.from_site, ends.to_site): one.unexplained for _, ends, one in differences(chapters.settlements)}
    assert found == {
        ("SIC", "PUG"): -91, ("LAZ", "VEN"): -212, ("SIC", "LAZ"): -2, ("LAZ", "TOS"): -3, ("LAZ", "PIE"): -9
    }  # fmt: skip
    cases = [a for a in book.folds.due(datetime(2023, 10, 1, tzinfo=UTC)) if a.kind == "transfer_difference"]
    assert sorted(a.site for a in cases) == ["LAZ", "PIE", "PUG", "TOS", "VEN"]
    catch_up(book)
    book.close()
    with Lake.connect(book.path) as lake:
        audited = lake.sql("SELECT from_site, site, unexplained FROM audit_transfer_difference").fetchall()
    assert {(a, b): n for a, b, n in audited} == found
