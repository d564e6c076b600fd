"""How a visit is left: with everything on record, with something open and a clinician's word, or badly."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.queries import last_change
from accounts.services import pickup_link
from aftercare.http import get_or_post, render_page, show_form, typed
from aftercare.qr import qr_svg
from aftercare.state import AlreadyMoved
from clinic import services
from clinic.acts import DISCHARGE, END_BADLY
from clinic.care_forms import DriverForm
from clinic.leaving_forms import KEPT, AnywayForm, BadEndForm, DischargeForm, typed_words
from clinic.models import BadEnd, Discharge
from clinic.queries.care import care_page
from clinic.queries.discharge import DischargePage, clinicians, discharge_page
from clinic.queries.fates import on_its_way_line
from clinic.roles import TREATS
from clinic.views.common import clinic_of, conflict_words, go_to, is_own, may, too_late, treatment_or_404
from timeline.models import Treatment
from timeline.services import moved_already
from timeline.states import AT_CLINIC, TreatmentState

_DRIVER = {"name": "Name", "phone": "Number"}
_LEFT = "It is on record that the patient left."
# Long enough for a page that somebody reads.
_LATELY = timedelta(minutes=15)


@staff_page(roles=TREATS)
@get_or_post
def discharge_treatment(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """What is on record and what is open. Complete, it is confirmed here; else a clinician decides on the next page."""
    treatment, clinic, at = treatment_or_404(treatment_id), clinic_of(request), timezone.now()
    if not may(request, DISCHARGE, treatment):
        return _gone_already(request, treatment)
    page = discharge_page(treatment, clinic=clinic, at=at)
    initial = {"medicines": page.medicines, "next_contact_at": page.next_contact_at}
    form, template = (
        DischargeForm(typed(request), clinic=clinic, at=at, initial=initial),
        "clinic/discharge_treatment.html",
    )
    if not form.is_valid():
        return show_form(request, template, form, page)
    try:
        services.complete_discharge(treatment, by=staff_of(request), at=at, **form.said)
    except services.StillOpen:
        page = discharge_page(treatment_or_404(treatment_id), clinic=clinic, at=at)
        return render_page(
            request, template, page, form=form, conflict=_still_open(request, treatment, at=at), status=409
        )
    except AlreadyMoved:
        return _gone_already(request, treatment_or_404(treatment_id))
    messages.success(request, _LEFT)
    return go_to("clinic:patient", treatment.patient_id)


@staff_page(roles=TREATS)
@get_or_post
def discharge_anyway(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """Something is open, or there was no door word: a clinician of this clinic decides, and says why."""
    treatment, clinic, at = treatment_or_404(treatment_id), clinic_of(request), timezone.now()
    if not may(request, DISCHARGE, treatment):
        return _gone_already(request, treatment)
    page = discharge_page(treatment, clinic=clinic, at=at)
    if request.method != "POST" and page.is_complete:
        return go_to("clinic:discharge_treatment", treatment_id)
    form = _anyway_form(request, page, at=at)
    if not form.is_valid():
        return _interrupt(request, page, form, status=422 if form.is_bound else 200)
    return _decide(request, treatment, page, form, at=at)


def _decide(
    request: AppRequest, treatment: Treatment, page: DischargePage, form: AnywayForm, *, at: datetime
) -> HttpResponse:
    decision = services.Decision(**form.decided)
    try:
        services.complete_discharge(treatment, by=staff_of(request), at=at, decision=decision, **form.said)
    except services.StillOpen:
        page = discharge_page(treatment_or_404(treatment.pk), clinic=clinic_of(request), at=at)
        conflict = _still_open(request, treatment, at=at)
        return _interrupt(request, page, _anyway_form(request, page, at=at), conflict=conflict, status=409)
    except services.NothingOpen as error:
        return _plain_instead(request, treatment, error, at=at)
    except services.NotAClinician as error:
        form.add_error("clinician", str(error))
        return _interrupt(request, page, form, status=422)
    except AlreadyMoved:
        return _gone_already(request, treatment_or_404(treatment.pk))
    messages.success(request, _LEFT)
    return go_to("clinic:patient", treatment.patient_id)


@staff_page(roles=TREATS)
@get_or_post
def end_treatment_badly(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """Asks what happened, and the little that whoever comes next needs; from that moment on nothing cheerful is sent."""
    treatment, at, staff = treatment_or_404(treatment_id), timezone.now(), staff_of(request)
    form = BadEndForm(typed(request), clinic=clinic_of(request), at=at)
    if not form.is_bound and not may(request, END_BADLY, treatment):
        return too_late(request, treatment)
    if not form.is_valid():
        on_its_way = on_its_way_line(treatment)
        return show_form(request, "clinic/end_treatment_badly.html", form, treatment, on_its_way=on_its_way)
    try:
        services.end_visit_badly(treatment, by=staff, at=at, **form.ending)
    except AlreadyMoved as error:
        treatment = treatment_or_404(treatment_id)
        if not (is_own(error, by=staff) and _is_the_same_end(treatment, form.ending)):
            return too_late(request, treatment, kept=typed_words(request.POST, KEPT))
    else:
        messages.success(request, f"It is on record. No more messages leave. {on_its_way_line(treatment)}".rstrip())
    return go_to("clinic:patient", treatment.patient_id)


@staff_page(roles=TREATS)
@get_or_post
def change_driver(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """Somebody else came, or nobody was named: who it is, and a link for their phone or another way."""
    treatment, clinic, at = treatment_or_404(treatment_id), clinic_of(request), timezone.now()
    if treatment.state not in AT_CLINIC:
        return too_late(request, treatment, kept=typed_words(request.POST, _DRIVER))
    form = DriverForm(typed(request), clinic=clinic)
    if form.is_valid():
        try:
            services.change_driver(treatment, by=staff_of(request), at=at, **form.cleaned_data)
        except AlreadyMoved:
            return too_late(request, treatment_or_404(treatment_id), kept=typed_words(request.POST, _DRIVER))
        return go_to("clinic:offer_pickup_link", treatment_id)
    page = care_page(treatment, clinic=clinic, role=staff_of(request).role, at=at)
    return show_form(request, "clinic/change_driver.html", form, page)


@staff_page(roles=TREATS)
@get_or_post
def offer_pickup_link(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """A POST makes a link and shows it this once, for the camera of their phone; the one before ends. A GET only asks."""
    treatment, clinic, at = treatment_or_404(treatment_id), clinic_of(request), timezone.now()
    if treatment.state not in AT_CLINIC:
        return too_late(request, treatment)
    shown: dict[str, Any] = {}
    if request.method == "POST":
        try:
            link = services.offer_link(treatment, by=staff_of(request), at=at)
        except services.NobodyNamed as error:
            shown["conflict"] = str(error)
        except AlreadyMoved:
            return too_late(request, treatment_or_404(treatment_id))
        else:
            address = pickup_link(link.token)
            shown |= {"qr": qr_svg(address), "name": link.name}
    page = care_page(treatment_or_404(treatment_id), clinic=clinic, role=staff_of(request).role, at=at)
    status = 409 if "conflict" in shown else 200
    return render_page(request, "clinic/offer_pickup_link.html", page, status=status, **shown)


def _anyway_form(request: AppRequest, page: DischargePage, *, at: datetime) -> AnywayForm:
    clinic, staff = clinic_of(request), staff_of(request)
    offered = clinicians(clinic)
    initial = {
        "medicines": page.medicines,
        "next_contact_at": page.next_contact_at,
        "clinician": str(staff.pk) if staff in offered else "",
    }
    return AnywayForm(typed(request), clinic=clinic, at=at, clinicians=offered, is_met=page.is_met, initial=initial)


def _interrupt(
    request: AppRequest, page: DischargePage, form: AnywayForm, *, conflict: str = "", status: int
) -> HttpResponse:
    return render_page(request, "clinic/discharge_anyway.html", page, form=form, conflict=conflict, status=status)


def _plain_instead(request: AppRequest, treatment: Treatment, error: Exception, *, at: datetime) -> HttpResponse:
    """Somebody ticked the rest, or the door word came: it is confirmed as any other, and what was typed is kept."""
    page = discharge_page(treatment_or_404(treatment.pk), clinic=clinic_of(request), at=at)
    shown: dict[str, Any] = {
        "form": DischargeForm(request.POST, clinic=clinic_of(request), at=at),
        "conflict": str(error),
        "kept_words": typed_words(request.POST, {name: KEPT[name] for name in ("with_whom", "reason")}),
    }
    return render_page(request, "clinic/discharge_treatment.html", page, status=409, **shown)


def _still_open(request: AppRequest, treatment: Treatment, *, at: datetime) -> str:
    """That something is open; and who took a tick back, where somebody just did."""
    said, change = "Something that is required is open.", last_change(treatment, services.ITEM_UNTICKED)
    if change is None or at - change.at > _LATELY:
        return said
    taken = AlreadyMoved(f"{said} {change.who} took a tick back.", happened_at=change.at)
    return conflict_words(taken, clinic=clinic_of(request), at=at)


def _gone_already(request: AppRequest, treatment: Treatment) -> HttpResponse:
    """A colleague recorded it first, and who comes second reads who and when. A second tap of the same person is the first."""
    error, is_post = moved_already(treatment), request.method == "POST"
    is_mine = treatment.state == TreatmentState.DISCHARGED and is_own(error, by=staff_of(request))
    if is_post and is_mine and _says_the_same(request, treatment):
        return go_to("clinic:patient", treatment.patient_id)
    return too_late(request, treatment, kept=typed_words(request.POST, KEPT) if is_post else ())


def _says_the_same(request: AppRequest, treatment: Treatment) -> bool:
    """Whether what was typed now is what stands on record."""
    made = Discharge.objects.filter(treatment=treatment).first()
    said = {name: " ".join(request.POST.get(name, "").split()) for name in ("medicines", "reason")}
    return made is not None and all(getattr(made, name) == words for name, words in said.items())


def _is_the_same_end(treatment: Treatment, ending: dict[str, Any]) -> bool:
    made = BadEnd.objects.filter(treatment=treatment).first()
    if (
        treatment.state != TreatmentState.ENDED_BADLY
        or treatment.ended_badly_reason != ending["reason"]
        or made is None
    ):
        return False
    return (made.said, made.went_to) == (ending["said"], ending["went_to"])
