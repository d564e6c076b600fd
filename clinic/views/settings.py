"""What holds for every visit of the clinic."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, show_form, typed
from aftercare.state import AlreadyMoved
from clinic.queries.settings import visit_settings_of, visit_settings_seen
from clinic.roles import EDITS_PROTOCOLS
from clinic.services import write_visit_settings
from clinic.settings_forms import VisitSettingsForm
from clinic.views.common import clinic_of, conflict_words, go_to, is_own


@staff_page(roles=EDITS_PROTOCOLS)
@get_or_post
def visit_settings(request: AppRequest) -> HttpResponse:
    """The words before a visit, when patients are reminded, and the shortest stay."""
    clinic, at, template = clinic_of(request), timezone.now(), "clinic/visit_settings.html"
    form = VisitSettingsForm(typed(request), clinic=clinic, seen=visit_settings_seen(clinic))
    if not form.is_valid():
        return show_form(request, template, form)
    try:
        write_visit_settings(clinic, seen=form.cleaned_data["seen"], by=staff_of(request), at=at, **form.settings)
    except AlreadyMoved as error:
        clinic.refresh_from_db()
        if not (is_own(error, by=staff_of(request)) and form.is_written(clinic)):
            form.look_at(visit_settings_seen(clinic))
            conflict = conflict_words(error, clinic=clinic, at=at)
            known = visit_settings_of(clinic)
            return render_page(request, template, form=form, conflict=conflict, known=known, status=409)
    else:
        messages.success(request, "Saved. It holds at once, for visits under way too.")
    return go_to("clinic:visit_settings")
