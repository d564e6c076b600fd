"""What a patient taps about messages. Each tap acts at once, is done once however often it comes, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from django.contrib import messages as notes
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import device_of, patient_of, patient_page, set_up_page
from accounts.middleware import AppRequest
from accounts.models import Patient
from aftercare.http import get_or_post, is_htmx, render_page, see_other, show_form, typed
from prompts.forms import BACK, AliasForm, DoneForm, FirstWayForm, TapForm
from prompts.queries import clock_page, messages_page, prompt_page, running_visit
from prompts.services import (
    already_done,
    call_us,
    not_done,
    pause_messages,
    reach_first,
    stop_messages,
    take_fewer,
    travel,
    undo_stop,
)
from prompts.views.messages import show_again, show_wrong
from timeline.forms import ClockForm
from timeline.queries import set_up_page as page_before_visit
from timeline.services import set_clock

# What a button says: what it does.
_TAPS: Mapping[str, Callable[..., object]] = {
    "fewer": partial(take_fewer, on=True),
    "usual": partial(take_fewer, on=False),
    "pause": partial(pause_messages, on=True),
    "go_on": partial(pause_messages, on=False),
    "stop": stop_messages,
    "start": undo_stop,
}
# What a phone for the set-up alone may say of a visit that runs: enough, and not that after all.
_ALWAYS = frozenset({"stop", "start"})


@set_up_page
@require_POST
def tap(request: AppRequest) -> HttpResponse:
    """Fewer messages, a pause, none at all; or what one of these taps did is taken back. A phone for the set-up alone comes
    back to its list: it is shown no message, and of a visit that runs it may stop them or undo that. For all else it is
    told what to do first."""
    patient, at, form = patient_of(request), timezone.now(), TapForm(request.POST)
    sees_messages = device_of(request).is_full
    if form.is_valid() and not sees_messages and form.cleaned_data["say"] not in _ALWAYS and running_visit(patient):
        form.add_error(None, "Your visit has begun. Ask your clinic for the code. Then you can do this too.")
    if not form.is_valid() and not sees_messages:
        return _wrong_on_the_list(request, form, at)
    if not form.is_valid():
        return show_wrong(request, form, prompt_id=form.prompt_id, at=at)
    _TAPS[form.cleaned_data["say"]](patient, at=at)
    if back := form.cleaned_data["back"] if sees_messages else "set_up":
        return _back_there(request, back, form.place)
    return show_again(request, form.place, prompt_id=form.prompt_id, at=at)


def _back_there(request: AppRequest, back: str, place: str) -> HttpResponse:
    """The page of another app that the button was on; with htmx its foot alone, so that nothing typed there is lost."""
    if is_htmx(request):
        return render_page(request, "prompts/parts/too_many.html", back=back, has_switched=place)
    return see_other(f"{reverse(BACK[back])}?tapped={place}#{place}")


def _wrong_on_the_list(request: AppRequest, form: TapForm, at: datetime) -> HttpResponse:
    """Likewise, with what can't be taken."""
    if is_htmx(request):
        return render_page(request, "prompts/parts/too_many.html", back="set_up", wrong=form, status=422)
    return show_form(request, "timeline/set_up.html", form, page_before_visit(patient_of(request), at))


@patient_page
@require_POST
def done(request: AppRequest) -> HttpResponse:
    """A drink or a rest: the next tip is left out where it comes soon; or it comes after all. A page that is too old to have
    a place for it says it at its top."""
    patient, at, form = patient_of(request), timezone.now(), DoneForm(request.POST)
    if not form.is_valid():
        return show_wrong(request, form, prompt_id=form.prompt_id, at=at)
    tip_id = form.cleaned_data["tip"] or 0
    if form.cleaned_data["say"] == "undo":
        not_done(patient, tip_id=tip_id, at=at)
    elif not already_done(patient, tip_id=tip_id, at=at) and not _says_done(patient, form.prompt_id, at):
        notes.success(request, "Good. There is nothing more to do.")
    return show_again(request, "done", prompt_id=form.prompt_id, at=at)


def _says_done(patient: Patient, prompt_id: int, at: datetime) -> bool:
    page = prompt_page(patient, prompt_id, at)
    return page is not None and page.is_done


@patient_page
@require_POST
def first_way(request: AppRequest) -> HttpResponse:
    """Which way comes first, at once for what waits."""
    patient, at = patient_of(request), timezone.now()
    ways = [way.value for way in messages_page(patient, at).first_ways]
    form = FirstWayForm(request.POST, ways=ways)
    if not form.is_valid():
        return show_wrong(request, form, at=at)
    reach_first(patient, way=form.cleaned_data["first_way"], at=at)
    return show_again(request, "first_way", at=at)


@patient_page
@require_POST
def alias(request: AppRequest) -> HttpResponse:
    """The name in messages."""
    at, form = timezone.now(), AliasForm(request.POST)
    if not form.is_valid():
        return show_wrong(request, form, at=at)
    call_us(patient_of(request), alias=form.cleaned_data["alias"], at=at)
    return show_again(request, "alias", at=at)


@patient_page
@get_or_post
def clock(request: AppRequest) -> HttpResponse:
    """ "My clock has changed": for the visit that runs too, whose messages move with it."""
    patient, at = patient_of(request), timezone.now()
    form = ClockForm(typed(request), zone=patient.zone, starts=patient.quiet_starts_at, ends=patient.quiet_ends_at)
    if not form.is_valid():
        return show_form(request, "prompts/clock.html", form, clock_page(patient, at))
    if visit := running_visit(patient):
        travel(visit, at=at, **form.clock)
    else:
        set_clock(patient, at=at, **form.clock)
    notes.success(request, "Your clock is set.")
    return see_other(reverse("prompts:messages"))
