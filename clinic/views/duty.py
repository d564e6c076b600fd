"""Who is on duty, where they are reached, and what the clinic does at each level."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import confirmed_page, staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, show_form, typed
from aftercare.state import AlreadyMoved
from alerts import services
from clinic.duty_forms import MyPhoneForm, ProceduresForm, ShiftForm
from clinic.queries.duty import (
    ask_end_shift,
    has_shift,
    procedures_of,
    procedures_seen,
    shift_or_none,
    was_ended,
)
from clinic.queries.duty import (
    on_call as on_call_page,
)
from clinic.roles import ANSWERS, PLANS_DUTY
from clinic.services import write_procedures
from clinic.views.common import clinic_of, conflict_words, go_to, is_own


@staff_page()
@require_safe
def on_call(request: AppRequest) -> HttpResponse:
    staff = staff_of(request)
    page = on_call_page(clinic_of(request), timezone.now())
    needs_phone = staff.role in ANSWERS and not staff.phone
    may_plan = staff.role in PLANS_DUTY
    return render_page(request, "clinic/on_call.html", page, may_plan=may_plan, needs_phone=needs_phone)


@staff_page(roles=PLANS_DUTY)
@get_or_post
def add_shift(request: AppRequest) -> HttpResponse:
    """A shift that is there already, just so, is a second tap."""
    at, template = timezone.now(), "clinic/add_shift.html"
    form = ShiftForm(typed(request), clinic=clinic_of(request), at=at)
    if not form.is_valid():
        return show_form(request, template, form)
    shift = {name: form.cleaned_data[name] for name in ("seat", "starts_at", "ends_at")}
    person = form.cleaned_data["person"]
    if not has_shift(person, **shift):
        try:
            services.add_shift(person, by=staff_of(request), at=at, **shift)
        except services.ShiftNotPossible as error:
            form.add_error(None, str(error))
            return render_page(request, template, form=form, status=409)
        messages.success(request, "The shift is on the list.")
    return go_to("clinic:on_call")


@staff_page(roles=PLANS_DUTY)
@get_or_post
def end_shift(request: AppRequest, shift_id: UUID) -> HttpResponse:
    """One that has not begun is taken away. A second tap finds it gone, which is what was asked for."""
    shift, at, clinic = shift_or_none(shift_id), timezone.now(), clinic_of(request)
    if shift is None and not was_ended(shift_id):
        raise Http404
    if request.method != "POST":
        if shift is None or shift.ends_at <= at:
            return go_to("clinic:on_call")
        return render_page(
            request, "clinic/ask_shift.html", ask=ask_end_shift(shift, clinic=clinic, at=at), shift=shift
        )
    if shift:
        services.end_shift(shift, by=staff_of(request), at=at)
    messages.success(request, "The list is changed.")
    return go_to("clinic:on_call")


@staff_page()
@confirmed_page(to="change your number for alerts")
@get_or_post
def my_phone(request: AppRequest) -> HttpResponse:
    """Alerts go there, and what is texted back from it takes them: so the person proves again who they are."""
    member = staff_of(request)
    form = MyPhoneForm(typed(request), member=member)
    if not form.is_valid():
        return show_form(request, "clinic/my_phone.html", form, member)
    services.set_staff_phone(member, phone=form.cleaned_data["phone"], by=member, at=timezone.now())
    has_one = bool(form.cleaned_data["phone"])
    messages.success(request, "Your number is saved." if has_one else "Your number is gone. No alert comes to you.")
    return go_to("clinic:on_call")


@staff_page(roles=PLANS_DUTY)
@get_or_post
def procedures(request: AppRequest) -> HttpResponse:
    """In the clinic's own words; whoever answers an alert reads the one of its level."""
    clinic, at, template = clinic_of(request), timezone.now(), "clinic/procedures.html"
    form = ProceduresForm(typed(request), clinic=clinic, seen=procedures_seen(clinic))
    if not form.is_valid():
        return show_form(request, template, form)
    try:
        write_procedures(clinic, words=form.words, seen=form.cleaned_data["seen"], by=staff_of(request), at=at)
    except AlreadyMoved as error:
        clinic.refresh_from_db(fields=["procedures"])
        if not (is_own(error, by=staff_of(request)) and form.is_written(clinic)):
            form.look_at(procedures_seen(clinic))
            conflict = conflict_words(error, clinic=clinic, at=at)
            known = procedures_of(clinic)
            return render_page(request, template, form=form, conflict=conflict, known=known, status=409)
    else:
        messages.success(request, "It is saved. It stands on each alert of that level.")
    return go_to("clinic:alerts")
