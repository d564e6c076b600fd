"""Papers of one visit: the day sheet that goes home, and the summary for the record."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import staff_page
from accounts.middleware import AppRequest
from aftercare.http import render_page
from clinic.queries.day_sheet import HAS_SHEET
from clinic.queries.day_sheet import day_sheet as sheet_of
from clinic.queries.summary import discharge_summary as summary_of
from clinic.roles import BOOKS, TREATS
from clinic.views.common import clinic_of, show_patient, treatment_or_404


@staff_page(roles=BOOKS)
@require_safe
def day_sheet(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """For the patient and the one who drives; before hour 0 without times."""
    treatment, at = treatment_or_404(treatment_id), timezone.now()
    if treatment.state not in HAS_SHEET:
        said = "There is no day sheet: this visit does not take place, or ended another way."
        return show_patient(request, treatment.patient_id, at, conflict=said, status=409)
    page = sheet_of(treatment, clinic=clinic_of(request), at=at)
    return render_page(request, "clinic/day_sheet.html", page)


@staff_page(roles=TREATS)
@require_safe
def discharge_summary(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """Once the patient has left, or the visit ended badly."""
    treatment, at = treatment_or_404(treatment_id), timezone.now()
    page = summary_of(treatment, clinic=clinic_of(request), at=at)
    if page is None:
        said = "The summary is there once the patient has left."
        return show_patient(request, treatment.patient_id, at, conflict=said, status=409)
    return render_page(request, "clinic/discharge_summary.html", page)
