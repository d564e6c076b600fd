"""After a visit: the call that was promised, and the monitoring form that staff sent."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, show_form, typed
from aftercare.state import AlreadyMoved
from clinic import services
from clinic.alert_forms import ContactForm
from clinic.queries.asks import Ask
from clinic.queries.contacts import contact_page
from clinic.queries.rems import FormReminder, form_reminder
from clinic.roles import ANSWERS
from clinic.views.common import clinic_of, conflict_words, go_to, is_own, show_patient, treatment_or_404
from timeline.models import Treatment

_TEMPLATE = "clinic/log_contact.html"


@staff_page()
@get_or_post
def log_contact(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """What came of the call after a visit. Who comes second after it reached the patient is told who was first, also of
    themselves: what they typed is another call than the one on record."""
    treatment, clinic, at, staff = treatment_or_404(treatment_id), clinic_of(request), timezone.now(), staff_of(request)
    page, may_read = contact_page(treatment, clinic=clinic, at=at), staff_of(request).role in ANSWERS
    if not page.due:
        said = "No call is due after this visit."
        return show_patient(request, treatment.patient_id, at, conflict=said, status=409)
    form = ContactForm(typed(request), initial={"key": uuid4()})
    if not form.is_valid():
        return show_form(request, _TEMPLATE, form, page, may_read=may_read)
    try:
        services.log_contact(treatment, by=staff, at=at, **form.call)
    except AlreadyMoved as error:
        page = contact_page(treatment, clinic=clinic, at=at)
        conflict = conflict_words(error, clinic=clinic, at=at)
        return render_page(request, _TEMPLATE, page, form=form, may_read=may_read, conflict=conflict, status=409)
    messages.success(request, "The call is on record.")
    return go_to("clinic:alerts")


@staff_page()
@get_or_post
def form_sent(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """A GET asks; a POST notes that staff sent the form themselves."""
    treatment, clinic, at = treatment_or_404(treatment_id), clinic_of(request), timezone.now()
    reminder = form_reminder(treatment, clinic=clinic, at=at)
    if reminder is None or (reminder.sent and request.method != "POST"):
        said = f"{reminder.sent}: it was sent." if reminder else "This visit asks for no form."
        return show_patient(request, treatment.patient_id, at, conflict=said, status=409)
    if request.method != "POST":
        ask = _ask_form_sent(treatment, reminder)
        return render_page(request, "clinic/ask_treatment.html", treatment, ask=ask)
    try:
        services.note_form_sent(treatment, by=staff_of(request), at=at)
    except AlreadyMoved as error:
        if not is_own(error, by=staff_of(request)):
            conflict = conflict_words(error, clinic=clinic, at=at)
            return show_patient(request, treatment.patient_id, at, conflict=conflict, status=409)
    else:
        messages.success(request, "It is on record.")
    return go_to("clinic:alerts")


def _ask_form_sent(treatment: Treatment, reminder: FormReminder) -> Ask:
    return Ask(
        url="clinic:form_sent",
        heading=f"Did you send the form for {treatment.patient}?",
        points=(
            f"The program’s own monitoring form, by {reminder.by}. Aftercare does not hold it and sends nothing.",
            "The reminder goes away. Who noted it, and when, stays with the visit.",
        ),
        button="We sent it",
    )
