"""The weeks after: charts of the patient's own log, and whether the clinic sees them."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from aftercare.http import render_page, see_other
from checkin.forms import SharingForm
from checkin.queries.weeks import weeks_page
from checkin.services.sharing import share_charts

PAGE = "checkin/weeks.html"


@patient_page
@require_safe
def weeks(request: AppRequest) -> HttpResponse:
    """A week, a month, or all of it: an unknown span is the week."""
    page = weeks_page(patient_of(request), request.GET.get("span", ""), timezone.now())
    return render_page(request, PAGE, page)


@patient_page
@require_POST
def weeks_share(request: AppRequest) -> HttpResponse:
    """Yes or no, at once. The page then offers the other one."""
    patient, at, form = patient_of(request), timezone.now(), SharingForm(request.POST)
    if not form.is_valid():
        return render_page(request, PAGE, weeks_page(patient, "", at), form=form, status=422)
    share_charts(patient, on=form.cleaned_data["charts"] == "on", at=at)
    return see_other(f"{reverse('checkin:weeks')}#share")
