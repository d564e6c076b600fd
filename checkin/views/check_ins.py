"""One question a page. Each answer is kept and acted on at once; nothing waits for the last one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, see_other
from checkin.answers import AnswerError, read_answer
from checkin.forms import AnswerForm, BeginForm
from checkin.models import CheckIn
from checkin.queries import (
    Asked,
    QuestionPage,
    action_page,
    asked_after_log,
    asked_now,
    check_in_or_none,
    first_page,
    got_worse,
    is_low_today,
    level_of,
    next_address,
    question_page,
)
from checkin.services import KeyTaken, ask_for_call, begin_check_in, believed, give_answer, stop_check_in
from checkin.states import AnsweredBy
from timeline.levels import RED

QUESTION, LOG_NOW, NOW = "checkin/question.html", "checkin/log_now.html", "checkin/now.html"


@patient_page
@get_or_post
def start(request: AppRequest) -> HttpResponse:
    """The first question. Answering it makes the check-in; looking at it changes nothing."""
    patient, at = patient_of(request), timezone.now()
    form = _sent(request)
    sent = form.cleaned_data if form and form.is_valid() else {}
    is_escort = sent.get("by") == "escort" or request.GET.get("by") == "other"
    by = AnsweredBy.ESCORT if is_escort else AnsweredBy.PATIENT
    asked = asked_now(patient, at, step=sent.get("step") or "")
    return _begin(request, asked, form, by=by, at=at)


@patient_page
@get_or_post
def log_now(request: AppRequest) -> HttpResponse:
    """After a low day of the log: whom to call, and the direct question. Saying nothing here loses nothing."""
    patient, at = patient_of(request), timezone.now()
    if request.method != "POST" and not is_low_today(patient, at):
        return see_other(reverse("checkin:log"))
    asked = asked_after_log(patient, at)
    return _begin(request, asked, _sent(request), address=reverse("checkin:log_now"), template=LOG_NOW, at=at)


def _sent(request: AppRequest) -> BeginForm | None:
    return BeginForm(request.POST) if request.method == "POST" else None


def _begin(
    request: AppRequest,
    asked: Asked,
    form: BeginForm | None,
    *,
    by: AnsweredBy = AnsweredBy.PATIENT,
    address: str = "",
    template: str = QUESTION,
    at: datetime,
) -> HttpResponse:
    """Shows the first question, or takes its answer: that makes the check-in."""
    patient = patient_of(request)
    key = form.cleaned_data.get("key") if form and form.is_valid() else None
    page = first_page(patient, asked, by=by, key=key, address=address, at=at)
    if form is None:
        return render_page(request, template, page)
    try:
        answer = _read(page, request.POST)
        if not form.is_valid():
            raise AnswerError("Please tap your answer once more.")
        check_in = begin_check_in(
            patient,
            key=form.cleaned_data["key"],
            treatment=asked.treatment,
            moment=asked.moment,
            step=asked.step,
            answered_by=by,
            answered_at=_answered_at(form, at),
            at=at,
        )
    except (AnswerError, KeyTaken) as error:
        page = first_page(patient, asked, by=by, key=None, address=address, at=at)
        return _again(request, page, error, template=template)
    return _answered(check_in, page.question.key, answer, form=form, at=at)


@patient_page
@require_safe
def go_on(request: AppRequest, check_in_id: UUID) -> HttpResponse:
    """Where this check-in goes on."""
    return see_other(next_address(_own(request, check_in_id), at=timezone.now()))


@patient_page
@get_or_post
def question(request: AppRequest, check_in_id: UUID, place: int) -> HttpResponse:
    """A question of a check-in that was begun; also one answered before, to change the answer."""
    check_in, at = _own(request, check_in_id), timezone.now()
    is_answered, asked = request.method == "POST", request.POST.get("asked", "")
    page = question_page(check_in, place, at=at, is_answered=is_answered, asked=asked)
    if page is None:
        # Another answer has closed this question meanwhile: a page from before is no error.
        return see_other(next_address(check_in, at=at))
    if request.method != "POST":
        return render_page(request, QUESTION, page)
    try:
        answer = _read(page, request.POST)
    except AnswerError as error:
        return _again(request, page, error)
    return _answered(check_in, page.question.key, answer, form=AnswerForm(request.POST), at=at)


@patient_page
@require_POST
def stop(request: AppRequest, check_in_id: UUID) -> HttpResponse:
    """Saved. A red flag in it is shown once more: stopping does not take it back."""
    check_in = stop_check_in(_own(request, check_in_id), at=timezone.now())
    if level_of(check_in) in RED:
        return see_other(reverse("checkin:now", args=[check_in.pk]))
    return see_other(reverse("timeline:today"))


@patient_page
@require_safe
def now(request: AppRequest, check_in_id: UUID) -> HttpResponse:
    """What to do now. htmx asks every few seconds what the clinic has done since."""
    check_in, at = _own(request, check_in_id), timezone.now()
    page = action_page(check_in, at=at)
    if getattr(request, "htmx", False) and request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    return render_page(request, NOW, page, part="told")


@patient_page
@require_POST
def call(request: AppRequest, check_in_id: UUID) -> HttpResponse:
    """Asks the clinic to call. A second tap is the first."""
    check_in = _own(request, check_in_id)
    ask_for_call(check_in, at=timezone.now())
    return see_other(f"{reverse('checkin:now', args=[check_in.pk])}#told")


def _own(request: AppRequest, check_in_id: UUID) -> CheckIn:
    check_in = check_in_or_none(check_in_id, patient_of(request))
    if check_in is None:
        raise Http404
    return check_in


def _read(page: QuestionPage, posted: QueryDict) -> str:
    return read_answer(page.question, {name: posted.get(name, "") for name in ("answer", "top", "bottom")})


def _again(request: AppRequest, page: QuestionPage, error: Exception, *, template: str = QUESTION) -> HttpResponse:
    """The same page with what is wrong, and what was typed."""
    typed = {name: request.POST.get(name, "")[:8] for name in ("top", "bottom")}
    return render_page(request, template, page, error=str(error), typed=typed, status=422)


def _answered(check_in: CheckIn, name: str, answer: str, *, form: AnswerForm, at: datetime) -> HttpResponse:
    """Keeps the answer and moves on: to what to do now as soon as it got worse, else to the next question."""
    reading = give_answer(check_in, question=name, answer=answer, answered_at=_answered_at(form, at), at=at)
    return see_other(next_address(check_in, at=at, is_worse=got_worse(reading), answered=name))


def _answered_at(form: AnswerForm, at: datetime) -> datetime:
    """When it was tapped: by the phone, when it kept the answer for a while. One that can't be read is no reason to refuse."""
    return believed(form.cleaned_data.get("answered_at") if form.is_valid() else None, at=at)
