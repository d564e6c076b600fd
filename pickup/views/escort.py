"""The escort's list, behind its link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import public_page
from accounts.middleware import AppRequest
from accounts.tokens import hash_secret
from aftercare.http import get_or_post, render_page, see_other, show_form, typed
from aftercare.qr import qr_svg
from pickup import services
from pickup.access import LINK, escort_page, is_known, note_who, pickup_of, remember
from pickup.forms import JoinForm, TicksForm, WhoForm
from pickup.models import PickupLink
from pickup.queries import address_of, duty_keys, language_now, list_page, open_link, switches_of, words_for
from pickup.states import PickupState

PAGE, JOIN, CANT_COME = "pickup/list.html", "pickup/join.html", "pickup/cant_come.html"
WHO = "pickup/who.html"
STALE = _("That does not fit any more. Here is how it stands.")
STEPS: dict[str, Callable[..., bool]] = {
    "on_the_way": services.set_out,
    "outside": services.arrive,
    "undo": services.take_back,
    "can_come": services.say_can_come,
    "home": lambda link, at: services.say_home(link.treatment, by=link, at=at),
    "not_home": lambda link, at: services.take_home_back(link.treatment, by=link, at=at),
}


@public_page
@require_safe
def open_pickup(request: AppRequest, secret: str) -> HttpResponse:
    """The address of a link. Changes nothing, whatever the secret: this browser keeps its hash and moves on."""
    remember(request, LINK, hash_secret(secret))
    return see_other(reverse("pickup:list"))


@sensitive_post_parameters()
@escort_page
@get_or_post
def list_duties(request: AppRequest) -> HttpResponse:
    """Before the first yes: who they are. Then the list, which htmx asks for each eight seconds with `seen`.

    Another browser asks who it is too, before it shows or takes anything.
    """
    link, at = pickup_of(request), timezone.now()
    if link.state == PickupState.ASKED:
        return _join(request, link, at)
    if not is_known(request):
        return _say_who(request, link)
    if request.method == "POST":
        return see_other(reverse("pickup:list"))
    page, seen = list_page(link, at), request.GET.get("seen", "")
    if _by_htmx(request) and seen == page.mark:
        return HttpResponse(status=204)
    if _by_htmx(request) and seen[-1:] in {"o", "c"} and seen[-1] != page.mark[-1]:
        # The clinic has opened or closed: the numbers under "Get help" are outside the part.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return _show(request, link, at)


def _join(request: AppRequest, link: PickupLink, at: datetime) -> HttpResponse:
    patient, words = link.treatment.patient, words_for(link)
    has_phone = bool(link.escort.phone)
    form = JoinForm(
        typed(request),
        country=patient.clinic.country_id,
        words=words,
        has_phone=has_phone,
        initial=switches_of(link),
    )
    if _by_htmx(request) and request.method == "GET":
        return HttpResponse(headers={"HX-Refresh": "true"})
    if not form.is_valid():
        page = {"name": link.patient_name, "words": words, "phone_ends": link.escort.phone[-2:]}
        return show_form(request, JOIN, form, page, drives=link.drives, **_for_desk(link))
    data = form.cleaned_data
    services.join(
        link,
        said_name=data["said_name"],
        texts=data["texts"],
        asked=data.get("asked", False),
        phone=data.get("phone", ""),
        at=at,
        language=language_now(),
    )
    note_who(request)
    return see_other(reverse("pickup:list"))


def _say_who(request: AppRequest, link: PickupLink) -> HttpResponse:
    if _by_htmx(request) and request.method == "GET":
        return HttpResponse(headers={"HX-Refresh": "true"})
    form = WhoForm(typed(request))
    if not form.is_valid():
        return show_form(request, WHO, form, **_for_desk(link))
    note_who(request)
    return see_other(reverse("pickup:list"))


@escort_page
@require_POST
def tick(request: AppRequest) -> HttpResponse:
    """The whole list as it is on the page: one tap with htmx, or "Save my list"."""
    link, at = pickup_of(request), timezone.now()
    form = TicksForm(request.POST, duties=duty_keys(link.treatment))
    if not form.is_valid():
        return _show(request, link, at, status=422, form=form)
    services.save_list(link, ticked=form.cleaned_data["duty"], shown=form.cleaned_data["shown"], at=at)
    return _shown_anew(request, link, at)


@escort_page
@require_POST
def step(request: AppRequest) -> HttpResponse:
    """One tap of the way: on the way, outside, home, and back. A second tap of the same counts as the first."""
    link, at = pickup_of(request), timezone.now()
    act = STEPS.get(request.POST.get("step", ""))
    if act is None:
        return _show(request, link, at, status=422, trouble=STALE)
    if not act(link, at=at):
        return _show(request, _fresh(link), at, status=409, trouble=STALE)
    return _shown_anew(request, link, at)


@escort_page
@get_or_post
def cant_come(request: AppRequest) -> HttpResponse:
    """Asks first: staff are told, and have to find another way."""
    link, at = pickup_of(request), timezone.now()
    if request.method != "POST":
        page = {"name": link.patient_name, "drives": link.drives}
        return render_page(request, CANT_COME, page)
    if not services.say_cant_come(link, at=at):
        return _show(request, _fresh(link), at, status=409, trouble=STALE)
    return see_other(reverse("pickup:list"))


def _shown_anew(request: AppRequest, link: PickupLink, at: datetime) -> HttpResponse:
    """After an act: the part that changed, or the page by a look of its own."""
    if _by_htmx(request):
        return _show(request, _fresh(link), at)
    return see_other(reverse("pickup:list"))


def _show(request: AppRequest, link: PickupLink, at: datetime, **extra: object) -> HttpResponse:
    return render_page(request, PAGE, list_page(link, at), part="list", **_for_desk(link), **extra)  # type: ignore[arg-type]


def _for_desk(link: PickupLink) -> dict[str, object]:
    """For a large screen: the link for the phone that one carries."""
    address = address_of(link)
    return {"link": address, "qr": qr_svg(address) if address else ""}


def _fresh(link: PickupLink) -> PickupLink:
    """As the database has it now, after an act."""
    return open_link(link.token) or link


def _by_htmx(request: AppRequest) -> bool:
    return bool(getattr(request, "htmx", False))
