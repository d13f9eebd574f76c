"""What holds for any documents in any order: repeats and reorderings change nothing, replay is live."""

from typing import Any

from hypothesis import example, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from ledger import folds as live
from ledger import packed
from projections.catalogue import Catalogue, ItemFacts, lookup_key
from projections.numbering import DIGESTS_KEPT, GAPS_KEPT, Numbering
from schemas.document import LINE_QUANTITY_MAX, Pack
from schemas.page import Result
from tests.spec import (
    Doc,
    World,
    adjusted,
    arrived,
    counted,
    dispatched,
    donated,
    given,
    issued,
    received,
    released,
    returned,
    reversal,
)
from tests.test_stock import figures

QUICK = settings(max_examples=60, deadline=None)
quantities = st.integers(1, 1000)
lots = st.sampled_from(["", "A", "B"])
units = st.sampled_from(["只", "箱"])
sites = st.sampled_from(["WH-01", "WH-02"])
sources = st.sampled_from(["dev-1.t1", "dev-2.t1"])
receivers = st.sampled_from(["Ward 1", "Ward 2"])


def _count(quantity: int, **fields: Any) -> Doc:
    return adjusted(quantity, counted(0).but(number=1), **{k: v for k, v in fields.items() if k != "unit"})


@st.composite
def movements(draw: st.DrawFn) -> Doc:
    """One document that moves goods."""
    where = {"site": draw(sites), "source": draw(sources), "lot": draw(lots), "unit": draw(units)}
    make = draw(st.sampled_from(MAKERS))
    if make in (_gift, _issue):
        return make(draw(quantities), draw(receivers), **where)
    if make is received:
        where["awaiting_disinfection"] = draw(st.booleans())
    return make(draw(quantities), **where)


def _gift(quantity: int, receiver: str, **fields: Any) -> Doc:
    return donated(quantity, designated=receiver, **fields)


def _issue(quantity: int, receiver: str, **fields: Any) -> Doc:
    return issued(quantity, receiver=receiver, **fields)


def _lost(quantity: int, **fields: Any) -> Doc:
    return returned(quantity, "lost", **fields)


def numbered(documents: list[Doc]) -> list[Doc]:
    world = World()
    return [doc.numbered(world.numbers) for doc in documents]


MAKERS = [received, _gift, _issue, returned, _lost, released, dispatched, arrived, counted, _count]
batches = st.lists(movements(), min_size=1, max_size=25).map(numbered)


def in_transit(world: World) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Quantities of every transfer. Which sites it runs between is what was said last, so that follows book order."""
    return {key: (leg.dispatched, leg.arrived) for key, leg in world.folds.transfers.legs.items()}


@QUICK
@for_all(batches, st.randoms(use_true_random=False), st.integers(1, 6))
def test_repeats_and_reorderings_change_nothing_of_the_stock(docs: list[Doc], chance: Any, size: int) -> None:
    once = given().when(*docs)
    again = docs + chance.choices(docs, k=len(docs))
    chance.shuffle(again)
    world = given()
    for at in range(0, len(again), size):
        world.submit(*again[at : at + size])
    assert figures(world.folds.stock) == figures(once.folds.stock)
    assert in_transit(world) == in_transit(once)
    assert world.folds.admission.seq == once.folds.admission.seq


@QUICK
@for_all(batches, st.integers(1, 6))
def test_a_replay_of_the_pages_is_the_live_state(docs: list[Doc], size: int) -> None:
    world = given()
    for at in range(0, len(docs), size):
        world.submit(*docs[at : at + size], b"junk")
    assert live.replay("bg-test", 0, (stored for _, stored in world.pages)) == world.folds


@QUICK
@for_all(batches, movements())
def test_a_reversal_restores_what_was_before(docs: list[Doc], wrong: Doc) -> None:
    world = given().when(*docs)
    before = figures(world.folds.stock)
    wrong = wrong.but(number=900)
    page = world.submit(wrong)
    readings = [r.written() for r in page.entries[0].readings]
    world.when(reversal(wrong, readings, source="desk.t1")).then(Result.ADMITTED)
    assert figures(world.folds.stock) == before


@QUICK
@for_all(batches)
def test_every_fold_comes_back_from_its_snapshot_as_it_was(docs: list[Doc]) -> None:
    folds = given().when(*docs, b"junk").folds
    for name, kind in live._KINDS.items():
        state = getattr(folds, name)
        assert packed.unpack(kind, packed.pack(kind, state)) == state


@QUICK
@for_all(st.integers(1, 10**6), st.integers(1, 10**4), st.integers(1, 10**4))
def test_packs_are_plain_multiplication_or_nothing(quantity: int, recorded: int, written: int) -> None:
    facts = ItemFacts("KN95", "KN95", "只", {"箱": recorded})
    catalogue = Catalogue({"KN95": facts})
    assert catalogue.factor(facts, "只", None) == 1
    assert catalogue.factor(facts, "箱", None) == recorded
    assert catalogue.factor(facts, "箱", Pack(size=written, unit="只")) == written
    assert catalogue.factor(facts, "托", Pack(size=written, unit="箱")) == written * recorded
    assert catalogue.factor(facts, "托", None) is catalogue.factor(facts, "箱", Pack(size=written, unit="托")) is None
    line = received(quantity, unit="托", pack={"size": written, "unit": "只"})
    world = given().when(line)
    if quantity * written <= LINE_QUANTITY_MAX:
        world.then(Result.ADMITTED, on_hand=quantity * written)
    else:
        world.then(Result.UNCONVERTIBLE, on_hand=0)


@QUICK
@for_all(st.text(min_size=1, max_size=20))
@example("A´")
def test_looking_up_a_name_twice_over_is_looking_it_up_once(name: str) -> None:
    assert lookup_key(lookup_key(name)) == lookup_key(name)


numbers = st.lists(st.one_of(st.integers(1, 40), st.integers(1, 600), st.just(2**53)), max_size=400)


@settings(max_examples=150, deadline=None)
@for_all(numbers)
def test_what_is_remembered_of_a_source_agrees_with_remembering_every_number(seen: list[int]) -> None:
    """Beside the bounds: a number never admitted is only refused when its gap was given up, and is then too old."""
    numbering, admitted = Numbering(), set[int]()
    for number in seen:
        if numbering.is_new(number):
            assert number not in admitted
            numbering.admit(number, number.to_bytes(32, "big"))
            admitted.add(number)
        elif number not in admitted:
            assert numbering.remembered(number) is None
        if number in admitted and number > numbering.last - DIGESTS_KEPT:
            assert numbering.remembered(number) == number.to_bytes(32, "big")[:16]
    assert numbering.last == max(admitted, default=0)
    assert len(numbering.gaps) <= GAPS_KEPT
    assert numbering.gaps == sorted(numbering.gaps)
    missing = {n for low, high in numbering.gaps for n in range(low, min(high, 700) + 1)}
    assert not missing & admitted
