"""The weeks of a patient: what they share of their log, and the two-week totals."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import staff_page
from accounts.middleware import AppRequest
from aftercare.http import render_page
from clinic.queries.weeks import patient_weeks
from clinic.roles import TREATS
from clinic.views.common import clinic_of, patient_or_404


@staff_page(roles=TREATS)
@require_safe
def weeks(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """For those who treat, as all that patients report. The log and its charts need the patient's yes."""
    patient, which = patient_or_404(patient_id), request.GET.get("span", "")
    page = patient_weeks(patient, clinic_of(request), which, at=timezone.now())
    return render_page(request, "clinic/weeks.html", page)
