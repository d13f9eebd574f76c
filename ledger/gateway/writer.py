"""The one thread that writes for a gateway: what arrives together goes out together, and is answered when durable.

`Writer` is the queue and its window; how letters become pages is `BookWriter`'s (a book in a folder) or
`ClusterWriter`'s. It must not know HTTP. Whoever reads the folds holds `reading()`, so no reader ever sees what is not
yet durable.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

from ledger.book import Answer, Book, Letter
from ledger.errors import BrokenEnvironment, LedgerError
from ledger.gateway import events
from ledger.gateway.limits import Limits, Refusal
from ledger.gateway.metrics import Metrics
from ledger.standing import Standing

RETRY_AFTER_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer for each document of a letter, and the page of each volume up to which a reader sees all of it."""

    answers: tuple[Answer, ...]
    pages: dict[int, int]


@dataclass(slots=True)
class Waiting:
    """A letter in the queue, when it came (monotonic seconds), and where its answers go."""

    letter: Letter
    size: int
    came: float = field(default_factory=time.monotonic)
    answers: "Future[Answered]" = field(default_factory=Future)

    def fail(self, error: Exception) -> None:
        """Answer with an error, unless there is an answer."""
        if not self.answers.done():
            self.answers.set_exception(error)


class Writer(ABC):
    """Takes letters from `start` to `stop`."""

    def __init__(self, book: Standing, limits: Limits, metrics: Metrics) -> None:
        self.book = book
        self.limits = limits
        self.metrics = metrics
        self.listeners: list[Callable[[], None]] = []
        """Called when there are new pages and on a fault, in a thread of the writer's: they must only wake someone."""
        self.pages: tuple[int, ...] = ()
        """Last page of every volume that readers can have; read it from any thread."""
        self.fault: BaseException | None = None
        """Our own bug, or damage, after which nothing is written any more."""
        self._lock = threading.Lock()
        self._changed = threading.Condition()
        self._queue: deque[Waiting] = deque()
        self._unanswered: list[int] = [0, 0]
        """Letters and bytes that came and were not answered yet."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="book-writer", daemon=True)
        self.count_pages()

    @abstractmethod
    def commit(self, group: list[Waiting]) -> None:
        """Write a group of letters; answer each when it is durable. Raises `LedgerError` when none was written."""

    def start(self) -> None:
        """Begin to take letters."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is queued, then end. Letters that come later are refused."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    @contextmanager
    def reading(self) -> Iterator[Standing]:
        """Give the book while nothing is folded."""
        with self._lock:
            yield self.book

    def put(self, letter: Letter) -> "Future[Answered]":
        """Queue a letter. Raises `Refusal` 429 when the queue is full, 503 when the gateway is stopping."""
        waiting = Waiting(letter, sum(map(len, letter.documents)))
        waiting.answers.set_running_or_notify_cancel()  # a caller who hangs up cannot call its letter back
        with self._changed:
            if self._stopping or self.fault is not None:
                raise Refusal(503, "gateway_stopping", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
            letters, size = self._unanswered
            if letters >= self.limits.queue_letters_max or size + waiting.size > self.limits.queue_bytes_max:
                raise self._queue_full()
            self._queue.append(waiting)
            self._count(1, waiting.size)
            self._changed.notify_all()
        waiting.answers.add_done_callback(lambda _: self._leave(waiting))
        return waiting.answers

    def _leave(self, waiting: Waiting) -> None:
        with self._changed:
            self._count(-1, -waiting.size)
            self._changed.notify_all()

    def _count(self, letters: int, size: int) -> None:
        self._unanswered = [self._unanswered[0] + letters, self._unanswered[1] + size]
        self.metrics.queue_letters.set(self._unanswered[0])

    def _queue_full(self) -> Refusal:
        letters, size = self._unanswered
        facts = {
            "letters": str(letters), "letters_max": str(self.limits.queue_letters_max),
            "bytes": str(size), "bytes_max": str(self.limits.queue_bytes_max), "seconds": str(RETRY_AFTER_SECONDS),
        }  # fmt: skip
        return Refusal(429, "queue_full", facts, {"Retry-After": str(RETRY_AFTER_SECONDS)})

    def _run(self) -> None:
        while group := self._next_group():
            try:
                if self.fault is not None:
                    raise BrokenEnvironment("gateway_faulted")
                self.metrics.commit_letters.observe(len(group))
                self.commit(group)
            except LedgerError as error:
                events.log(events.COMMIT_FAILED, code=error.code, letters=len(group), said=str(error))
                for waiting in group:
                    waiting.fail(error)
            except BaseException as error:  # noqa: BLE001 - our own bug: kept, shown to all, and nothing is written after it
                self.break_off(error, group)

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
        return group

    def break_off(self, error: BaseException, group: Sequence[Waiting]) -> None:
        """Stop writing for good: answer these letters, and wake whoever ends the process."""
        self.fault = error
        events.log(events.FAULT, fault=repr(error), letters=len(group))
        for waiting in group:
            waiting.fail(BrokenEnvironment("gateway_faulted"))
        self.wake()

    def wake(self) -> None:
        """Wake whoever listens."""
        for listener in self.listeners:
            listener()

    def count_pages(self) -> None:
        """Note how far the folds have come."""
        self.pages = tuple(folds.admission.page for folds in self.book.volumes)
        self.metrics.pages.set(sum(self.pages))

    def answer(self, waiting: Waiting, answered: Answered) -> None:
        """Give a letter its answers; whoever sent it no longer waits."""
        for one in answered.answers:
            self.metrics.documents.labels(one.result.value).inc()
        if not waiting.answers.done():
            waiting.answers.set_result(answered)


class BookWriter(Writer):
    """Writes a book in a folder, which nobody else may write meanwhile."""

    def __init__(self, book: Book, limits: Limits, metrics: Metrics) -> None:
        super().__init__(book, limits, metrics)
        self.writable = book

    def commit(self, group: list[Waiting]) -> None:
        """Write a page for each letter, all in one commit."""
        began = time.monotonic()
        with self._lock:
            answered = self.writable.submit_group([waiting.letter for waiting in group])
        self.metrics.commit_seconds.observe(time.monotonic() - began)
        self.count_pages()
        for waiting, answers in zip(group, answered, strict=True):
            self.answer(waiting, Answered(answers, {0: answers[0].page}))
        self.wake()
