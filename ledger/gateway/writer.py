"""The one thread that writes the book: what arrives together is committed together, and answered when durable.

It must not know HTTP. Whoever reads the folds holds `reading()`, so no reader ever sees what is not yet durable.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

from ledger.book import Answer, Book, Letter
from ledger.errors import BrokenEnvironment, LedgerError
from ledger.gateway import events
from ledger.gateway.limits import Limits, Refusal
from ledger.gateway.metrics import Metrics

RETRY_AFTER_SECONDS = 1


@dataclass(slots=True)
class Waiting:
    """A letter in the queue, when it came (monotonic seconds), and where its answers go."""

    letter: Letter
    size: int
    came: float = field(default_factory=time.monotonic)
    answers: "Future[tuple[Answer, ...]]" = field(default_factory=Future)


class Writer:
    """Owns the book from `start` to `stop`."""

    def __init__(self, book: Book, limits: Limits, metrics: Metrics) -> None:
        self.book = book
        self.limits = limits
        self.metrics = metrics
        self.listeners: list[Callable[[], None]] = []
        """Called after each commit and on a fault, in the writer's thread: they must only wake someone."""
        self.page = book.folds.admission.page
        """Last durable page; read it from any thread."""
        self.fault: BaseException | None = None
        """Our own bug, after which nothing is written any more."""
        self._lock = threading.Lock()
        self._changed = threading.Condition()
        self._queue: deque[Waiting] = deque()
        self._queue_bytes = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="book-writer", daemon=True)

    def start(self) -> None:
        """Begin to take letters."""
        self.metrics.pages.set(self.page)
        self._thread.start()

    def stop(self) -> None:
        """Write what is queued, then end. Letters that come later are refused."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    @contextmanager
    def reading(self) -> Iterator[Book]:
        """Give the book while no commit is running."""
        with self._lock:
            yield self.book

    def put(self, letter: Letter) -> "Future[tuple[Answer, ...]]":
        """Queue a letter. Raises `Refusal` 429 when the queue is full, 503 when the gateway is stopping."""
        waiting = Waiting(letter, sum(map(len, letter.documents)))
        waiting.answers.set_running_or_notify_cancel()  # a caller who hangs up cannot call its letter back
        with self._changed:
            if self._stopping or self.fault is not None:
                raise Refusal(503, "gateway_stopping", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
            full = len(self._queue) >= self.limits.queue_letters_max
            if full or self._queue_bytes + waiting.size > self.limits.queue_bytes_max:
                raise self._queue_full()
            self._queue.append(waiting)
            self._queue_bytes += waiting.size
            self.metrics.queue_letters.set(len(self._queue))
            self._changed.notify_all()
        return waiting.answers

    def _queue_full(self) -> Refusal:
        facts = {
            "letters": str(len(self._queue)), "letters_max": str(self.limits.queue_letters_max),
            "bytes": str(self._queue_bytes), "bytes_max": str(self.limits.queue_bytes_max),
            "seconds": str(RETRY_AFTER_SECONDS),
        }  # fmt: skip
        return Refusal(429, "queue_full", facts, {"Retry-After": str(RETRY_AFTER_SECONDS)})

    def _run(self) -> None:
        while group := self._next_group():
            self._commit(group)

    def _next_group(self) -> list[Waiting]:
        """Wait for a letter, then for its window to pass; take what has come. Empty: it is time to end."""
        with self._changed:
            while not self._queue:
                if self._stopping:
                    return []
                self._changed.wait()
            closes = self._queue[0].came + self.limits.window_milliseconds / 1000
            while not self._stopping and len(self._queue) < self.limits.group_letters_max:
                left = closes - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            return self._take_group()

    def _take_group(self) -> list[Waiting]:
        group: list[Waiting] = []
        size = 0
        while self._queue and len(group) < self.limits.group_letters_max:
            if group and size + self._queue[0].size > self.limits.group_bytes_max:
                break
            waiting = self._queue.popleft()
            size += waiting.size
            group.append(waiting)
        self._queue_bytes -= size
        self.metrics.queue_letters.set(len(self._queue))
        return group

    def _commit(self, group: list[Waiting]) -> None:
        began = time.monotonic()
        try:
            if self.fault is not None:
                raise BrokenEnvironment("gateway_faulted")
            with self._lock:
                answered = self.book.submit_group([waiting.letter for waiting in group])
        except LedgerError as error:
            events.log(events.COMMIT_FAILED, code=error.code, letters=len(group), said=str(error))
            _fail(group, error)
            return
        except BaseException as error:  # noqa: BLE001 - our own bug: kept, shown to all, and nothing is written after it
            self.fault = error
            events.log(events.FAULT, fault=repr(error), letters=len(group))
            _fail(group, BrokenEnvironment("gateway_faulted"))
            self._wake()
            return
        self._note(group, answered, time.monotonic() - began)
        for waiting, answers in zip(group, answered, strict=True):
            waiting.answers.set_result(answers)
        self._wake()

    def _wake(self) -> None:
        for listener in self.listeners:
            listener()

    def _note(self, group: list[Waiting], answered: list[tuple[Answer, ...]], seconds: float) -> None:
        self.metrics.commit_seconds.observe(seconds)
        self.metrics.commit_letters.observe(len(group))
        self.page = self.book.folds.admission.page
        self.metrics.pages.set(self.page)
        for answers in answered:
            for answer in answers:
                self.metrics.documents.labels(answer.result.value).inc()


def _fail(group: list[Waiting], error: LedgerError) -> None:
    for waiting in group:
        waiting.answers.set_exception(error)
