"""What becomes of a document: every result, in its order; pure, bounded, and safe from whatever bytes come in."""

import copy
import json
from datetime import timedelta

import pytest

from ledger.admission import decide, evolve
from ledger.seals import write_page
from projections.numbering import DIGESTS_KEPT, GAPS_KEPT
from schemas.page import Result, Sender, Submission
from tests.spec import (
    ANYONE,
    Doc,
    World,
    counted,
    described,
    donated,
    given,
    issued,
    line,
    received,
    returned,
    reversal,
)

ADMITTED, CONFLICTING, UNREADABLE = Result.ADMITTED, Result.CONFLICTING, Result.UNREADABLE
REPEAT, TOO_OLD, UNCONVERTIBLE = Result.ALREADY_ADMITTED, Result.TOO_OLD, Result.UNCONVERTIBLE


def reason(world: World, index: int = 0) -> str:
    found = next(r for r in world.pages[-1][0].header.refused if r.index == index).reason
    assert found is not None
    return found.code


def undo(doc: Doc, readings: list[dict[str, object]] | None = None) -> Doc:
    return reversal(doc, readings, source="desk.t1")


def written(doc: Doc, **changes: object) -> bytes:
    return doc.but(number=1, **changes).bytes()


# -- one number, one document
def test_a_document_sent_again_is_known_and_counts_once() -> None:
    doc = received(5).but(number=1)
    given().when(doc).then(ADMITTED).when(doc, times=3).then(REPEAT, on_hand=5)


def test_a_document_twice_in_one_submission_counts_once() -> None:
    doc = received(5).but(number=1)
    given().when(doc, doc).then(ADMITTED, REPEAT, on_hand=5)


def test_another_document_under_a_used_number_is_kept_apart_and_counts_nothing() -> None:
    world = given().when(received(5).but(number=1)).when(received(6).but(number=1)).then(CONFLICTING, on_hand=5)
    assert reason(world) == "number_reused"
    assert world.pages[-1][0].quarantined[0].raw == received(6).but(number=1).bytes()


def test_the_same_words_in_other_bytes_are_another_document() -> None:
    doc = received(5).but(number=1)
    spaced = json.dumps(doc.fields, ensure_ascii=False).encode()
    given().when(doc).when(spaced).then(CONFLICTING, on_hand=5)


def test_a_gap_is_admitted_and_stays_open_until_it_is_filled() -> None:
    world = given().when(received(1).but(number=1), received(1).but(number=5)).then(ADMITTED, ADMITTED)
    numbering = world.folds.admission.sources["WH-01", "dev-1.t1"]
    assert numbering.gaps == [(2, 4)]
    world.when(received(1).but(number=3)).then(ADMITTED, on_hand=3)
    assert world.folds.admission.sources["WH-01", "dev-1.t1"].gaps == [(2, 2), (4, 4)]
    world.when(received(1).but(number=3)).then(REPEAT, on_hand=3)
    world.when(received(1).but(number=2), received(1).but(number=4)).then(ADMITTED, ADMITTED, on_hand=5)
    assert world.folds.admission.sources["WH-01", "dev-1.t1"].gaps == []


def test_a_number_too_old_to_compare_is_neither_counted_nor_called_a_repeat() -> None:
    docs = [received(1).but(number=n) for n in range(1, DIGESTS_KEPT + 2)]
    world = given().when(*docs).when(docs[0]).then(TOO_OLD, on_hand=len(docs))
    world.when(docs[1]).then(REPEAT, on_hand=len(docs))


def test_a_source_that_jumps_far_costs_no_memory_and_its_gap_may_still_be_filled() -> None:
    world = given().when(received(1).but(number=1), received(1).but(number=2**53)).then(ADMITTED, ADMITTED)
    world.when(received(1).but(number=2**52)).then(ADMITTED, on_hand=3)
    world.when(received(1).but(number=2**53 + 1)).then(UNREADABLE, on_hand=3)
    assert len(world.folds.admission.sources["WH-01", "dev-1.t1"].gaps) == 2


@pytest.mark.parametrize("numbers", [range(1, 999, 2), [1, 10_000, *range(9_000, 8_000, -2)]], ids=["made", "split"])
def test_what_is_remembered_of_a_source_is_bounded_however_its_numbers_come(numbers: list[int]) -> None:
    world = given().when(*(received(1).but(number=n) for n in numbers)).then()
    numbering = world.folds.admission.sources["WH-01", "dev-1.t1"]
    assert len(numbering.gaps) <= GAPS_KEPT
    assert len(numbering.digests) == DIGESTS_KEPT * 16


def test_a_new_epoch_is_a_new_source_and_starts_at_one() -> None:
    given().when(received(5).but(number=1)).when(received(7, source="dev-1.t2").but(number=1)).then(
        ADMITTED, on_hand=12
    )


def test_a_device_counts_its_documents_at_each_site_by_itself() -> None:
    world = given().when(received(5).but(number=1), received(7, site="WH-02").but(number=1)).then(ADMITTED, ADMITTED)
    world.then(on_hand=7, site="WH-02")


def test_a_corrected_document_names_what_it_replaces_and_is_admitted_under_its_number() -> None:
    world = given().when(received(5, unit="桶").but(number=1)).then(UNCONVERTIBLE)
    digest = world.pages[-1][0].header.refused[0].digest
    world.when(received(5, replaces=digest).but(number=1)).then(ADMITTED, on_hand=5)
    assert world.pages[-1][0].entries[0].entry.replaces == digest


# -- the order of answers
def test_the_first_answer_that_applies_is_the_one_given() -> None:
    clerk = Sender(name="clerk", sites=("WH-02",))
    world = given().when(received(5).but(number=1))
    world.when(b"{", received(5).but(number=1), sender=clerk).then(UNREADABLE, Result.NOT_ENTITLED)
    world.when(received(5).but(number=1)).then(REPEAT)
    world.when(received(5, unit="桶").but(number=1)).then(CONFLICTING)
    world.when(received(5, unit="桶").but(number=2)).then(UNCONVERTIBLE)
    assert list(Result)[-1] is ADMITTED


def test_a_site_of_another_volume_is_refused_before_anyone_asks_who_sent_it() -> None:
    state = World().folds.admission
    state.volumes = 1024
    page = decide(state, Submission(1, World().clock, Sender(name="x", sites=()), (written(received(5)),)))
    assert [r.result for r in page.header.refused] == [Result.WRONG_VOLUME]


@pytest.mark.parametrize(
    ("sender", "allowed"),
    [
        (Sender(name="a"), True),
        (Sender(name="a", sites=("WH-01",), sources=("dev-1",)), True),
        (Sender(name="a", sites=("WH-01",), sources=("dev-1.t1",)), True),
        (Sender(name="a", sites=("WH-01",), sources=("dev-2",)), False),
        (Sender(name="a", sites=("WH-02",)), False),
        (Sender(name="a", sites=()), False),
    ],
)
def test_a_sender_writes_only_for_its_sites_and_sources(sender: Sender, allowed: bool) -> None:
    given().when(received(5), sender=sender).then(ADMITTED if allowed else Result.NOT_ENTITLED)


def test_who_may_write_for_one_site_may_not_say_what_names_mean_for_all() -> None:
    given().when(described("N95", "只"), sender=Sender(name="a", sites=("WH-01",))).then(Result.NOT_ENTITLED)


# -- pure
def busy_submission(world: World) -> Submission:
    docs = [
        described("N95", "只", 盒=20), received(2, item="N95", unit="盒").but(number=40), received(5).but(number=40),
        issued(3).but(number=41), b"junk", received(1, item="gown").but(number=43),
    ]  # fmt: skip
    raws = [d if isinstance(d, bytes) else d.numbered(world.numbers).bytes() for d in docs]
    return Submission(world.folds.admission.submission + 1, world.clock, ANYONE, tuple(raws))


def test_deciding_leaves_the_state_as_it_was_and_gives_the_same_page_again() -> None:
    world = given(received(5), issued(2))
    submission = busy_submission(world)
    before = copy.deepcopy(world.folds.admission)
    first = decide(world.folds.admission, submission)
    assert world.folds.admission == before
    assert write_page(decide(world.folds.admission, submission)) == write_page(first)
    assert len(first.entries) == 3


def test_what_a_decision_expects_of_its_page_is_what_the_state_becomes() -> None:
    world = given(received(5))
    submission = busy_submission(world)
    page = decide(world.folds.admission, submission)
    evolve(world.folds.admission, page, write_page(page)[1])
    again = decide(world.folds.admission, submission)
    assert again.entries == ()
    results = [r.result for r in again.header.refused]
    assert results == [REPEAT, REPEAT, CONFLICTING, REPEAT, UNREADABLE, UNCONVERTIBLE]


def test_a_page_taken_twice_changes_nothing() -> None:
    world = given(received(5))
    before = copy.deepcopy(world.folds)
    world.folds.take(world.pages[-1][0], "0" * 64)
    assert world.folds == before


def test_names_described_in_a_submission_hold_for_the_rest_of_it_and_not_before() -> None:
    world = World()
    world.when(received(5, item="N95"), described("N95", "只"), received(7, item="N95")).then(
        UNCONVERTIBLE, ADMITTED, ADMITTED
    )
    world.then(item="N95", on_hand=7)


def test_a_clock_set_back_never_makes_the_book_run_backwards() -> None:
    world = given(received(5))
    last = world.pages[-1][0].header.recorded_at
    world.clock -= timedelta(days=3)
    world.submit(received(5))
    assert world.pages[-1][0].header.recorded_at == last


def test_every_document_of_a_submission_is_an_entry_or_a_refusal_of_its_page() -> None:
    world = given()
    world.submit(received(5), b"junk", received(1, item="gown"), issued(1))
    header = world.pages[-1][0].header
    assert header.entries + len(header.refused) == 4
    assert [r.index for r in header.refused] == [1, 2]


# -- A9: reversals
def test_an_entry_is_reversed_once() -> None:
    doc = received(5).but(number=1)
    world = given().when(doc).when(undo(doc)).then(ADMITTED, on_hand=0)
    world.when(undo(doc)).then(CONFLICTING, on_hand=0)
    assert reason(world) == "reversed_already"
    world.when(undo(doc), undo(doc)).then(CONFLICTING, CONFLICTING)


def test_two_reversals_of_one_entry_in_one_submission_undo_it_once() -> None:
    doc = received(5).but(number=1)
    given().when(doc).when(undo(doc), undo(doc)).then(ADMITTED, CONFLICTING, on_hand=0)


def reversal_of_something_else(kind: str) -> Doc:
    doc, other = received(5).but(number=1), received(6).but(number=2)
    match kind:
        case "reversal_differs":
            return undo(received(9).but(number=1))
        case "reversal_of_another":
            return undo(doc).but(original=other.bytes().decode())
        case "reversal_unreadable":
            return undo(doc).but(original="{}")
        case "not_reversible":
            return undo(doc).but(original=described().but(number=1).bytes().decode())
        case _:
            twice = doc.bytes().decode().replace('"quantity":5', '"quantity":1,"quantity":5')
            return undo(doc).but(original=twice)


@pytest.mark.parametrize(
    "kind", ["reversal_differs", "reversal_of_another", "reversal_unreadable", "not_reversible", "a field said twice"]
)
def test_a_reversal_must_carry_the_very_entry_it_names(kind: str) -> None:
    world = given().when(received(5).but(number=1)).when(reversal_of_something_else(kind)).then(CONFLICTING, on_hand=5)
    assert reason(world) == (kind if " " not in kind else "reversal_unreadable")


def test_an_entry_of_another_site_is_not_reversed_from_here() -> None:
    doc = received(5).but(number=1)
    world = given().when(doc).when(undo(doc).but(site="WH-02")).then(CONFLICTING, on_hand=5)
    assert reason(world) == "not_reversible"


def test_a_reversal_that_comes_before_its_entry_nets_to_nothing_when_the_entry_comes() -> None:
    doc = received(5).but(number=9)
    given().when(undo(doc)).then(ADMITTED, on_hand=-5).when(doc).then(ADMITTED, on_hand=0)


@pytest.mark.parametrize(
    ("doc", "readings"),
    [
        (received(2, unit="箱"), []),
        (received(2, unit="箱"), [{"line": 2, "item": "KN95", "factor": 700}]),
        (received(2, unit="箱"), [{"line": 1, "item": "nobody knows", "factor": 700}]),
        (received(2, unit="箱"), [{"line": 1, "item": "KN95", "factor": 10**10}]),
        (received(2, awaiting_disinfection=True), []),
        (returned(2, condition="damaged"), []),
    ],
)
def test_a_reversal_cannot_undo_more_or_less_than_the_book_read(doc: Doc, readings: list[dict[str, object]]) -> None:
    first = doc.but(number=1)
    world = given().when(first).then(ADMITTED).when(undo(first, readings)).then(CONFLICTING)
    assert reason(world) == "reversal_unread"


def test_a_reversal_of_a_count_is_admitted_and_moves_nothing() -> None:
    doc = counted(5).but(number=1)
    given().when(doc).when(undo(doc)).then(ADMITTED, on_hand=0)


# -- bytes nobody expected
GOOD = written(received(5))
UNREADABLE_BYTES = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a line break": GOOD.replace(b",", b",\n", 1),
    "cut": GOOD[:-1],
    "two documents": GOOD + GOOD,
    "invalid utf-8": GOOD.replace(b"keeper-1", b"keeper-\xff"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "half a surrogate": GOOD.replace(b"keeper-1", b"\\ud800"),
    "not a number": GOOD.replace(b'"quantity":5', b'"quantity":NaN'),
    "a fraction": GOOD.replace(b'"quantity":5', b'"quantity":5.0'),
    "a text for a number": GOOD.replace(b'"quantity":5', b'"quantity":"5"'),
    "a truth for a number": GOOD.replace(b'"number":1', b'"number":true'),
    "a null quantity": GOOD.replace(b'"quantity":5', b'"quantity":null'),
    "nothing moved": GOOD.replace(b'"quantity":5', b'"quantity":0'),
    "less than nothing": GOOD.replace(b'"quantity":5', b'"quantity":-5'),
    "1e14 masks": GOOD.replace(b'"quantity":5', b'"quantity":100000000000000'),
    "5,000 digits": GOOD.replace(b'"quantity":5', b'"quantity":' + b"9" * 5000),
    "4,300 digits": GOOD.replace(b'"quantity":5', b'"quantity":' + b"9" * 4300),
    "deep brackets": GOOD[:-1] + b',"note":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "8 MB of text": GOOD[:-1] + b',"note":"' + b"x" * 8_000_000 + b'"}',
    "an unknown field": GOOD[:-1] + b',"colour":"red"}',
    "an unknown kind": GOOD.replace(b"goods_received.v1", b"goods_vanished.v1"),
    "a later version": GOOD.replace(b"goods_received.v1", b"goods_received.v2"),
    "a field twice": GOOD.replace(b'"quantity":5', b'"quantity":5,"quantity":500'),
    "a field twice, spaced": GOOD.replace(b'"quantity":5', b'"quantity" :5,"quantity":500'),
    "a field twice, escaped": GOOD.replace(b'"quantity":5', b'"quantity":5,"quantit\\u0079":500'),
    "a line number twice": written(received([line(5), line(6)])),
    "no lines": written(received([])),
    "no site": written(received(5, site="")),
    "goods at every site": written(received(5, site="*")),
    "no epoch": written(received(5, source="dev-1")),
    "number nought": written(received(5)).replace(b'"number":1', b'"number":0'),
    "a clock without offset": written(received(5).at("2020-01-29T10:00:00")),
    "a clock as seconds": written(received(5).at("1580263200")),
    "a clock of another style": written(received(5).at("2020-01-29_10:00:00z")),
    "a day that is none": written(received(5, expires_on="2021-02-30")),
    "a day as seconds": written(received(5, expires_on="1580256000")),
    "a period that ends before it starts": written(received(5, happened_since="2020-02-01T00:00:00+08:00")),
    "a gift without its paper": written(received(5, origin="donated")),
    "a bought gift": written(donated(5), origin="purchased"),
}


@pytest.mark.parametrize("raw", UNREADABLE_BYTES.values(), ids=UNREADABLE_BYTES)
def test_bytes_that_are_not_exactly_one_document_are_kept_and_explained(raw: bytes) -> None:
    world = given().when(raw, received(7)).then(UNREADABLE, ADMITTED, on_hand=7)
    kept = world.pages[-1][0].quarantined[0]
    assert kept.raw == raw
    assert kept.reason.code
    assert len(world.pages[-1][1]) < 4_000


def test_a_text_that_looks_like_a_field_is_not_mistaken_for_one() -> None:
    odd = '": " said "quantity":7, \\"quantity\\" : 8'
    spaced = json.dumps(received(5, note=odd).but(number=2).fields, indent=None, separators=(" , ", " : ")).encode()
    given().when(received(5, note=odd).but(number=1), spaced).then(ADMITTED, ADMITTED, on_hand=10)
