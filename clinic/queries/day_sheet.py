"""The patient's day on one page of paper, with the numbers: it lies on a kitchen table, so nothing on it tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.help import help_numbers
from accounts.models import Clinic, Patient
from aftercare.words import ESCORT_WORDS, found_words
from prompts.models import Prompt
from prompts.states import PromptState
from timeline.document import Phase
from timeline.household import LOCAL_EMERGENCY
from timeline.models import Treatment
from timeline.phases import HOURS, clock_words, visit_words
from timeline.queries.home_card import neutral_name
from timeline.states import TreatmentState
from timeline.visit_lists import named

CHECK_IN = "check_in"
# Of a visit that ended badly or is off, no plan goes home.
HAS_SHEET = frozenset(
    {
        TreatmentState.PLANNED,
        TreatmentState.IN_TREATMENT,
        TreatmentState.RECOVERING,
        TreatmentState.DISCHARGED,
        TreatmentState.CLOSED,
    }
)
_LATER_AT_MOST = 6
# Where a protocol's own words tell too much for a kitchen table.
_DRIVING = "Not today, and not before your clinic says so."
# What only a screen can do.
_TAP = "Tap "


@dataclass(frozen=True, slots=True)
class PaperPhase:
    """A part of the day by the clock: when, what it is called ("" where that would tell), what helps then."""

    when: str
    name: str
    helps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DaySheet:
    """One page. `planned` is set before hour 0, where no part has a time yet. Numbers are as they are read, "" for none."""

    treatment_id: UUID
    patient: Patient
    name: str
    sender: str
    day: str
    planned: str
    phases: tuple[PaperPhase, ...]
    driving: str
    later: tuple[str, ...]
    check_ins: tuple[str, ...]
    ends: str
    emergency: str
    call_emergency: tuple[str, ...]
    crisis: str
    phone: str
    after_hours: str


def day_sheet(treatment: Treatment, *, clinic: Clinic, at: datetime) -> DaySheet:
    """On the patient's clock. Two queries at most."""
    zone, zero, document = ZoneInfo(treatment.zone), treatment.hour_zero, treatment.document
    name, known = treatment.patient.first_name, help_numbers(clinic.country, clinic=clinic, at=at)
    local = (zero or treatment.planned_for).astimezone(zone)
    return DaySheet(
        treatment_id=treatment.pk,
        patient=treatment.patient,
        name=name,
        sender=neutral_name(treatment.patient),
        day=f"{local:%A, %B} {local.day}",
        planned="" if zero else _planned(treatment, zone=zone, at=at),
        phases=tuple(_phase(phase, zero, zone=zone) for phase in document.phases),
        driving=document.driving.text if _is_for_paper(document.driving.text) else _DRIVING,
        later=_later(document.phases),
        check_ins=_check_ins(treatment, zero, zone=zone),
        ends=_time(zero + timedelta(hours=HOURS), zero, zone=zone) if zero else "",
        emergency=known.emergency or LOCAL_EMERGENCY,
        call_emergency=named(treatment.lists.night, name).call_emergency,
        crisis=known.crisis_call,
        phone=known.clinic_phone_display,
        after_hours=known.after_hours_phone_display,
    )


def _planned(treatment: Treatment, *, zone: ZoneInfo, at: datetime) -> str:
    if treatment.state != TreatmentState.PLANNED:
        return "The visit is under way."
    said = visit_words(treatment.planned_for, zone=zone, today=at).removeprefix("On ")
    return f"The visit is planned for {said.replace('Today', 'today').replace('Tomorrow', 'tomorrow')}."


def _phase(phase: Phase, zero: datetime | None, *, zone: ZoneInfo) -> PaperPhase:
    helps = tuple(line for line in phase.card.do if _is_for_paper(line))
    if zero is None:
        when = f"Hour {phase.from_hour} to hour {phase.to_hour}"
    else:
        ends = _time(zero + timedelta(hours=phase.to_hour), zero, zone=zone)
        when = f"Until about {ends}"
    return PaperPhase(when=when, name=phase.name if _is_for_paper(phase.name) else "", helps=helps)


def _later(phases: Iterable[Phase]) -> tuple[str, ...]:
    lines = dict.fromkeys(line for phase in phases for line in phase.card.later if _is_for_paper(line))
    return tuple(line for line in lines if not line.startswith("Driving."))[:_LATER_AT_MOST]


def _check_ins(treatment: Treatment, zero: datetime | None, *, zone: ZoneInfo) -> tuple[str, ...]:
    """The times at which the plan asks, to the end of the 24 hours."""
    if zero is None:
        return ()
    rows = Prompt.objects.filter(treatment=treatment, kind=CHECK_IN).exclude(state=PromptState.CANCELLED)
    return tuple(dict.fromkeys(_time(row.due_at, zero, zone=zone) for row in rows.order_by("due_at")))


def _time(moment: datetime, zero: datetime, *, zone: ZoneInfo) -> str:
    """ "2:15 pm", "5 am on Sunday": rounded up to a quarter of an hour. The paper is read on another day too."""
    quarter = 15 * 60
    rounded = datetime.fromtimestamp(-(-int(moment.timestamp()) // quarter) * quarter, tz=zone)
    # Midnight ends the day before, as everywhere.
    day = rounded - timedelta(seconds=1) if (rounded.hour, rounded.minute) == (0, 0) else rounded
    clock = clock_words(rounded, zone=zone, today=day)
    return clock if day.date() == zero.astimezone(zone).date() else f"{clock} on {day:%A}"


def _is_for_paper(line: str) -> bool:
    """Whether a line of the plan may lie on a table: it tells of no medicine and no illness, and asks for no screen."""
    return _TAP not in line and not found_words(line, ESCORT_WORDS)
