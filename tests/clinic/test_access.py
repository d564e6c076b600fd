"""Who must not: each address of the staff, by stranger, phone, wrong role, other clinic, and an account without a clinic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.states import Role
from aftercare.tenancy import tenant
from alerts.models import Alert, OnCallShift
from checkin.models import CheckIn
from clinic import urls
from clinic.roles import ANSWERS, BOOKS, EDITS_PROTOCOLS, MANAGES, PLANS_DUTY, SIGNS, TREATS
from tests.checkin.rows import make_check_in
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.world import World, acts
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]

EVERYONE = frozenset(Role)
# name: who may
PAGES = {
    "today": EVERYONE,
    "patients": EVERYONE,
    "patient": EVERYONE,
    "protocols": EVERYONE,
    "version": EVERYONE,
    "version_file": EVERYONE,
    "add_patient": BOOKS,
    "plan_treatment": BOOKS,
    "cancel_treatment": BOOKS,
    "patient_phone": BOOKS,
    "end_patient_phones": BOOKS,
    "patient_card": BOOKS,
    "patient_number": BOOKS,
    "lost_patient_texts": BOOKS,
    "lost_patient_emails": BOOKS,
    "invite_treatment": BOOKS,
    "start_treatment": TREATS,
    "end_treatment": TREATS,
    "discharge_treatment": TREATS,
    "discharge_anyway": TREATS,
    "care": TREATS,
    "tick_item": TREATS,
    "untick_item": TREATS,
    "add_vital_signs": TREATS,
    "set_ready": TREATS,
    "meet_escort": TREATS,
    "change_driver": TREATS,
    "offer_pickup_link": TREATS,
    "correct_treatment": TREATS,
    "end_treatment_badly": TREATS,
    "patient_history": TREATS,
    "confirm_history": TREATS,
    "patient_assessment": TREATS,
    "treatment_given": TREATS,
    "weeks": TREATS,
    "take_check_in": TREATS,
    "check_in": TREATS,
    "check_in_question": TREATS,
    "add_version": EDITS_PROTOCOLS,
    "publish_version": EDITS_PROTOCOLS,
    "retire_version": EDITS_PROTOCOLS,
    "thresholds": EDITS_PROTOCOLS,
    "visit_settings": EDITS_PROTOCOLS,
    "sign_version": SIGNS,
    "team": MANAGES,
    "invite_staff": MANAGES,
    "team_member": MANAGES,
    "change_role": MANAGES,
    "deactivate_staff": MANAGES,
    "invite_again": MANAGES,
    "withdraw_invitation": MANAGES,
    "alerts": EVERYONE,
    "alert": EVERYONE,
    "log_call": EVERYONE,
    "take_alert": ANSWERS,
    "promise_call": ANSWERS,
    "hand_back_alert": ANSWERS,
    "close_alert": ANSWERS,
    "on_call": EVERYONE,
    "add_shift": PLANS_DUTY,
    "end_shift": PLANS_DUTY,
    "procedures": PLANS_DUTY,
    "tonight": EVERYONE,
    "downtime": BOOKS,
    "downtime_pack": BOOKS,
    "messages": EVERYONE,
    "day_sheet": BOOKS,
    "discharge_summary": TREATS,
    "log_contact": EVERYONE,
    "form_sent": EVERYONE,
}
# Their forms stand on the page of the alert: a look leads there.
ACTS_OF_ALERT = ["take_alert", "promise_call", "log_call", "hand_back_alert", "close_alert"]
OF_ALERT = ["alert", *ACTS_OF_ALERT]
# And these on the page of a visit at the clinic.
ACTS_OF_CARE = ["tick_item", "untick_item", "add_vital_signs", "set_ready", "meet_escort"]
OF_VISIT = ["care", "discharge_anyway", "change_driver", "offer_pickup_link", *ACTS_OF_CARE]
OF_MEMBER = ["team_member", "change_role", "deactivate_staff", "invite_again", "withdraw_invitation"]
WITH_ID = ["patient", "patient_history", "confirm_history", "weeks", "patient_assessment", "patient_phone", "end_patient_phones",
    "patient_card", "patient_number", "lost_patient_texts", "lost_patient_emails", "plan_treatment", *(
    name for name in PAGES if name.endswith(("_treatment", "_badly")) and name != "plan_treatment"
), "treatment_given", "version", "version_file", "sign_version", "publish_version", "retire_version", "tonight", "end_shift",
    "log_contact", "form_sent", "messages", "day_sheet", "discharge_summary", *OF_ALERT, *OF_MEMBER, *OF_VISIT]  # fmt: skip

# A look leads to another page: an act of a page, or with no way open to end.
LEADS_AWAY = {
    *ACTS_OF_ALERT,
    *ACTS_OF_CARE,
    "confirm_history",
    "downtime_pack",
    "lost_patient_texts",
    "lost_patient_emails",
}

ONLY_READ = {
    "patient",
    "weeks",
    "version",
    "version_file",
    "team_member",
    "alert",
    "care",
    "messages",
    "day_sheet",
    "discharge_summary",
}


def address(name: str, world: World | None = None) -> str:
    """The page's address with ids of this world's rows, or with ids of nothing."""
    if "check_in" in name:
        return reverse(f"clinic:{name}", args=check_in_ids(name, world))
    return reverse(f"clinic:{name}", args=[id_of(name, world)] if name in WITH_ID else [])


def id_of(name: str, world: World | None) -> Any:
    if world is None:
        return uuid4()
    if "patient" in name or name in {"plan_treatment", "confirm_history", "weeks"}:
        return world.patient.pk
    if name in OF_MEMBER:
        return world.nurse.pk
    if "version" in name:
        return world.version.pk
    with tenant(world.clinic.pk):
        if name in OF_ALERT or name == "end_shift":
            return (a_shift(world) if name == "end_shift" else a_silent_alert(world)).pk
        planned = {"hour_zero": None, "planned_for": timezone.now()}
        return (world.patient.treatments.first() or world.treatment(TreatmentState.PLANNED, **planned)).pk


def check_in_ids(name: str, world: World | None) -> list[Any]:
    """Of a check-in that staff took: the patient, and beside the page that begins one, the check-in."""
    if name == "take_check_in":
        return [world.patient.pk if world else uuid4()]
    question = [1] if name == "check_in_question" else []
    if world is None:
        return [uuid4(), uuid4(), *question]
    with tenant(world.clinic.pk):
        found = CheckIn.objects.first() or make_check_in(world.patient)
    return [world.patient.pk, found.pk, *question]


def a_shift(world: World) -> OnCallShift:
    """As if it had always been there: nobody did anything for it."""
    at = timezone.now()
    span = {"starts_at": at - timedelta(hours=1), "ends_at": at + timedelta(hours=7)}
    return OnCallShift.objects.first() or OnCallShift.objects.create(
        clinic=world.clinic, staff=world.nurse, seat=0, added_at=at, added_by=world.nurse, **span
    )


def a_silent_alert(world: World) -> Alert:
    at = timezone.now()
    moments = {"opened_at": at, "lifted_at": at, "due_at": at}
    found: Alert = Alert.objects.first() or Alert.objects.create(
        clinic=world.clinic, patient=world.patient, source="x", code="7K2", level="urgent", cause="check_in",
        state="open", **moments,
    )  # fmt: skip
    return found


def done(world: World) -> int:
    with tenant(world.clinic.pk):
        return acts().count()


def test_every_page_has_a_line_here() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == set(PAGES)


METHODS = pytest.mark.parametrize("method", ["get", "post"])


@METHODS
def test_a_stranger_is_sent_to_the_sign_in_page(world: World, method: str) -> None:
    for name in PAGES:
        response: Any = getattr(Client(), method)(address(name, world))
        assert (name, response.status_code, response["Location"]) == (name, 302, "/staff/login/")
    assert done(world) == 0


def test_htmx_of_a_stranger_moves_the_whole_page(world: World) -> None:
    for name in PAGES:
        response = Client().get(address(name, world), headers={"HX-Request": "true"})
        assert (name, response.status_code, response["HX-Redirect"]) == (name, 401, "/staff/login/")


@METHODS
def test_a_patients_phone_opens_no_staff_page(world: World, phone: Client, method: str) -> None:
    for name in PAGES:
        response = getattr(phone, method)(address(name, world))
        assert (name, response.status_code, response["Location"]) == (name, 302, "/staff/login/")
    assert done(world) == 0


@pytest.mark.parametrize("role", list(Role))
@METHODS
def test_a_role_that_may_not_is_refused_and_nothing_happens(
    world: World, staff: Staff, role: Role, method: str
) -> None:
    browser = staff(role)
    for name, may in PAGES.items():
        if role not in may:
            response = getattr(browser, method)(address(name, world))
            assert (name, response.status_code) == (name, 403)
            assert "This page is not for you to open" in words(response)
    assert done(world) == 0


@pytest.mark.parametrize("role", list(Role))
def test_a_role_that_may_is_shown_the_page(world: World, staff: Staff, role: Role) -> None:
    """409 is a page too: the visit is planned, and some acts come later."""
    browser = staff(role)
    for name, may in PAGES.items():
        if role in may:
            shown = {303} if name in LEADS_AWAY else {200, 409}
            assert (name, browser.get(address(name, world)).status_code) in {(name, status) for status in shown}


@METHODS
def test_another_clinics_row_is_as_absent_as_one_that_never_was(
    world: World, other_world: World, staff: Staff, method: str
) -> None:
    clinician, manager = staff(Role.CLINICIAN), staff(Role.MANAGER)
    for name in WITH_ID:
        browser = manager if name in OF_MEMBER else clinician
        absent, theirs = (getattr(browser, method)(page) for page in (address(name), address(name, other_world)))
        only_read = method == "post" and name in ONLY_READ
        assert (name, absent.status_code, theirs.status_code) == ((name, 405, 405) if only_read else (name, 404, 404))
        assert words(absent) == words(theirs)
    assert done(other_world) == 0


@pytest.mark.parametrize(
    "page", ["/staff/patients/1/", "/staff/patients/%00/", "/staff/treatments/x/start/", "/staff/x/"]
)
def test_an_address_that_is_none_is_an_error_in_words(world: World, staff: Staff, page: str) -> None:
    response = staff().get(page)
    assert response.status_code == (400 if "%00" in page else 404)
    assert ("We could not read that" if "%00" in page else "There is no page here") in words(response)


@pytest.mark.parametrize("page", ["today", "patients", "protocols"])
def test_an_account_without_a_clinic_is_told_so(world: World, page: str) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("nobody@example.org"))
    response = browser.get(reverse(f"clinic:{page}"))
    assert response.status_code == 403
    assert "This account has no clinic" in words(response)
    assert "Sign out" in words(response)


def test_somebody_who_left_the_clinic_is_out_at_the_next_click(world: World, staff: Staff) -> None:
    browser = staff()
    assert browser.get("/staff/").status_code == 200
    browser.member.is_active = False
    browser.member.save()
    assert browser.get("/staff/").status_code == 403


def test_a_form_from_elsewhere_is_refused(world: World, staff: Staff) -> None:
    member = staff().member
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member.user)
    response = browser.post(address("start_treatment", world))
    assert response.status_code == 403
    assert done(world) == 0
