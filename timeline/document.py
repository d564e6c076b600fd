"""The shape of a protocol document: frozen values, no behaviour, no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Literal

from timeline.triage_document import TriageRules
from timeline.visit_lists import VisitLists

Route = Literal["iv", "im", "spravato"]
HourZero = Literal["treatment_end", "first_device"]
PromptKind = Literal["tip", "check_in", "wrap_up"]
ClockMoment = Literal["bedtime", "morning"]
WhenQuiet = Literal["skip", "earlier", "later"]
# What a person's past, and what was given at a visit, can change in advice: the two lists that cautions draw on.
HistoryFlag = Literal[
    "blood_thinner",
    "high_blood_pressure",
    "limits_salt",
    "heart_or_kidney",
    "pregnant",
    "diabetes",
    "psychosis_or_bipolar",
]
GivenFlag = Literal["anti_nausea", "pain_reliever", "calming"]
# Where a Learn card is opened from, besides the phases of its document.
Moment = Literal["night", "morning", "before", "during", "wrap_up", "days_after"]
LearnTheme = Literal["how_you_feel", "what_helps", "good_to_know", "staying_safe"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from: a title and, when there is one, an address without its scheme."""

    title: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One small thing to do: a few words, a second line, an icon of the sprite."""

    key: str
    icon: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Card:
    """What the patient reads about one stretch of time. `lead` is at most two sentences."""

    heading: str
    lead: str
    usual: tuple[str, ...]
    do: tuple[str, ...]
    later: tuple[str, ...]
    steps: tuple[Step, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """A named part of the 24 hours, [from_hour, to_hour) in hours since hour 0."""

    key: str
    name: str
    icon: str
    from_hour: int
    to_hour: int
    card: Card


@dataclass(frozen=True, slots=True)
class Notice:
    """A page outside the 24 hours: before the visit, during treatment, the wrap-up, later days."""

    heading: str
    lead: str
    points: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """One prompt of the plan.

    Exactly one of `at_hours` (hours since hour 0) and `clock` (the patient's bedtime, when quiet hours start, or
    morning, when they end) is set; `offset_minutes` moves a clock moment (negative is earlier). `window_minutes` is how
    long after its due time it may still leave. `priority` 1 is kept longest when the budget is short. `when_quiet` says
    what happens when its time falls into quiet hours. `asks` counts against the budget's asking notices.
    `by_text` prefers SMS (where the patient has it and the budget allows); otherwise it stays in the app.
    """

    key: str
    kind: PromptKind
    title: str
    text: str
    icon: str
    at_hours: float | None
    clock: ClockMoment | None
    offset_minutes: int
    window_minutes: int
    priority: int
    when_quiet: WhenQuiet
    asks: bool
    by_text: bool


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits over the 24 hours: notices, asking notices, texts; `gap_minutes` between two notices."""

    notices: int
    asking: int
    texts: int
    gap_minutes: int


@dataclass(frozen=True, slots=True)
class QuietHours:
    """[starts_at, ends_at) by the patient's clock; may cross midnight; at most 14 hours."""

    starts_at: time
    ends_at: time


@dataclass(frozen=True, slots=True)
class Driving:
    """How long driving is off. It holds until `hours` are over AND the next local day has begun (docs/clinical.md, 2)."""

    hours: int
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Caution:
    """What changes for somebody with this flag. `replaces`: the point is not for them at all; this stands in its place."""

    flag: HistoryFlag | GivenFlag
    text: str
    replaces: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to know or do, and for whom it changes. In a file, a point without cautions is its text alone."""

    text: str
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class LearnSection:
    """A few points under one heading."""

    heading: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class LearnCard:
    """Something to read about, at leisure. `unknown` says what nobody knows yet; `moments` where the card is opened from.

    A moment is the key of a phase or a `Moment`. The lead is at most two sentences. `opens_help`: with "Get help" on top.
    """

    key: str
    icon: str
    theme: LearnTheme
    title: str
    lead: str
    sections: tuple[LearnSection, ...]
    unknown: tuple[str, ...]
    sources: tuple[Source, ...]
    moments: tuple[str, ...]
    opens_help: bool


@dataclass(frozen=True, slots=True)
class ClinicPoints:
    """What staff keep in mind while a treatment runs, and while the patient recovers. Lines to read, nothing to tick."""

    during: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProtocolDocument:
    """One protocol version, whole: what a patient reads and what is sent, in one language.

    A part with a default came later than the first stored versions; they stay as they were without it.
    """

    schema: int
    key: str
    name: str
    patient_name: str
    route: Route
    language: str
    hour_zero: HourZero
    minimum_stay_minutes: int | None
    quiet_hours: QuietHours
    budget: Budget
    driving: Driving
    phases: tuple[Phase, ...]
    night: Card
    morning: Card
    before: Notice
    during: Notice
    wrap_up: Notice
    days_after: Notice
    prompts: tuple[PromptTemplate, ...]
    clinic_points: ClinicPoints = ClinicPoints()
    learn: tuple[LearnCard, ...] = ()
    triage: TriageRules | None = None
    lists: VisitLists | None = None
