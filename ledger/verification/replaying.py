"""The replay every verification stands on: a volume folded from page 1, each page checked on the way."""

from collections.abc import Callable
from itertools import islice

from ledger import folds as fold
from ledger.folds import Folds
from ledger.joint import Joint
from ledger.logs.opening import PageLog
from ledger.seals import read_chain, read_page

Progress = Callable[[int, int], None]
"""Told the last page replayed and the last page there is."""
_PAGES_A_NEWS = 100


class Replay:
    """The fold of a volume from page 1, taken forward on demand; seals and chain are checked on the way."""

    def __init__(self, log: PageLog, volume: int, progress: Progress | None, joint: Joint) -> None:
        self.log = log
        self.joint = joint
        """The chapters of all volumes, as far as each was replayed."""
        self.volume = volume
        self.progress = progress
        self.kept: dict[str, int] = {}
        """Digest of every refused document that is kept, and the page that lists it."""
        first = log.page(volume, 1)
        self.book = read_page(first.stored, 1)[0].header.book if first else ""
        self.folds: Folds = fold.begin(self.book, volume)

    def to(self, last: int) -> None:
        """Go on to a page. Raises `Damage` at the first page that is not whole or does not continue the chain."""
        after, seal = self.folds.least()
        if last <= after:
            return
        stored = (page.stored for page in islice(self.log.pages(self.volume, after), last - after))
        for page, own in read_chain(stored, self.book, after, seal):
            self.folds.take(page, own)
            self.joint.take(page, own)
            number = page.header.page
            self.kept.update((r.digest, number) for r in page.header.refused if r.reason is not None)
            if self.progress is not None and number % _PAGES_A_NEWS == 0:
                self.progress(number, max(number, last))
        if self.progress is not None:
            self.progress(last, last)
