"""Snapshots are caches: whole or absent, never half, never of other code, and without them nothing changes."""

from datetime import date, datetime
from pathlib import Path

import pytest

from ledger import folds as live
from ledger import packed, snapshots
from ledger.errors import BrokenEnvironment
from projections.transfers import Transfers
from tests.spec import arrived, described, dispatched, donated, given, issued, received, reversal, synonym

KINDS = live._KINDS


def busy_states() -> dict[str, object]:
    doc = received(5, lot="A", expires_on="2021-03-31").but(number=90)
    world = given(described(箱=700), synonym("unit", "件", "箱", "KN95"), synonym("party", "一病区", "Ward 1"), doc)
    world.when(donated(7, designated="一病区"), issued(20), dispatched(2), arrived(1), b"junk")
    world.when(reversal(doc, source="desk.t1"), received(1, awaiting_disinfection=True).but(number=200))
    return {name: getattr(world.folds, name) for name in KINDS}


@pytest.mark.parametrize("name", KINDS)
def test_a_state_packed_and_unpacked_is_the_same_state(name: str, tmp_path: Path) -> None:
    state = busy_states()[name]
    snapshots.save(tmp_path / "s", state)
    assert snapshots.load(tmp_path / "s", KINDS[name]) == state


def test_moments_days_and_bytes_come_back_as_they_were() -> None:
    values = {date: date(2021, 2, 28), datetime: datetime.fromisoformat("2020-01-29T10:00:00.000001+08:00")}
    for kind, value in values.items():
        assert packed.unpack(kind, packed.pack(kind, value)) == value
    assert packed.unpack(bytearray, packed.pack(bytearray, bytearray(b"\x00\xff"))) == bytearray(b"\x00\xff")
    assert packed.unpack(tuple[int, ...], packed.pack(tuple[int, ...], (1, 2))) == (1, 2)


def test_what_a_snapshot_cannot_hold_is_refused_when_it_is_written() -> None:
    with pytest.raises(TypeError):
        packed.pack(float, 1.5)


def test_any_changed_byte_or_cut_of_a_snapshot_makes_it_unused(tmp_path: Path) -> None:
    path = tmp_path / "s"
    snapshots.save(path, Transfers(page=3))
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x01]) + whole[place + 1 :])
        assert snapshots.load(path, Transfers) is None
        path.write_bytes(whole[:place])
        assert snapshots.load(path, Transfers) is None
    path.write_bytes(whole)
    assert snapshots.load(path, Transfers) == Transfers(page=3)


def test_a_snapshot_folded_by_other_code_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots.save(tmp_path / "s", Transfers(page=3))
    monkeypatch.setattr(snapshots, "MEANING", b"another program")
    assert snapshots.load(tmp_path / "s", Transfers) is None


def test_a_snapshot_that_is_not_there_or_not_a_file_is_no_snapshot(tmp_path: Path) -> None:
    assert snapshots.load(tmp_path / "none", Transfers) is None
    assert snapshots.load(tmp_path, Transfers) is None


def test_a_snapshot_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_bytes(b"")
    with pytest.raises(BrokenEnvironment):
        snapshots.save(tmp_path / "in the way" / "s", Transfers())
