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
    described,
    given,
    issued,
    received,
)

ADMITTED, CONFLICTING, UNREADABLE = Result.ADMITTED, Result.CONFLICTING, Result.UNREADABLE
REPEAT, TOO_OLD, UNCONVERTIBLE = Result.ALREADY_ADMITTED, Result.TOO_OLD, Result.UNCONVERTIBLE


def reason(world: World, index: int = 0) -> str:
    found = next(r for r in world.pages[-1][0].header.refused if r.index == index).reason
    assert found is not None
    return found.code


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
