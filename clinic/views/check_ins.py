"""A check-in that staff take by phone: the same questions, read out, one a page."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.models import Patient
from aftercare.http import get_or_post, render_page, see_other
from checkin.answers import AnswerError, read_answer
from checkin.forms import BeginForm
from checkin.models import CheckIn
from checkin.queries import (
    Paths,
    asked_now,
    check_in_or_none,
    first_page,
    got_worse,
    next_address,
    question_page,
)
from checkin.services import KeyTaken, begin_check_in, give_answer
from checkin.states import AnsweredBy
from clinic.queries.check_ins import check_in_page
from clinic.roles import TREATS
from clinic.views.common import patient_or_404

QUESTION = "clinic/check_in_question.html"


def _paths(patient: Patient) -> Paths:
    return Paths(
        question=lambda check_in_id, place: reverse("clinic:check_in_question", args=[patient.pk, check_in_id, place]),
        now=lambda check_in_id: reverse("clinic:check_in", args=[patient.pk, check_in_id]),
        away=reverse("clinic:patient", args=[patient.pk]),
    )


@staff_page(roles=TREATS)
@get_or_post
def take_check_in(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """The first question, read out on the phone. Its answer makes the check-in, in the name of who asked."""
    patient, at = patient_or_404(patient_id), timezone.now()
    asked, paths = asked_now(patient, at), _paths(patient)
    address = reverse("clinic:take_check_in", args=[patient.pk])
    page = first_page(patient, asked, by=AnsweredBy.STAFF, key=None, at=at, address=address, paths=paths)
    if request.method != "POST":
        return render_page(request, QUESTION, page, patient=patient)
    form = BeginForm(request.POST)
    try:
        answer = read_answer(page.question, _posted(request))
        if not form.is_valid():
            raise AnswerError("Please tap the answer once more.")
        check_in = begin_check_in(
            patient,
            key=form.cleaned_data["key"],
            treatment=asked.treatment,
            moment=asked.moment,
            step=asked.step,
            answered_by=AnsweredBy.STAFF,
            answered_at=at,
            at=at,
            entered_by=staff_of(request),
        )
    except (AnswerError, KeyTaken) as error:
        return render_page(request, QUESTION, page, patient=patient, error=str(error), status=422)
    return _answered(check_in, page.question.key, answer, at=at, paths=paths)


@staff_page(roles=TREATS)
@get_or_post
def check_in_question(request: AppRequest, patient_id: UUID, check_in_id: UUID, place: int) -> HttpResponse:
    """A question of a check-in that staff took. Nobody of the staff changes what the patient answered."""
    patient, at = patient_or_404(patient_id), timezone.now()
    check_in, paths = _of(patient, check_in_id), _paths(patient)
    if check_in.answered_by != AnsweredBy.STAFF:
        raise Http404
    is_answered, asked = request.method == "POST", request.POST.get("asked", "")
    page = question_page(check_in, place, at=at, paths=paths, is_answered=is_answered, asked=asked)
    if page is None:
        return see_other(next_address(check_in, at=at, paths=paths))
    if request.method != "POST":
        return render_page(request, QUESTION, page, patient=patient)
    try:
        answer = read_answer(page.question, _posted(request))
    except AnswerError as error:
        typed = {name: request.POST.get(name, "")[:8] for name in ("top", "bottom")}
        return render_page(request, QUESTION, page, patient=patient, error=str(error), typed=typed, status=422)
    return _answered(check_in, page.question.key, answer, at=at, paths=paths)


@staff_page(roles=TREATS)
@require_safe
def check_in(request: AppRequest, patient_id: UUID, check_in_id: UUID) -> HttpResponse:
    """What was answered, what the rules made of it, and what to tell the patient."""
    patient, at = patient_or_404(patient_id), timezone.now()
    page = check_in_page(_of(patient, check_in_id), paths=_paths(patient), at=at)
    return render_page(request, "clinic/check_in.html", page, patient=patient)


def _of(patient: Patient, check_in_id: UUID) -> CheckIn:
    found = check_in_or_none(check_in_id, patient)
    if found is None:
        raise Http404
    return found


def _posted(request: AppRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("answer", "top", "bottom")}


def _answered(check_in: CheckIn, name: str, answer: str, *, at: datetime, paths: Paths) -> HttpResponse:
    reading = give_answer(check_in, question=name, answer=answer, answered_at=at, at=at)
    return see_other(next_address(check_in, at=at, is_worse=got_worse(reading), answered=name, paths=paths))
