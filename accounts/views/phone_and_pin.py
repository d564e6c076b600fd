"""The patient's own phone and PIN, on a phone that is bound."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts import services
from accounts.access import device_of, patient_of, patient_page, set_up_page
from accounts.forms import CardAndNewPinForm, ChangePinForm, KnownPinForm
from accounts.middleware import AppRequest
from accounts.services import CardRefused, PinRefused, TooManyTries
from accounts.views.common import refuse
from aftercare.http import client_address, get_or_post, render_page, see_other, show_form, typed

CHANGE, FORGOT, OTHERS = (f"accounts/{page}.html" for page in ("change_pin", "forgot_pin", "end_other_phones"))


@patient_page
@require_safe
def phone_and_pin(request: AppRequest) -> HttpResponse:
    return render_page(request, "accounts/phone_and_pin.html", others=services.other_phones(device_of(request)))


@sensitive_post_parameters()
@patient_page
@get_or_post
def change_pin(request: AppRequest) -> HttpResponse:
    """A new PIN, for who knows the old one."""
    patient, form = patient_of(request), ChangePinForm(typed(request))
    if not form.is_valid():
        return show_form(request, CHANGE, form)
    try:
        services.check_pin(patient, form.cleaned_data["known_pin"], at=timezone.now())
    except PinRefused as error:
        return refuse(request, CHANGE, form, "known_pin", error)
    services.change_pin(patient, pin=form.cleaned_data["pin"], at=timezone.now())
    return _done(request, "Your new PIN works from now on.")


@sensitive_post_parameters()
@patient_page
@get_or_post
def forgot_pin(request: AppRequest) -> HttpResponse:
    """A new PIN by the printed card."""
    form = CardAndNewPinForm(typed(request))
    if not form.is_valid():
        return show_form(request, FORGOT, form)
    card, pin = form.cleaned_data["card_code"], form.cleaned_data["pin"]
    try:
        services.throttle_cards_from(client_address(request))
        services.throttle_cards_of(str(device_of(request).pk))
        services.replace_pin(patient_of(request), card=card, pin=pin, at=timezone.now())
    except (CardRefused, TooManyTries) as error:
        return refuse(request, FORGOT, form, "card_code", error)
    return _done(request, "Your new PIN works from now on. The card is used up.")


@sensitive_post_parameters()
@patient_page
@get_or_post
def end_other_phones(request: AppRequest) -> HttpResponse:
    """Signs out every phone but this one. The PIN says that it is not somebody who picked this one up."""
    form = KnownPinForm(typed(request))
    if not form.is_valid():
        return show_form(request, OTHERS, form)
    try:
        services.check_pin(patient_of(request), form.cleaned_data["known_pin"], at=timezone.now())
    except PinRefused as error:
        return refuse(request, OTHERS, form, "known_pin", error)
    services.end_other_phones(device_of(request), at=timezone.now())
    return _done(request, "Only this phone is signed in now.")


@set_up_page
@get_or_post
def end_phone(request: AppRequest) -> HttpResponse:
    """Signs this phone out, after a question."""
    if request.method != "POST":
        return render_page(request, "accounts/end_phone.html")
    services.end_phone(device_of(request), at=timezone.now())
    request.session.flush()
    return see_other(reverse("accounts:welcome"))


def _done(request: AppRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return see_other(reverse("accounts:phone_and_pin"))
