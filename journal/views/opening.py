"""Opens old writing with the PIN, and locks it again; the log of everything that was done with the key."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import patient_of, patient_page
from accounts.forms import KnownPinForm
from accounts.middleware import AppRequest
from accounts.services import PinRefused, check_pin, has_pin
from accounts.views.common import refuse
from aftercare.http import get_or_post, render_page, see_other, show_form, typed
from journal.access import are_words_open, by_its_writer, close_words, open_words
from journal.queries import openings_page

UNLOCK = "journal/unlock.html"
# Where the PIN may lead on to.
OURS = ("/words/", "/your-data/")


@dataclass(frozen=True, slots=True)
class UnlockPage:
    """Where the PIN leads on to, and whether there is a PIN at all."""

    next: str
    has_pin: bool


@sensitive_post_parameters()
@patient_page
@by_its_writer
@get_or_post
def unlock(request: AppRequest) -> HttpResponse:
    """The PIN, then what was asked for. What is open already is only led on to."""
    patient, at, form = patient_of(request), timezone.now(), KnownPinForm(typed(request))
    page = UnlockPage(next=_next(request), has_pin=has_pin(patient))
    if request.method != "POST" and are_words_open(request, at=at):
        return see_other(page.next)
    if not form.is_valid():
        return show_form(request, UNLOCK, form, page)
    try:
        check_pin(patient, form.cleaned_data["known_pin"], at=at)
    except PinRefused as error:
        return refuse(request, UNLOCK, form, "known_pin", error, page=page)
    open_words(request, at=at)
    # A locked page that asks by itself brings its words back for this answer alone: anything that leads away could be a refusal.
    return HttpResponse(status=204) if "quiet" in request.POST else see_other(page.next)


def _next(request: AppRequest) -> str:
    wanted = (request.POST if request.method == "POST" else request.GET).get("next", "")
    is_ours = wanted.startswith(OURS) and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else reverse("journal:entries")


@patient_page
@require_POST
def lock(request: AppRequest) -> HttpResponse:
    """Closes what the PIN opened. A page that goes out of sight sends it by itself, and asks for no answer."""
    close_words(request)
    return HttpResponse(status=204) if "quiet" in request.POST else see_other(reverse("journal:write"))


@patient_page
@require_safe
def openings(request: AppRequest) -> HttpResponse:
    told = request.GET.get("page", "1")
    number = int(told) if told.isascii() and told.isdigit() and 0 < len(told) < 7 else 1
    page = openings_page(patient_of(request), timezone.now(), number=max(1, number))
    return render_page(request, "journal/openings.html", page)
