"""Fills the page of a phone that is set up before the visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Escort, Patient
from timeline.document import Notice
from timeline.models import Treatment
from timeline.phases import visit_words
from timeline.queries.review import reviewed_words
from timeline.queries.visits import WAS_NOT_STARTED, current_treatment, stage_of
from timeline.states import TreatmentState


@dataclass(frozen=True, slots=True)
class SetUpPage:
    """The visit to come, and what to do before it. `driver` is who brings the patient home, when somebody was named."""

    stage: str  # "before", "cancelled", "none", or "begun" when the visit runs or is over
    visit: str = ""
    before: Notice | None = None
    driving: str = ""
    driver: str = ""
    reviewed: str = ""


def set_up_page(patient: Patient, at: datetime) -> SetUpPage:
    """At most three queries. Times are on the patient's clock."""
    treatment = _planned(patient, at) or current_treatment(patient, at)
    if treatment is None:
        return SetUpPage(stage="none")
    stage = stage_of(treatment, at)
    if stage != "before":
        return SetUpPage(stage=stage if stage == "cancelled" else "begun")
    return SetUpPage(
        stage=stage,
        visit=visit_words(treatment.planned_for, zone=ZoneInfo(patient.zone), today=at),
        before=treatment.document.before,
        driving=treatment.document.driving.text,
        driver=_driver(patient),
        reviewed=reviewed_words(
            treatment.protocol_version, is_demo=patient.clinic.is_demo, zone=ZoneInfo(patient.zone)
        ),
    )


def _planned(patient: Patient, at: datetime) -> Treatment | None:
    visits = Treatment.objects.filter(
        patient=patient, state=TreatmentState.PLANNED, planned_for__gt=at - WAS_NOT_STARTED
    )
    return visits.select_related("protocol_version").defer("protocol_version__content").first()


def _driver(patient: Patient) -> str:
    return (
        Escort.objects.filter(patient=patient, task=Escort.Task.DRIVES, ended_at=None)
        .values_list("name", flat=True)
        .first()
        or ""
    )
