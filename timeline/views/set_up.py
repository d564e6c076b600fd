"""Before a visit: the list of what to do, consent, and how the patient is reached."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import patient_of, set_up_page
from accounts.middleware import AppRequest
from accounts.models import Patient
from accounts.services import NoWayOn, TooManyTries, answer_test, send_test, set_emails, set_texts
from accounts.states import ConsentWay
from aftercare.http import render_page, see_other, show_form, typed
from timeline.forms import AgreeForm, CameForm, ReachForm
from timeline.models import Treatment
from timeline.queries import address_after, agree_page, reach_page, visit_to_set_up
from timeline.queries import set_up_page as page_before_visit
from timeline.services import agree as say_yes
from timeline.services import finish_part, take_back
from timeline.views.common import LIST, go_on, part_page

AGREE, REACH = "timeline/agree.html", "timeline/reach.html"


@set_up_page
@require_safe
def set_up(request: AppRequest) -> HttpResponse:
    """What to do before the visit: all that a phone shows which only an invitation opened."""
    return render_page(request, "timeline/set_up.html", page_before_visit(patient_of(request), timezone.now()))


@part_page
def agree(request: AppRequest, treatment: Treatment, at: datetime) -> HttpResponse:
    """Consent to use the app, in its exact words; later, what was said, and a way to take it back."""
    patient = patient_of(request)
    if request.POST.get("act") == "take_back":
        take_back(treatment, patient, at=at)
        return see_other(reverse("timeline:agree"))
    form = AgreeForm(typed(request))
    if not form.is_valid():
        return show_form(request, AGREE, form, agree_page(treatment, patient, at))
    say_yes(treatment, patient, at=at)
    return see_other(address_after(treatment, "agree"))


@part_page
def reach(request: AppRequest, treatment: Treatment, at: datetime) -> HttpResponse:
    """A yes or a no to texts and to e-mails; then a test of what is on, or the next part."""
    patient = patient_of(request)
    page = reach_page(treatment, patient, at)
    ways = {name: way for name, way in (("texts", page.texts), ("emails", page.emails)) if way}
    answers = {name: way.answer for name, way in ways.items()}
    form = ReachForm(typed(request), asks=tuple(ways), initial=answers)
    if not form.is_valid():
        return show_form(request, REACH, form, page)
    with transaction.atomic():
        for name, switch in (("texts", set_texts), ("emails", set_emails)):
            if (on := form.says(name)) is not None:
                switch(patient, on=on, at=at, way=ConsentWay.SET_UP)
        finish_part(treatment, "reach", at=at)
    if request.POST.get("then") == "test":
        return _sent(request, treatment, patient, at)
    return go_on(treatment, "reach", at=at)


@set_up_page
@require_POST
def send_test_note(request: AppRequest) -> HttpResponse:
    """One more test, by the way that was picked, or the first that is on."""
    patient, at = patient_of(request), timezone.now()
    treatment = visit_to_set_up(patient, at)
    by = request.POST.get("by", "")
    return _sent(request, treatment, patient, at, by=by) if treatment else see_other(reverse(LIST))


@set_up_page
@require_POST
def answer_test_note(request: AppRequest) -> HttpResponse:
    """Whether the test came. When it did not, the page says what to look at, and whom to tell."""
    form = CameForm(request.POST)
    if form.is_valid():
        answer_test(patient_of(request), came=form.cleaned_data["came"] == "yes", at=timezone.now())
    return see_other(f"{reverse('timeline:reach')}#test")


@set_up_page
@require_safe
def home_screen(request: AppRequest) -> HttpResponse:
    """How this gets onto the home screen. Which phone asks is a guess: it only says what comes first. The way back is where
    they came from."""
    is_android = "Android" in request.headers.get("User-Agent", "")
    return render_page(
        request,
        "timeline/home_screen.html",
        is_android=is_android,
        from_messages=request.GET.get("from") == "messages",
    )


def _sent(request: AppRequest, treatment: Treatment, patient: Patient, at: datetime, *, by: str = "") -> HttpResponse:
    try:
        send_test(patient, by=by, at=at)
    except (NoWayOn, TooManyTries) as error:
        page, status = reach_page(treatment, patient, at), 429 if isinstance(error, TooManyTries) else 409
        asks = {name: way.answer for name, way in (("texts", page.texts), ("emails", page.emails)) if way}
        form = ReachForm(asks=tuple(asks), initial=asks)
        return render_page(request, REACH, page, form=form, trouble=str(error), status=status)
    return see_other(f"{reverse('timeline:reach')}#test")
