"""PHQ-9 and GAD-7, word for word as they were published, their totals, and when each is due. No Django.

Wording, answers and credit line are validated and never changed, shortened or translated by us (docs/clinical.md, 14). PHQ-2
and GAD-2 are their first two items. Nothing here names a band: a total is a number for staff, and nothing a patient sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["phq9", "gad7", "phq2", "gad2"]

ANSWERS = ("Not at all", "Several days", "More than half the days", "Nearly every day")
CREDIT = (
    "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational grant from "
    "Pfizer Inc. No permission required to reproduce, translate, display or distribute."
)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One questionnaire. `name` is how staff know it; a patient never reads it."""

    kind: Kind
    name: str
    stem: str
    items: tuple[str, ...]

    @property
    def highest(self) -> int:
        return len(self.items) * (len(ANSWERS) - 1)


_PHQ_STEM = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
_GAD_STEM = "Over the last 2 weeks, how often have you been bothered by the following problems?"
_PHQ = (
    "Little interest or pleasure in doing things",
    "Feeling down, depressed, or hopeless",
    "Trouble falling or staying asleep, or sleeping too much",
    "Feeling tired or having little energy",
    "Poor appetite or overeating",
    "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
    "Trouble concentrating on things, such as reading the newspaper or watching television",
    "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or restless "
    "that you have been moving around a lot more than usual",
    "Thoughts that you would be better off dead or of hurting yourself in some way",
)
_GAD = (
    "Feeling nervous, anxious or on edge",
    "Not being able to stop or control worrying",
    "Worrying too much about different things",
    "Trouble relaxing",
    "Being so restless that it is hard to sit still",
    "Becoming easily annoyed or irritable",
    "Feeling afraid as if something awful might happen",
)
INSTRUMENTS: Mapping[str, Instrument] = {
    "phq9": Instrument("phq9", "PHQ-9", _PHQ_STEM, _PHQ),
    "gad7": Instrument("gad7", "GAD-7", _GAD_STEM, _GAD),
    "phq2": Instrument("phq2", "PHQ-2", _PHQ_STEM, _PHQ[:2]),
    "gad2": Instrument("gad2", "GAD-2", _GAD_STEM, _GAD[:2]),
}
FULL: tuple[Kind, ...] = ("phq9", "gad7")
SHORT: Mapping[Kind, Kind] = {"phq9": "phq2", "gad7": "gad2"}
# The ninth item of PHQ-9: any answer but "Not at all" is help at once, and an alert.
_SELF_HARM = 8


def total_of(kind: str, answers: Sequence[int]) -> int:
    """The sum of the answers, 0 to 3 each. Raises ValueError when one is missing or can't be."""
    if len(answers) != len(INSTRUMENTS[kind].items) or not set(answers) <= set(range(len(ANSWERS))):
        raise ValueError("Each item has one answer of 0 to 3.")
    return sum(answers)


def names_self_harm(kind: str, answers: Sequence[int | None]) -> bool:
    """Whether PHQ-9's ninth item was answered with anything but "Not at all". None stands for an item without an answer."""
    return kind == "phq9" and bool(answers[_SELF_HARM])


# When each is asked (clinical.md, 4.3): they look back over two weeks, so never within a day of a treatment, and not in the
# first hours after that day either. Not the rest of the daily log (checkin/pace.py), which opens as soon as the day is over.
REST_AFTER_VISIT = timedelta(hours=48)
BASELINE_FROM = timedelta(days=7)
FIRST_WEEKS, EVERY_TWO_WEEKS, EVERY_MONTH, EVERY_WEEK = (
    timedelta(weeks=8),
    timedelta(days=14),
    timedelta(days=30),
    timedelta(days=7),
)


def which_due(
    *, first_visit_at: datetime | None, hour_zeros: Sequence[datetime], answered: Mapping[str, datetime], at: datetime
) -> tuple[Kind, ...]:
    """What may be asked now, in order.

    `first_visit_at` is when the first visit is planned for, as long as none has begun; `hour_zeros` are those of all
    treatments; `answered` says of each kind when it was last answered. The full ones come within 7 days before the first
    visit, then every 14 days, monthly after 8 weeks; in the weeks between, the short ones.
    """
    if any(timedelta(0) <= at - hour_zero < REST_AFTER_VISIT for hour_zero in hour_zeros):
        return ()
    if not hour_zeros:
        return _baseline(first_visit_at, answered, at)
    interval = EVERY_TWO_WEEKS if at - min(hour_zeros) < FIRST_WEEKS else EVERY_MONTH
    return tuple(due for kind in FULL if (due := _next(kind, answered, interval=interval, at=at)))


def _baseline(first_visit_at: datetime | None, answered: Mapping[str, datetime], at: datetime) -> tuple[Kind, ...]:
    if first_visit_at is None or at < first_visit_at - BASELINE_FROM:
        return ()
    opens_at = first_visit_at - BASELINE_FROM
    return tuple(kind for kind in FULL if kind not in answered or answered[kind] < opens_at)


def _next(kind: Kind, answered: Mapping[str, datetime], *, interval: timedelta, at: datetime) -> Kind | None:
    """The full one; else its short form a week after either; else None."""
    short = SHORT[kind]
    full_at = answered.get(kind)
    if full_at is None or at - full_at >= interval:
        return kind
    last_at = max(full_at, answered.get(short, full_at))
    return short if at - last_at >= EVERY_WEEK else None


def next_due_at(*, hour_zeros: Sequence[datetime], answered: Mapping[str, datetime], at: datetime) -> datetime | None:
    """The next moment at which something is due, where nothing is due now; None before the first treatment."""
    moments = [hour_zero + REST_AFTER_VISIT for hour_zero in hour_zeros]
    moments += [when + span for when in answered.values() for span in (EVERY_WEEK, EVERY_TWO_WEEKS, EVERY_MONTH)]
    later = sorted(moment for moment in moments if moment > at)
    return next((moment for moment in later if _is_due(hour_zeros, answered, moment)), None)


def _is_due(hour_zeros: Sequence[datetime], answered: Mapping[str, datetime], at: datetime) -> bool:
    return bool(hour_zeros) and bool(which_due(first_visit_at=None, hour_zeros=hour_zeros, answered=answered, at=at))
