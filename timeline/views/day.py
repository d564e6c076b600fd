"""The patient's day."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import patient_of, patient_page, public_page
from accounts.middleware import AppRequest
from accounts.models import Patient
from aftercare.http import render_page, see_other
from timeline.forms import UNDO, StepForm
from timeline.models import Treatment
from timeline.queries import current_treatment, learn_card_page, learn_page, stage_of, step_keys, today_page
from timeline.services import answer_step as record_answer
from timeline.services import undo_answer
from timeline.states import Answer

PAGE = "timeline/today.html"


@patient_page
@require_safe
def today(request: AppRequest) -> HttpResponse:
    """The day page. htmx asks each minute with the mark of what it shows, and gets nothing when nothing changed."""
    page, seen = today_page(patient_of(request), timezone.now()), request.GET.get("seen", "")
    if _by_htmx(request) and seen == page.mark:
        return HttpResponse(status=204)
    if _by_htmx(request) and seen[-1:] in {"o", "c"} and seen[-1] != page.mark[-1]:
        # The clinic has opened or closed: the numbers under "Get help" are outside the part, so the whole page comes.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render_page(request, PAGE, page, part="now")


@patient_page
@require_POST
def answer_step(request: AppRequest) -> HttpResponse:
    """ "I did it", "Not now" or "Undo". A double tap changes nothing twice."""
    patient, at = patient_of(request), timezone.now()
    treatment = _day_of(patient, at)
    form = StepForm(request.POST, steps=step_keys(treatment) if treatment else frozenset())
    if treatment is None or not form.is_valid():
        return render_page(request, PAGE, today_page(patient, at), part="now", status=422, form=form)
    step, answer = form.cleaned_data["step"], form.cleaned_data["answer"]
    if answer == UNDO:
        undo_answer(treatment, step=step, at=at)
    else:
        record_answer(treatment, step=step, answer=Answer(answer), at=at)
    if _by_htmx(request):
        return render_page(request, PAGE, today_page(patient, at), part="now", has_answered=True)
    return see_other(f"{reverse('timeline:today')}#step")


@patient_page
@require_safe
def learn(request: AppRequest) -> HttpResponse:
    """What there is to read, with the cards of this moment first."""
    return render_page(request, "timeline/learn.html", learn_page(patient_of(request), timezone.now()))


@patient_page
@require_safe
def learn_card(request: AppRequest, key: str) -> HttpResponse:
    page = learn_card_page(patient_of(request), key, timezone.now())
    if page is None:
        raise Http404
    return render_page(request, "timeline/learn_card.html", page)


@public_page
@require_safe
def breathe(request: AppRequest) -> HttpResponse:
    """To lie down and breathe by count. Nothing of a person stands on it, so that a phone may keep it for anybody."""
    return render_page(request, "timeline/breathe.html")


def _by_htmx(request: AppRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _day_of(patient: Patient, at: datetime) -> Treatment | None:
    """The visit whose small steps can be answered now."""
    treatment = current_treatment(patient, at)
    return treatment if treatment and stage_of(treatment, at) == "day" else None
