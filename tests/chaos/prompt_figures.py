"""What became of each message of a run, and which rules were broken. Plain Python: its check is test_prompt_figures.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.chaos.figures import latency_facts

# As prompts/states.py has them, written down once more: a checker has its own eyes.
WAITING, SENT, CANCELLED, FAILED, SKIPPED, UNKNOWN = range(6)
NAMES = ("waiting", "sent", "cancelled", "failed", "skipped", "unknown")
# A lease, a tick, and a flight among slow ones: a window that is open for so long in calm is long enough.
NEEDS = 100.0
# A provider that is left alone until then is not asked at the end of a window: its quiet, and the next way's minute.
HELD = 90.0


@dataclass(frozen=True, slots=True)
class Fate:
    """One message as its row ended, all times in Unix seconds. `arrived`: when the provider took it, each time.

    `begun`: when each of its flights began, with its way. `outcomes`: what its tries ended with, "" for one that nobody
    finished, in the same order. `moved_at`: when hour 0 was corrected last; flights before that kept to another window.
    `ways`: those out of the app that were open for it at the beginning. `reason`: what its row says why.
    """

    id: int
    state: int
    way: str
    due_at: float
    window_ends_at: float
    ended_at: float | None = None
    arrived: Sequence[float] = ()
    begun: Sequence[tuple[float, str]] = ()
    outcomes: Sequence[str] = ()
    moved_at: float = 0.0
    ways: Sequence[str] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did that ends this message, or its way; `at` is when it was committed."""

    id: int
    kind: str
    at: float


@dataclass(slots=True)
class Tally:
    """Counts of one run. The second block must be 0. Of what may have come: `unknown_arrived` by way what did, and
    `unknown_not_arrived` by way and cause what did not."""

    ended: Counter[str] = field(default_factory=Counter)
    unknown_arrived: Counter[str] = field(default_factory=Counter)
    unknown_not_arrived: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    duplicates: int = 0
    lost: int = 0
    skipped_early: int = 0
    outside: int = 0
    after_act: int = 0
    never_ended: int = 0
    sent_to_nobody: int = 0
    taken_and_denied: int = 0
    unknown_without_cause: int = 0
    never_told: int = 0
    cancelled_without_cause: int = 0
    failed_without_cause: int = 0
    in_app_without_cause: int = 0


_RULES: Mapping[str, str] = {
    "duplicates": "messages arrived twice",
    "lost": "messages were lost inside a window that was long enough",
    "skipped_early": "messages were skipped before their window was over",
    "outside": "flights began outside the window",
    "after_act": "flights began after the STOP or the end of the visit that ends them was committed",
    "never_ended": "messages had no end when all was over",
    "sent_to_nobody": "messages are called sent and never arrived",
    "taken_and_denied": "messages arrived, and their rows say that they did not leave",
    "unknown_without_cause": "messages are unknown, and each try of theirs had a clear answer",
    "never_told": "texts arrived, nobody did anything to their visit, and what became of them was never found out",
    "cancelled_without_cause": "messages were cancelled, and nobody did anything to their visit",
    "failed_without_cause": "messages failed, and a way was left",
    "in_app_without_cause": "messages are in the app alone, and a way out was left",
}


def calm_stretches(faults: Sequence[float], *, begins: float, ends: float) -> list[tuple[float, float]]:
    """Between two faults, and from the last one on."""
    edges = [begins, *sorted(faults), ends]
    return [(before, after) for before, after in pairwise(edges) if after > before]


def tally(fates: Sequence[Fate], acts: Sequence[Act], calm: Sequence[tuple[float, float]]) -> Tally:
    """Compares rows, flights, arrivals and acts."""
    found = Tally(acts=Counter(act.kind for act in acts))
    done = {act.id: act for act in acts}
    ends = {act.id: act for act in acts if act.kind in {"stop", "visit"}}
    for fate in fates:
        found.ended[NAMES[fate.state]] += 1
        _count(found, fate, calm)
        _count_causes(found, fate, done[fate.id].kind if fate.id in done else "")
        if act := ends.get(fate.id):
            barred = {"stop": {"sms"}, "visit": {"sms", "email", "push"}}[act.kind]
            found.after_act += any(at > act.at and way in barred for at, way in fate.begun)
    return found


def _count(found: Tally, fate: Fate, calm: Sequence[tuple[float, float]]) -> None:
    goes_out = fate.way != "in_app"
    found.duplicates += len(fate.arrived) > 1
    found.never_ended += fate.state == WAITING
    found.outside += any(not fate.due_at <= at < fate.window_ends_at for at, _ in fate.begun if at > fate.moved_at)
    found.sent_to_nobody += fate.state == SENT and goes_out and not fate.arrived
    found.taken_and_denied += fate.state in {CANCELLED, FAILED, SKIPPED} and bool(fate.arrived)
    if fate.state == UNKNOWN:
        found.unknown_arrived[fate.way] += bool(fate.arrived)
        found.unknown_not_arrived[f"{fate.way}, {fate.reason}"] += not fate.arrived
    found.unknown_without_cause += fate.state == UNKNOWN and not {"", "ambiguous"} & set(fate.outcomes)
    if fate.state == SKIPPED:
        found.skipped_early += fate.ended_at is None or fate.ended_at < fate.window_ends_at
        # A provider that was asked and never had time is no loss of ours.
        found.lost += not fate.begun and _was_calm(fate, calm)
    if fate.state == SENT and goes_out and fate.arrived:
        found.latencies.append(max(fate.arrived[0] - fate.due_at, 0.0))


def _count_causes(found: Tally, fate: Fate, act: str) -> None:
    """A correction plans anew: then a message may have been left out, or taken another way."""
    stopped = {"sms"} if act == "stop" else set()
    has_way_left = bool(set(fate.ways) - {way for _, way in fate.begun} - stopped) and act != "correct"
    had_time = fate.ended_at is not None and fate.ended_at < fate.window_ends_at - HELD
    # What may not leave any more is not looked up.
    found.never_told += fate.state == UNKNOWN and fate.way == "sms" and bool(fate.arrived) and not act
    found.cancelled_without_cause += fate.state == CANCELLED and act not in {"visit", "correct"}
    found.failed_without_cause += fate.state == FAILED and (has_way_left or not fate.begun)
    found.in_app_without_cause += fate.state == SENT and fate.way == "in_app" and has_way_left and had_time


def _was_calm(fate: Fate, calm: Sequence[tuple[float, float]]) -> bool:
    return any(min(ends, fate.window_ends_at) - max(begins, fate.due_at) >= NEEDS for begins, ends in calm)


def broken_rules(found: Tally) -> list[str]:
    """A sentence for each rule that was broken, and one for a run that tried nothing."""
    told = [f"{count} {words}" for name, words in _RULES.items() if (count := getattr(found, name))]
    return told if found.ended["sent"] else [*told, "nothing was sent: nothing was tried"]


def facts(found: Tally) -> dict[str, Any]:
    """What is printed."""
    return {
        **{name: found.ended[name] for name in NAMES},
        "unknown_arrived": dict(+found.unknown_arrived),
        "unknown_not_arrived": dict(+found.unknown_not_arrived),
        "acts": dict(found.acts),
        **{name: getattr(found, name) for name in _RULES},
        "seconds_late": latency_facts(found.latencies),
    }


def outage_facts(fates: Sequence[Fate], *, begins: float, ends: float) -> dict[str, Any]:
    """Of an outage: how many messages fell due in it, with how many windows that end in it, and how many arrived before it was
    over; and how late all of them were that arrived."""
    due = [fate for fate in fates if begins <= fate.due_at < ends]
    arrived = [(fate.arrived[0], fate.due_at) for fate in due if fate.arrived]
    return {
        "seconds": round(ends - begins),
        "due": len(due),
        "windows_that_end_in_it": sum(fate.window_ends_at < ends for fate in due),
        "arrived_in_it": sum(at < ends for at, _ in arrived),
        "seconds_late": latency_facts([max(at - due_at, 0.0) for at, due_at in arrived]),
    }
