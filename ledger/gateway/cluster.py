"""Writes for a gateway of a book on a cluster: letters go out as submissions, and are answered from their pages.

Admission decides, wherever it runs; this follows the pages, folds them for readers, and knows by a page's submission
whose documents stand on it. Any number of gateways may serve one book.
"""

import threading
import time

from ledger.errors import BrokenEnvironment, LedgerError
from ledger.gateway import events
from ledger.gateway.limits import Limits
from ledger.gateway.metrics import Metrics
from ledger.gateway.parcels import Awaited, Parcel, Reply, pack
from ledger.gateway.writer import Waiting, Writer
from ledger.logs.kafka import writing
from ledger.logs.kafka.following import Following
from schemas.page import Page

DELIVERY_SECONDS_MAX = 10
"""A submission the cluster does not take within so long is given back to its sender."""
_BYTES_A_SNAPSHOT = 256_000_000
_LOOKING_SECONDS = 0.05


class ClusterWriter(Writer):
    """Writes through the topic `submissions`; reads the topic `pages`."""

    def __init__(self, following: Following, limits: Limits, metrics: Metrics) -> None:
        super().__init__(following, limits, metrics)
        self.following = following
        self.awaited = Awaited()
        self._producer: writing.Writer | None = None
        self._ended = threading.Event()
        self._follower = threading.Thread(target=self._follow, name="page-follower", daemon=True)

    def start(self) -> None:
        """Begin to take letters and to follow the pages."""
        self._follower.start()
        super().start()

    def stop(self) -> None:
        """Send what is queued, wait for the pages it becomes, then end."""
        super().stop()
        until = time.monotonic() + self.limits.answer_seconds_max
        while self._unanswered[0] and self.fault is None and time.monotonic() < until:
            time.sleep(_LOOKING_SECONDS)
        self._ended.set()
        if self._follower.is_alive():
            self._follower.join()
        self._let_go()

    def commit(self, group: list[Waiting]) -> None:
        """Send letters as parcels; return when all lie in the log. Their pages answer them."""
        parcels = pack(group, len(self.following.volumes), self.limits)
        with self.awaited.sending():
            whole = self.awaited.expect(parcels, self._send(parcels))
        self._answer(whole)

    def _send(self, parcels: list[Parcel]) -> list[int]:
        try:
            self._producer = self._producer or writing.Writer(self.following.cluster, DELIVERY_SECONDS_MAX)
            return self._producer.send([parcel.record() for parcel in parcels])
        except BrokenEnvironment:
            self._let_go()  # one that failed to deliver may be out of step with the brokers: begin with a new one
            raise

    def _let_go(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.abandon()

    def _follow(self) -> None:
        try:
            for records in self.following.tail():
                if self._ended.is_set():
                    return
                with self._lock:
                    pages = self.following.take(records)
                self._take(pages)
                self.awaited.give_up(self.limits.answer_seconds_max)
                if self.following.unsaved_bytes >= _BYTES_A_SNAPSHOT:
                    self.following.save_snapshots()
        except LedgerError as error:
            events.log(events.FAULT, code=error.code, said=str(error))
            self.break_off(error, ())
        except BaseException as error:  # noqa: BLE001 - our own bug: kept, shown to all, and nothing is answered after it
            self.break_off(error, ())

    def _take(self, pages: list[Page]) -> None:
        if not pages:
            return
        self.count_pages()
        for page in pages:
            parcel, whole = self.awaited.take(page.header)
            if parcel is not None:
                self.metrics.commit_seconds.observe(time.monotonic() - parcel.sent_at)
            self._answer(whole)
        self.wake()

    def _answer(self, whole: list[Reply]) -> None:
        for reply in whole:
            self.answer(reply.waiting, reply.whole())
