"""Goods for sealed areas: received by the named person, fetched from the named store, through a transit store (G6)."""

from datetime import datetime, timedelta
from typing import Any

from ledger.alert_words import say_alert
from projections.chapters import due
from tests.spec import NOON, World, arrived, dispatched, given
from tests.test_emergency import site, zone
from tests.test_packing import alerts


def sealed(zone_: str, **fields: Any) -> World:
    named = {"keepers": ["district-7"], "fetches_from": "WH-01"} | fields
    return given(site("WH-01"), site("WH-02").but(**named), zone(zone_, NOON - timedelta(days=1)))


def problems(world: World, now: datetime) -> list[str]:
    return [name.rpartition("/")[2] for name in alerts(world, now, "handover_irregular")]


def test_goods_for_a_locked_down_area_are_received_by_the_named_person_or_alert() -> None:
    """(G6) Two entries, no shared signature."""
    later = NOON + timedelta(hours=1)
    for by, found in (("district-7", []), ("passer-by", ["received_by_another"]), ("driver-3", ["one_hand"])):
        world = sealed("locked_down").when(dispatched(5, recorded_by="driver-3"), arrived(5, recorded_by=by).at(later))
        assert problems(world, NOON + timedelta(hours=3)) == found


def test_goods_dispatched_into_a_locked_down_area_and_not_received_alert() -> None:
    """(G6)"""
    world = sealed("locked_down").when(dispatched(5))
    assert problems(world, NOON + timedelta(hours=1)) == []
    assert problems(world, NOON + timedelta(hours=2)) == ["not_received"]
    (alert,) = (a for a in due(world.folds.chapters, NOON + timedelta(hours=2)) if a.kind == "handover_irregular")
    assert "逾时无人接收" in say_alert(alert, "zh") and "locked-down" in say_alert(alert, "en")


def test_a_controlled_area_fetches_from_its_named_store_with_its_own_vehicle() -> None:
    """(G6)"""
    assert problems(sealed("controlled").when(dispatched(5, carrier="WH-02")), NOON) == []
    assert problems(sealed("controlled").when(dispatched(5, carrier="fleet-1")), NOON) == ["carried_by_another"]
    assert problems(sealed("controlled", fetches_from="WH-09").when(dispatched(5)), NOON) == ["fetched_elsewhere"]


def test_the_rule_of_a_handover_is_that_of_the_zone_in_force_when_it_left() -> None:
    """(G6, K2) A zone recorded late holds from its day; outside a zone nothing is asked."""
    world = given(site("WH-01"), site("WH-02"), dispatched(5))
    assert problems(world, NOON + timedelta(days=1)) == []
    world.when(zone("locked_down", NOON - timedelta(hours=1)))
    assert problems(world, NOON + timedelta(days=1)) == ["not_received"]


def test_a_locked_down_area_without_a_transit_store_alerts() -> None:
    """(G6) At least one per district."""
    world = sealed("locked_down")
    assert alerts(world, NOON, "transit_store_missing") == ["transit_store_missing/江岸"]
    world.when(site("TR-1").but(site_kind="transit_store"))
    assert alerts(world, NOON, "transit_store_missing") == []


def test_goods_enter_a_locked_down_district_through_a_transit_store() -> None:
    """(G6) From another district straight to a site inside is against the rule; by way of the transit store is not."""
    world = sealed("locked_down").when(site("CITY", "武昌"), site("TR-1").but(site_kind="transit_store"))
    world.when(
        dispatched(5, "T1", site="CITY"), dispatched(5, "T2", "TR-1", site="CITY"), dispatched(5, "T3", site="TR-1")
    )
    assert alerts(world, NOON, "handover_irregular") == ["handover_irregular/WH-02/T1/past_transit_store"]
