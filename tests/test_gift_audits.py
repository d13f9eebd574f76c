"""What an auditor asks about gifts by SQL (B3, B6, B7, B9): one book, each test at a site of its own."""

from typing import Any

import pytest

from tests.audit_steps import day
from tests.on_disk import OnDisk, rows
from tests.spec import Doc, described, document, issued, line, received


class Auditor:
    """A book of several sites and the lake of it, made once and asked often."""

    def __init__(self, disk: OnDisk) -> None:
        self.disk = disk
        self.lake = disk.lake()

    def asks(self, sql: str, site: str) -> list[dict[str, Any]]:
        """Return the rows of a question about one site."""
        return rows(self.lake, f"{sql} WHERE site = $1 ORDER BY ALL", [site])


def gift(site: str, counted_by: tuple[str, ...] = ("keeper-1", "keeper-2"), **fields: Any) -> Doc:
    donation = {"donor": f"D-{site}", "counted_by": list(counted_by)}
    return received(10, site=site, origin="donated", donation=donation, **fields)


def policy(key: str, value: int, site: str) -> Doc:
    return document(
        "policy_set", "*", "hq.t1", key=key, value=value, scope={"site": site}, effective_from=day(1, 0), reason="plan"
    )  # fmt: skip


def spent(fen: int, number: str, purpose: str = "masks") -> Doc:
    return document("money_gift_spent", "MONEY", gift=number, amount_fen=fen, purpose=purpose, bought="masks")


def shelf_lives() -> list[Doc]:
    dates = {
        "SIX": ("2019-01-01", "2020-08-01"), "FIVE": ("2019-01-01", "2020-07-31"), "UNDATED": (None, "2020-05-01"),
        "SHORT": ("2020-01-01", "2020-05-01"), "SHORTER": ("2020-01-01", "2020-04-30"),
        "LENIENT": ("2019-01-01", "2020-03-02"),
    }  # fmt: skip
    made = [
        gift(site, expires_on=expires, **({"produced_on": produced} if produced else {}))
        for site, (produced, expires) in dates.items()
    ]
    return [policy("gift_shelf_months", 1, "LENIENT"), *made]


def hands() -> list[Doc]:
    return [gift("TWO"), gift("ONE", ("keeper-1",)), gift("SAME", ("keeper-1", "keeper-1")), gift("NOBODY", ())]


def equipment() -> list[Doc]:
    monitor = {"item": "monitor", "unit": "台"}
    accepted = {"installed_by": "engineer-1", "accepted_by": "icu-1"}
    return [
        described("monitor", "台").but(equipment=True), gift("ICU", **monitor),
        document("equipment_accepted", "ICU", lines=[line(2, **monitor)], **accepted).at(day(1, 9)),
        issued(2, site="ICU", **monitor).at(day(1, 10)), issued(1, site="ICU", **monitor).at(day(1, 11)),
        received(10, site="OWN", **monitor), issued(1, site="OWN", **monitor).at(day(1, 11)),
    ]  # fmt: skip


def money() -> list[Doc]:
    came = {"donor": "donor-1", "purpose": "masks"}
    return [
        *(document("money_gift_received", "MONEY", gift=g, amount_fen=1_000, **came) for g in ("M1", "M2", "M3")),
        spent(400, "M1"), spent(500, "M1"), spent(600, "M2"), spent(600, "M2").at(day(1, 9)),
        spent(100, "M3", purpose="a dinner"), spent(100, "M9"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Auditor:
    disk = OnDisk(tmp_path_factory.mktemp("gifts") / "book")
    documents = [described(箱=700), *shelf_lives(), *hands(), *equipment(), *money()]
    dated = [d if "2020-02" in d.fields["happened_at"] else d.at(day(1)) for d in documents]
    disk.admit(*dated, recorded=day(1, 12))
    return Auditor(disk)


@pytest.mark.parametrize(
    ("site", "flagged"),
    [("SIX", 0), ("FIVE", 1), ("SHORT", 0), ("SHORTER", 1), ("UNDATED", 1), ("LENIENT", 0)],
)
def test_a_gift_has_six_months_left_or_three_of_a_total_life_of_at_most_six(
    auditor: Auditor, site: str, flagged: int
) -> None:
    """(B7) A life nobody stated is taken as a long one; a site may ask for less."""
    assert len(auditor.asks("FROM audit_gift_short_dated", site)) == flagged


def test_two_different_people_count_a_gift_together(auditor: Auditor) -> None:
    """(B7) Whoever is not named did not count."""
    found = {site: len(auditor.asks("FROM audit_gift_one_hand", site)) for site in ("TWO", "ONE", "SAME", "NOBODY")}
    assert found == {"TWO": 0, "ONE": 1, "SAME": 1, "NOBODY": 1}


def test_donated_equipment_used_beyond_what_was_accepted_by_then_is_found(auditor: Auditor) -> None:
    """(B6) What a site bought itself is no gift."""
    assert [(r["issued"], r["accepted"]) for r in auditor.asks("FROM audit_equipment_unaccepted", "ICU")] == [(3, 2)]
    assert auditor.asks("FROM audit_equipment_unaccepted", "OWN") == []


def test_a_money_gift_shows_donor_purpose_what_was_bought_and_what_is_left(auditor: Auditor) -> None:
    """(B9)"""
    (found,) = rows(auditor.lake, "FROM money_gifts WHERE gift = 'M1'")
    assert (found["donor"], found["purpose"], found["bought"]) == ("donor-1", "masks", "masks; masks")
    assert (found["received_fen"], found["spent_fen"], found["left_fen"]) == (1_000, 900, 100)


def test_money_spent_beyond_the_gift_for_another_purpose_or_of_no_gift_is_found(auditor: Auditor) -> None:
    """(B9, N1)"""
    found = auditor.asks("FROM audit_money_gift_misspent", "MONEY")
    assert {(r["gift"], r["fault"], r["left_fen"]) for r in found} == {
        ("M2", "beyond the gift", -200), ("M3", "other purpose", 900), ("M9", "never received", -100)
    }  # fmt: skip
