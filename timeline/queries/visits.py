"""Which visit the day page is about, and where that visit has come to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Patient
from timeline.document import Step
from timeline.models import Treatment
from timeline.phases import HOURS
from timeline.states import UNDER_WAY, TreatmentState

DAY_LASTS = timedelta(hours=HOURS)
WRAP_UP_UNTIL = timedelta(hours=36)
# A visit is looked back at for this long, and a cancelled one is told for this long.
LOOKS_BACK, TELLS_CANCELLED = timedelta(days=30), timedelta(days=7)
# The page turns to the next visit when it is this near; a visit nobody started is no longer "next" after this.
TURNS_TO_NEXT, WAS_NOT_STARTED = timedelta(days=3), timedelta(days=1)


def current_treatment(patient: Patient, at: datetime) -> Treatment | None:
    """The visit that the day page is about: under way; else planned and near; else the last one; else the next."""
    # The documents are large and are kept parsed: they are read only when a version is new to this process.
    visits = list(
        Treatment.objects.filter(Q(state__in=UNDER_WAY) | Q(planned_for__gt=at - LOOKS_BACK), patient=patient)
        .select_related("protocol_version")
        .defer("protocol_version__content")
        .order_by("-planned_for")
    )
    under_way = [visit for visit in visits if visit.is_under_way]
    planned = [
        visit for visit in visits if visit.state == TreatmentState.PLANNED and visit.planned_for > at - WAS_NOT_STARTED
    ]
    near = [visit for visit in planned if visit.planned_for < at + TURNS_TO_NEXT]
    # What was called off after the last visit has to be told, unless another visit was planned since.
    cancelled = [visit for visit in visits if _was_just_cancelled(visit, at)]
    instead = [visit for visit in planned if any(_came_after(visit, off) for off in cancelled)]
    told = [off for off in cancelled if not any(_came_after(visit, off) for visit in planned)]
    last = [visit for visit in visits if visit.state == TreatmentState.CLOSED or visit in told]
    return next(iter([*under_way, *near, *instead, *last, *planned]), None)


def last_visit(patient: Patient, at: datetime) -> Treatment | None:
    """The newest visit that has come to its hour 0. One query."""
    return Treatment.objects.filter(patient=patient, hour_zero__lte=at).order_by("-hour_zero").first()


def _came_after(planned: Treatment, cancelled: Treatment) -> bool:
    return cancelled.cancelled_at is not None and planned.planned_at >= cancelled.cancelled_at


def _was_just_cancelled(visit: Treatment, at: datetime) -> bool:
    return visit.cancelled_at is not None and visit.cancelled_at > at - TELLS_CANCELLED


def step_keys(treatment: Treatment) -> frozenset[str]:
    """The small steps that a visit's cards hold."""
    return frozenset(step.key for step in _steps(treatment))


def icon_of_step(treatment: Treatment, key: str) -> str:
    """ "" where no card of the visit holds this step."""
    return next((step.icon for step in _steps(treatment) if step.key == key), "")


def _steps(treatment: Treatment) -> Iterator[Step]:
    document = treatment.document
    cards = (*(phase.card for phase in document.phases), document.night, document.morning)
    return (step for card in cards for step in card.steps)


def stage_of(treatment: Treatment, at: datetime) -> str:
    """Where a visit has come to, in the words of TodayPage.stage."""
    if treatment.state == TreatmentState.ENDED_BADLY:
        return "ended_badly"
    if treatment.ended_badly_at:
        return "after"
    if treatment.state == TreatmentState.CANCELLED:
        return "cancelled"
    if treatment.state == TreatmentState.PLANNED:
        return "before"
    if treatment.hour_zero is None:
        return "during"
    passed = at - treatment.hour_zero
    return "day" if passed < DAY_LASTS else "wrap_up" if passed < WRAP_UP_UNTIL else "after"


def needs_assessment(treatment: Treatment) -> bool:
    """Whether this would be the patient's first treatment, and nobody has put an assessment on record."""
    missing = Patient.objects.filter(pk=treatment.patient_id, assessed_on=None)
    return missing.exclude(treatments__started_at__isnull=False).exists()


def visit_to_set_up(patient: Patient, at: datetime) -> Treatment | None:
    """The visit that the set-up pages are for: the planned one; else the one under way. With its protocol version."""
    visits = Treatment.objects.filter(
        Q(state=TreatmentState.PLANNED, planned_for__gt=at - WAS_NOT_STARTED) | Q(state__in=UNDER_WAY), patient=patient
    )
    rows = visits.select_related("protocol_version", "patient__clinic").defer("protocol_version__content")
    return min(rows, key=lambda visit: visit.state != TreatmentState.PLANNED, default=None)
