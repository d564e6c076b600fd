"""Patients: finding them, adding them, and their page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.services import RecordNumberTaken
from aftercare.http import get_or_post, render_page, show_form, typed
from clinic.forms import PatientForm, SearchForm
from clinic.queries import has_planned, patient_with_number, patients_page
from clinic.roles import BOOKS
from clinic.services import add_patient_with_visit
from clinic.views.common import clinic_of, go_to, show_patient
from timeline.services import VersionNotUsable


@staff_page()
@require_safe
def patients(request: AppRequest) -> HttpResponse:
    """All of them by name, or those whose name or record number holds what was typed."""
    form, at = SearchForm({"q": request.GET.get("q", "")}), timezone.now()
    if not form.is_valid():
        return render_page(request, "clinic/patients.html", form=form, status=422)
    page = patients_page(clinic_of(request), at, search=form.cleaned_data["q"])
    return render_page(request, "clinic/patients.html", page, form=form)


@staff_page(roles=BOOKS)
@get_or_post
def add_patient(request: AppRequest) -> HttpResponse:
    """A new patient with the first visit. Typed twice, it is still one patient."""
    staff, clinic, at = staff_of(request), clinic_of(request), timezone.now()
    form = PatientForm(typed(request), clinic=clinic, at=at)
    if not form.is_valid():
        return show_form(request, "clinic/add_patient.html", form)
    try:
        patient = add_patient_with_visit(by=staff, at=at, **form.cleaned_data)
    except VersionNotUsable as error:
        form.add_error("version", str(error))
        return render_page(request, "clinic/add_patient.html", form=form, status=409)
    except RecordNumberTaken as error:
        taken_by = patient_with_number(form.cleaned_data["record_number"])
        if taken_by and form.is_about(taken_by) and has_planned(taken_by, **form.visit):
            return go_to("clinic:patient", taken_by.pk)
        form.add_error("record_number", str(error))
        return render_page(request, "clinic/add_patient.html", form=form, taken_by=taken_by, status=409)
    messages.success(request, "The patient and the visit are saved.")
    return go_to("clinic:patient", patient.pk)


@staff_page()
@require_safe
def patient(request: AppRequest, patient_id: UUID) -> HttpResponse:
    return show_patient(request, patient_id, timezone.now())
