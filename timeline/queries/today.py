"""Fills the patient's day page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Patient
from timeline.budget_words import budget_line
from timeline.document import Card, Notice, Phase, QuietHours
from timeline.models import StepAnswer, Treatment
from timeline.phases import (
    HOURS,
    arc,
    card_now,
    clock_words,
    driving_holds,
    hour_number,
    hours_since,
    is_night,
    looks_back_from,
    next_phase,
    phase_at,
    span_words,
    step_now,
)
from timeline.queries.learn import moment_of, moment_of_card, more_links
from timeline.queries.moved import moved_words
from timeline.queries.pages import Fact, NoticeCard, NowCard, RailItem, Step, TodayPage
from timeline.queries.review import reviewed_words
from timeline.queries.visits import DAY_LASTS, current_treatment, stage_of
from timeline.states import TreatmentState

# The word that they are home can be taken back for so long.
UNDO_LASTS = timedelta(minutes=30)
# A prompt that waits (prompts.states, above this layer).
_WAITING = 0


def today_page(patient: Patient, at: datetime) -> TodayPage:
    """At most three queries (four when a protocol version is read for the first time; one more for moved_words)."""
    treatment = current_treatment(patient, at)
    page = _page(patient, treatment, at) if treatment else TodayPage(stage="none", notice=_NO_VISIT)
    is_open = patient.clinic.is_open(at)
    return replace(page, mark=f"{hashlib.sha256(repr(page).encode()).hexdigest()[:12]}{'o' if is_open else 'c'}")


def _page(patient: Patient, treatment: Treatment, at: datetime) -> TodayPage:
    stage, zone = stage_of(treatment, at), ZoneInfo(patient.zone)
    if stage == "cancelled":
        return TodayPage(stage=stage, notice=_CANCELLED)
    page = TodayPage(
        stage=stage,
        facts=_facts(treatment, patient, stage=stage, zone=zone, at=at),
        reviewed=reviewed_words(treatment.protocol_version, is_demo=patient.clinic.is_demo, zone=zone),
    )
    page = replace(page, home=_home(treatment, stage, at))
    if stage == "ended_badly":
        return replace(page, notice=_ENDED_BADLY, reviewed="")
    next_message, messages_left = _messages(treatment, zone=zone, at=at)
    more = more_links(treatment.document, moment_of(treatment, patient, at))
    page = replace(page, next_message=next_message, messages_left=messages_left, more=more)
    page = replace(page, looks_back=_looks_back(treatment, patient, stage, at))
    page = replace(page, moved=moved_words(treatment, zone=zone, at=at))
    if stage != "day":
        return replace(page, notice=_notice(treatment, stage))
    return _day(page, treatment, quiet=_quiet(patient), zone=zone, at=at)


def _home(treatment: Treatment, stage: str, at: datetime) -> str:
    """Whether to ask if they are home: from the door on, until somebody said so. Their own word can be undone for a while."""
    if stage != "day" or treatment.state != TreatmentState.DISCHARGED:
        return ""
    if treatment.home_safe_at is None:
        return "ask"
    return "said" if treatment.home_safe_by == "patient" and at - treatment.home_safe_at < UNDO_LASTS else ""


def _looks_back(treatment: Treatment, patient: Patient, stage: str, at: datetime) -> bool:
    if stage not in {"day", "wrap_up"} or treatment.hour_zero is None:
        return False
    return at >= looks_back_from(treatment.hour_zero, zone=ZoneInfo(patient.zone), quiet=_quiet(patient))


def _quiet(patient: Patient) -> QuietHours:
    return QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)


def _day(page: TodayPage, treatment: Treatment, *, quiet: QuietHours, zone: ZoneInfo, at: datetime) -> TodayPage:
    hour_zero = treatment.hour_zero
    assert hour_zero is not None  # stage_of() says "day" only with it
    card = card_now(treatment.document, hour_zero=hour_zero, at=at, zone=zone, quiet=quiet)
    return replace(
        page,
        now=_now_card(treatment, card, hour_zero=hour_zero, zone=zone, at=at),
        rail=tuple(_rail(treatment, card, hour_zero=hour_zero, zone=zone, at=at)),
    )


def _now_card(treatment: Treatment, card: Card, *, hour_zero: datetime, zone: ZoneInfo, at: datetime) -> NowCard:
    phases, name = treatment.document.phases, _name_of(card, treatment, hour_zero=hour_zero, at=at)
    return NowCard(
        # The sun moves each quarter of an hour, so that a page without news stays the same for as long.
        arc=arc(phases, hours=int(hours_since(hour_zero, at=at) * 4) / 4),
        begins=clock_words(hour_zero, zone=zone, today=at),
        ends=clock_words(hour_zero + DAY_LASTS, zone=zone, today=at),
        eyebrow=f"Hour {hour_number(hour_zero, at=at)} of {HOURS}: {name}",
        heading=card.heading,
        lead=card.lead,
        step=_step(treatment, card, at=at),
        sources=card.sources,
    )


def _name_of(card: Card, treatment: Treatment, *, hour_zero: datetime, at: datetime) -> str:
    """The patient's clock names the night and the morning; the hours name everything else."""
    moment = moment_of_card(card, treatment.document, hour_zero=hour_zero, at=at)
    name = next((phase.name for phase in treatment.document.phases if phase.key == moment), moment)
    return name[:1].lower() + name[1:]


def _step(treatment: Treatment, card: Card, *, at: datetime) -> Step | None:
    rows = StepAnswer.objects.filter(treatment=treatment).values_list("step", "answer", "answered_at")
    found = step_now(card.steps, answers={step: (answer, when) for step, answer, when in rows}, at=at)
    if found is None:
        return None
    return Step(found.step.key, found.step.icon, found.step.title, found.step.note, found.answer)


def _rail(treatment: Treatment, card: Card, *, hour_zero: datetime, zone: ZoneInfo, at: datetime) -> Iterable[RailItem]:
    """The phases in order. The one of now holds the lists of the card that is shown, be it night or morning."""
    phases = treatment.document.phases
    current = phase_at(phases, hour_zero=hour_zero, at=at) or phases[0]
    following = next_phase(phases, hour_zero=hour_zero, at=at)
    for number, phase in enumerate(phases, start=1):
        lists = card if phase is current else phase.card
        yield RailItem(
            number=number,
            icon=phase.icon,
            hours=f"Hours {phase.from_hour} to {phase.to_hour}",
            name=phase.name,
            times=_times(phase, hour_zero=hour_zero, zone=zone, at=at),
            state=_state(phase, phases, current=current, following=following),
            usual=lists.usual,
            do=lists.do,
            later=lists.later,
        )


def _times(phase: Phase, *, hour_zero: datetime, zone: ZoneInfo, at: datetime) -> str:
    starts, ends = (hour_zero + timedelta(hours=hour) for hour in (phase.from_hour, phase.to_hour))
    return span_words(starts, ends, zone=zone, today=at)


def _state(phase: Phase, phases: Sequence[Phase], *, current: Phase, following: Phase | None) -> str:
    if phase is current:
        return "now"
    if phase is following:
        return "next"
    return "done" if phases.index(phase) < phases.index(current) else "later"


def _messages(treatment: Treatment, *, zone: ZoneInfo, at: datetime) -> tuple[str, str]:
    """When the next message comes; how many more there are, and when none comes."""
    rows = treatment.prompts.filter(state=_WAITING, window_ends_at__gt=at)
    waiting = list(rows.order_by("due_at").values_list("due_at", flat=True))
    if not waiting:
        return "", ""
    quiet = QuietHours(treatment.quiet_starts_at, treatment.quiet_ends_at)
    left = "This is the last one." if len(waiting) == 1 else budget_line(waiting, quiet, zone, at)
    return f"Next message: about {clock_words(max(waiting[0], at), zone=zone, today=at)}", left


def _facts(treatment: Treatment, patient: Patient, *, stage: str, zone: ZoneInfo, at: datetime) -> tuple[Fact, ...]:
    """The visit's time before it; driving at any time."""
    driving = treatment.document.driving
    if stage == "before":
        begins = clock_words(treatment.planned_for, zone=zone, today=at)
        return (
            Fact(icon="calendar", title=f"Your visit is at {begins}", text=patient.clinic.address),
            Fact(icon="car", title="Let someone else drive you home", text=driving.text, is_warning=True),
        )
    began_at = treatment.hour_zero or treatment.ended_badly_at
    # The first night belongs to the day before it: nobody is asked at midnight whether they slept well.
    is_first_night = stage == "day" and is_night(at, zone, _quiet(patient))
    if began_at is None or is_first_night or driving_holds(driving, hour_zero=began_at, at=at, zone=zone):
        return (Fact(icon="car", title="Do not drive today", text=driving.text, is_warning=True),)
    if treatment.ended_badly_at:
        return (Fact(icon="car", title="Ask your clinic before you drive", text="", is_warning=True),)
    return (_BEFORE_YOU_DRIVE,)


def _notice(treatment: Treatment, stage: str) -> NoticeCard:
    document = treatment.document
    icon, notice = {
        "before": ("calendar", document.before),
        "during": ("waves", document.during),
        "wrap_up": ("sunrise", document.wrap_up),
        "after": ("cloud-sun", document.days_after),
    }[stage]
    return _notice_card(icon, notice)


def _notice_card(icon: str, notice: Notice) -> NoticeCard:
    return NoticeCard(icon, notice.heading, notice.lead, notice.points, notice.sources)


_BEFORE_YOU_DRIVE = Fact(
    icon="car",
    title="Before you drive, all three must be true",
    text="Not sure? Do not drive. Call your clinic.",
    points=("The wait time of your clinic is over.", "You slept well.", "You feel fully alert."),
    is_warning=True,
)
_NO_VISIT = NoticeCard(
    icon="calendar",
    heading="No visit is planned yet",
    lead="When your clinic plans one, you will see it here. There is nothing to do now.",
    points=(),
    sources=(),
)
_CANCELLED = NoticeCard(
    icon="calendar",
    heading="This visit will not take place",
    lead="It was cancelled. Your clinic can tell you what comes next.",
    points=(),
    sources=(),
)
_ENDED_BADLY = NoticeCard(
    icon="hand-heart",
    heading="Your plan has changed",
    lead="We have stopped the plan for today. No more messages will come.",
    points=(
        "Go by what your nurse or doctor told you.",
        "Keep someone with you for now.",
        "Call your clinic with any question.",
        "Feel worse? Tap “Get help”.",
    ),
    sources=(),
)
