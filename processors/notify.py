"""Alerts on their way to people and systems: signed webhooks and Apprise targets, each transition once.

Once, but for the one letter that was on its way when the notifier was killed: whether that was taken only its receiver
knows, so it is sent again as it was. A webhook's receiver counts it by its key; a person may read it twice.

A target that is down never stops the book or the other targets: after some tries its letter is kept, with why, and
can be sent again. What is an alert is decided in `projections`; what was told is kept in `ledger.deliveries`.

A receiver of a webhook checks `Baogong-Signature: t=<unix seconds>,v1=<hex>` with `verify_signature`: v1 is
HMAC-SHA256, under the shared secret, of `t`, a full stop, and the body's bytes. `Idempotency-Key` is the same each
time a transition is sent; a receiver that has seen it answers 2xx and does nothing.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apprise
import stamina

from ledger.alert_words import say_alert, say_title
from ledger.deliveries import DeadLetter, Deliveries, NotTaken, post
from ledger.errors import WrongUse
from projections.alerts import AlertState, changes_after, open_alerts, transitions
from schemas.alerts import Alert

SIGNATURE_HEADER = "Baogong-Signature"
KEY_HEADER = "Idempotency-Key"
SIGNATURE_AGE_MAX = timedelta(minutes=5)
FOLLOWER = "notify"
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_KINDS = {"notice": "info", "warning": "warning", "urgent": "failure"}


@dataclass(frozen=True, slots=True)
class Webhook:
    """A system that takes alerts as signed JSON by HTTP POST."""

    name: str
    url: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AppriseTarget:
    """People reached through any service Apprise knows: one of its URLs, and the language to write in."""

    name: str
    url: str = field(repr=False)
    lang: str = "zh"


Target = Webhook | AppriseTarget


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try. Waits double from `wait_first` to `wait_longest`, each with chance added."""

    tries: int = 5
    wait_first: timedelta = timedelta(milliseconds=500)
    wait_longest: timedelta = timedelta(seconds=20)
    answer_within: timedelta = timedelta(seconds=10)


@dataclass(slots=True)
class Told:
    """What became of the letters of one round, counted over all targets."""

    delivered: int = 0
    already: int = 0
    dead: int = 0


def sign(secret: bytes, body: bytes, at: datetime) -> str:
    """Return the signature header's value for a body sent at a moment."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_mac(secret, seconds, body)}"


def verify_signature(secret: bytes, header: str, body: bytes, now: datetime) -> bool:
    """Tell a receiver whether a letter is ours: right secret, body unchanged, signed within five minutes of `now`.

    `body` is the bytes as they came, before any JSON is read. Compares in constant time; a malformed header is False.
    """
    found = _SIGNATURE.fullmatch(header)
    if found is None:
        return False
    seconds = int(found[1])
    fresh = abs(int(now.timestamp()) - seconds) <= SIGNATURE_AGE_MAX.total_seconds()
    return hmac.compare_digest(_mac(secret, seconds, body), found[2]) and fresh


def key_of(alert: Alert) -> str:
    """Return the idempotency key of a transition: the same for every try and every target."""
    said = (alert.alert, alert.state, alert.severity, alert.changed_at.astimezone(UTC).isoformat(), str(alert.number))
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


class Notifier:
    """Tells targets of alerts. Raises `WrongUse` for a target that cannot be meant; never for one that is down."""

    def __init__(self, book_path: Path, targets: Sequence[Target], patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self.targets = {target.name: target for target in targets}
        for name in [t.name for t in targets]:
            if sum(t.name == name for t in targets) > 1:
                raise WrongUse("target_twice", name=name)
        self._senders = {name: _apprise_of(t) for name, t in self.targets.items() if isinstance(t, AppriseTarget)}
        for target in targets:
            if isinstance(target, Webhook) and not target.url.startswith(("http://", "https://")):
                raise WrongUse("target_unknown", name=target.name, expected="http(s)://…", found=target.url)
        self.deliveries = Deliveries(book_path)

    def deliver(self, alerts: Iterable[Alert]) -> Told:
        """Tell every target every transition it has not taken yet, in order."""
        told, letters = Told(), list(alerts)
        for target in self.targets.values():
            self._tell(target, letters, told)
        return told

    def follow(self, state: AlertState, holding: tuple[Alert, ...], now: datetime) -> Told:
        """Take up what changed since the last call, and tell it."""
        self.take_up(state, holding, now)
        return self.tell()

    def take_up(self, state: AlertState, holding: tuple[Alert, ...], now: datetime) -> None:
        """Note what is to be told: transitions of entries since the last call, and of what holds at `now` by time.

        It reads the state and writes the record: nobody waits for a target meanwhile. One that never followed, or is
        too far behind, is told the cases open now rather than all of history.
        """
        position = self.deliveries.position(FOLLOWER)
        changed = None if position is None else changes_after(state, position)
        if changed is None:
            changed = open_alerts(state)
        changed = (*changed, *transitions(self.deliveries.timed(), holding, now))
        self.deliveries.take_up(FOLLOWER, state.number, holding, changed)

    def tell(self) -> Told:
        """Tell every target what was taken up and not told yet."""
        waiting = self.deliveries.waiting()
        told = self.deliver(alert for _, alert in waiting)
        if waiting:
            self.deliveries.brought_to_end(waiting[-1][0])
        return told

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """List what targets did not take, oldest first."""
        return self.deliveries.dead_letters()

    def redeliver(self) -> Told:
        """Try every dead letter again, oldest first."""
        told = Told()
        for target in self.targets.values():
            self._tell(target, [letter.alert for letter in self.deliveries.dead_letters(target.name)], told)
        return told

    def close(self) -> None:
        """Let go of the record of deliveries."""
        self.deliveries.close()

    def _tell(self, target: Target, alerts: Iterable[Alert], told: Told) -> None:
        down: NotTaken | None = None
        for alert in alerts:
            key = key_of(alert)
            if self.deliveries.was_told(target.name, key):
                told.already += 1
                continue
            tries = 0
            try:
                if down is not None:  # it failed all tries a moment ago: the rest is kept, not waited for
                    raise down
                for attempt in self._attempts():
                    with attempt:
                        tries = attempt.num
                        self._send(target, alert, key)
            except NotTaken as failure:
                down = failure if failure.again else None
                self.deliveries.bury(target.name, key, alert, tries, failure.found)
                told.dead += 1
            else:
                self.deliveries.note_told(target.name, key)
                told.delivered += 1

    def _attempts(self) -> Iterable[stamina.Attempt]:
        return stamina.retry_context(
            on=_is_worth_another_try, attempts=self.patience.tries, timeout=None, wait_initial=self.patience.wait_first,
            wait_max=self.patience.wait_longest, wait_jitter=self.patience.wait_first,
        )  # fmt: skip

    def _send(self, target: Target, alert: Alert, key: str) -> None:
        if isinstance(target, Webhook):
            body = alert.model_dump_json().encode()
            signature = sign(target.secret, body, datetime.now(UTC))
            headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature, KEY_HEADER: key}
            post(target.url, body, headers, self.patience.answer_within)
            return
        taken = self._senders[target.name].notify(
            title=say_title(alert, target.lang),
            body=say_alert(alert, target.lang),
            notify_type="success" if alert.state == "cleared" else _KINDS[alert.severity],
        )
        if not taken:
            raise NotTaken("Apprise: not taken", again=True)


def _is_worth_another_try(error: Exception) -> bool:
    return isinstance(error, NotTaken) and error.again


def _apprise_of(target: AppriseTarget) -> apprise.Apprise:
    sender = apprise.Apprise()
    if not sender.add(target.url):
        raise WrongUse("target_unknown", name=target.name, expected="Apprise URL", found=target.url.partition(":")[0])
    return sender


def _mac(secret: bytes, seconds: int, body: bytes) -> str:
    return hmac.new(secret, b"%d." % seconds + body, hashlib.sha256).hexdigest()
