"""Deletes all writing for good, after a question and the PIN."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import patient_of, patient_page
from accounts.forms import KnownPinForm
from accounts.middleware import AppRequest
from accounts.services import PinRefused, check_pin, has_pin
from accounts.views.common import refuse
from aftercare.http import get_or_post, see_other, show_form, typed
from journal.access import by_its_writer, close_words
from journal.services import destroy_journal

DESTROY = "journal/destroy.html"


@sensitive_post_parameters()
@patient_page
@by_its_writer
@get_or_post
def destroy(request: AppRequest) -> HttpResponse:
    """The PIN is asked for anew, however open the words are. A second tap finds nothing left, and says the same."""
    patient, at, form = patient_of(request), timezone.now(), KnownPinForm(typed(request))
    if not form.is_valid():
        return show_form(request, DESTROY, form, has_pin=has_pin(patient))
    try:
        check_pin(patient, form.cleaned_data["known_pin"], at=at)
    except PinRefused as error:
        return refuse(request, DESTROY, form, "known_pin", error, has_pin=has_pin(patient))
    destroy_journal(patient, at=at)
    close_words(request)
    messages.success(request, "All your writing is deleted for good.")
    return see_other(reverse("journal:destroy"))
