"""Finds out who asks, and holds the one transaction of the request in which only that person's clinic exists."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Clinic, Patient, StaffMember
from accounts.queries import bound_device, staff_member_of
from aftercare.http import GetResponse
from aftercare.tenancy import tenant

DEVICE, CLINIC, SEEN_ON = "device", "clinic", "seen_on"


class AppRequest(HttpRequest):
    """A request that WhoMiddleware has seen. At most one of patient and staff is set; clinic belongs to it."""

    patient: Patient | None
    staff: StaffMember | None
    clinic: Clinic | None


class WhoMiddleware:
    """Sets request.patient, request.staff and request.clinic from the session, checked anew on every request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: AppRequest) -> HttpResponse:
        request.patient, request.staff, request.clinic = None, None, None
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
                request.patient, request.clinic = device.patient, device.patient.clinic
                _keep_signed_in(request)
                return self._inside(request)
        request.session.flush()
        return self.get_response(request)

    def _as_staff(self, request: AppRequest) -> HttpResponse:
        staff = staff_member_of(request.user) if request.user.is_authenticated else None
        if staff is None:
            return self.get_response(request)
        with tenant(staff.clinic_id):
            request.staff, request.clinic = staff, staff.clinic
            return self._inside(request)

    def _inside(self, request: AppRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= 500:
            # The exception was turned into a page further in: nothing of the request may stay.
            transaction.set_rollback(True)
        return response


def _keep_signed_in(request: AppRequest) -> None:
    """Once a day the phone's session begins its thirty days anew, so that one in use never ends by itself."""
    today = timezone.now().date().isoformat()
    if request.session.get(SEEN_ON) != today:
        request.session[SEEN_ON] = today
