"""What concerns more than one site, carried from the pages of one volume to `cases`: documents as they were admitted.

Entries about the whole book stand in every volume; volume 0 carries them for all. What a chapter takes is decided in
`ledger.joint`. How far a relay is, is said there too, so that who folds `cases` knows whether it is whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from pydantic import TypeAdapter

from ledger.errors import Damage
from ledger.joint import told
from ledger.logs.kafka.chain import Chain
from ledger.logs.kafka.keeping import Keeper
from ledger.logs.kafka.reading import Reader
from ledger.logs.kafka.wire import CASE_TYPE, CASES, RELAYED_TYPE, Headers, Outgoing, Record, cloud_event
from schemas.document import LineReading
from schemas.entry import read_entry
from schemas.page import FIRST_SEAL, AdmittedEntry, Page

_READINGS: TypeAdapter[tuple[LineReading, ...]] = TypeAdapter(tuple[LineReading, ...])


class Place(NamedTuple):
    """Where in a volume a message of `cases` comes from: an entry of a page, or, after the last, the whole page."""

    page: int
    entry: int


@dataclass(frozen=True, slots=True)
class Carried:
    """One message of `cases` as it was read: an entry, or, without one, how far its relay is."""

    place: Place
    recorded_at: datetime
    admitted: AdmittedEntry | None = None
    read_to: int = 0
    """Offset in `pages` up to which the volume was carried."""


@dataclass(slots=True)
class Relayed:
    """Where a relay is."""

    page: int = 0
    seal: str = FIRST_SEAL
    entries: int = 0
    """On that page."""
    recorded_at: datetime | None = None


@dataclass(slots=True)
class KeptRelay:
    """A snapshot: the place, the offset after its page, and the book."""

    offset: int
    book: str
    state: Relayed


class RelayVolume:
    """The relay of one volume in the hands of a worker. Not for several threads at once."""

    def __init__(self, volume: int) -> None:
        self.volume = volume
        self.chain = Chain(volume)
        self.at = Relayed()
        self.said_to = Place(0, 0)
        self.said_offset = 0
        """Offset in `pages` up to which the relay was last said to be."""
        self.keeper = Keeper("relay", volume, KeptRelay)

    def resume(self, reader: Reader) -> None:
        """Begin from the snapshot, if there is one of this chain, else from the first page; learn what was said."""
        _, end = reader.bounds(CASES, self.volume)
        for record in reader.records(CASES, self.volume, end - 1, end) if end else ():
            carried = parse_case(record, self.volume)
            self.said_to, self.said_offset = carried.place, carried.read_to
        if not self.chain.page and self.said_to.page:
            self.at = self.keeper.resume(reader, self.chain) or self.at
            if self.at.page > self.said_to.page:  # the topic lacks what had been said: all is said again
                self.chain, self.at = Chain(self.volume), Relayed()

    def take_all(self, records: Iterable[Record]) -> Iterator[Outgoing]:
        """Read pages in order; yield the entries that were not carried before. Raises `Damage` for a gap or a fork."""
        for record in records:
            taken = self.chain.take(record.value, record.offset)
            if taken is not None:
                page, seal = taken
                self.at = Relayed(page.header.page, seal, page.header.entries, page.header.recorded_at)
                self.keeper.grown(len(record.value or b""))
                yield from self._carry(page)

    def _carry(self, page: Page) -> Iterator[Outgoing]:
        for index, admitted in told(page):
            place = Place(page.header.page, index)
            if place > self.said_to:
                yield case_record(page, place, admitted)

    def said(self) -> None:
        """Note that all is durable that was carried: nothing to be kept before the place is said too."""

    def position(self) -> list[Outgoing]:
        """Return a message that says how far the relay is, unless it was said."""
        if self.at.recorded_at is None or self.said_offset >= self.chain.offset:
            return []
        return [relayed_record(self.chain, self.at)]

    def positioned(self) -> None:
        """Note that the place is said; from time to time keep a snapshot."""
        self.said_offset = self.chain.offset
        self.keeper.keep(self.chain, self.at)


def case_record(page: Page, place: Place, admitted: AdmittedEntry) -> Outgoing:
    """Write one entry as it was admitted: the document's bytes, with where it stands and how it was read."""
    header, entry = page.header, admitted.entry
    headers = cloud_event(CASE_TYPE, f"{header.book}/{header.volume}/{place.page}/{place.entry}", "application/json")
    headers += _placed(place, header.recorded_at)
    headers.append(("bg_seq", str(admitted.seq).encode()))
    if admitted.readings:
        headers.append(("bg_readings", _READINGS.dump_json(admitted.readings, exclude_none=True)))
    return Outgoing(CASES, header.volume, f"{entry.site}/{entry.source}/{entry.number}".encode(), admitted.raw, headers)


def relayed_record(chain: Chain, at: Relayed) -> Outgoing:
    """Write how far the relay of a volume is."""
    assert at.recorded_at is not None, "a relay that has read a page knows its time"
    headers = cloud_event(RELAYED_TYPE, f"{chain.book}/{chain.volume}/{at.page}", "application/octet-stream")
    headers += _placed(Place(at.page, at.entries), at.recorded_at)
    headers.append(("bg_offset", str(chain.offset).encode()))
    return Outgoing(CASES, chain.volume, b"", b"", headers)


def _placed(place: Place, recorded_at: datetime) -> Headers:
    return [
        ("bg_page", str(place.page).encode()), ("bg_entry", str(place.entry).encode()),
        ("bg_recorded_at", recorded_at.isoformat().encode()),
    ]  # fmt: skip


def parse_case(record: Record, volume: int) -> Carried:
    """Read one message. Raises `Damage` for anything else: only relays write there."""
    said = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers.items()}
    try:
        place = Place(int(said["bg_page"]), int(said["bg_entry"]))
        recorded_at = datetime.fromisoformat(said["bg_recorded_at"])
        if said["ce_type"] == RELAYED_TYPE:
            return Carried(place, recorded_at, read_to=int(said["bg_offset"]))
        raw = record.value or b""
        readings = _READINGS.validate_json(said.get("bg_readings", "[]"))
        return Carried(place, recorded_at, AdmittedEntry(int(said["bg_seq"]), read_entry(raw), raw, readings))
    except (ValueError, KeyError) as error:
        raise Damage("cases_unreadable", volume=volume, offset=record.offset, found=error) from error
