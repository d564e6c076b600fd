"""What is known of a patient's past and of what was given at a visit, and who put it on record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Model

from accounts.models import Clinic, Patient
from accounts.queries import ASSESSMENT_RECORDED, HISTORY_RECORDED, Change, last_change
from aftercare.dates import day_words
from timeline.facts import given_labels, history_labels, told_flags
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.services import GIVEN_RECORDED

NOTHING = "Nothing that changes the advice"


@dataclass(frozen=True, slots=True)
class ToldHistory:
    """What the patient said at the set-up, which nobody has confirmed: flags that hold, and those they were not sure of.

    `stamp` names this very answer, so that nobody confirms one that they have not seen.
    """

    when: str
    flags: tuple[str, ...]
    words: str
    unsure: str
    stamp: str

    @property
    def can_confirm(self) -> bool:
        """Where they were not sure, somebody has to ask."""
        return not self.unsure


@dataclass(frozen=True, slots=True)
class PatientHistory:
    """What we should know of one patient. `labels` are the flags that hold; `said` is who asked, and when.

    `told` waits for somebody to confirm it.
    """

    patient: Patient
    is_asked: bool
    labels: tuple[str, ...]
    said: str
    seen: int
    assessed: str
    told: ToldHistory | None

    @property
    def words(self) -> str:
        """In one line, for the page that changes it."""
        return _in_one_line(self.labels, is_said=self.is_asked, nothing=NOTHING, unsaid="Not asked yet")


@dataclass(frozen=True, slots=True)
class PatientAssessment:
    """The assessment of one patient as it is on record."""

    patient: Patient
    words: str
    seen: int


@dataclass(frozen=True, slots=True)
class TreatmentGiven:
    """What was given at one visit besides the treatment."""

    patient: Patient
    words: str
    seen: int


def patient_history(patient: Patient, *, clinic: Clinic, at: datetime) -> PatientHistory:
    """One query."""
    return _history(patient, last_change(patient, HISTORY_RECORDED), clinic=clinic, at=at)


def history_card(patient: Patient, *, clinic: Clinic, at: datetime) -> PatientHistory:
    """For a page that only shows it: one query, and none while nobody has asked."""
    change = None if patient.history is None else last_change(patient, HISTORY_RECORDED)
    return _history(patient, change, clinic=clinic, at=at)


def _history(patient: Patient, change: Change | None, *, clinic: Clinic, at: datetime) -> PatientHistory:
    when = clock_words(change.at, zone=ZoneInfo(clinic.zone), today=at) if change else ""
    return PatientHistory(
        patient=patient,
        is_asked=patient.history is not None,
        labels=history_labels(patient.history or ()),
        said=f"{change.who}, {when}" if change else "",
        seen=change.id if change else 0,
        assessed=assessed_words(patient),
        told=_told(patient, change, clinic=clinic, at=at),
    )


def _told(patient: Patient, change: Change | None, *, clinic: Clinic, at: datetime) -> ToldHistory | None:
    """None once staff have noted something after it."""
    told, told_at = patient.history_told, patient.history_told_at
    if told is None or told_at is None or (patient.history is not None and change and change.at >= told_at):
        return None
    yes, unsure = told_flags(told, "yes"), told_flags(told, "not_sure")
    return ToldHistory(
        when=clock_words(told_at, zone=ZoneInfo(clinic.zone), today=at),
        flags=yes,
        words="; ".join(history_labels(yes)) or ("" if unsure else "None of it"),
        unsure="; ".join(history_labels(unsure)),
        stamp=told_at.isoformat(),
    )


def patient_assessment(patient: Patient) -> PatientAssessment:
    return PatientAssessment(
        patient=patient, words=assessed_words(patient) or "Not yet", seen=_seen(patient, ASSESSMENT_RECORDED)
    )


def treatment_given(treatment: Treatment) -> TreatmentGiven:
    return TreatmentGiven(
        patient=treatment.patient, words=given_words(treatment), seen=_seen(treatment, GIVEN_RECORDED)
    )


def assessed_words(patient: Patient) -> str:
    """ "Nov 3, 2026, by Ana Ruiz, MD"; empty while nobody has recorded one."""
    return f"{day_words(patient.assessed_on)}, by {patient.assessed_by}" if patient.assessed_on else ""


def given_words(treatment: Treatment) -> str:
    labels = given_labels(treatment.given or ())
    return _in_one_line(labels, is_said=treatment.given is not None, nothing="Nothing", unsaid="Not said yet")


def _in_one_line(labels: Iterable[str], *, is_said: bool, nothing: str, unsaid: str) -> str:
    return ("; ".join(labels) or nothing) if is_said else unsaid


def _seen(row: Model, action: str) -> int:
    change = last_change(row, action)
    return change.id if change else 0
