"""The two-week questions before a visit. Each page is saved on its own; one answer leads to help at once."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import patient_of, set_up_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, see_other
from checkin.forms import QuestionnaireForm
from checkin.queries import due_now, help_now_page, next_part, questionnaire_or_none, questions_page, two_weeks_page
from checkin.questionnaires import names_self_harm
from checkin.services import record_questionnaire
from timeline.queries import address_after, visit_to_set_up
from timeline.services import finish_part


@set_up_page
@require_safe
def baseline(request: AppRequest) -> HttpResponse:
    """Why, who sees it, and that it may be left out."""
    patient, at = patient_of(request), timezone.now()
    visit = visit_to_set_up(patient, at)
    if visit is None:
        return _to_set_up()
    return render_page(request, "checkin/two_weeks.html", two_weeks_page(patient, visit, at))


@set_up_page
@get_or_post
def questions(request: AppRequest, part: int) -> HttpResponse:
    """All items of one questionnaire. What was picked stays when one is missing."""
    patient, at = patient_of(request), timezone.now()
    page = questions_page(patient, part, at, sent=request.POST.get("kind", ""))
    if page is None:
        return see_other(reverse("checkin:baseline"))
    form = QuestionnaireForm(request.POST or None, instrument=page.instrument, initial={"key": page.key})
    if not form.is_bound or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render_page(request, "checkin/two_weeks_questions.html", page, form=form, status=status)
    kind, visit = page.instrument.kind, visit_to_set_up(patient, at)
    row = record_questionnaire(
        patient, key=form.cleaned_data["key"], kind=kind, answers=form.answers, treatment=visit, at=at
    )
    left = next_part(due_now(patient, at))
    if visit and not left:
        finish_part(visit, "feeling", at=at)
        left = address_after(visit, "feeling")
    if names_self_harm(kind, form.answers):
        return see_other(reverse("checkin:help_now", args=[row.pk]))
    return see_other(left) if left else _to_set_up()


@set_up_page
@require_safe
def help_now(request: AppRequest, row_id: UUID) -> HttpResponse:
    """Whom to call, and what to say. htmx asks every few seconds what the clinic has done since."""
    patient, at = patient_of(request), timezone.now()
    row = questionnaire_or_none(row_id, patient)
    if row is None or not names_self_harm(row.kind, row.answers):
        raise Http404
    page = help_now_page(row, patient, at)
    if getattr(request, "htmx", False) and request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    return render_page(request, "checkin/help_now.html", page, part="told")


def _to_set_up() -> HttpResponse:
    return see_other(reverse("timeline:set_up"))
