"""A run of an import: entries first, then every row; what became of each; the sum that must hold.

rows = admitted + already admitted + quarantined. The run never drops a row and never judges one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path

import orjson

from ledger.imports.documents import Documents, Draft
from ledger.imports.doors import Door, Outcome, Portion
from ledger.imports.entries import Fields, Recorded, read_entries, take
from ledger.imports.first_seen import describe, survey
from ledger.imports.mapping import Mapping
from ledger.imports.reading import file_sha256
from ledger.imports.rows import Preparation
from projections.catalogue import lookup_key
from schemas.document import EVERY_SITE
from schemas.page import Reason, Result

ROWS_A_SUBMISSION = 500
SUBMISSIONS_A_COMMIT = 10
"""Submissions made durable together: waiting for the disk, not work, is what a row costs otherwise."""
LATE = timedelta(days=1)
"""A row recorded later than this after it happened is counted as late (A10)."""
FIRST_ROWS_KEPT = 5
Watch = Callable[[int, int], None]
"""Told how many rows are done, and of how many when the file was read through before; else of those done."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One row that was not admitted, and why."""

    row: int
    result: Result
    reason: Reason | None
    document: bytes


@dataclass(slots=True)
class CatalogueTally:
    """What became of what the run said about items, units, parties and sites."""

    recorded: int = 0
    known_already: int = 0
    items_first_seen: int = 0
    not_needed: int = 0
    """Synonyms of items that neither the book nor the file knows; they are said when an item of theirs comes."""
    refused: list[Reason] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """What became of every row."""

    file: str
    sha256: str
    results: Counter[tuple[Result, str]] = field(default_factory=Counter)
    first_rows: defaultdict[tuple[Result, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    first_reason: dict[tuple[Result, str], Reason | None] = field(default_factory=dict)
    rows: int = 0
    repeated_rows: int = 0
    """Rows that were sent as the very document of an earlier row of the file."""
    late_rows: int = 0
    """Rows admitted by this run, recorded more than a day after they happened."""
    clock_kept: int = 0
    """Rows whose stated time recorded lies before the book's latest page: the book never runs backwards."""
    catalogue: CatalogueTally = field(default_factory=CatalogueTally)
    problems: list[Problem] = field(default_factory=list)

    def count(self, *results: Result) -> int:
        """Return how many rows had one of these results."""
        return sum(n for (result, _), n in self.results.items() if result in results)

    @property
    def admitted(self) -> int:
        """Rows that are entries of the book since this run."""
        return self.count(Result.ADMITTED)

    @property
    def already_admitted(self) -> int:
        """Rows that were entries of the book before."""
        return self.count(Result.ALREADY_ADMITTED)

    @property
    def quarantined(self) -> int:
        """Rows kept apart, each with its reason."""
        return self.results.total() - self.admitted - self.already_admitted

    def note(self, draft: Draft, outcome: Outcome, recorded_at: datetime | None) -> None:
        """Count one row, and whether the page it was answered on says it came late."""
        if recorded_at is not None and draft.happened_at is not None and outcome.result is Result.ADMITTED:
            self.late_rows += recorded_at - draft.happened_at > LATE
            self.clock_kept += draft.recorded_at is not None and recorded_at > draft.recorded_at
        key = (outcome.result, outcome.reason.code if outcome.reason else "")
        self.results[key] += 1
        if len(self.first_rows[key]) < FIRST_ROWS_KEPT:
            self.first_rows[key].append(draft.row)
            self.first_reason.setdefault(key, outcome.reason)


class Import:
    """One mapping over one file through one door."""

    def __init__(self, mapping: Mapping, file: Path, door: Door, entries: Path | None, *, real: bool) -> None:
        """Read the mapping's entries. `real`: the book takes its own time recorded."""
        self.mapping = mapping
        self.file = file
        self.door = door
        self.real = real
        self.recorded = read_entries(entries) if entries else None
        self.preparation = Preparation(file, mapping)
        self.tally = Tally(file.name, file_sha256(file))

    def run(self, watch: Watch, *, keep_problems: bool = False, keep_all: bool = False) -> Tally:
        """Send everything; return what became of it."""
        self._say_catalogue(self._first_recorded_at())
        documents = Documents(self.mapping, self.door.known.catalogue)
        submissions = self._submissions(documents)
        while commit := list(islice(submissions, SUBMISSIONS_A_COMMIT)):
            for draft, outcome, recorded_at in self._send(commit):
                self.tally.rows += 1
                self.tally.note(draft, outcome, recorded_at)
                if keep_all or (keep_problems and outcome.result not in (Result.ADMITTED, Result.ALREADY_ADMITTED)):
                    self.tally.problems.append(Problem(draft.row, outcome.result, outcome.reason, draft.raw))
            watch(self.tally.rows, max(self.tally.rows, self.preparation.total))
        self.tally.repeated_rows = documents.repeated
        tally = self.tally
        assert tally.rows == tally.admitted + tally.already_admitted + tally.quarantined, "every row has one result"
        return tally

    def _send(self, commit: list[list[Draft]]) -> Iterator[tuple[Draft, Outcome, datetime | None]]:
        """Send submissions together; pair each draft with its outcome and the time its page says it was recorded."""
        page_at = self.door.known.recorded_at
        portions = [Portion(tuple(d.raw for d in drafts), drafts[0].recorded_at) for drafts in commit]
        answers = self.door.submit(portions)
        for drafts, outcomes, portion in zip(commit, answers, portions, strict=True):
            if portion.recorded_at is None or page_at is None:
                page_at = self.door.known.recorded_at
            else:
                page_at = max(page_at, portion.recorded_at)  # a page is never recorded before the one it follows
            for draft, outcome in zip(drafts, outcomes, strict=True):
                yield draft, outcome, page_at

    def _submissions(self, documents: Documents) -> Iterator[list[Draft]]:
        """Gather drafts of one time recorded, at most so many at a time."""
        drafts: list[Draft] = []
        for row in self.preparation.rows():
            draft = documents.draft(row)
            if self.real:
                draft = draft._replace(recorded_at=None)
            if drafts and (len(drafts) == ROWS_A_SUBMISSION or draft.recorded_at != drafts[0].recorded_at):
                yield drafts
                drafts = []
            drafts.append(draft)
        if drafts:
            yield drafts

    def _first_recorded_at(self) -> datetime | None:
        if self.real or self.mapping.recorded_at is None:
            return None
        documents = Documents(self.mapping, self.door.known.catalogue)
        return next((documents.draft(row).recorded_at for row in self.preparation.rows()), None)

    def _say_catalogue(self, recorded_at: datetime | None) -> None:
        """Sites and items as recorded, items first seen, then synonyms, which need their item to be known."""
        recorded = self.recorded or Recorded(happened_at=datetime.min.replace(tzinfo=UTC), recorded_by="-")
        self._say(recorded.sites(), "sites", recorded_at, new_only=False)
        self._say(recorded.items(), "catalogue", recorded_at)
        if self.mapping.describe_new_items:
            self._say_first_seen(recorded, recorded_at)
        self._say(recorded.synonyms(), "catalogue", recorded_at)

    def _say_first_seen(self, recorded: Recorded, recorded_at: datetime | None) -> None:
        known = self.door.known.catalogue.copy()
        synonyms = recorded.synonyms()
        for said in synonyms:
            if said["of"] == "unit":
                known.units[said.get("item", ""), lookup_key(said["name"])] = lookup_key(said["means"])
        other_names = {lookup_key(s["name"]): s["means"] for s in synonyms if s["of"] == "item"}
        seen = survey(self.preparation.rows(), self.mapping, known, other_names)
        label = f"{self.mapping.name} {self.file.name}"
        described = [describe(item, self.mapping, known, label, self.tally.sha256) for item in seen.values()]
        before = self.tally.catalogue.recorded
        self._say([entry for entry in described if entry is not None], "items", recorded_at)
        self.tally.catalogue.items_first_seen = self.tally.catalogue.recorded - before

    def _say(self, entries: list[Fields], part: str, recorded_at: datetime | None, *, new_only: bool = True) -> None:
        """Send catalogue entries, numbered after the last of their source; those that say nothing new are not sent."""
        source = f"{self.mapping.name}-{part}.{self.mapping.epoch}"
        numbering = self.door.known.sources.get((EVERY_SITE, source))
        number = numbering.last if numbering and new_only else 0
        working = self.door.known.catalogue.copy()
        documents: list[bytes] = []
        for entry in entries:
            raw = orjson.dumps({"site": EVERY_SITE, "source": source, "number": number + 1, **entry})
            said = take(working, raw)
            if said is False:
                self.tally.catalogue.known_already += 1
                continue
            if isinstance(said, Reason):
                if said.code == "synonym_of_unknown_item":
                    self.tally.catalogue.not_needed += 1
                    continue
                self.tally.catalogue.refused.append(said)
            number += 1
            documents.append(raw)
        portions = [
            Portion(tuple(documents[start : start + ROWS_A_SUBMISSION]), recorded_at)
            for start in range(0, len(documents), ROWS_A_SUBMISSION)
        ]
        for outcome in chain.from_iterable(self.door.submit(portions)):
            self.tally.catalogue.recorded += outcome.result is Result.ADMITTED
            self.tally.catalogue.known_already += outcome.result is Result.ALREADY_ADMITTED
