"""The families of items we ship, ready to be submitted to a new book (A12)."""

import json

from tests.conftest import ROOT
from tests.spec import World

FAMILIES = ROOT / "examples" / "families.ndjson"
GROUPS = {"living", "medical", "community", "cold_season", "heat_season"}


def test_the_families_we_ship_are_those_of_the_plans_and_the_book_admits_them() -> None:
    """(A12) Living goods, medical, community standing goods, cold and heat season goods."""
    documents = FAMILIES.read_bytes().splitlines()
    world = World()
    world.submit(*documents)
    assert {str(r) for r in world.results} == {"admitted"}
    assert {json.loads(d)["group"] for d in documents} == GROUPS
    assert {json.loads(d)["name"] for d in documents} >= {
        "米面",
        "食用油",
        "蔬菜",
        "婴幼儿配方食品",
        "84消毒液",
        "医用口罩",
    }
