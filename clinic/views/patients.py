"""Patients: finding them, adding them, their page, and their phone."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.services import RecordNumberTaken, end_phones, offer_binding
from accounts.tokens import show_code
from aftercare.http import render_page
from clinic.forms import PatientForm, SearchForm
from clinic.queries import has_planned, patient_with_number, patients_page
from clinic.roles import BOOKS
from clinic.services import add_patient_with_visit
from clinic.views.common import clinic_of, get_or_post, go_to, patient_or_404, show_patient, typed
from timeline.phases import clock_words
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
    if not form.is_bound or not form.is_valid():
        return render_page(request, "clinic/add_patient.html", form=form, status=422 if form.is_bound else 200)
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


@staff_page(roles=BOOKS)
@get_or_post
def patient_phone(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """A POST makes a fresh code, shown this once; the one before stops working. A GET only says what will happen."""
    patient, at = patient_or_404(patient_id), timezone.now()
    if request.method != "POST":
        return render_page(request, "clinic/patient_phone.html", patient=patient)
    binding = offer_binding(patient, by=staff_of(request), at=at)
    address = settings.PUBLIC_URL + reverse("accounts:open_binding", args=[binding.secret])
    until = clock_words(binding.expires_at, zone=ZoneInfo(clinic_of(request).zone), today=at)
    return render_page(
        request,
        "clinic/patient_phone.html",
        patient=patient,
        qr=_qr(address),
        code=show_code(binding.code),
        until=until,
    )


def _qr(address: str) -> SafeString:
    """The code as an SVG that needs no style and holds no title."""
    code = segno.make_qr(address, error="m")
    svg = code.svg_inline(border=4, dark="#17120f", light="#fff", omitsize=True, svgclass="qr__code", lineclass=None)
    return mark_safe(svg)  # noqa: S308 (numbers and two colours, nothing that anybody typed)


@staff_page(roles=BOOKS)
@get_or_post
def end_patient_phones(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """A lost phone: every phone of the patient is signed out at once."""
    patient = patient_or_404(patient_id)
    if request.method != "POST":
        return render_page(request, "clinic/end_patient_phones.html", patient=patient)
    end_phones(patient, by=staff_of(request), at=timezone.now())
    messages.success(request, "Every phone of this patient is signed out.")
    return go_to("clinic:patient", patient.pk)
