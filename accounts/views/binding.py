"""Binding a phone face to face: by the QR code that staff show, or by its letters."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import public_page
from accounts.forms import CodeForm, PinForm
from accounts.middleware import CLINIC, DEVICE, AppRequest
from accounts.models import Device, Token
from accounts.services import LinkExpired, TooManyTries, bind_phone, find_code, find_token, forgive, throttle
from accounts.states import TokenKind
from accounts.tokens import hash_secret
from accounts.views.common import show_welcome
from aftercare.http import client_address, get_or_post, see_other, show_form, typed

PENDING, INVITED = "pending_token", "pending_invitation"
PHONE_SESSION = timedelta(days=30)
# Wrong codes by address, and by all together: a code has 40 bits, and many addresses can't search them either.
WINDOW, PER_ADDRESS, OF_ALL = timedelta(minutes=10), 10, 20_000
NOT_TYPED = "No code can be typed just now. Point your camera at the square code, or tap your link."
GONE = "This code was used or has run out. Ask the nurse for a new one."


@public_page
@require_safe
def open_binding(request: AppRequest, secret: str) -> HttpResponse:
    """The QR code's address. Changes nothing: it keeps the secret for this browser and moves on to a clean address."""
    stored = hash_secret(secret)
    if find_token(TokenKind.BIND_PHONE, stored):
        request.session[PENDING] = stored
    elif PENDING in request.session:
        del request.session[PENDING]  # a code that was typed before is not what this link is about
    return redirect("accounts:bind")


@sensitive_post_parameters()
@public_page
@require_POST
def enter_code(request: AppRequest) -> HttpResponse:
    """The typed code. It binds nothing yet: the PIN does."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return show_welcome(request, form, status=422)
    try:
        throttle("code", client_address(request), at_most=PER_ADDRESS, within=WINDOW)
        throttle("codes of all", "", at_most=OF_ALL, within=WINDOW, words=NOT_TYPED)
    except TooManyTries as error:
        form.add_error("code", str(error))
        return show_welcome(request, form, status=429)
    code = form.cleaned_data["code"]
    for kind, key, page in (
        (TokenKind.BIND_CODE, PENDING, "accounts:bind"),
        (TokenKind.INVITATION_CODE, INVITED, "accounts:invitation"),
    ):
        if token := find_code(kind, code):
            forgive("code", client_address(request))
            forgive("codes of all", "")
            request.session[key] = token.hash
            return see_other(reverse(page))
    form.add_error("code", GONE)
    return show_welcome(request, form, status=422)


@sensitive_post_parameters()
@public_page
@get_or_post
def bind(request: AppRequest) -> HttpResponse:
    """Binds this phone, with a PIN that the patient picks. A GET only shows the form."""
    token = _pending_token(request)
    if token is None:
        return _gone(request)
    request.clinic = token.clinic  # all that the page may tell: whose name and numbers it shows
    form = PinForm(typed(request))
    if not form.is_valid():
        return show_form(request, "accounts/bind.html", form)
    try:
        device = bind_phone(token, pin=form.cleaned_data["pin"], at=timezone.now(), before=request.device)
    except LinkExpired:
        return _gone(request)
    remember_phone(request, device)
    return see_other(reverse("timeline:today"))


def remember_phone(request: HttpRequest, device: Device) -> None:
    """Starts the phone's own session; whatever this browser was before ends."""
    logout(request)
    request.session[DEVICE] = str(device.pk)
    request.session[CLINIC] = str(device.clinic_id)
    # In seconds: a moment would be kept as it is, and the thirty days would not begin anew.
    request.session.set_expiry(int(PHONE_SESSION.total_seconds()))


def _gone(request: AppRequest) -> HttpResponse:
    return show_welcome(request, CodeForm(), gone=GONE, status=410)


def _pending_token(request: AppRequest) -> Token | None:
    stored = str(request.session.get(PENDING, ""))
    return (stored and (find_token(TokenKind.BIND_PHONE, stored) or find_token(TokenKind.BIND_CODE, stored))) or None
