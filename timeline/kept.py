"""What a patient's copy tells of visits, and of what was known and measured for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.copies import Section
from accounts.models import Patient
from accounts.phones import show_phone
from timeline.facts import HISTORY_QUESTIONS, TOLD, given_labels, history_labels
from timeline.models import HomeTick, SetUpStep, StepAnswer, Treatment, VitalSigns
from timeline.set_up import PARTS
from timeline.states import BAD_ENDINGS, Answer, BadEnding, TreatmentState, VitalMoment

_STATES = {
    TreatmentState.PLANNED: "Planned",
    TreatmentState.IN_TREATMENT: "Under way",
    TreatmentState.RECOVERING: "Resting at the clinic",
    TreatmentState.DISCHARGED: "You went home",
    TreatmentState.CLOSED: "Over",
    TreatmentState.CANCELLED: "Cancelled",
    TreatmentState.ENDED_BADLY: "Ended early, or not as planned",
}
_MOMENTS = {
    VitalMoment.BEFORE: "Before",
    VitalMoment.AT_40: "After 40 minutes",
    VitalMoment.BETWEEN: "In between",
    VitalMoment.LEAVING: "Before you left",
}
_SAID_HOME = {"escort": "Your helper", "patient": "You", "staff": "Staff"}


def sections(patient: Patient, at: datetime) -> list[Section]:
    """Five queries (one more for each protocol version that is read for the first time)."""
    visits = list(
        Treatment.objects.filter(patient=patient).select_related("protocol_version__protocol").order_by("planned_for")
    )
    return [_history(patient), _visits(visits), _readings(patient), _steps(visits), _set_up(visits)]


def _history(patient: Patient) -> Section:
    told = patient.history_told or {}
    rows: list[dict[str, Any]] = [
        {
            "The clinic has noted": None
            if patient.history is None
            else list(history_labels(patient.history)) or "None",
            "You told us": patient.history_told_at,
            "You said": [
                f"{question.label} {TOLD[told[flag]]}" for flag, question in HISTORY_QUESTIONS.items() if flag in told
            ]
            or None,
        }
    ]
    is_known = patient.history is not None or told
    about = "What changes our advice for you."
    return Section("history", "What is known of your health", about, rows if is_known else [], order=20)


def _visits(visits: list[Treatment]) -> Section:
    rows = [
        {
            "Planned for": visit.planned_for,
            "Kind": visit.protocol_version.protocol.name,
            "How it stands": _STATES[TreatmentState(visit.state)],
            "Began": visit.started_at,
            "Ended": visit.ended_at,
            "Hour 0": visit.hour_zero,
            "Given besides": list(given_labels(visit.given)) if visit.given else None,
            "You left": visit.discharged_at,
            "Home": visit.home_safe_at,
            "Who said that you are home": _SAID_HOME.get(visit.home_safe_by),
            "Where you were that night": visit.tonight_at or None,
            "Alone that night": visit.is_alone_tonight,
            "Whom to call there": visit.second_contact or None,
            "Their number": show_phone(visit.second_phone) if visit.second_phone else None,
            "A cuff at home": visit.has_cuff or None,
            "Cancelled": visit.cancelled_at,
            "Did not go as planned": visit.ended_badly_at,
            "Why": BAD_ENDINGS[BadEnding(visit.ended_badly_reason)] if visit.ended_badly_reason else None,
            "Closed": visit.closed_at,
        }
        for visit in visits
    ]
    return Section("visits", "Your visits", "Each visit, as far as this app knows it.", rows, order=22)


def _readings(patient: Patient) -> Section:
    rows = [
        {
            "When": reading.taken_at,
            "At which point": _MOMENTS[VitalMoment(reading.moment)],
            "Blood pressure": f"{reading.systolic}/{reading.diastolic}",
            "Pulse": reading.pulse,
            "Oxygen, in percent": reading.oxygen,
        }
        for reading in VitalSigns.objects.filter(treatment__patient=patient).order_by("taken_at", "pk")
    ]
    return Section("readings", "What was measured", "At the clinic, during your visits.", rows, order=24)


def _steps(visits: list[Treatment]) -> Section:
    by_visit = {visit.pk: visit for visit in visits}
    rows = [
        {
            "When": answer.answered_at,
            "Small step": _step_title(by_visit[answer.treatment_id], answer.step),
            "You said": "I did it" if answer.answer == Answer.DONE else "Not now",
        }
        for answer in StepAnswer.objects.filter(treatment__in=visits).order_by("answered_at", "pk")
    ]
    return Section("steps", "Small steps", "What you said to the small steps of the day.", rows, order=26)


def _step_title(visit: Treatment, key: str) -> str:
    titles = {step.key: step.title for phase in visit.document.phases for step in phase.card.steps}
    return titles.get(key, key.replace("-", " ").replace("_", " "))


def _set_up(visits: list[Treatment]) -> Section:
    titles = {part.key: part.title for part in PARTS}
    done = [
        {"When": step.done_at, "Done": titles.get(step.key, step.key.replace("_", " "))}
        for step in SetUpStep.objects.filter(treatment__in=visits).order_by("done_at", "pk")
    ]
    ticked = [
        {"When": tick.ticked_at, "Ready at home": _home_title(tick)}
        for tick in HomeTick.objects.filter(treatment__in=visits)
        .select_related("treatment__protocol_version")
        .order_by("ticked_at", "pk")
    ]
    return Section("set_up", "Getting ready", "What you had ready before a visit.", [*done, *ticked], order=28)


def _home_title(tick: HomeTick) -> str:
    titles: dict[str, str] = {item.key: item.title for group in tick.treatment.lists.home for item in group.items}
    return titles.get(tick.item, tick.item.replace("-", " "))
