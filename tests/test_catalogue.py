"""What names and units mean (A11): recorded, never guessed; decided once and kept with the page."""

import pytest

from schemas.page import Result
from tests.spec import Doc, World, described, given, received, synonym

ADMITTED, CONFLICTING, UNCONVERTIBLE = Result.ADMITTED, Result.CONFLICTING, Result.UNCONVERTIBLE


def reason(world: World) -> str:
    found = world.pages[-1][0].header.refused[-1].reason
    assert found is not None
    return found.code


def pack(size: int, unit: str) -> dict[str, object]:
    return {"size": size, "unit": unit}


@pytest.mark.parametrize(
    ("known", "doc", "on_hand"),
    [
        ([], received(5), 5),
        ([], received(2, unit="箱"), 1400),
        ([], received(2, unit="箱", pack=pack(2000, "只")), 4000),
        ([], received(2, unit="托盘", pack=pack(20, "箱")), 28_000),
        ([], received(5, unit=" 只 "), 5),
        ([], received(5, item="kn95"), 5),
        ([], received(5, item="KN 95"), 5),
        ([synonym("unit", "件", "箱", "KN95")], received(2, unit="件"), 1400),
        ([synonym("unit", "件", "箱")], received(2, unit="件"), 1400),
        ([synonym("unit", "支", "只")], received(2, unit="支"), 2),
        ([synonym("unit", "件", "箱")], received(2, unit="件", pack=pack(10, "件")), 14_000),
        ([synonym("item", "口罩", "KN95")], received(5, item="口罩"), 5),
    ],
)
def test_a_line_is_read_by_what_was_recorded_or_written_on_it(known: list[Doc], doc: Doc, on_hand: int) -> None:
    given(described(箱=700), *known).when(doc).then(ADMITTED, on_hand=on_hand)


@pytest.mark.parametrize(
    ("known", "doc", "code"),
    [
        ([], received(2, unit="件"), "unit_unconvertible"),
        ([], received(2, unit="托盘", pack=pack(20, "排")), "unit_unconvertible"),
        ([], received(2, unit="箱", pack=pack(20, "排")), "unit_unconvertible"),
        ([], received(2, item="gown"), "item_unknown"),
        ([described("N95", "只"), synonym("unit", "件", "箱", "KN95")], received(2, item="N95", unit="件"),
         "unit_unconvertible"),
        ([], synonym("item", "口罩", "nobody knows"), "synonym_of_unknown_item"),
        ([], synonym("unit", "件", "箱", "nobody knows"), "synonym_of_unknown_item"),
        ([], received(10_000_000_000, unit="箱"), "quantity_too_large"),
        ([], received(2, unit="吨", pack=pack(10_000_000_000, "只")), "quantity_too_large"),
    ],
)  # fmt: skip
def test_what_nobody_recorded_is_quarantined_and_never_guessed(known: list[Doc], doc: Doc, code: str) -> None:
    world = given(described(箱=700), *known).when(doc).then(UNCONVERTIBLE, on_hand=0)
    assert reason(world) == code


def test_the_pack_written_on_a_line_says_how_much_came_and_not_the_recorded_one() -> None:
    given(described(箱=700)).when(received(1, unit="箱", pack=pack(650, "只"))).then(ADMITTED, on_hand=650)


def test_a_unit_synonym_recorded_for_an_item_by_another_of_its_names_holds() -> None:
    world = given(described("KN95", "只", "带阀口罩KN95", 箱=700), synonym("unit", "件", "箱", "带阀口罩 KN95"))
    world.when(received(1, unit="件")).then(ADMITTED, on_hand=700)


def test_what_admission_read_stays_though_the_catalogue_changes_later() -> None:
    world = given(described(箱=700), received(1, unit="箱"))
    world.when(described(箱=800)).then(ADMITTED, on_hand=700)
    world.when(received(1, unit="箱")).then(ADMITTED, on_hand=1500)


def test_describing_an_item_again_adds_packs_and_lifts_no_hold() -> None:
    world = World().when(described("gown", "件", 箱=10).but(requires="registration"))
    world.when(described("gown", "件", 包=5)).then(ADMITTED)
    world.when(received(1, item="gown", unit="包"), received(1, item="gown", unit="箱"))
    world.then(ADMITTED, ADMITTED, item="gown", on_hand=15, held=15)


@pytest.mark.parametrize(
    ("doc", "code"),
    [
        (described("KN95", "个"), "base_unit_changed"),
        (described("N95", "只", "kn95"), "name_taken"),
        (described("N95", "只").but(gtins=["KN95"]), "name_taken"),
        (described("N95", "只", 箱=0), "pack_not_whole"),
        (described("N95", "只").but(packs={"箱": 10, "箱 ": 20}), "pack_said_twice"),
        (described("N95", "只", 只=10), "pack_said_twice"),
        (synonym("item", "gown", "KN95"), "name_taken"),
    ],
)
def test_a_name_never_comes_to_mean_two_things(doc: Doc, code: str) -> None:
    world = given(described(箱=700), described("gown", "件")).when(doc)
    world.then(CONFLICTING)
    assert reason(world) == code


def test_goods_under_another_name_are_the_same_goods() -> None:
    world = given(described(箱=700), synonym("item", "口罩", "KN95"), received(5), received(6, item="口罩"))
    assert set(world.folds.stock.balances) == {("WH-01", "KN95", "")}
    world.then(on_hand=11)
