"""Reads what the database and the provider hold, past every rule of the app: as PostgreSQL's superuser, by plain SQL."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any
from urllib.request import urlopen

import psycopg

from tests.chaos.figures import RED, SMS, WAITING, Notice, Rows, Tap

_NOTICES = "SELECT key::text, alert_id::text, lift, step, channel, state, due_at <= now() FROM alerts_alertnotice"
_DUE = f"SELECT count(*) FROM alerts_alertnotice WHERE step = 0 AND state = {WAITING} AND due_at <= now()"
_READY = "SELECT count(*) FROM alerts_heartbeat WHERE beat_at > now() - interval '30 s'"


class Checker:
    """`url` is the superuser's: it alone sees every clinic at once."""

    def __init__(self, url: str, provider: str) -> None:
        self._url, self._provider = url, provider

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url, connect_timeout=3) as connection:
            return connection.execute(statement.encode()).fetchall()

    def count(self, statement: str) -> int | None:
        """None while the database does not answer."""
        try:
            return int(self.rows(statement)[0][0])
        except psycopg.OperationalError:
            return None

    def is_drained(self) -> bool:
        """Whether no message of a first step is due."""
        return self.count(_DUE) == 0

    def has_senders(self) -> bool:
        return bool(self.count(_READY))

    def attempts(self) -> dict[str, dict[str, Any]]:
        """The provider's words on each key."""
        found: dict[str, dict[str, Any]] = self._told("attempts.json")
        return found

    def messages(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self._told("messages.json")
        return found

    def strays(self, rows: Rows) -> int:
        """Messages that arrived without the key of any row."""
        return len(self.messages()) - sum(notice.arrived for notice in rows.notices)

    def read(self, *, is_naive: bool = False) -> Rows:
        """Everything that figures.measure compares. The control's messages have no rows: their key is the alert's id."""
        alerts = self.rows("SELECT id::text, source, level FROM alerts_alert")
        by_check_in = defaultdict(list)
        for alert, source, _ in alerts:
            by_check_in[source.removeprefix("check-in:")[:36]].append(alert)
        red = [alert for alert, _, level in alerts if level in RED]
        attempts = self.attempts()
        return Rows(
            check_ins=dict(self.rows("SELECT key::text, id::text FROM checkin_checkin")),
            answers=_grouped(self.rows("SELECT check_in_id::text, answer FROM checkin_answer")),
            levels=_grouped(self.rows("SELECT check_in_id::text, level FROM checkin_reading")),
            alerts=by_check_in,
            red_alerts=red,
            notices=[
                Notice(*values, **_taken(attempts, key))
                for key, *values in ([_naive(alert) for alert in red] if is_naive else self.rows(_NOTICES))
            ],
        )

    def _told(self, name: str) -> Any:
        with urlopen(f"{self._provider}/{name}", timeout=30) as response:  # noqa: S310  our own, on loopback
            return json.load(response)


def _taken(attempts: dict[str, dict[str, Any]], key: str) -> dict[str, Any]:
    told = attempts.get(key, {})
    return {"accepted_at": told.get("accepted_at"), "arrived": told.get("arrived", 0)}


def _naive(alert: str) -> tuple[Any, ...]:
    """As a row of _NOTICES: the first step's text, which its sender takes for sent."""
    return alert, alert, 0, 0, SMS, WAITING + 1, True


def _grouped(pairs: list[tuple[Any, ...]]) -> dict[str, list[str]]:
    grouped = defaultdict(list)
    for check_in, value in pairs:
        grouped[check_in].append(value)
    return grouped


def load_facts(taps: list[Tap]) -> dict[str, Any]:
    """What the phones went through."""
    refused: dict[str, int] = defaultdict(int)
    for tap in taps:
        for status in tap.refused:
            refused[str(status)] += 1
    return {
        "double_taps": sum(tap.is_double for tap in taps),
        "sent_again": sum(tap.again for tap in taps),
        "refused": dict(sorted(refused.items())),
    }
