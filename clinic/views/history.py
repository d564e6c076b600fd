"""What we should know of a patient before advice is given: the past, and the assessment."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.services import NotSure, record_assessment, record_history
from accounts.services import confirm_history as confirm
from aftercare.http import get_or_post, show_form, typed
from aftercare.state import AlreadyMoved
from clinic import queries
from clinic.fact_forms import ConfirmForm, HistoryForm, PatientAssessmentForm, ticks
from clinic.roles import TREATS
from clinic.views.common import clinic_of, conflict_words, go_to, is_own, patient_or_404, show_newer, show_patient


@staff_page(roles=TREATS)
@get_or_post
def patient_history(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """Ticks for what changes advice. Who looked at older ones is shown the new ones, and keeps their own."""
    patient, clinic, at = patient_or_404(patient_id), clinic_of(request), timezone.now()
    page, template = queries.patient_history(patient, clinic=clinic, at=at), "clinic/patient_history.html"
    form = HistoryForm(typed(request), initial={"flags": _ticked(page), "seen": page.seen})
    if not form.is_valid():
        return show_form(request, template, form, page)
    try:
        record_history(patient, by=staff_of(request), at=at, **form.cleaned_data)
    except AlreadyMoved as error:
        patient = patient_or_404(patient_id)
        if not (is_own(error, by=staff_of(request)) and patient.history == form.cleaned_data["flags"]):
            page = queries.patient_history(patient, clinic=clinic, at=at)
            return show_newer(request, template, page, form=form, error=error, at=at)
    else:
        messages.success(request, "It is on record.")
    return go_to("clinic:patient", patient_id)


def _ticked(page: queries.PatientHistory) -> list[str]:
    """What the form opens on: what is on record; before anything is, what the patient was sure of."""
    if page.is_asked or page.told is None:
        return ticks(page.patient.history)
    return ticks(page.told.flags if page.told.flags or page.told.can_confirm else None)


@staff_page(roles=TREATS)
@get_or_post
def confirm_history(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """One press: what the patient said at the set-up goes on record as it is."""
    patient, clinic, at = patient_or_404(patient_id), clinic_of(request), timezone.now()
    form = ConfirmForm(typed(request))
    if not form.is_valid():
        return go_to("clinic:patient_history", patient_id)
    try:
        confirm(patient, by=staff_of(request), at=at, **form.cleaned_data)
    except AlreadyMoved as error:
        if not is_own(error, by=staff_of(request)):
            conflict = conflict_words(error, clinic=clinic, at=at)
            return show_patient(request, patient_id, at, conflict=conflict, status=409)
    except NotSure as error:
        return show_patient(request, patient_id, at, conflict=str(error), status=409)
    else:
        messages.success(request, "It is on record, as the patient said it.")
    return go_to("clinic:patient", patient_id)


@staff_page(roles=TREATS)
@get_or_post
def patient_assessment(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """The day of the assessment and who did it: before the first visit, or to put it right."""
    patient, clinic, at = patient_or_404(patient_id), clinic_of(request), timezone.now()
    page, template = queries.patient_assessment(patient), "clinic/patient_assessment.html"
    known = {"assessed_on": patient.assessed_on, "assessed_by": patient.assessed_by, "seen": page.seen}
    form = PatientAssessmentForm(typed(request), clinic=clinic, at=at, initial=known)
    if not form.is_valid():
        return show_form(request, template, form, page)
    try:
        record_assessment(patient, by=staff_of(request), at=at, **form.cleaned_data)
    except AlreadyMoved as error:
        patient = patient_or_404(patient_id)
        same = all(getattr(patient, name) == form.cleaned_data[name] for name in ("assessed_on", "assessed_by"))
        if not (is_own(error, by=staff_of(request)) and same):
            page = queries.patient_assessment(patient)
            return show_newer(request, template, page, form=form, error=error, at=at)
    else:
        messages.success(request, "The assessment is on record.")
    return go_to("clinic:patient", patient_id)
