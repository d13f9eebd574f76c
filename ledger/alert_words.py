"""Alerts in the words of people: one sentence a kind, Chinese and English, from the facts an alert carries."""

from typing import Any

from ledger.words import LANGUAGES, known_codes, say
from schemas.alerts import Alert

MINUS = "−"


def say_alert(alert: Alert, lang: str) -> str:
    """Say an alert in one sentence, in `zh` or `en`: where, what, the figures, and what to do next."""
    facts = {name: _figure(value, lang) for name, value in alert.facts.items()}
    lot = say("alert_lot", lang, lot=alert.lot) if alert.lot else ""
    about = {"site": alert.site, "item": alert.item, "name": alert.item, "unit": "", "lot": lot}
    sentence = say(f"alert_{alert.kind}", lang, **{**about, **facts})
    if alert.state == "raised":
        return sentence
    return say(f"alert_{alert.state}", lang, sentence=sentence, by=alert.acknowledged_by)


def in_words(alert: Alert) -> dict[str, Any]:
    """Write an alert as JSON with its sentence in every language, as the gateway and the topic `alerts` give it."""
    return alert.model_dump(mode="json") | {lang: say_alert(alert, lang) for lang in LANGUAGES}


def say_title(alert: Alert, lang: str) -> str:
    """Say an alert in a few words, as the heading of a message."""
    severity = say(f"alert_severity_{alert.severity}", lang)
    return say("alert_title", lang, severity=severity, kind=say(f"alert_kind_{alert.kind}", lang), site=alert.site)


def _figure(value: int | str, lang: str) -> str:
    """Write a figure, or a choice in its words; any other text as it is."""
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    return say(f"choice_{value}", lang) if f"choice_{value}" in known_codes() else value
