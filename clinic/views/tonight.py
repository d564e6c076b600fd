"""Where a patient is tonight: what staff need before they need it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, show_form, typed
from aftercare.state import AlreadyMoved
from clinic import queries
from clinic.alert_forms import TonightForm
from clinic.views.common import clinic_of, conflict_words, go_to, is_own, show_newer, show_patient, treatment_or_404
from timeline.forms import night_on_record
from timeline.services import TONIGHT_WHILE, moved_already, record_tonight

_TEMPLATE = "clinic/tonight.html"


@staff_page()
@get_or_post
def tonight(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """Where they are, whom to ask there, and whether anybody is. Who saw an older answer is shown the newer one."""
    treatment, clinic, at = treatment_or_404(treatment_id), clinic_of(request), timezone.now()
    page = queries.tonight(treatment, clinic=clinic, at=at)
    form = TonightForm(typed(request), clinic=clinic, initial=night_on_record(treatment, seen=page.seen))
    if treatment.state not in TONIGHT_WHILE:
        conflict = conflict_words(moved_already(treatment), clinic=clinic, at=at)
        if form.is_bound:
            return render_page(request, _TEMPLATE, page, form=form, conflict=conflict, status=409)
        return show_patient(request, treatment.patient_id, at, conflict=conflict, status=409)
    if not form.is_valid():
        return show_form(request, _TEMPLATE, form, page)
    try:
        record_tonight(treatment, by=staff_of(request), at=at, **form.tonight)
    except AlreadyMoved as error:
        treatment = treatment_or_404(treatment_id)
        if not (is_own(error, by=staff_of(request)) and form.is_on_record(treatment)):
            page = queries.tonight(treatment, clinic=clinic, at=at)
            return show_newer(request, _TEMPLATE, page, form=form, error=error, at=at)
    else:
        messages.success(request, "It is on record.")
    return go_to("clinic:patient", treatment.patient_id)
