"""The audit trail says who came in and how, who left and why, and which proofs were wrong; and bounds the guessing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, SignIn, StaffMember, Throttle
from accounts.second_steps import has_second_step
from accounts.services.second_steps import make_recovery_codes
from accounts.services.sign_ins import begin_sign_in
from accounts.services.ways_in import CODES_PER_DAY
from aftercare.sessions import session_hash
from aftercare.tenancy import tenant
from tests.clinic.doors import (
    AGAIN,
    LOGIN,
    ME,
    PASSWORD,
    SECOND,
    SoftPasskey,
    a_browser,
    code_of,
    give_app,
    give_passkey,
    later,
    options_of,
    sign_in,
    type_password,
)
from tests.clinic.pages import words
from tests.world import World

pytestmark = pytest.mark.django_db


def trail(member: StaffMember) -> list[tuple[str, dict[str, Any]]]:
    with tenant(member.clinic_id):
        rows = AuditEvent.objects.filter(object=str(member.pk)).order_by("pk")
        return list(rows.values_list("action", "facts"))


def test_coming_in_and_going_are_on_record(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    browser.post("/staff/logout/")
    assert trail(nurse) == [
        ("signed_in", {"with": ["password", "totp"]}),
        ("signed_out", {"why": "asked"}),
    ]


def test_a_sign_in_that_ran_out_is_on_record_as_that(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    later(nurse, timedelta(minutes=16), "seen_at")
    browser.get("/staff/")
    browser.get("/staff/")
    assert trail(nurse)[1:] == [("signed_out", {"why": "idle"})]


def test_a_wrong_password_is_on_record_at_the_clinic_of_its_owner(nurse: StaffMember, secret: str) -> None:
    type_password(a_browser(), nurse, password="wrong")
    type_password(a_browser(), nurse, login=nurse.user.email.upper(), password="wrong")
    assert trail(nurse) == [("wrong_proof", {"step": "password"})] * 2


def test_a_wrong_password_of_nobody_leaves_no_line_and_takes_the_same_steps(nurse: StaffMember) -> None:
    a_browser().post(LOGIN, {"login": "first@cedar.example.org", "password": "wrong"})
    steps = {}
    for login in (nurse.user.email, "nobody@cedar.example.org"):
        with CaptureQueriesContext(connection) as queries:
            a_browser().post(LOGIN, {"login": login, "password": "wrong"})
        # what is taken back needs no clinic to come back to
        aside = ("SAVEPOINT", "set_config")
        steps[login] = [query["sql"].split()[0] for query in queries if not any(word in query["sql"] for word in aside)]
    assert steps[nurse.user.email] == steps["nobody@cedar.example.org"]
    assert "INSERT" in steps["nobody@cedar.example.org"]
    assert len(trail(nurse)) == 1
    with tenant(nurse.clinic_id):
        assert AuditEvent.objects.count() == 1


def test_a_wrong_code_is_on_record_at_the_door_and_inside(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    type_password(browser, nurse)
    browser.post(SECOND, {"code": "000000"})
    browser.post(SECOND, {"code": code_of(secret)})
    browser.post(AGAIN, {"code": "000000"})
    browser.post(AGAIN, {"password": "wrong"})
    assert [facts["step"] for action, facts in trail(nurse) if action == "wrong_proof"] == ["totp", "totp", "password"]


def test_a_recovery_code_that_was_used_is_on_record(world: World, nurse: StaffMember, secret: str) -> None:
    with tenant(nurse.clinic_id):
        codes = make_recovery_codes(nurse, at=nurse.user.date_joined)
    browser = a_browser()
    type_password(browser, nurse)
    browser.post(SECOND, {"code": codes[0]})
    assert [action for action, _ in trail(nurse)] == ["recovery_codes_made", "recovery_code_used", "signed_in"]


def test_no_line_holds_a_word_that_was_typed(nurse: StaffMember, secret: str) -> None:
    type_password(a_browser(), nurse, password="hunter-of-herons")
    sign_in(a_browser(), nurse, secret)
    assert not any(word in str(trail(nurse)) for word in ("hunter", nurse.user.email, PASSWORD))


# A day's codes


def set_tries(count: int) -> None:
    """As if so many codes had been tried today."""
    Throttle.objects.update(count=count)
    cache.clear()


def test_after_fifty_wrong_codes_in_a_day_none_is_looked_at(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    type_password(browser, nurse)
    assert browser.post(SECOND, {"code": "000000"}).status_code == 422
    set_tries(CODES_PER_DAY)
    refused = browser.post(SECOND, {"code": code_of(secret)})
    assert refused.status_code == 429
    assert "There were too many wrong codes today. Use a passkey or a recovery code, or ask a manager." in words(
        refused
    )


def test_a_right_code_is_not_counted(nurse: StaffMember, secret: str) -> None:
    sign_in(a_browser(), nurse, secret)
    assert list(Throttle.objects.values_list("count", flat=True)) == [0]


def test_who_has_a_passkey_comes_in_all_the_same(nurse: StaffMember) -> None:
    passkey, first = SoftPasskey(), a_browser()
    type_password(first, nurse)
    give_passkey(first, passkey)
    give_app(nurse)
    browser = a_browser()
    type_password(browser, nurse)
    browser.post(SECOND, {"code": "000000"})
    set_tries(CODES_PER_DAY)
    assert browser.post(SECOND, {"code": "000000"}).status_code == 429
    asked = options_of(browser.get(SECOND))
    assert browser.post(SECOND, {"credential": passkey.use(asked)}).status_code == 302
    assert browser.get(ME).status_code == 200


def test_codes_that_nobody_looked_at_do_not_count(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    type_password(browser, nurse)
    statuses = [browser.post(SECOND, {"code": "000000"}).status_code for _ in range(8)]
    assert statuses.count(422) == 5
    assert list(Throttle.objects.values_list("count", flat=True)) == [5]


def test_a_recovery_code_opens_when_the_days_tries_are_used_up(nurse: StaffMember, secret: str) -> None:
    with tenant(nurse.clinic_id):
        codes = make_recovery_codes(nurse, at=nurse.user.date_joined)
    browser = a_browser()
    type_password(browser, nurse)
    browser.post(SECOND, {"code": "000000"})
    set_tries(CODES_PER_DAY)
    assert browser.post(SECOND, {"code": code_of(secret)}).status_code == 429
    assert browser.post(SECOND, {"code": codes[0]}).status_code == 302


def test_a_refused_passkey_is_on_record(nurse: StaffMember) -> None:
    passkey, browser = SoftPasskey(), a_browser()
    type_password(browser, nurse)
    give_passkey(browser, passkey)
    later(nurse, timedelta(minutes=6), "confirmed_at")
    asked = options_of(browser.get(AGAIN))
    assert browser.post(AGAIN, {"credential": SoftPasskey().use(asked)}).status_code == 422
    assert trail(nurse)[-1] == ("wrong_proof", {"step": "webauthn"})


def test_signing_out_other_browsers_is_on_record(nurse: StaffMember, secret: str) -> None:
    browser = a_browser()
    sign_in(browser, nurse, secret)
    SignIn.objects.create(
        user=nurse.user, session_hash="other", began_at=Now(), seen_at=Now(), confirmed_at=Now(), is_strong=True
    )
    browser.post(f"{ME}sign-outs/")
    assert trail(nurse)[-1] == ("signed_out", {"why": "elsewhere"})


# A race


def test_with_a_password_alone_nobody_comes_in_once_there_is_a_second_step(nurse: StaffMember, secret: str) -> None:
    """The password was right before the second step was added, and the sign-in comes after it."""
    assert has_second_step(nurse.user)
    begin_sign_in(nurse.user, session_key="late", browser="", is_strong=False)
    assert SignIn.objects.get(session_hash=session_hash("late")).ended_at is not None


def test_that_browser_is_asked_to_sign_in_anew(nurse: StaffMember, secret: str) -> None:
    browser = Client()
    browser.force_login(nurse.user)
    assert trail(nurse) == [("wrong_proof", {"step": "second step"})]
    assert browser.get("/staff/")["Location"] == LOGIN
