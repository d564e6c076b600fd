"""The clinic's own thresholds of triage."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, show_form, typed
from checkin.services import set_thresholds
from clinic.roles import EDITS_PROTOCOLS
from clinic.threshold_forms import ThresholdsForm
from clinic.views.common import clinic_of, go_to
from timeline.packs import read_triage
from timeline.triage_document import shown


@staff_page(roles=EDITS_PROTOCOLS)
@get_or_post
def thresholds(request: AppRequest) -> HttpResponse:
    """All of them on one page. What is saved holds for answers to come, and only makes the app call for help sooner."""
    clinic = clinic_of(request)
    known = {**read_triage().values(), **clinic.thresholds}
    form = ThresholdsForm(typed(request), initial={key: shown(float(value)) for key, value in known.items()})
    if not form.is_bound or not form.is_valid():
        return show_form(request, "clinic/thresholds.html", form)
    set_thresholds(clinic, values=form.cleaned_data, by=staff_of(request), at=timezone.now())
    messages.success(request, "Saved. They hold for every answer from now on.")
    return go_to("clinic:thresholds")
