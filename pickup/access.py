"""Who may open an escort's page: whoever came by its link. Beside a patient's or a staff member's own session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from accounts.middleware import DEVICE
from accounts.models import Escort
from accounts.services import TooManyTries, find_token, speak, throttle
from accounts.states import TokenKind
from aftercare.http import is_htmx, render_page, see_other
from aftercare.tenancy import tenant
from pickup.models import PickupLink
from pickup.queries import open_link

View = Callable[Concatenate[Any, ...], HttpResponse]
# The stored form of the secret that this browser was given last, whether it opens anything or not.
LINK = "pickup"
# The link for which a person typed a name in this browser.
SAID_WHO = "pickup_said_who"
# The language that was picked in this browser.
LANGUAGE = "pickup_language"
OVER = "pickup/over.html"
BUSY = "pickup/busy.html"
# From the day before a visit until noon after it.
LASTS = timedelta(hours=60)
# A link may be in many hands. A page that is open asks each eight seconds: seven of them may be, with taps between.
AT_MOST, WITHIN = 60, timedelta(minutes=1)


def escort_page(view: View) -> View:
    """Only with a link that is alive. Sets request.pickup, and request.clinic for the numbers to call.

    Whatever opens nothing, guessed, run out, withdrawn or never given, gets one page with the same words. Whoever else
    uses this browser is left out of the request: it is the escort's. A browser in which nobody has said who they are is
    taken to the page that asks, for a mail scanner follows a link and presses every button (docs/decisions/0021).
    """

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        request.device = request.patient = request.staff = request.newcomer = request.standing = request.clinic = None
        token = find_token(TokenKind.PICKUP, str(request.session.get(LINK, "")))
        if token is None:
            return opens_nothing(request)
        try:
            throttle("pickup", str(token.pk), at_most=AT_MOST, within=WITHIN)
        except TooManyTries:
            return _busy(request)
        with tenant(token.clinic_id):
            link = open_link(token)
            if link is None:
                return opens_nothing(request)
            request.pickup, request.clinic = link, link.treatment.patient.clinic
            if not is_known(request) and request.path != reverse("pickup:list"):
                return _to_the_list(request)
            with translation.override(language_of(request, link.escort, is_known=is_known(request))):
                return view(request, *args, **kwargs)

    guarded.audience = "escort"  # type: ignore[attr-defined]
    return guarded


def is_known(request: Any) -> bool:
    """Whether somebody has typed a name in this browser, for this very link."""
    return bool(request.session.get(SAID_WHO) == str(request.pickup.pk))


def remember(request: Any, name: str, value: str) -> None:
    """In a session of nobody else's it lasts as long as a link does; a patient's or a staff member's keeps its own time."""
    request.session[name] = value
    if DEVICE not in request.session and SESSION_KEY not in request.session:
        request.session.set_expiry(int(LASTS.total_seconds()))


def language_of(request: HttpRequest, escort: Escort | None = None, *, is_known: bool = False) -> str:
    """ "en" or "es": the escort's own, the one that was picked in this browser, or the first that it asks for.

    Before somebody said who they are, what was picked here comes first: the browser may be another's.
    """
    own, picked = escort.language if escort else "", str(request.session.get(LANGUAGE, ""))
    said = (own or picked) if is_known else (picked or own)
    return said if said in dict(settings.LANGUAGES) else translation.get_language_from_request(request)[:2]


def keep_language(request: Any, language: str) -> None:
    """In this browser; and of whom it knows as their own, so that their texts come in it."""
    remember(request, LANGUAGE, language)
    token = find_token(TokenKind.PICKUP, str(request.session.get(LINK, "")))
    if token is None:
        return
    with tenant(token.clinic_id):
        link = open_link(token)
        if link and request.session.get(SAID_WHO) == str(link.pk):
            speak(link.escort, language=language)


def note_who(request: Any) -> None:
    remember(request, SAID_WHO, str(request.pickup.pk))


def _to_the_list(request: HttpRequest) -> HttpResponse:
    address = reverse("pickup:list")
    return HttpResponse(headers={"HX-Redirect": address}) if is_htmx(request) else see_other(address)


def opens_nothing(request: HttpRequest) -> HttpResponse:
    """No clinic and no name: nothing tells one link that opens nothing from another."""
    response = render_page(request, OVER, status=410)
    if is_htmx(request):
        response["HX-Redirect"] = reverse("pickup:list")
    return response


def _busy(request: HttpRequest) -> HttpResponse:
    """No clinic and no name, as for a link that opens nothing."""
    response = render_page(request, BUSY, status=429)
    response["Retry-After"] = str(int(WITHIN.total_seconds()))
    return response


def pickup_of(request: Any) -> PickupLink:
    """The link of an escort_page, with its visit, patient and escort."""
    link: PickupLink = request.pickup
    return link
