"""Inviting: to a planned visit, by a link that is shown, read out or sent once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, Device, Token
from accounts.services import stop_texts
from accounts.services.throttles import TEXTS_A_DAY, throttle_text
from accounts.states import ChannelKind, Role, TokenKind
from prompts.models import Prompt
from tests.accounts.ways import NEW_PIN, NUMBER, give_number, messages_wanted
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.world import World
from timeline.models import Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
CODE = re.compile(r'class="qr__code-words num">([0-9A-Z]{4}-[0-9A-Z]{4})<')


@pytest.fixture
def visit(world: World) -> Treatment:
    return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=2))


def address(visit: Treatment) -> str:
    return f"/staff/treatments/{visit.pk}/invite/"


def test_the_patients_page_offers_it_for_a_planned_visit(world: World, staff: Staff, visit: Treatment) -> None:
    page = staff(Role.FRONT_DESK).get(f"/staff/patients/{world.patient.pk}/").content.decode()
    assert f'href="{address(visit)}"' in page


def test_a_look_makes_no_invitation(staff: Staff, visit: Treatment) -> None:
    assert "Make the invitation" in words(staff().get(address(visit)))
    assert not Token.objects.exists()


def test_what_is_shown_sets_a_phone_up(staff: Staff, visit: Treatment) -> None:
    browser = staff(Role.FRONT_DESK)
    assert browser.post(address(visit))["Location"] == address(visit)
    shown = browser.get(address(visit))
    assert '<svg viewBox="0 0' in shown.content.decode()
    code = CODE.search(shown.content.decode())
    assert code
    phone = Client()
    assert phone.post("/code/", {"code": code[1]})["Location"] == "/invitation/"
    assert phone.post("/invitation/", {"pin": NEW_PIN, "again": NEW_PIN})["Location"] == "/set-up/"
    assert Device.objects.get().scope == "set_up"
    page = words(browser.get(f"/staff/patients/{visit.patient_id}/"))
    assert "For the set-up only, since" in page
    assert "Set up the phone" in page
    assert "Make the invitation" in words(browser.get(address(visit)))


def test_the_link_is_told_to_nobody_but_the_camera(staff: Staff, visit: Treatment) -> None:
    browser = staff()
    browser.post(address(visit))
    shown = browser.get(address(visit))
    assert "/i/" not in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"


def test_after_twelve_texts_in_a_day_staff_read_what_to_do_and_nothing_is_noted(
    world: World, staff: Staff, visit: Treatment
) -> None:
    """As many as somebody pressed a button for; a code is counted by itself."""
    channel = give_number(world)
    for _ in range(TEXTS_A_DAY):
        throttle_text(channel, words="")
    browser = staff()
    browser.post(address(visit))
    answer = browser.post(address(visit), {"by": "sms"})
    assert answer.status_code == 429 and "They got twelve such texts within a day." in words(answer)
    assert not Prompt.objects.exists() and not AuditEvent.objects.filter(action="invitation_sent").exists()


def test_a_new_invitation_ends_the_one_before(staff: Staff, visit: Treatment) -> None:
    browser = staff()
    codes = []
    for _ in range(2):
        browser.post(address(visit))
        codes += CODE.findall(browser.get(address(visit)).content.decode())
    assert len(set(codes)) == 2
    assert Client().post("/code/", {"code": codes[0]}).status_code == 422
    assert Token.objects.filter(kind=TokenKind.INVITATION, revoked_at=None).count() == 1


def test_it_is_sent_by_a_way_that_may_send_and_once(world: World, staff: Staff, visit: Treatment) -> None:
    give_number(world)
    give_number(world, "maya@example.org", kind=ChannelKind.EMAIL)
    browser = staff()
    browser.post(address(visit))
    page = words(browser.get(address(visit)))
    assert "Text it to 212-555-0142" in page
    assert "E-mail it to maya@example.org" in page
    with messages_wanted() as wanted:
        assert browser.post(address(visit), {"by": "sms"}).status_code == 303
        assert browser.post(address(visit), {"by": "sms"}).status_code == 409
        assert browser.post(address(visit), {"by": "email"}).status_code == 409
    assert [(message["kind"], message["channel"].kind) for message in wanted] == [("invitation", "sms")]
    assert Prompt.objects.get().token == wanted[0]["token"]
    assert "On its way by text" in words(browser.get(address(visit)))
    assert AuditEvent.objects.filter(action="invitation_sent").count() == 1


def test_it_is_not_sent_after_a_stop_or_without_consent(world: World, staff: Staff, visit: Treatment) -> None:
    give_number(world)
    browser = staff()
    browser.post(address(visit))
    stop_texts(NUMBER, at=timezone.now())
    assert "It can't be sent" in words(browser.get(address(visit)))
    with messages_wanted() as wanted:
        for by in ("sms", "email", "in_app", "x"):
            assert browser.post(address(visit), {"by": by}).status_code == 409
    assert wanted == []


@pytest.mark.parametrize("state", [TreatmentState.IN_TREATMENT, TreatmentState.CLOSED])
def test_nobody_is_invited_to_a_visit_that_is_not_planned(world: World, staff: Staff, state: TreatmentState) -> None:
    at = timezone.now()
    visit = world.treatment(state, hour_zero=None, started_at=at, started_by=world.nurse, planned_for=at)
    browser = staff()
    assert browser.get(address(visit)).status_code == 409
    assert browser.post(address(visit)).status_code == 409
    assert browser.post(address(visit), {"by": "sms"}).status_code == 409
    assert not Token.objects.exists()


def test_a_visit_whose_time_is_over_has_to_be_planned_anew(world: World, staff: Staff) -> None:
    at = timezone.now()
    visit = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=at - timedelta(hours=13))
    response = staff().post(address(visit))
    assert response.status_code == 409
    assert "plan a new one" in words(response)


def test_a_cancelled_visit_takes_the_invitation_back(staff: Staff, visit: Treatment) -> None:
    browser = staff()
    browser.post(address(visit))
    code = CODE.findall(browser.get(address(visit)).content.decode())[0]
    phone = Client()
    phone.post("/code/", {"code": code})
    browser.post(f"/staff/treatments/{visit.pk}/cancel/")
    response = phone.post("/invitation/", {"pin": NEW_PIN, "again": NEW_PIN})
    assert response.status_code == 410
    assert "Was your visit cancelled?" in words(response)
    assert not Device.objects.exists()
