"""Alerts: the board, one alert, and what a person does with it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, typed
from aftercare.state import AlreadyMoved
from alerts import services
from alerts.models import Alert
from alerts.states import AlertState
from clinic.alert_forms import CallForm, CloseForm, PromiseForm, TakeForm
from clinic.queries.alert import alert_or_none, alert_page
from clinic.queries.alerts import alert_board
from clinic.roles import ANSWERS, PLANS_DUTY
from clinic.views.common import clinic_of, conflict_words, go_to, is_own
from timeline.levels import Level

Refused = (services.NotYours, services.TimeNotPossible, services.CloseNotPossible)


@staff_page()
@require_safe
def alerts(request: AppRequest) -> HttpResponse:
    """htmx asks every ten seconds with the mark of what it shows, and gets nothing when nothing changed."""
    page = alert_board(clinic_of(request), timezone.now())
    if getattr(request, "htmx", False) and request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    role = staff_of(request).role
    may = {"may_answer": role in ANSWERS, "may_plan": role in PLANS_DUTY}
    return render_page(request, "clinic/alerts.html", page, part="alerts", **may)


@staff_page()
@require_safe
def alert(request: AppRequest, alert_id: UUID) -> HttpResponse:
    return _show(request, _alert_or_404(alert_id))


@staff_page(roles=ANSWERS)
@get_or_post
def take_alert(request: AppRequest, alert_id: UUID) -> HttpResponse:
    """Whoever comes second is told who has it, and since when."""
    found, at = _alert_or_404(alert_id), timezone.now()
    form = TakeForm(typed(request))

    def do() -> None:
        services.take_alert(found, by=staff_of(request), at=at, promised_for=form.promised_for(at))

    return _do(request, found, "take", form, do, to=AlertState.TAKEN, said="You have it. Nobody else is told now.")


@staff_page(roles=ANSWERS)
@get_or_post
def promise_call(request: AppRequest, alert_id: UUID) -> HttpResponse:
    """The patient reads that you call by then. A second tap in the same minute is the first."""
    found, at = _alert_or_404(alert_id), timezone.now()
    form = PromiseForm(typed(request))

    def do() -> None:
        promised_for = form.promised_for(at)
        if promised_for and not (found.taken_by_id == staff_of(request).pk and found.promised_for == promised_for):
            services.promise_call(found, promised_for=promised_for, by=staff_of(request), at=at)

    return _do(request, found, "promise", form, do, said="The patient’s page says when you call.")


@staff_page()
@get_or_post
def log_call(request: AppRequest, alert_id: UUID) -> HttpResponse:
    """Also by the front desk, and also after it was closed: a call that was made is never lost."""
    found, at = _alert_or_404(alert_id), timezone.now()
    form = CallForm(typed(request))

    def do() -> None:
        services.log_call(found, by=staff_of(request), at=at, **form.call)

    return _do(request, found, "call", form, do, said="The call is on record.")


@staff_page(roles=ANSWERS)
@get_or_post
def hand_back_alert(request: AppRequest, alert_id: UUID) -> HttpResponse:
    """Nobody has it any more, and who is on duty is told anew."""
    found, at = _alert_or_404(alert_id), timezone.now()

    def do() -> None:
        services.hand_back_alert(found, by=staff_of(request), at=at)

    said = "You handed it back. Who is on duty is told again."
    return _do(request, found, "hand_back", forms.Form(typed(request)), do, to=AlertState.OPEN, said=said)


@staff_page(roles=ANSWERS)
@get_or_post
def close_alert(request: AppRequest, alert_id: UUID) -> HttpResponse:
    """For good, with how it ended and what was done."""
    found, at = _alert_or_404(alert_id), timezone.now()
    form = CloseForm(typed(request), level=Level(found.level))

    def do() -> None:
        services.close_alert(found, by=staff_of(request), at=at, seen=form.cleaned_data["seen"], **form.close)

    return _do(request, found, "close", form, do, to=AlertState.CLOSED, said="The alert is closed.")


def _do(
    request: AppRequest,
    found: Alert,
    name: str,
    form: forms.Form,
    deed: Callable[[], None],
    *,
    said: str,
    to: AlertState | None = None,
) -> HttpResponse:
    """One act. A look shows the alert; a second tap of the same person, saying the same, is the first."""
    if not form.is_bound:
        return go_to("clinic:alert", found.pk)
    if not form.is_valid():
        return _show(request, found, status=422, sent=(name, form))
    try:
        deed()
    except Refused as error:
        form.add_error(None, str(error))
        status = 409 if isinstance(error, services.NotYours) else 422
        return _show(request, _alert_or_404(found.pk), status=status, sent=(name, form))
    except AlreadyMoved as error:
        found = _alert_or_404(found.pk)
        if not (_was_me(error, request, found, to) and _says_the_same(found, form)):
            conflict = conflict_words(error, clinic=clinic_of(request), at=timezone.now())
            return _show(request, found, status=409, conflict=conflict, sent=(name, form))
    else:
        messages.success(request, said)
    return go_to("clinic:alert", found.pk)


def _was_me(error: AlreadyMoved, request: AppRequest, found: Alert, to: AlertState | None) -> bool:
    return found.state == to and (is_own(error, by=staff_of(request)) or to == AlertState.OPEN)


def _says_the_same(found: Alert, form: forms.Form) -> bool:
    """Whether a closing that came second would have written what is on record."""
    if not isinstance(form, CloseForm):
        return True
    return all(getattr(found, name) == value for name, value in form.close.items())


def _show(
    request: AppRequest,
    found: Alert,
    *,
    sent: tuple[str, forms.Form] | None = None,
    status: int = 200,
    conflict: str = "",
) -> HttpResponse:
    """The alert as it is now, with fresh forms, but for the one that was sent: it keeps what was typed."""
    page = alert_page(found, clinic=clinic_of(request), by=staff_of(request), at=timezone.now())
    shown: dict[str, forms.Form] = {
        "take": TakeForm(auto_id="take_%s"),
        "promise": PromiseForm(auto_id="promise_%s"),
        "call": CallForm(initial={"key": uuid4()}, auto_id="call_%s"),
        "close": CloseForm(level=Level(found.level), auto_id="close_%s"),
    }
    form, kept = None, ""
    if sent:
        name, form = sent
        form.auto_id, shown[name] = f"{name}_%s", form
        # A form that has no place any more: what was typed stands beside what was written meanwhile.
        kept = form.data.get("done", "") if page.is_closed else ""
    return render_page(
        request, "clinic/alert.html", page, forms=shown, form=form, kept=kept, conflict=conflict, status=status
    )


def _alert_or_404(alert_id: UUID) -> Alert:
    """Another clinic's alert is not there either: the database sees to that."""
    if found := alert_or_none(alert_id):
        return found
    raise Http404
