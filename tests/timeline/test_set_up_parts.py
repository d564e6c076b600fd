"""The parts of the set-up: consent, ways to be reached, clock, look, night and facts; in order, done once, never lost."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Channel, Consent, Device, Patient, Token
from accounts.services import set_push, tell_history
from accounts.states import ActorKind, ChannelKind, ConsentKind, ConsentWay, DeviceScope, TokenKind
from prompts.models import Prompt
from tests.clinic.pages import title, words
from tests.conftest import bind
from tests.world import HOUR_ZERO, World, acts
from timeline.facts import HISTORY_QUESTIONS
from timeline.models import SetUpStep, Treatment
from timeline.queries import part_rows
from timeline.services import finish_part, record_tonight
from timeline.set_up import PARTS, part_after
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
NUMBER, ADDRESS = "+12125550142", "maya@example.org"
FACTS: dict[str, str] = dict.fromkeys(map(str, HISTORY_QUESTIONS), "no")
NIGHT = {
    "tonight_at": "7 Mill Lane",
    "second_contact": "Jo",
    "second_phone": "212-555-0177",
    "alone": "no",
    "has_cuff": "on",
}


@pytest.fixture
def visit(world: World) -> Treatment:
    return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=2))


@pytest.fixture
def own(client: Client, world: World, visit: Treatment) -> Client:
    """The phone that an invitation opened, before a visit."""
    bind(client, world)
    Device.objects.update(scope=DeviceScope.SET_UP)
    return client


@pytest.fixture
def ways(world: World, settings: Settings) -> None:
    """A number and an address that the clinic was told, with nobody's yes; and somebody who takes messages."""
    settings.SMS_BASE_URL = "http://127.0.0.1:9"
    for kind, address in ((ChannelKind.SMS, NUMBER), (ChannelKind.EMAIL, ADDRESS)):
        Channel.objects.create(clinic=world.clinic, patient=world.patient, kind=kind, address=address)


def done(visit: Treatment) -> set[str]:
    return set(SetUpStep.objects.filter(treatment=visit).values_list("key", flat=True))


def consents() -> list[tuple[str, bool, str]]:
    return list(Consent.objects.order_by("pk").values_list("kind", "given", "way"))


def channel(kind: ChannelKind) -> Channel:
    return Channel.objects.get(kind=kind)


@pytest.mark.parametrize(
    ("key", "done_already", "next_one"),
    [
        ("agree", set(), "reach"),
        ("agree", {"agree", "reach"}, "clock"),
        ("feeling", set(), None),
        ("reach", {part.key for part in PARTS} - {"agree"}, None),
        ("no such part", set(), "agree"),
    ],
)
def test_one_goes_on_with_the_next_part_that_is_left(key: str, done_already: set[str], next_one: str | None) -> None:
    part = part_after(PARTS, key, done=done_already)
    assert (part.key if part else None) == next_one


def test_the_list_shows_what_is_done_and_what_is_left(own: Client, visit: Treatment) -> None:
    finish_part(visit, "clock", at=timezone.now())
    page = own.get("/set-up/")
    rows = {row.key: row for row in page.context["page"].parts}
    assert [key for key, row in rows.items() if row.is_done] == ["clock"]
    text = words(page)
    assert f"1 of {len(rows)} done" in text
    assert "First, please say if you want to use this app." in text
    for row in rows.values():
        assert f'href="{row.address}"' in page.content.decode()
        assert own.get(row.address).status_code == 200, row.key


def test_when_all_is_done_it_says_so_and_asks_for_nothing(own: Client, visit: Treatment) -> None:
    for row in part_rows(visit):
        finish_part(visit, row.key, at=timezone.now())
    text = words(own.get("/set-up/"))
    assert "You are set" in text
    assert "To do" not in text


@pytest.mark.parametrize("part", ["agree", "reach", "clock", "look", "tonight", "about-you"])
def test_without_a_visit_a_part_leads_to_the_list(client: Client, world: World, part: str) -> None:
    bind(client, world)
    response = client.get(f"/set-up/{part}/")
    assert (response.status_code, response["Location"]) == (303, "/set-up/")


def test_consent_is_a_tick_of_ones_own_in_exact_words(own: Client, world: World, visit: Treatment) -> None:
    page = own.get("/set-up/agree/")
    assert " checked" not in page.content.decode()
    refused = own.post("/set-up/agree/")
    assert (refused.status_code, done(visit), consents()) == (422, set(), [])
    assert title(refused).startswith("Error: ")
    response = own.post("/set-up/agree/", {"agreed": "on"})
    assert (response.status_code, response["Location"]) == (303, "/set-up/reach/")
    consent = Consent.objects.get()
    assert (consent.kind, consent.given, consent.way) == (ConsentKind.APP, True, ConsentWay.SET_UP)
    assert (consent.by_kind, consent.by) == (ActorKind.PATIENT, world.patient.pk)
    assert consent.wording in words(page)
    assert "You agreed" in words(own.get("/set-up/agree/"))


def test_a_second_tap_is_the_same_yes_and_it_can_be_taken_back(own: Client, visit: Treatment) -> None:
    for _ in range(2):
        own.post("/set-up/agree/", {"agreed": "on"})
    for _ in range(2):
        own.post("/set-up/agree/", {"act": "take_back"})
    assert consents() == [("app", True, "set_up"), ("app", False, "set_up")]
    assert done(visit) == set()
    assert "First, please say" in words(own.get("/set-up/"))
    assert "You took back your yes" in words(own.get("/set-up/agree/"))
    own.post("/set-up/agree/", {"agreed": "on"})
    assert "You took back your yes" not in words(own.get("/set-up/agree/"))


@pytest.mark.usefixtures("ways")
def test_texts_and_e_mails_are_asked_apart_and_nothing_is_picked(own: Client, visit: Treatment) -> None:
    page = own.get("/set-up/reach/")
    assert " checked" not in page.content.decode()
    assert "212-555-0142" in words(page)
    assert own.post("/set-up/reach/", {"texts": "yes"}).status_code == 422
    assert own.post("/set-up/reach/", {"texts": "yes", "emails": "no"})["Location"] == "/set-up/clock/"
    assert channel(ChannelKind.SMS).may_send and not channel(ChannelKind.EMAIL).may_send
    assert consents() == [("texts", True, "set_up"), ("emails", False, "set_up")]
    own.post("/set-up/reach/", {"texts": "yes", "emails": "no"})
    assert len(consents()) == 2
    assert page.content.decode().count(" checked") == 0
    assert own.get("/set-up/reach/").content.decode().count(" checked") == 2
    assert done(visit) == {"reach"}


def test_without_a_number_it_says_whom_to_tell_and_is_through(own: Client, visit: Treatment) -> None:
    assert "Tell the front desk" in words(own.get("/set-up/reach/"))
    assert own.post("/set-up/reach/").status_code == 303
    assert (done(visit), consents()) == ({"reach"}, [])


def a_minute_later() -> None:
    Token.objects.filter(kind=TokenKind.TEST_NOTE).update(expires_at=F("expires_at") - timedelta(seconds=60))


@pytest.mark.usefixtures("ways")
def test_a_test_is_sent_asked_after_and_at_most_three_in_an_hour(own: Client, visit: Treatment) -> None:
    said = {"texts": "yes", "emails": "no"}
    assert own.post("/set-up/reach/", {**said, "then": "test"})["Location"] == "/set-up/reach/#test"
    prompt = Prompt.objects.get()
    assert (prompt.kind, prompt.channel) == ("test", ChannelKind.SMS)
    assert "Did the test come?" in words(own.get("/set-up/reach/"))
    own.post("/set-up/reach/test/")
    assert Prompt.objects.count() == 1  # a second tap is the first
    own.post("/set-up/reach/came/", {"came": "no"})
    assert "Does your phone have a signal?" in words(own.get("/set-up/reach/"))
    for _ in range(2):
        a_minute_later()
        assert own.post("/set-up/reach/test/").status_code == 303
    own.post("/set-up/reach/came/", {"came": "yes"})
    assert "Your test came" in words(own.get("/set-up/reach/"))
    a_minute_later()
    refused = own.post("/set-up/reach/test/")
    assert refused.status_code == 429
    assert "You have sent three tests." in words(refused)
    assert Prompt.objects.count() == 3
    assert [event.facts for event in acts() if event.action == "test_answered"] == [{"came": False}, {"came": True}]


@pytest.mark.usefixtures("ways")
def test_each_way_that_is_on_can_be_tested_a_note_on_the_phone_first(
    own: Client, world: World, visit: Treatment, settings: Settings
) -> None:
    settings.PUSH_KEY = "set"
    set_push(world.patient, on=True, at=timezone.now())
    own.post("/set-up/reach/", {"texts": "yes", "emails": "no", "then": "test"})
    page = words(own.get("/set-up/reach/"))
    assert "We sent a note to your phone" in page and "Test a text too" in page and "Test an e-mail" not in page
    for _ in range(2):
        own.post("/set-up/reach/test/", {"by": "sms"})
    assert list(Prompt.objects.order_by("pk").values_list("channel", flat=True)) == ["push", "sms"]
    assert "Test a note on this phone too" in words(own.get("/set-up/reach/"))
    settings.SEND_ONLY_TO = [NUMBER]
    assert "Test a note" not in words(own.get("/set-up/reach/"))


@pytest.mark.usefixtures("ways")
def test_with_nothing_on_no_test_is_sent(own: Client) -> None:
    response = own.post("/set-up/reach/", {"texts": "no", "emails": "no", "then": "test"})
    assert response.status_code == 409
    assert "Say yes to texts or e-mails first." in words(response)
    assert Prompt.objects.count() == 0


def test_the_clock_is_the_patients_and_that_of_the_visit_to_come(own: Client, world: World, visit: Treatment) -> None:
    response = own.post("/set-up/clock/", {"zone": "America/Denver", "starts": "22:30", "ends": "07:00"})
    assert response.status_code == 303
    for row in (Patient.objects.get(), Treatment.objects.get()):
        assert (row.zone, row.quiet_starts_at, row.quiet_ends_at) == ("America/Denver", time(22, 30), time(7))
    event = acts().get()
    assert (event.action, event.facts) == ("clock_set", {"zone": "America/Denver", "quiet": ["22:30", "07:00"]})


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"ends": "21:00"}, "Pick two times that are not the same."),
        ({"starts": "17:30", "ends": "08:00"}, "Make it shorter: 14 hours at most."),
        ({"zone": "Moon/Base"}, "Pick a place from the list."),
        ({"starts": "21:07"}, "Pick a time."),
    ],
)
def test_a_clock_that_can_not_be_is_told(own: Client, visit: Treatment, other: dict[str, str], said: str) -> None:
    response = own.post("/set-up/clock/", {"zone": "America/Denver", "starts": "21:00", "ends": "08:00", **other})
    assert response.status_code == 422
    assert said in words(response)
    assert Patient.objects.get().quiet_starts_at == time(21)


def test_a_visit_that_runs_keeps_its_clock_and_the_page_says_so(client: Client, world: World) -> None:
    bind(client, world)
    running = world.treatment(hour_zero=HOUR_ZERO)
    assert "This counts from your next visit" in words(client.get("/set-up/clock/"))
    client.post("/set-up/clock/", {"zone": "America/Denver", "starts": "22:00", "ends": "07:00"})
    running.refresh_from_db()
    assert (running.zone, running.quiet_starts_at) == ("America/New_York", time(21))
    assert Patient.objects.get().zone == "America/Denver"


def test_the_look_is_picked_by_the_switch_of_every_page(own: Client, visit: Treatment) -> None:
    response = own.post("/theme/", {"theme": "dim", "next": "/set-up/look/"})
    assert response["Location"] == "/set-up/look/"
    assert 'data-theme="dim"' in own.get("/set-up/look/").content.decode()
    assert own.post("/set-up/look/").status_code == 303
    assert done(visit) == {"look"}


def test_the_night_is_on_record_as_the_patient_said_it(own: Client, world: World, visit: Treatment) -> None:
    assert own.post("/set-up/tonight/", {**NIGHT, "seen": 0}).status_code == 303
    visit.refresh_from_db()
    night = (visit.tonight_at, visit.second_contact, visit.second_phone, visit.is_alone_tonight, visit.has_cuff)
    assert night == ("7 Mill Lane", "Jo", "+12125550177", False, True)
    event = AuditEvent.objects.get(action="tonight_recorded")
    assert (event.actor_kind, event.actor) == (ActorKind.PATIENT, world.patient.pk)
    assert own.post("/set-up/tonight/", {**NIGHT, "seen": 0}).status_code == 303  # a second tap


def test_what_staff_noted_meanwhile_is_shown_and_what_was_typed_is_kept(
    own: Client, world: World, visit: Treatment
) -> None:
    known: dict[str, Any] = {"second_contact": "", "second_phone": "", "is_alone_tonight": None, "has_cuff": False}
    record_tonight(visit, tonight_at="12 Hill Road", seen=0, by=world.nurse, at=timezone.now(), **known)
    response = own.post("/set-up/tonight/", {**NIGHT, "seen": 0})
    assert response.status_code == 409
    text = words(response)
    assert "Dana Reyes changed this meanwhile." in text
    assert "12 Hill Road" in text
    assert "7 Mill Lane" in response.content.decode()
    assert done(visit) == set()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"tonight_at": ""}, "Type where you will sleep."),
        ({"alone": ""}, "Alone: tap one."),
        ({"second_contact": ""}, "Type whose number this is."),
        ({"second_phone": "12"}, "This phone number is too short or too long."),
        ({"seen": "x"}, "This page lost its place."),
    ],
)
def test_a_night_that_is_not_whole_is_told(own: Client, visit: Treatment, other: dict[str, str], said: str) -> None:
    response = own.post("/set-up/tonight/", {**NIGHT, "seen": "0", **other})
    assert response.status_code == 422
    assert said in words(response)


def test_facts_are_kept_beside_what_staff_know(own: Client, world: World, visit: Treatment) -> None:
    assert " checked" not in own.get("/set-up/about-you/").content.decode()
    assert own.post("/set-up/about-you/", {**FACTS, "diabetes": ""}).status_code == 422
    assert own.post("/set-up/about-you/", {**FACTS, "diabetes": "yes", "pregnant": "not_sure"}).status_code == 303
    patient = Patient.objects.get()
    assert patient.history is None
    assert patient.history_told == {**FACTS, "diabetes": "yes", "pregnant": "not_sure"}
    assert patient.history_told_at is not None
    assert own.get("/set-up/about-you/").content.decode().count(" checked") == len(FACTS)


def test_the_pages_of_the_parts_cost_few_queries(
    own: Client, world: World, visit: Treatment, ways: None, django_assert_max_num_queries: Any
) -> None:
    tell_history(world.patient, FACTS, at=timezone.now())
    for part in ("agree", "reach", "clock", "look", "tonight", "about-you"):
        own.get(f"/set-up/{part}/")
        with django_assert_max_num_queries(14):
            own.get(f"/set-up/{part}/")
