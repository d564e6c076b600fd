"""A visit at the clinic: ticks, readings, when the patient is ready, and who stands at the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.services import TooManyTries
from aftercare.http import get_or_post, render_page, see_other, typed
from aftercare.state import AlreadyMoved
from clinic import services
from clinic.care_forms import DoorForm, ReadyForm, TickForm, VitalSignsForm
from clinic.queries.care import care_page, stay_words
from clinic.queries.items import item_of
from clinic.queries.rems import form_reminder
from clinic.roles import TREATS
from clinic.views.common import clinic_of, conflict_words, go_to, treatment_or_404
from pickup.services import WrongDoorWord
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.services import TimeNotPossible
from timeline.services import add_vital_signs as put_reading
from timeline.services import set_ready as put_ready

_NO_ITEM = "This list has no such item any more. Look at it as it is now."


@staff_page(roles=TREATS)
@require_safe
def care(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """htmx asks every eight seconds with the mark of what it shows, and gets nothing when nothing changed."""
    return _show(request, treatment_or_404(treatment_id), is_poll="seen" in request.GET)


@staff_page(roles=TREATS)
@get_or_post
def tick_item(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """A colleague's tick counts, and who comes second reads whose it was. A second tap of the same person is the first."""
    treatment, at, key = treatment_or_404(treatment_id), timezone.now(), request.POST.get("key", "")
    item = item_of(treatment.lists, key)
    asks = (item.asks or ("What was reviewed" if item.kind == "medicines" else "")) if item else ""
    form = TickForm(typed(request), asks=asks, auto_id=f"{item.key if item else 'item'}_%s")

    def do() -> None:
        services.tick_item(treatment, key=key, note=form.cleaned_data["note"], by=staff_of(request), at=at)

    return _do(request, treatment, key, form, do, field="note")


@staff_page(roles=TREATS)
@get_or_post
def untick_item(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """The tick that the person saw is taken back, whoever made it."""
    treatment, at, key = treatment_or_404(treatment_id), timezone.now(), request.POST.get("key", "")
    seen = request.POST.get("seen", "")

    def do() -> None:
        number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else 0
        services.untick_item(treatment, key=key, seen=number, by=staff_of(request), at=at)

    return _do(request, treatment, key, forms.Form(typed(request)), do)


@staff_page(roles=TREATS)
@get_or_post
def add_vital_signs(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """Nothing is written over: a wrong reading is put right by a newer one of the same moment."""
    treatment, at = treatment_or_404(treatment_id), timezone.now()
    form = VitalSignsForm(typed(request), clinic=clinic_of(request), at=at, auto_id="reading_%s")

    def do() -> None:
        put_reading(treatment, by=staff_of(request), at=at, **form.reading)

    return _do(request, treatment, "reading", form, do, field="taken")


@staff_page(roles=TREATS)
@get_or_post
def set_ready(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """The escort's page shows it at once."""
    treatment, at = treatment_or_404(treatment_id), timezone.now()
    form = ReadyForm(typed(request), clinic=clinic_of(request), at=at, auto_id="ready_%s")

    def do() -> None:
        put_ready(treatment, ready_at=form.cleaned_data["ready_at"], by=staff_of(request), at=at)

    return _do(request, treatment, "ready", form, do, field="clock")


@staff_page(roles=TREATS)
@get_or_post
def meet_escort(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """The word that somebody said at the door, as staff heard it."""
    treatment, at = treatment_or_404(treatment_id), timezone.now()
    form = DoorForm(typed(request), auto_id="door_%s")

    def do() -> None:
        services.meet_escort(treatment, word=form.cleaned_data["word"], by=staff_of(request), at=at)

    return _do(request, treatment, "door", form, do, field="word")


def _do(
    request: AppRequest,
    treatment: Treatment,
    name: str,
    form: Any,
    deed: Callable[[], None],
    *,
    field: str | None = None,
) -> HttpResponse:
    """One press. A look leads to the page; what can't be is told beside what was typed."""
    if request.method != "POST":
        return go_to("clinic:care", treatment.pk)
    if not form.is_valid():
        return _show(request, treatment, status=422, sent=(name, form))
    try:
        deed()
    except (services.ItemUnknown, services.StayNotOver) as error:
        return _show(request, treatment, status=422, conflict=_refusal(request, treatment, error))
    except (services.MeasuredTooLittle, TimeNotPossible, WrongDoorWord, TooManyTries) as error:
        form.add_error(field, str(error))
        return _show(request, treatment, status=422, sent=(name, form))
    except AlreadyMoved as error:
        conflict = conflict_words(error, clinic=clinic_of(request), at=timezone.now())
        return _show(request, treatment_or_404(treatment.pk), status=409, conflict=conflict, sent=(name, form))
    return _done(request, treatment, name)


def _done(request: AppRequest, treatment: Treatment, name: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return _show(request, treatment_or_404(treatment.pk), fresh=name)
    return see_other(f"{reverse('clinic:care', args=[treatment.pk])}#{_place(name)}")


def _place(name: str) -> str:
    return name if name in {"reading", "ready", "door"} else f"item-{name}"


def _refusal(request: AppRequest, treatment: Treatment, error: Exception) -> str:
    """Why a press ticked nothing."""
    clinic, at = clinic_of(request), timezone.now()
    if not isinstance(error, services.StayNotOver):
        return _NO_ITEM
    if error.ends_at is None:
        return "The shortest stay begins at hour 0. End the treatment first."
    when = clock_words(error.ends_at, zone=ZoneInfo(clinic.zone), today=at)
    return f"This can’t be ticked yet: {stay_words(treatment, clinic, at=at) or when}."


def _show(
    request: AppRequest,
    treatment: Treatment,
    *,
    sent: tuple[str, forms.Form] | None = None,
    conflict: str = "",
    status: int = 200,
    fresh: str = "",
    is_poll: bool = False,
) -> HttpResponse:
    """The visit as it is now, with fresh forms, but for the one that was sent: it keeps what was typed.

    A form that is not the one sent, or `fresh` after it was, stays as it is in the browser (hx-preserve): what is half
    typed there is not lost.
    """
    clinic, at, staff = clinic_of(request), timezone.now(), staff_of(request)
    page = care_page(treatment, clinic=clinic, role=staff.role, at=at)
    if is_poll and getattr(request, "htmx", False) and request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    name, form = sent or ("", None)
    shown: dict[str, Any] = {
        "reading": VitalSignsForm(clinic=clinic, at=at, auto_id="reading_%s"),
        "ready": ReadyForm(clinic=clinic, at=at, auto_id="ready_%s"),
        "door": DoorForm(auto_id="door_%s"),
    }
    if name in shown:
        shown[name] = form
    kept = _kept(form) if conflict and form else ""
    extra = {"forms": shown, "fresh": name or fresh, "form": form, "conflict": conflict, "kept": kept}
    reminder = form_reminder(treatment, clinic=clinic, at=at)
    return render_page(request, "clinic/care.html", page, part="care", status=status, reminder=reminder, **extra)


def _kept(form: forms.Form) -> str:
    """The line that was typed beside an item, or at the door."""
    return str(form.data.get("note") or form.data.get("word") or "")
