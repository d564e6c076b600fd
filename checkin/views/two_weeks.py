"""The two-week questions, before a visit and in the weeks after. Each page is saved on its own; one answer is help at once."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import patient_of, patient_page, set_up_page
from accounts.middleware import AppRequest
from accounts.models import Patient
from aftercare.http import get_or_post, render_page, see_other
from checkin.forms import QuestionnaireForm
from checkin.queries import (
    AFTER_VISIT,
    BEFORE_VISIT,
    Ways,
    baseline_page,
    due_now,
    help_now_act,
    help_now_page,
    next_part,
    questions_page,
    two_weeks_page,
)
from checkin.questionnaires import names_self_harm
from checkin.services import raise_self_harm, record_questionnaire
from timeline.models import Treatment
from timeline.queries import address_after, last_visit, visit_to_set_up
from timeline.services import finish_part

log = logging.getLogger(__name__)
QUESTIONS = "checkin/two_weeks_questions.html"


@set_up_page
@require_safe
def baseline(request: AppRequest) -> HttpResponse:
    """Why, who sees it, and that it may be left out."""
    patient, at = patient_of(request), timezone.now()
    visit = visit_to_set_up(patient, at)
    if visit is None:
        return see_other(reverse(BEFORE_VISIT.away))
    return render_page(request, "checkin/baseline.html", baseline_page(patient, visit, at))


@patient_page
@require_safe
def two_weeks(request: AppRequest) -> HttpResponse:
    """In the weeks after: the same questions, or when they come next."""
    return render_page(request, "checkin/two_weeks.html", two_weeks_page(patient_of(request), timezone.now()))


@set_up_page
@get_or_post
def questions(request: AppRequest, part: int) -> HttpResponse:
    return _questions(request, part, BEFORE_VISIT)


@patient_page
@get_or_post
def later_questions(request: AppRequest, part: int) -> HttpResponse:
    return _questions(request, part, AFTER_VISIT)


def _questions(request: AppRequest, part: int, ways: Ways) -> HttpResponse:
    """All items of one questionnaire. What was picked stays when one is missing; one answer is acted on all the same."""
    patient, at = patient_of(request), timezone.now()
    page = questions_page(patient, part, at, ways=ways, sent=request.POST.get("kind", ""))
    if page is None:
        return see_other(reverse(ways.intro))
    form = QuestionnaireForm(request.POST or None, instrument=page.instrument, initial={"key": page.key})
    if not form.is_bound:
        return render_page(request, QUESTIONS, page, form=form)
    is_whole, kind, visit = form.is_valid(), page.instrument.kind, _visit(patient, ways, at)
    key, is_flagged = form.cleaned_data.get("key", patient.pk), names_self_harm(kind, form.given)
    if not is_whole:
        if is_flagged:
            raise_self_harm(patient, key=key, answer=form.given[-1] or 0, treatment=visit, at=at)
            page = replace(page, act=help_now_act(key, patient, at))
        return render_page(request, QUESTIONS, page, form=form, status=422)
    record_questionnaire(patient, key=key, kind=kind, answers=form.answers, treatment=visit, at=at)
    if is_flagged:
        _try_to_finish(patient, visit, ways, at)
        return see_other(reverse(ways.help_now, args=[key]))
    return see_other(_finished(patient, visit, ways, at))


def _visit(patient: Patient, ways: Ways, at: datetime) -> Treatment | None:
    """The visit that the answers are kept with: the one to come; in the weeks after, the last one."""
    coming = visit_to_set_up(patient, at)
    return coming if ways is BEFORE_VISIT else last_visit(patient, at) or coming


def _finished(patient: Patient, visit: Treatment | None, ways: Ways, at: datetime) -> str:
    """The address of what is left; with no question left before a visit, the part is done."""
    if left := next_part(due_now(patient, at), ways):
        return left
    if ways is AFTER_VISIT:
        return reverse(ways.intro)
    if visit is None:
        return reverse(ways.away)
    finish_part(visit, "feeling", at=at)
    return address_after(visit, "feeling")


def _try_to_finish(patient: Patient, visit: Treatment | None, ways: Ways, at: datetime) -> None:
    """Whatever goes wrong here takes back nothing that was said."""
    try:
        with transaction.atomic():
            _finished(patient, visit, ways, at)
    except Exception:
        log.exception("A part could not be finished", extra={"treatment": visit and visit.pk})


@set_up_page
@require_safe
def help_now(request: AppRequest, page_key: UUID) -> HttpResponse:
    return _help_now(request, page_key, BEFORE_VISIT)


@patient_page
@require_safe
def later_help_now(request: AppRequest, page_key: UUID) -> HttpResponse:
    return _help_now(request, page_key, AFTER_VISIT)


def _help_now(request: AppRequest, page_key: UUID, ways: Ways) -> HttpResponse:
    """Whom to call, and what to say. htmx asks every few seconds what the clinic has done since."""
    page = help_now_page(page_key, patient_of(request), timezone.now(), ways=ways)
    if page is None:
        raise Http404
    if getattr(request, "htmx", False) and request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    return render_page(request, "checkin/help_now.html", page, part="told")
