"""Finds out who asks, and holds the one transaction of the request in which only that person's clinic exists."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Clinic, Device, Patient, StaffMember
from accounts.queries import bound_device
from accounts.services.sign_ins import see
from accounts.standing import WAS_ENDED, Standing, standing_of
from aftercare.http import GetResponse
from aftercare.tenancy import tenant

DEVICE, CLINIC, SEEN_ON = "device", "clinic", "seen_on"
# Whose sign-in ran out in this browser, why, and on which page: to say so, and to lead back.
LEFT = "left"
# What a member of staff was about to do when they were asked to prove once more who they are: path, to (what for), fields
# (what was posted, or None), until (a timestamp: the fields are not kept longer).
ASKED_FOR, HOLDS_FOR = "asked_for", timedelta(minutes=10)
# Kept for the welcome page: this phone was somebody's until it was signed out from elsewhere.
PHONE_ENDED = "phone_ended"


class AppRequest(HttpRequest):
    """A request that WhoMiddleware has seen. At most one of patient and staff is set; clinic belongs to it.

    `device` is the phone of the patient; it says how much of what is the patient's it opens. `newcomer` is a member of
    staff with a password alone, who may do no more than add a second step; `standing` is the sign-in of either.
    """

    device: Device | None
    patient: Patient | None
    staff: StaffMember | None
    newcomer: StaffMember | None
    standing: Standing | None
    clinic: Clinic | None


class WhoMiddleware:
    """Sets request.patient, request.staff and request.clinic from the session, checked anew on every request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: AppRequest) -> HttpResponse:
        request.device, request.patient, request.staff, request.clinic = None, None, None, None
        request.newcomer, request.standing = None, None
        if not _is_readable(request.session):
            request.session.flush()
        if DEVICE in request.session:
            return self._as_patient(request)
        if "_auth_user_id" in request.session:
            return self._as_staff(request)
        return self.get_response(request)

    def _as_patient(self, request: AppRequest) -> HttpResponse:
        clinic_id = UUID(request.session[CLINIC])
        with tenant(clinic_id):
            device = bound_device(UUID(request.session[DEVICE]), clinic_id=clinic_id)
            if device:
                request.device, request.patient, request.clinic = device, device.patient, device.patient.clinic
                _keep_signed_in(request)
                return self._inside(request)
        request.session.flush()
        request.session[PHONE_ENDED] = True
        return self.get_response(request)

    def _as_staff(self, request: AppRequest) -> HttpResponse:
        standing = standing_of(request.session.session_key or "") if request.user.is_authenticated else None
        if standing is None or standing.over:
            _sign_out(request, standing)
            return self.get_response(request)
        request.standing = standing
        _let_go(request.session, at=standing.at)
        if not standing.was_just_seen and not _polls(request):
            see(standing.sign_in)
        member = standing.member
        if member is None:
            return self.get_response(request)
        with tenant(member.clinic_id):
            request.clinic = member.clinic
            request.staff, request.newcomer = (member, None) if standing.is_enough else (None, member)
            return self._inside(request)

    def _inside(self, request: AppRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= 500:
            # The exception was turned into a page further in: nothing of the request may stay.
            transaction.set_rollback(True)
        return response


def _is_readable(session: SessionBase) -> bool:
    """Whether the ids that say who asks are ids at all."""
    try:
        for name in {DEVICE, CLINIC} if DEVICE in session else set():
            UUID(str(session[name]))
        int(str(session.get(SESSION_KEY, 0)))
    except (KeyError, ValueError):
        return False
    return True


def _let_go(session: SessionBase, *, at: datetime) -> None:
    """What was posted and waits for a proof is not kept for long: the way back to its page is."""
    asked_for = session.get(ASKED_FOR)
    if asked_for and asked_for["fields"] and asked_for.get("until", 0) < at.timestamp():
        session[ASKED_FOR] = {**asked_for, "fields": None}


def _keep_signed_in(request: AppRequest) -> None:
    """Once a day the phone's session begins its thirty days anew, so that one in use never ends by itself."""
    today = timezone.now().date().isoformat()
    if request.session.get(SEEN_ON) != today:
        request.session[SEEN_ON] = today


def _polls(request: AppRequest) -> bool:
    """Whether the page asks by itself for what is new: that shows nothing of whether anybody is there."""
    return bool(getattr(request, "htmx", False)) and "seen" in request.GET


def _sign_out(request: AppRequest, standing: Standing | None) -> None:
    user_id = request.user.pk
    logout(request)
    if standing and standing.over != WAS_ENDED:
        request.session[LEFT] = {"user": user_id, "why": standing.over}
