"""What a run came to, and which promises it broke. Plain Python: the check of the checker is test_figures.py."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Levels for which nobody may wait (timeline/levels.py), written down once more: a checker has its own eyes.
RED = frozenset({"urgent", "crisis", "emergency"})
WAITING, SMS = 0, "sms"


@dataclass(slots=True)
class Tap:
    """One answer of one person, from the page that it was tapped on to the 303 that says that we have it.

    `flag` is the level that the page itself gives the tile, "" for none. `places` are where the 303s led, the first one's
    first; `acknowledged_at` (Unix time) is when that came, None while it has not come.
    """

    number: int
    key: str = ""
    answer: str = ""
    flag: str = ""
    is_double: bool = False
    acknowledged_at: float | None = None
    places: list[str] = field(default_factory=list)
    again: int = 0
    refused: list[int] = field(default_factory=list)

    @property
    def is_shown_red(self) -> bool:
        return any(place.endswith("/now/") for place in self.places)


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to somebody on duty, as its row has it. `accepted_at` (Unix time) and `arrived` are the provider's words."""

    alert: str
    lift: int
    step: int
    channel: str
    state: int
    is_due: bool
    accepted_at: float | None = None
    arrived: int = 0

    @property
    def is_first(self) -> bool:
        return self.step == 0


@dataclass(frozen=True, slots=True)
class Rows:
    """What the database holds at the end: check-ins by key, what was answered and read in each, alerts by check-in."""

    check_ins: Mapping[str, str]
    answers: Mapping[str, Collection[str]]
    levels: Mapping[str, Sequence[str]]
    alerts: Mapping[str, Sequence[str]]
    red_alerts: Collection[str]
    notices: Sequence[Notice]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds from the 303 to the provider's accept: the share of 50, 95, 99 and 100 in a hundred; None for no limit."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    longest: float | None = None


UNDER_CHAOS = Limits(p95=20, longest=90)
CALM = Limits(p50=1, p99=3)


@dataclass(slots=True)
class Figures:
    """Counts of one run. All but the first block must be 0."""

    acknowledged: int = 0
    red: int = 0
    told: int = 0

    unanswered: int = 0
    lost_check_ins: int = 0
    lost_alerts: int = 0
    doubled_alerts: int = 0
    not_shown: int = 0
    unsent: int = 0
    undecided: int = 0
    duplicates: int = 0
    latencies: list[float] = field(default_factory=list)


_PROMISES: Mapping[str, str] = {
    "unanswered": "never got an answer",
    "lost_check_ins": "acknowledged check-ins lost",
    "lost_alerts": "alerts lost",
    "doubled_alerts": "alerts doubled",
    "not_shown": "red answers that did not lead to what to do now",
    "unsent": "red-flag messages unsent",
    "undecided": "messages undecided at the end",
    "duplicates": "messages that arrived twice",
}


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` percent are not above (nearest rank); None of none."""
    if not values:
        return None
    return sorted(values)[max(math.ceil(len(values) * share / 100), 1) - 1]


def measure(taps: Sequence[Tap], rows: Rows) -> Figures:
    """Compares what phones were told with what the rows and the provider hold."""
    figures = Figures(unanswered=sum(tap.acknowledged_at is None for tap in taps))
    first = defaultdict(list)
    for notice in rows.notices:
        if notice.is_first and notice.lift == 0:
            first[notice.alert].append(notice)
    for tap in taps:
        if tap.acknowledged_at is not None:
            _measure_one(figures, tap, rows, first)
    _measure_notices(figures, rows, first)
    return figures


def _measure_one(figures: Figures, tap: Tap, rows: Rows, first: Mapping[str, Sequence[Notice]]) -> None:
    check_in = rows.check_ins.get(tap.key, "")
    levels = rows.levels.get(check_in, ())
    figures.acknowledged += 1
    if not levels or tap.answer not in rows.answers.get(check_in, ()):
        figures.lost_check_ins += 1
    if not (tap.flag in RED or tap.is_shown_red or RED & set(levels)):
        return
    figures.red += 1
    alerts = rows.alerts.get(check_in, ())
    figures.lost_alerts += not alerts
    figures.doubled_alerts += len(alerts) > 1
    figures.not_shown += not all(place.endswith("/now/") for place in tap.places)
    accepted = [notice.accepted_at for each in alerts for notice in first.get(each, ()) if notice.channel == SMS]
    figures.latencies += [max(at - (tap.acknowledged_at or 0), 0) for at in accepted if at is not None]


def _measure_notices(figures: Figures, rows: Rows, first: Mapping[str, Sequence[Notice]]) -> None:
    """Each red alert counts, also one whose phone was never told that we have it."""
    for alert in rows.red_alerts:
        by_text = [notice for notice in first.get(alert, ()) if notice.channel == SMS]
        figures.unsent += not by_text
        for notice in by_text:
            figures.undecided += notice.state == WAITING
            figures.told += notice.accepted_at is not None
            figures.unsent += notice.accepted_at is None and notice.state != WAITING
    figures.duplicates = sum(notice.arrived > 1 for notice in rows.notices)


def verdict(figures: Figures, limits: Limits, *, strays: int = 0) -> list[str]:
    """A sentence for each broken promise; none when all were kept. `strays` are messages without a key."""
    broken = [f"{count} {words}" for name, words in _PROMISES.items() if (count := getattr(figures, name))]
    if strays:
        broken.append(f"{strays} messages that no row knows")
    if not figures.red:
        broken.append("no red answer was acknowledged: nothing was tried")
    return broken + [
        f"{name} is {seconds:.1f} s, at most {limit:g} s was promised"
        for name, seconds, limit in _timed(figures.latencies, limits)
        if limit is not None and seconds is not None and seconds > limit
    ]


def _timed(latencies: Sequence[float], limits: Limits) -> list[tuple[str, float | None, float | None]]:
    return [
        ("p50", percentile(latencies, 50), limits.p50),
        ("p95", percentile(latencies, 95), limits.p95),
        ("p99", percentile(latencies, 99), limits.p99),
        ("max", percentile(latencies, 100), limits.longest),
    ]


def latency_facts(latencies: Sequence[float]) -> dict[str, Any]:
    """What is printed of the times, in seconds."""
    shown: Callable[[float | None], float | None] = lambda value: None if value is None else round(value, 2)  # noqa: E731
    return {"n": len(latencies), **{name: shown(value) for name, value, _ in _timed(latencies, Limits())}}


def later_facts(notices: Sequence[Notice]) -> dict[str, int]:
    """Later steps, and first ones by a second channel: counted apart, for nobody waits for them at the end of a run."""
    later = [notice for notice in notices if not notice.is_first or notice.lift or notice.channel != SMS]
    due = [notice for notice in later if notice.is_due]
    return {
        "due": len(due),
        "accepted": sum(notice.accepted_at is not None for notice in due),
        "waiting": sum(notice.state == WAITING for notice in due),
    }
