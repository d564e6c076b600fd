"""The escort's night page, with their own settings on it."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, see_other, show_form
from pickup import services
from pickup.access import escort_page, pickup_of
from pickup.forms import SwitchesForm
from pickup.models import PickupLink
from pickup.queries import TonightPage, language_now, tonight_page, words_for
from pickup.states import PickupState

PAGE, STOP = "pickup/tonight.html", "pickup/stop.html"


@escort_page
@require_safe
def tonight(request: AppRequest) -> HttpResponse:
    link = pickup_of(request)
    if link.state == PickupState.ASKED:
        return see_other(reverse("pickup:list"))
    page = tonight_page(link, timezone.now())
    return render_page(request, PAGE, page, form=_form(link, page))


@sensitive_post_parameters()
@escort_page
@require_POST
def settings(request: AppRequest) -> HttpResponse:
    """Texts on or off, and whether the clinic may ask them tonight."""
    link, at = pickup_of(request), timezone.now()
    if link.state == PickupState.ASKED:
        return see_other(reverse("pickup:list"))
    page = tonight_page(link, at)
    form = _form(link, page, request)
    if not form.is_valid():
        return show_form(request, PAGE, form, page)
    data = form.cleaned_data
    services.change_consents(
        link,
        texts=data["texts"],
        asked=data.get("asked", False),
        phone=data.get("phone", ""),
        at=at,
        language=language_now(),
    )
    return see_other(f"{reverse('pickup:tonight')}#yours")


@escort_page
@get_or_post
def stop(request: AppRequest) -> HttpResponse:
    """Asks first: after it this link opens nothing."""
    link = pickup_of(request)
    if link.state == PickupState.ASKED:
        return see_other(reverse("pickup:list"))
    name = link.patient_name
    if request.method != "POST":
        return render_page(request, STOP, name=name)
    services.stop_helping(link, at=timezone.now())
    return render_page(request, "pickup/stopped.html", name=name)


def _form(link: PickupLink, page: TonightPage, request: AppRequest | None = None) -> SwitchesForm:
    words = {field: text for field, text in words_for(link).items() if field != "pickup"}
    return SwitchesForm(
        request.POST if request else None,
        country=link.treatment.patient.clinic.country_id,
        words=words,
        has_phone=bool(link.escort.phone),
        initial={"texts": page.has_texts, "asked": page.is_asked},
    )
