"""The simulation holds for the book as it is, and fails for every book broken on purpose."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger import admission, snapshots
from ledger import folds as live
from ledger.book import Book
from ledger.folds import Folds
from ledger.logs.embedded import EmbeddedLog
from projections.numbering import Numbering
from tests.simulation.world import simulate

SEEDS = 30
MUTANT_SEEDS = 12
"""Seeds within which every broken book must be found out."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(seed: int) -> None:
    print(f"repeat with: python -m tests.simulation --seed {seed}")  # noqa: T201 - shown by pytest when it fails
    simulate(seed)


def test_a_seed_repeats_itself_exactly() -> None:
    first, again = simulate(5), simulate(5)
    assert first.book.folds == again.book.folds
    assert first.crashes == again.crashes > 0


# -- books broken on purpose
Patch = pytest.MonkeyPatch


def never_looks_for_repeats(patch: Patch) -> None:
    patch.setattr(admission._Draft, "_repeat", lambda *_: None)
    patch.setattr(Numbering, "_fill", lambda *_: None)


def takes_any_repeat_for_the_same_document(patch: Patch) -> None:
    repeat = admission._Draft._repeat

    def blind(draft: Any, entry: Any, digest: bytes) -> Any:
        found = repeat(draft, entry, digest)
        return found and (admission.Result.ALREADY_ADMITTED, None)

    patch.setattr(admission._Draft, "_repeat", blind)


def forgets_digests(patch: Patch) -> None:
    patch.setattr(Numbering, "remembered", lambda *_: None)


def takes_a_gap_for_a_repeat(patch: Patch) -> None:
    patch.setattr(Numbering, "is_new", lambda numbering, number: number > numbering.last)
    patch.setattr(Numbering, "remembered", lambda *_: b"")


def never_closes_a_gap(patch: Patch) -> None:
    patch.setattr(Numbering, "_fill", lambda *_: None)


def answers_before_it_appends(patch: Patch) -> None:
    append = EmbeddedLog.append
    waiting: dict[int, list[Any]] = {}

    def late(log: EmbeddedLog, pages: Any, refused: Any) -> None:
        if pages[0].page == 1:
            append(log, pages, refused)
            return
        before, waiting[id(log)] = waiting.get(id(log)), [pages, list(refused)]
        if before:
            append(log, *before)

    patch.setattr(EmbeddedLog, "append", late)


def commits_page_by_page(patch: Patch) -> None:
    """Not broken for the promises: a group written in several commits is only slower. It must pass."""
    append = EmbeddedLog.append
    patch.setattr(EmbeddedLog, "append", lambda log, pages, refused: [append(log, [p], refused) for p in pages])


def starts_from_a_snapshot_ahead_of_the_book(patch: Patch) -> None:
    take, resume = Folds.take, live.resume
    place: list[Path] = []

    def take_and_save(folds: Folds, page: Any, seal: str) -> None:
        take(folds, page, seal)
        if place:
            live.save(folds, place[0], 0)

    def unchecked(book: str, volume: int, folder: Path, seal_at: Callable[[int], str | None]) -> Folds:
        place[:] = [folder]
        folds = resume(book, volume, folder, seal_at)
        for name, kind in live._KINDS.items():
            state: Any = snapshots.load(folder / f"{name}.{volume}.snapshot", kind)
            setattr(folds, name, state or getattr(folds, name))
        return folds

    patch.setattr(Folds, "take", take_and_save)
    patch.setattr(live, "resume", unchecked)


def keeps_what_a_failed_commit_would_have_added(patch: Patch) -> None:
    patch.setattr(Book, "_forget", lambda _: None)


def forgets_what_was_not_in_the_last_snapshot(patch: Patch) -> None:
    patch.setattr(Book, "catch_up", lambda book: book.folds.admission.page)


def folds_a_page_again(patch: Patch) -> None:
    take = Folds.take

    def twice(folds: Folds, page: Any, seal: str) -> None:
        take(folds, page, seal)
        if page.header.page % 7 == 0:
            folds.alerts.page -= 1
            take(folds, page, seal)

    patch.setattr(Folds, "take", twice)


def loses_what_stands_last_in_a_submission(patch: Patch) -> None:
    answer = admission._Draft.answer

    def deaf(draft: Any, raw: bytes, digest: bytes, submission: Any) -> Any:
        if len(submission.documents) > 2 and raw == submission.documents[-1]:
            return admission.Result.ALREADY_ADMITTED, None
        return answer(draft, raw, digest, submission)

    patch.setattr(admission._Draft, "answer", deaf)


BROKEN = [
    never_looks_for_repeats, takes_any_repeat_for_the_same_document, forgets_digests, takes_a_gap_for_a_repeat,
    never_closes_a_gap, answers_before_it_appends, starts_from_a_snapshot_ahead_of_the_book,
    keeps_what_a_failed_commit_would_have_added, forgets_what_was_not_in_the_last_snapshot, folds_a_page_again,
    loses_what_stands_last_in_a_submission,
]  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_book_broken_on_purpose_is_found_out(broken: Callable[[Patch], None], monkeypatch: Patch) -> None:
    broken(monkeypatch)
    with pytest.raises(Exception):  # noqa: B017 - found out by a check here, by one of the book's own, or by SQLite
        for seed in range(MUTANT_SEEDS):
            simulate(seed)


def test_a_book_changed_without_breaking_a_promise_passes(monkeypatch: Patch) -> None:
    commits_page_by_page(monkeypatch)
    for seed in range(3):
        simulate(seed)
