"""The invitation before a visit: its link or code, and the PIN that binds a phone for set-up alone."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.access import public_page
from accounts.forms import KnownPinForm, PinForm
from accounts.middleware import AppRequest
from accounts.models import Token
from accounts.queries import patient_of_clinic
from accounts.services import (
    LinkExpired,
    PinRefused,
    accept_invitation,
    invitation_code,
    invitation_state,
    invitation_with,
)
from accounts.states import TokenKind
from accounts.tokens import hash_secret, show_code
from accounts.views.binding import INVITED, remember_phone
from accounts.views.common import address_to_type, refuse
from aftercare.http import get_or_post, render_page, see_other, show_form, typed

PAGE, OVER = "accounts/invitation.html", "accounts/invitation_over.html"
# What the browsers of phones say of themselves.
_PHONES = ("Mobi", "Android", "iPhone")


@public_page
@require_safe
def open_invitation(request: AppRequest, secret: str) -> HttpResponse:
    """The address in the message. Changes nothing: it keeps the secret for this browser and moves on to a clean one."""
    stored = hash_secret(secret)
    if invitation_with(stored):
        request.session[INVITED] = stored
    else:
        request.session.pop(INVITED, None)
    return redirect("accounts:invitation")


@sensitive_post_parameters()
@public_page
@get_or_post
def invitation(request: AppRequest) -> HttpResponse:
    """Binds this phone for set-up, with a new PIN or with the one that the patient has. A GET only shows the form."""
    at, token = timezone.now(), invitation_with(request.session.get(INVITED, ""))
    if token and request.device and request.device.patient_id == token.subject:
        return redirect("timeline:today" if request.device.is_full else settings.SET_UP_URL)
    patient = patient_of_clinic(token.subject, token.clinic_id) if token else None
    if token is None or patient is None or invitation_state(token, at=at) != "open":
        return _over(request, token, at)
    request.clinic = token.clinic  # all that the page may tell: whose name and numbers it shows
    form = KnownPinForm(typed(request)) if patient.pin_hash else PinForm(typed(request))
    code, welcome = _code_for_phone(request, token), address_to_type("accounts:welcome")
    page = {"is_known": bool(patient.pin_hash), "code": code, "welcome": welcome}
    if not form.is_valid():
        return show_form(request, PAGE, form, **page)
    pin = form.cleaned_data["known_pin" if patient.pin_hash else "pin"]
    try:
        device = accept_invitation(token, pin=pin, at=at)
    except LinkExpired:
        return _over(request, invitation_with(token.hash), at)
    except PinRefused as error:
        return refuse(request, PAGE, form, "known_pin", error, **page)
    remember_phone(request, device)
    return see_other(reverse(settings.SET_UP_URL))


def _over(request: AppRequest, token: Token | None, at: datetime) -> HttpResponse:
    """Why the link opens nothing, and what to do next."""
    if token:
        request.clinic = token.clinic
    state = invitation_state(token, at=at) if token else "unknown"
    return render_page(request, OVER, state=state, status=410)


def _code_for_phone(request: AppRequest, token: Token) -> str:
    """On a computer: what to type on the phone instead. Elsewhere, and when it was typed here, nothing."""
    if token.kind != TokenKind.INVITATION or any(word in request.headers.get("User-Agent", "") for word in _PHONES):
        return ""
    try:
        return show_code(invitation_code(token))
    except LinkExpired:
        return ""
