"""What the trial is made of, read from examples/trial/: places, sources, items, notices, faults. Makes no document."""

import csv
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ledger.errors import BrokenEnvironment

SHIPPED = Path(__file__).resolve().parents[2] / "examples" / "trial"
OFFSET = "+08:00"
FIRST_DAY = date(2020, 1, 22)
LAST_DAY = date(2020, 2, 2)


@dataclass(frozen=True, slots=True)
class Place:
    """A site, how busy it is beside a hospital (1), and who fetches goods there."""

    site: str
    name: str
    district: str
    site_kind: str
    size: int
    receivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """A source: the sites its token is for, what it does (catalogue, desk, scan, sign, count) and who holds it."""

    name: str
    sites: tuple[str, ...]
    work: str
    staff: str

    @property
    def source(self) -> str:
        """The name with its epoch. Shipped and fixed, so that a second run sends the same bytes."""
        return f"{self.name}.trial"


@dataclass(frozen=True, slots=True)
class Goods:
    """An item of the daily traffic: base units a day at a hospital, packs in base units, its barcode number."""

    item: str
    name: str
    base_unit: str
    packs: dict[str, int]
    family: str
    requires: str
    registration: str
    hazardous: bool
    returnable: bool
    gtin: str
    a_day: int


@dataclass(frozen=True, slots=True)
class ShippedLot:
    """A lot every store begins with, and for how many days it lasts."""

    lot: str
    expires_on: date
    days_of_cover: int


@dataclass(frozen=True, slots=True)
class Materials:
    """All that is shipped. Rows of notices, policies, faults and families stay as they are written in their files."""

    places: tuple[Place, ...]
    devices: tuple[Device, ...]
    goods: tuple[Goods, ...]
    lots: tuple[ShippedLot, ...]
    policies: tuple[dict[str, str], ...]
    notice_items: tuple[dict[str, str], ...]
    notice_receipts: tuple[dict[str, str], ...]
    notice_issues: tuple[dict[str, str], ...]
    notice_balances: dict[str, int]
    faults: tuple[dict[str, Any], ...]
    families: tuple[dict[str, str], ...] = ()

    def device(self, name: str) -> Device:
        """Return a source by its name."""
        return next(device for device in self.devices if device.name == name)

    def reserved(self) -> frozenset[tuple[str, str]]:
        """Return the (site, item) pairs that planted faults are about: daily traffic leaves them alone."""
        return frozenset(
            (document["site"], line["item"])
            for fault in self.faults
            for document in fault.get("document", ())
            for line in document.get("lines", ())
            if "item" in line
        )


def read_materials(folder: Path = SHIPPED) -> Materials:
    """Read the shipped files. Raises `BrokenEnvironment` when one is missing or not as shipped."""
    try:
        faults = tomllib.loads((folder / "faults.toml").read_text(encoding="utf-8"))["fault"]
        return Materials(
            places=tuple(_place(row) for row in _rows(folder / "sites.csv")),
            devices=tuple(_device(row) for row in _rows(folder / "sources.csv")),
            goods=tuple(_goods(row) for row in _rows(folder / "items.csv")),
            lots=tuple(_lot(row) for row in _rows(folder / "lots.csv")),
            policies=_rows(folder / "policies.csv"),
            notice_items=_rows(folder / "notice_items.csv"),
            notice_receipts=_rows(folder / "notice_receipts.csv"),
            notice_issues=_rows(folder / "notice_issues.csv"),
            notice_balances={row["item"]: int(row["left"]) for row in _rows(folder / "notice_balances.csv")},
            faults=tuple(faults),
            families=_rows(folder / "families.csv"),
        )
    except (OSError, KeyError, ValueError) as error:
        raise BrokenEnvironment("trial_unreadable", path=folder, found=error) from error


def local(day: date, clock: str) -> datetime:
    """Return a moment of the trial from a local day and a clock such as `08:30`."""
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}{OFFSET}")


def _rows(path: Path) -> tuple[dict[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _place(row: dict[str, str]) -> Place:
    receivers = tuple(row["receivers"].split(";"))
    return Place(row["site"], row["name"], row["district"], row["site_kind"], int(row["size"]), receivers)


def _device(row: dict[str, str]) -> Device:
    return Device(row["source"], tuple(row["sites"].split(";")), row["work"], row["staff"])


def _goods(row: dict[str, str]) -> Goods:
    packs = dict(pack.split("=") for pack in row["packs"].split(";"))
    return Goods(
        row["item"], row["name"], row["base_unit"], {unit: int(size) for unit, size in packs.items()}, row["family"],
        row["requires"], row["registration"], row["hazardous"] == "yes", row["returnable"] == "yes",
        row["gtin"], int(row["a_day"]),
    )  # fmt: skip


def _lot(row: dict[str, str]) -> ShippedLot:
    return ShippedLot(row["lot"], date.fromisoformat(row["expires_on"]), int(row["days_of_cover"]))
