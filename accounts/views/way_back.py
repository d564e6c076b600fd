"""The way back on a new phone, one question a page: the number, the code that was sent to it, then the PIN or the card."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import public_page
from accounts.forms import CardAndNewPinForm, CardAndPinForm, KnownPinForm, NumberForm, SentCodeForm
from accounts.middleware import AppRequest
from accounts.models import Device, Patient
from accounts.services import (
    CardRefused,
    CodeWrong,
    LinkExpired,
    PinRefused,
    TooManyTries,
    ask_code,
    come_back_by_card,
    come_back_with_card,
    come_back_with_pin,
    throttle_cards_from,
    throttle_cards_of,
    throttle_codes,
    use_code,
    who_proved,
)
from accounts.views.binding import remember_phone
from accounts.views.common import refuse
from aftercare.http import client_address, get_or_post, render_page, see_other, show_form, typed
from aftercare.pacing import no_sooner_than

# In the session: the codes that were asked for, and whose code it was, for some minutes.
ASKED, PROVED = "way_back_asked", "way_back_proved"
PROOF_LASTS = timedelta(minutes=10)
# Longer than a code takes to make: nobody can time who has a number.
ANSWER_LASTS = timedelta(milliseconds=100)
NUMBER, CODE, PIN, CARD = (f"accounts/way_back{page}.html" for page in ("", "_code", "_pin", "_card"))
TOO_SLOW = "This took too long, so we stopped to keep you safe. Start once more."


@public_page
@get_or_post
def way_back(request: AppRequest) -> HttpResponse:
    """The number. What follows is the same whether anybody has it or not."""
    form = NumberForm(typed(request))
    if not form.is_valid():
        return show_form(request, NUMBER, form)
    number = form.cleaned_data["phone"]
    try:
        throttle_codes(number, address=client_address(request))
    except TooManyTries as error:
        return refuse(request, NUMBER, form, "phone", error)
    request.session.pop(PROVED, None)
    with no_sooner_than(ANSWER_LASTS):
        request.session[ASKED] = ask_code(number, at=timezone.now())
    return see_other(reverse("accounts:way_back_code"))


@sensitive_post_parameters()
@public_page
@get_or_post
def way_back_code(request: AppRequest) -> HttpResponse:
    """The code of the message. It opens nothing: it only says which PIN, or which card, to ask for."""
    if ASKED not in request.session:
        return _start_over(request)
    form = SentCodeForm(typed(request))
    if not form.is_valid():
        return show_form(request, CODE, form)
    try:
        token = use_code(request.session[ASKED], form.cleaned_data["code"])
    except (CodeWrong, LinkExpired) as error:
        return refuse(request, CODE, form, "code", error, is_over=isinstance(error, LinkExpired))
    request.session.cycle_key()
    del request.session[ASKED]
    until = timezone.now() + PROOF_LASTS
    request.session[PROVED] = [token.pk, until.isoformat()]
    return see_other(reverse("accounts:way_back_pin"))


@sensitive_post_parameters()
@public_page
@get_or_post
def way_back_pin(request: AppRequest) -> HttpResponse:
    """The PIN of who had the code. It makes this the patient's only phone."""
    at = timezone.now()
    patient, form = _who_proved(request, at), KnownPinForm(typed(request))
    if patient is None:
        return _start_over(request)
    if not form.is_valid():
        return show_form(request, PIN, form)
    try:
        device = come_back_with_pin(patient, pin=form.cleaned_data["known_pin"], at=at)
    except PinRefused as error:
        return refuse(request, PIN, form, "known_pin", error)
    return _welcome_back(request, device)


@sensitive_post_parameters()
@public_page
@get_or_post
def way_back_card(request: AppRequest) -> HttpResponse:
    """The printed card: after the code in place of a PIN that was forgotten, without a code together with the PIN."""
    at = timezone.now()
    patient = _who_proved(request, at)
    form = CardAndNewPinForm(typed(request)) if patient else CardAndPinForm(typed(request))
    if not form.is_valid():
        return show_form(request, CARD, form, is_proved=bool(patient))
    try:
        throttle_cards_from(client_address(request))
        throttle_cards_of(_browser(request))
        device = _come_back(patient, at=at, **form.cleaned_data)
    except (TooManyTries, CardRefused) as error:
        return refuse(request, CARD, form, "card_code", error, is_proved=bool(patient))
    except PinRefused as error:
        return refuse(request, CARD, form, "known_pin", error, is_proved=bool(patient))
    return _welcome_back(request, device)


def _come_back(
    patient: Patient | None, *, at: datetime, card_code: str, pin: str = "", known_pin: str = "", again: str = ""
) -> Device:
    if patient:
        return come_back_with_card(patient, card=card_code, pin=pin, at=at)
    return come_back_by_card(card=card_code, pin=known_pin, at=at)


def _welcome_back(request: AppRequest, device: Device) -> HttpResponse:
    remember_phone(request, device)
    return see_other(reverse("timeline:today"))


def _start_over(request: AppRequest) -> HttpResponse:
    return render_page(request, NUMBER, form=NumberForm(), gone=TOO_SLOW, status=410)


def _who_proved(request: AppRequest, at: datetime) -> Patient | None:
    """Whose code was typed in this browser some minutes ago."""
    token_id, until = request.session.get(PROVED) or (0, "")
    return who_proved(token_id) if until and datetime.fromisoformat(until) > at else None


def _browser(request: AppRequest) -> str:
    if not request.session.session_key:
        request.session.create()
    return str(request.session.session_key)
