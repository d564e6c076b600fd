"""What we should know of a patient before advice is given: the past, and the assessment."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.services import record_assessment, record_history
from aftercare.http import get_or_post, show_form, typed
from aftercare.state import AlreadyMoved
from clinic import queries
from clinic.fact_forms import HistoryForm, PatientAssessmentForm, ticks
from clinic.roles import TREATS
from clinic.views.common import clinic_of, go_to, is_own, patient_or_404, show_newer


@staff_page(roles=TREATS)
@get_or_post
def patient_history(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """Ticks for what changes advice. Who looked at older ones is shown the new ones, and keeps their own."""
    patient, clinic, at = patient_or_404(patient_id), clinic_of(request), timezone.now()
    page, template = queries.patient_history(patient, clinic=clinic, at=at), "clinic/patient_history.html"
    form = HistoryForm(typed(request), initial={"flags": ticks(patient.history), "seen": page.seen})
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
