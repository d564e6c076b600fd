"""Inviting a patient before a visit: a link to hand over, to read out, or to send."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts import services
from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.views.common import address_to_type
from aftercare.http import get_or_post, render_page
from aftercare.qr import qr_svg
from clinic.acts import INVITE
from clinic.queries import InvitationPage, invitation_page
from clinic.roles import BOOKS
from clinic.views.common import clinic_of, conflict_words, go_to, show_patient, treatment_or_404
from timeline.models import Treatment
from timeline.services import moved_already

PAGE = "clinic/invite_treatment.html"
CAN_NOT_LEAVE = "It can't be sent that way. It was sent already, it was used, or that way was stopped."


@staff_page(roles=BOOKS)
@get_or_post
def invite_treatment(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """A POST makes an invitation to a planned visit, or sends it. A GET shows the one that waits to be used."""
    treatment, at = treatment_or_404(treatment_id), timezone.now()
    if treatment.state not in INVITE.states:
        conflict = conflict_words(moved_already(treatment), clinic=clinic_of(request), at=at)
        return show_patient(request, treatment.patient_id, at, conflict=conflict, status=409)
    if request.method != "POST":
        return _show(request, invitation_page(treatment, clinic=clinic_of(request), at=at))
    if by := request.POST.get("by"):
        return _send(request, treatment, by=by, at=at)
    try:
        services.invite(treatment.patient, planned_for=treatment.planned_for, by=staff_of(request), at=at)
    except services.VisitOver as error:
        return show_patient(request, treatment.patient_id, at, conflict=str(error), status=409)
    return go_to("clinic:invite_treatment", treatment.pk)


def _send(request: AppRequest, treatment: Treatment, *, by: str, at: datetime) -> HttpResponse:
    """The link leaves by "sms" or "email", once."""
    page = invitation_page(treatment, clinic=clinic_of(request), at=at)
    way = next((way for way in page.ways if way.kind == by), None)
    if page.token is None or way is None:
        return _show(request, page, conflict=CAN_NOT_LEAVE, status=409)
    try:
        services.send_invitation(
            page.token, patient=treatment.patient, channel=way.channel, by=staff_of(request), at=at
        )
    except services.TooManyTries as error:
        return _show(request, page, conflict=str(error), status=429)
    messages.success(request, "The invitation is on its way.")
    return go_to("clinic:invite_treatment", treatment.pk)


def _show(request: AppRequest, page: InvitationPage, *, conflict: str = "", status: int = 200) -> HttpResponse:
    qr, welcome = qr_svg(page.link) if page.link else "", address_to_type("accounts:welcome")
    return render_page(request, PAGE, page, qr=qr, welcome=welcome, conflict=conflict, status=status)
