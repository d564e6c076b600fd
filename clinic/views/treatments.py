"""A visit's life: planned, started, ended, corrected or cancelled. How it is left: clinic.views.discharge."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, show_form, typed
from aftercare.state import AlreadyMoved
from clinic.acts import CANCEL, CORRECT, END, START, Act
from clinic.fact_forms import AssessmentForm, EndForm, GivenForm, ticks
from clinic.forms import CorrectionForm, VisitForm
from clinic.queries import ask_treatment, has_planned, hour_zero_words
from clinic.queries import treatment_given as given_on_record
from clinic.queries.fates import on_its_way_line
from clinic.roles import BOOKS, TREATS
from clinic.services import cancel_visit, start_assessed
from clinic.views.common import (
    clinic_of,
    conflict_words,
    go_to,
    is_own,
    may,
    patient_page_or_404,
    show_newer,
    show_patient,
    too_late,
    treatment_or_404,
)
from timeline import services
from timeline.models import Treatment
from timeline.queries import needs_assessment
from timeline.states import AT_CLINIC, TreatmentState

Deed = Callable[..., Treatment]


@staff_page(roles=BOOKS)
@get_or_post
def plan_treatment(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """A visit for a patient who is known."""
    clinic, at = clinic_of(request), timezone.now()
    page = patient_page_or_404(request, patient_id, at)
    form = VisitForm(typed(request), clinic=clinic, at=at)
    if not form.is_valid():
        return show_form(request, "clinic/plan_treatment.html", form, page)
    try:
        services.plan_treatment(page.patient, by=staff_of(request), at=at, **form.visit)
    except (services.TreatmentOpen, services.VersionNotUsable) as error:
        if not has_planned(page.patient, **form.visit):
            page, conflict = patient_page_or_404(request, patient_id, at), str(error)
            return render_page(request, "clinic/plan_treatment.html", page, form=form, conflict=conflict, status=409)
    messages.success(request, "The visit is planned.")
    return go_to("clinic:patient", patient_id)


@staff_page(roles=TREATS)
@get_or_post
def start_treatment(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """Before a patient's first treatment it asks for the assessment too, where none is on record."""
    treatment, clinic, at = treatment_or_404(treatment_id), clinic_of(request), timezone.now()
    to, said = TreatmentState.IN_TREATMENT, "The visit has started."
    if not (may(request, START, treatment) and needs_assessment(treatment)):
        kept = " An assessment was on record by then, and stays." if request.POST.get("assessed_on") else ""
        return _ask_or_do(request, treatment_id, START, services.start_treatment, to=to, said=said + kept)
    form = AssessmentForm(typed(request), clinic=clinic, at=at)
    if form.is_valid():
        return _do(request, treatment, partial(start_assessed, **form.cleaned_data), to=to, said=said)
    ask = ask_treatment(START, treatment, clinic=clinic, at=at)
    return show_form(request, "clinic/start_treatment.html", form, treatment, ask=ask)


@staff_page(roles=TREATS)
@get_or_post
def end_treatment(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """Now, or at the true time where the end was noted late."""
    treatment, clinic, at = treatment_or_404(treatment_id), clinic_of(request), timezone.now()
    asks_given = treatment.given is None or "given" in request.POST
    form = EndForm(typed(request), clinic=clinic, started_at=treatment.started_at, asks_given=asks_given)
    if not form.is_bound and not may(request, END, treatment):
        return too_late(request, treatment)
    ask, template = ask_treatment(END, treatment, clinic=clinic, at=at), "clinic/end_treatment.html"
    if form.is_valid():
        try:
            return _do(
                request, treatment, services.end_treatment, to=TreatmentState.RECOVERING,
                said="The treatment has ended.", **form.cleaned_data,
            )  # fmt: skip
        except services.TimeNotPossible as error:
            form.add_error("ended_at", str(error))
        except services.GivenMeanwhile as error:
            on_record = given_on_record(treatment_or_404(treatment_id))
            form.look_at(on_record.seen)
            said = f"{conflict_words(error, clinic=clinic, at=at)} On record: {on_record.words}."
            conflict = f"{said} The treatment is not ended yet."
            return render_page(request, template, treatment, form=form, ask=ask, conflict=conflict, status=409)
    return show_form(request, template, form, treatment, ask=ask)


@staff_page(roles=TREATS)
@get_or_post
def treatment_given(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """What was given besides the treatment: said later than at the end, or put right."""
    treatment, at, staff = treatment_or_404(treatment_id), timezone.now(), staff_of(request)
    if treatment.state not in services.GIVEN_WHILE:
        return too_late(request, treatment)
    page, template = given_on_record(treatment), "clinic/treatment_given.html"
    form = GivenForm(typed(request), initial={"given": ticks(treatment.given), "seen": page.seen})
    if not form.is_valid():
        return show_form(request, template, form, page)
    try:
        services.record_given(treatment, by=staff, at=at, **form.cleaned_data)
    except AlreadyMoved as error:
        treatment = treatment_or_404(treatment_id)
        if treatment.state not in services.GIVEN_WHILE:
            return too_late(request, treatment)
        if not (is_own(error, by=staff) and treatment.given == form.cleaned_data["given"]):
            return show_newer(request, template, given_on_record(treatment), form=form, error=error, at=at)
    else:
        messages.success(request, "It is on record.")
    return go_to("clinic:patient", treatment.patient_id)


@staff_page(roles=BOOKS)
@get_or_post
def cancel_treatment(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    to = TreatmentState.CANCELLED
    return _ask_or_do(request, treatment_id, CANCEL, cancel_visit, to=to, said="The visit is cancelled.")


@staff_page(roles=TREATS)
@get_or_post
def correct_treatment(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """The true time of hour 0. Who looked at an older plan is shown the new one, with the typed time kept."""
    treatment, clinic, at = treatment_or_404(treatment_id), clinic_of(request), timezone.now()
    if not may(request, CORRECT, treatment):
        return too_late(request, treatment)
    seen = {"hour_zero": treatment.hour_zero, "seen_plan": treatment.plan_number}
    form, conflict = CorrectionForm(typed(request), clinic=clinic, initial=seen), ""
    if form.is_valid():
        try:
            services.correct_hour_zero(treatment, by=staff_of(request), at=at, **form.cleaned_data)
        except services.TimeNotPossible as error:
            form.add_error("hour_zero", str(error))
        except AlreadyMoved as error:
            if is_own(error, by=staff_of(request)) and treatment.hour_zero == form.cleaned_data["hour_zero"]:
                return go_to("clinic:patient", treatment.patient_id)
            form = CorrectionForm({**request.POST.dict(), "seen_plan": treatment.plan_number}, clinic=clinic)
            conflict = conflict_words(error, clinic=clinic, at=at)
        else:
            messages.success(request, "Hour 0 is corrected. The messages have moved with it.")
            return go_to("clinic:patient", treatment.patient_id)
    now = hour_zero_words(treatment, clinic=clinic, at=at)
    template = "clinic/correct_treatment.html"
    if conflict:
        return render_page(request, template, treatment, form=form, now=now, conflict=conflict, status=409)
    return show_form(request, template, form, treatment, now=now)


def _ask_or_do(
    request: AppRequest, treatment_id: UUID, act: Act, deed: Deed, *, to: TreatmentState, said: str
) -> HttpResponse:
    """A GET asks; a POST does it, once."""
    treatment, at = treatment_or_404(treatment_id), timezone.now()
    if request.method == "POST":
        return _do(request, treatment, deed, to=to, said=said)
    if not may(request, act, treatment):
        return too_late(request, treatment)
    ask = ask_treatment(act, treatment, clinic=clinic_of(request), at=at)
    return render_page(request, "clinic/ask_treatment.html", treatment, ask=ask)


def _do(
    request: AppRequest, treatment: Treatment, deed: Deed, *, to: TreatmentState, said: str, **values: Any
) -> HttpResponse:
    """One step of the visit's life, to the state `to`. Whoever comes second is told who was first.

    Raises TimeNotPossible, and GivenMeanwhile for the form that asks what was given.
    """
    at, staff = timezone.now(), staff_of(request)
    try:
        deed(treatment, by=staff, at=at, **values)
    except services.GivenMeanwhile:
        raise
    except (AlreadyMoved, services.TreatmentOpen, services.AssessmentMissing) as error:
        if not (is_own(error, by=staff) and treatment.state == to and _says_the_same(treatment, values)):
            conflict = conflict_words(error, clinic=clinic_of(request), at=at)
            return show_patient(request, treatment.patient_id, at, conflict=conflict, status=409)
    else:
        leaving = on_its_way_line(treatment) if to == TreatmentState.CANCELLED else ""
        messages.success(request, f"{said} {leaving}".rstrip())
    if to in AT_CLINIC:
        return go_to("clinic:care", treatment.pk)
    return go_to("clinic:patient", treatment.patient_id)


def _says_the_same(treatment: Treatment, values: dict[str, Any]) -> bool:
    """Whether a step that was made already was made with these values: then a second tap is no conflict."""
    made = {"ended_at": treatment.ended_at, "given": treatment.given}
    return all(value is None or made.get(name, value) == value for name, value in values.items())
