"""What every staff page needs: who asks, what a number in the address stands for, and where to go next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.access import staff_of
from accounts.middleware import AppRequest
from accounts.models import Clinic, Patient, StaffMember
from aftercare.fields import SeenForm
from aftercare.http import render_page, see_other
from aftercare.state import AlreadyMoved
from clinic.acts import Act, visit_acts
from clinic.queries import (
    PatientAssessment,
    PatientHistory,
    PatientPage,
    Tonight,
    TreatmentGiven,
    patient_or_none,
    patient_page,
    treatment_or_none,
    version_or_none,
)
from clinic.roles import BOOKS
from timeline.models import ProtocolVersion, Treatment
from timeline.phases import clock_words
from timeline.services import moved_already

Row = TypeVar("Row")
Kept = Sequence[tuple[str, str]]
Known = PatientHistory | PatientAssessment | TreatmentGiven | Tonight


def clinic_of(request: AppRequest) -> Clinic:
    return staff_of(request).clinic


def patient_or_404(patient_id: UUID) -> Patient:
    return _found(patient_or_none(patient_id))


def treatment_or_404(treatment_id: UUID) -> Treatment:
    return _found(treatment_or_none(treatment_id))


def version_or_404(version_id: UUID) -> ProtocolVersion:
    return _found(version_or_none(version_id))


def _found(row: Row | None) -> Row:
    """Another clinic's row is not there either: the database sees to that."""
    if row is None:
        raise Http404
    return row


def patient_page_or_404(request: AppRequest, patient_id: UUID, at: datetime) -> PatientPage:
    return _found(patient_page(clinic_of(request), patient_id, at, role=staff_of(request).role))


def show_patient(
    request: AppRequest, patient_id: UUID, at: datetime, *, conflict: str = "", kept: Kept = (), status: int = 200
) -> HttpResponse:
    """The patient as things are now; after a conflict with what came in between, and what was typed: (label, words)."""
    page = patient_page_or_404(request, patient_id, at)
    may_book = staff_of(request).role in BOOKS
    shown: dict[str, Any] = {"may_book": may_book, "conflict": conflict, "kept_words": kept}
    return render_page(request, "clinic/patient.html", page, status=status, **shown)


def may(request: AppRequest, act: Act, treatment: Treatment) -> bool:
    """Whether this visit is where the act can be done, by whoever asks."""
    has_hour_zero = treatment.hour_zero is not None
    return act in visit_acts(treatment.state, has_hour_zero=has_hour_zero, role=staff_of(request).role)


def too_late(request: AppRequest, treatment: Treatment, *, kept: Kept = ()) -> HttpResponse:
    """The page was opened for something that the visit is past, or not at yet."""
    at = timezone.now()
    conflict = conflict_words(moved_already(treatment), clinic=clinic_of(request), at=at)
    return show_patient(request, treatment.patient_id, at, conflict=conflict, kept=kept, status=409)


def show_newer(
    request: AppRequest, template: str, page: Known, *, form: SeenForm, error: AlreadyMoved, at: datetime
) -> HttpResponse:
    """A form that was filled in on something older: what is on record now, with what was typed kept."""
    form.look_at(page.seen)
    conflict = conflict_words(error, clinic=clinic_of(request), at=at)
    return render_page(request, template, page, form=form, conflict=conflict, status=409)


def conflict_words(error: Exception, *, clinic: Clinic, at: datetime) -> str:
    """What came in between, by whom and when, on the clinic's clock."""
    happened_at = error.happened_at if isinstance(error, AlreadyMoved) else None
    if happened_at is None:
        return str(error)
    return f"{error} That was at {clock_words(happened_at, zone=ZoneInfo(clinic.zone), today=at)}."


def is_own(error: Exception, *, by: StaffMember) -> bool:
    """Whether somebody came second to themselves: a second tap, a page sent again."""
    return isinstance(error, AlreadyMoved) and error.by == by.pk


def go_to(name: str, *args: object) -> HttpResponse:
    """After a POST: a page to look at, which a reload does not send again."""
    return see_other(reverse(name, args=args))
