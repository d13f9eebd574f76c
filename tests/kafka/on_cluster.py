"""A folder that works at a book on a cluster, as its `settings.toml` says: for gateways and commands under test."""

from pathlib import Path

from tests.kafka.road import Road


def folder_of(road: Road, path: Path) -> Path:
    """Make the folder of a book on the cluster of a road."""
    path.mkdir()
    (path / "settings.toml").write_text('log = "kafka"\n' + (road.folder / "kafka.toml").read_text())
    return path
