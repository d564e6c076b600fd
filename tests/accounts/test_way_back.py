"""A new phone with the same number: a code to it, then the PIN or the printed card. Never the code alone."""

from __future__ import annotations

import logging
import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Device, Patient, Throttle, Token
from accounts.services import change_number, check_pin, end_phones, make_card, stop_texts, way_back_code
from accounts.services.way_back import PER_CLINIC
from accounts.states import ChannelKind, DeviceScope, TokenKind
from accounts.tokens import hash_code
from accounts.views.way_back import ANSWER_LASTS
from aftercare.tenancy import tenant
from tests.accounts.ways import NEW_PIN, NUMBER, PIN, ask, bind_before, give_number, give_pin, messages_wanted, prove
from tests.clinic.pages import words
from tests.world import World

pytestmark = pytest.mark.django_db
STRANGER = "+12125550199"


@pytest.fixture
def old(world: World) -> Client:
    """The phone that was lost."""
    give_number(world)
    return bind_before(world)[0]


@pytest.fixture
def card(world: World) -> str:
    return make_card(world.patient, by=world.nurse, at=timezone.now()).code


def test_the_welcome_page_leads_to_the_way_back(client: Client) -> None:
    assert 'href="/way-back/"' in client.get("/welcome/").content.decode()
    assert "Your phone number" in words(client.get("/way-back/"))


def test_the_code_and_the_pin_open_the_day_on_the_new_phone_alone(client: Client, world: World, old: Client) -> None:
    response = prove(client).post("/way-back/pin/", {"known_pin": PIN})
    assert (response.status_code, response["Location"]) == (303, "/")
    assert "<title>Your day</title>" in client.get("/").content.decode()
    assert old.get("/").status_code == 302
    device = Device.objects.get(revoked_at=None)
    assert (device.scope, device.bound_by) == (DeviceScope.FULL, None)
    event = AuditEvent.objects.get(action="phone_bound_again")
    assert (event.object, event.facts) == (str(device.pk), {"ended": 1, "scope": "full"})


def test_the_code_alone_opens_nothing_and_names_nobody(client: Client, world: World, old: Client) -> None:
    pages = [prove(client).get(page) for page in ("/way-back/pin/", "/way-back/card/", "/way-back/code/")]
    seen = " ".join(page.content.decode() for page in pages)
    for private in (world.patient.first_name, world.patient.last_name, world.clinic.name, world.clinic.phone, "0142"):
        assert private not in seen
    assert client.get("/").status_code == 302
    assert old.get("/").status_code == 200


def test_a_number_that_nobody_has_is_answered_the_same(client: Client, old: Client) -> None:
    known, unknown = Client(), Client()
    assert len(ask(known)) == 1
    assert ask(unknown, STRANGER) == []
    for page in ("/way-back/code/",):
        assert words(known.get(page)) == words(unknown.get(page))
    for _ in range(3):
        answers = [browser.post("/way-back/code/", {"code": "000000"}) for browser in (known, unknown)]
        assert answers[0].status_code == answers[1].status_code
        assert words(answers[0]) == words(answers[1])
    assert Token.objects.filter(kind=TokenKind.WAY_BACK).values_list("tries", flat=True).distinct().get() == 3


def test_a_number_that_nobody_has_costs_about_as_much_as_a_known_one(client: Client, old: Client) -> None:
    counts = []
    for number in (NUMBER, STRANGER):
        with CaptureQueriesContext(connection) as queries:
            Client().post("/way-back/", {"phone": number})
        counts.append(len(queries))
    assert 0 <= counts[0] - counts[1] <= 6


def test_the_code_is_in_no_row(client: Client, old: Client) -> None:
    (code,) = ask(client)
    token = Token.objects.get(kind=TokenKind.WAY_BACK)
    assert code not in token.hash
    assert re.fullmatch(r"[0-9]{6}", code)
    assert way_back_code(token) == code


def test_another_key_makes_another_code(client: Client, old: Client, settings: Settings) -> None:
    (code,) = ask(client)
    settings.SECRET_KEY = "another-key-of-fifty-characters-for-this-test-alone"
    assert way_back_code(Token.objects.get(kind=TokenKind.WAY_BACK)) != code


def test_a_code_is_tried_three_times_at_most(client: Client, old: Client) -> None:
    (code,) = ask(client)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    answers = [client.post("/way-back/code/", {"code": wrong}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 410]
    assert "You can try 2 times more." in words(answers[0])
    assert "You can try once more." in words(answers[1])
    assert "Ask for a new one" in words(answers[2])
    assert client.post("/way-back/code/", {"code": code}).status_code == 410


def test_a_code_ends_after_ten_minutes_and_works_once(client: Client, old: Client) -> None:
    (code,) = ask(client)
    ends = Token.objects.get(kind=TokenKind.WAY_BACK).expires_at
    assert timedelta(minutes=9) < ends - timezone.now() <= timedelta(minutes=10)
    session = dict(client.session)
    client.post("/way-back/code/", {"code": code})
    copy = client.session
    copy["way_back_asked"] = session["way_back_asked"]
    copy.save()
    assert client.post("/way-back/code/", {"code": code}).status_code == 410


def test_a_code_that_has_run_out_says_so(client: Client, old: Client) -> None:
    (code,) = ask(client)
    Token.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    response = client.post("/way-back/code/", {"code": code})
    assert response.status_code == 410
    assert 'href="/way-back/"' in response.content.decode()


def test_a_code_is_of_the_browser_that_asked(client: Client, old: Client) -> None:
    (code,) = ask(client)
    other = Client()
    assert other.post("/way-back/code/", {"code": code}).status_code == 410
    ask(other, STRANGER)
    assert other.post("/way-back/code/", {"code": code}).status_code == 422


@pytest.mark.parametrize("typed", ["", " ", "12345", "1234567", "12345a", "１２３４５６", "1" * 5000])
def test_what_can_not_be_a_code_costs_no_try(client: Client, old: Client, typed: str) -> None:
    ask(client)
    assert client.post("/way-back/code/", {"code": typed}).status_code == 422
    assert Token.objects.get(kind=TokenKind.WAY_BACK).tries == 0


def test_a_code_may_be_typed_as_it_is_read(client: Client, old: Client) -> None:
    (code,) = ask(client)
    assert client.post("/way-back/code/", {"code": f" {code[:3]} {code[3:]} "}).status_code == 303


@pytest.mark.parametrize("typed", ["", "12", "abc", "911", "+1 212 555 0142 ext 9", "9" * 5000])
def test_what_can_not_be_a_number_is_refused_and_kept(client: Client, typed: str) -> None:
    response = client.post("/way-back/", {"phone": typed})
    assert response.status_code == 422
    assert typed in response.content.decode()
    assert not Token.objects.exists()


def test_three_codes_in_half_an_hour_whether_the_number_is_known_or_not(old: Client) -> None:
    for number in (NUMBER, STRANGER):
        answers = [Client(REMOTE_ADDR=f"10.1.0.{n}").post("/way-back/", {"phone": number}) for n in range(4)]
        assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
        assert "Please wait half an hour." in words(answers[3])
        assert "Use the card" in words(answers[3])


def test_ten_codes_a_day(old: Client) -> None:
    for _ in range(3):
        for _ in range(3):
            assert Client().post("/way-back/", {"phone": NUMBER}).status_code == 303
        half_an_hour_passes()
    assert Client().post("/way-back/", {"phone": NUMBER}).status_code == 303
    half_an_hour_passes()
    response = Client().post("/way-back/", {"phone": NUMBER})
    assert response.status_code == 429
    assert "until tomorrow" in words(response)


def half_an_hour_passes() -> None:
    for row in Throttle.objects.all():
        row.window_starts_at -= timedelta(minutes=31)
        row.save()


def test_one_address_asks_for_thirty_codes_at_most() -> None:
    answers = [Client().post("/way-back/", {"phone": f"212-555-{2000 + n}"}).status_code for n in range(31)]
    assert answers[-1] == 429


def test_who_stopped_texts_sees_the_same_page_and_the_other_ways(client: Client, world: World, old: Client) -> None:
    stop_texts(NUMBER, at=timezone.now())
    assert ask(client) == []
    page = words(client.get("/way-back/code/"))
    assert "No text? Look in your e-mail." in page
    assert "Ask your clinic" in page


def test_who_stopped_texts_gets_the_code_by_e_mail(client: Client, world: World, old: Client) -> None:
    stop_texts(NUMBER, at=timezone.now())
    give_number(world, "maya@example.org", kind=ChannelKind.EMAIL)
    with messages_wanted() as wanted:
        client.post("/way-back/", {"phone": NUMBER})
    assert [(message["kind"], message["channel"].kind) for message in wanted] == [("code", "email")]


def test_with_a_provider_for_e_mails_alone_the_code_goes_by_e_mail(
    client: Client, world: World, old: Client, settings: Settings
) -> None:
    settings.SMS_BASE_URL = ""
    give_number(world, "maya@example.org", kind=ChannelKind.EMAIL)
    with messages_wanted() as wanted:
        client.post("/way-back/", {"phone": NUMBER})
    assert [message["channel"].kind for message in wanted] == ["email"]


def test_with_no_provider_nobody_is_sent_a_code(client: Client, world: World, old: Client, settings: Settings) -> None:
    settings.SMS_BASE_URL, settings.EMAIL_SERVER = "", {}
    give_number(world, "maya@example.org", kind=ChannelKind.EMAIL)
    assert ask(client) == []


def test_an_address_that_may_not_send_gets_no_code(client: Client, world: World, old: Client) -> None:
    stop_texts(NUMBER, at=timezone.now())
    give_number(world, "maya@example.org", kind=ChannelKind.EMAIL, consented_at=None)
    assert ask(client) == []


def test_a_number_in_two_clinics_leads_each_code_to_its_own(world: World, other_world: World) -> None:
    for each in (world, other_world):
        give_number(each)
        bind_before(each)
    client = Client()
    with messages_wanted() as wanted:
        client.post("/way-back/", {"phone": NUMBER})
    codes = {message["patient"].pk: way_back_code(message["token"]) for message in wanted}
    assert set(codes) == {world.patient.pk, other_world.patient.pk}
    client.post("/way-back/code/", {"code": codes[other_world.patient.pk]})
    assert client.post("/way-back/pin/", {"known_pin": PIN}).status_code == 303
    with tenant(other_world.clinic.pk):
        assert Device.objects.filter(revoked_at=None).count() == 1
    with tenant(world.clinic.pk):
        assert AuditEvent.objects.filter(action="phone_bound_again").count() == 0


def test_an_escorts_number_is_nobodys_way_back(client: Client, world: World) -> None:
    assert ask(client, STRANGER) == []


def test_the_pin_is_asked_in_words_that_help(client: Client, world: World, old: Client) -> None:
    wrong = prove(client).post("/way-back/pin/", {"known_pin": "190284"})
    assert wrong.status_code == 422
    assert "That is not your PIN. You can try 4 times more." in words(wrong)
    assert "190284" not in wrong.content.decode()
    answers = [client.post("/way-back/pin/", {"known_pin": "190284"}) for _ in range(4)]
    assert answers[-1].status_code == 429
    assert re.search(r"Wait until \d+:\d\d [ap]m", words(answers[-1]))
    assert client.post("/way-back/pin/", {"known_pin": PIN}).status_code == 429


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "1234567"])
def test_what_can_not_be_a_pin_costs_no_try(client: Client, world: World, old: Client, typed: str) -> None:
    assert prove(client).post("/way-back/pin/", {"known_pin": typed}).status_code == 422
    assert Patient.objects.get(pk=world.patient.pk).pin_misses == 0


def test_the_card_stands_in_for_a_pin_that_was_forgotten(client: Client, world: World, old: Client, card: str) -> None:
    form = {"card_code": card.lower(), "pin": NEW_PIN, "again": NEW_PIN}
    response = prove(client).post("/way-back/card/", form)
    assert (response.status_code, response["Location"]) == (303, "/")
    assert client.get("/").status_code == 200
    assert old.get("/").status_code == 302
    check_pin(world.patient, NEW_PIN, at=timezone.now())
    assert AuditEvent.objects.filter(action="card_used").count() == 1


def test_a_card_with_a_pin_that_has_ended_leads_to_the_code(
    client: Client, world: World, old: Client, card: str
) -> None:
    Patient.objects.update(pin_misses=10)
    response = client.post("/way-back/card/", {"card_code": card, "known_pin": PIN})
    assert response.status_code == 429
    assert "Get a code first, then use this card." in words(response)


def test_the_card_helps_when_the_pin_has_ended(client: Client, world: World, old: Client, card: str) -> None:
    Patient.objects.filter(pk=world.patient.pk).update(pin_misses=10)
    said = prove(client).post("/way-back/pin/", {"known_pin": PIN})
    assert "No PIN works here now. Use your card." in words(said)
    form = {"card_code": card, "pin": NEW_PIN, "again": NEW_PIN}
    assert client.post("/way-back/card/", form).status_code == 303


def test_the_card_and_the_pin_open_without_a_text(client: Client, world: World, old: Client, card: str) -> None:
    groups = " ".join(card[start : start + 4] for start in range(0, 16, 4))
    response = client.post("/way-back/card/", {"card_code": groups, "known_pin": PIN})
    assert (response.status_code, response["Location"]) == (303, "/")
    assert client.get("/").status_code == 200


def test_the_card_alone_opens_nothing(client: Client, world: World, old: Client, card: str) -> None:
    assert client.post("/way-back/card/", {"card_code": card, "known_pin": ""}).status_code == 422
    assert client.post("/way-back/card/", {"card_code": card, "known_pin": "190284"}).status_code == 422
    form = {"card_code": card, "pin": NEW_PIN, "again": NEW_PIN}
    assert client.post("/way-back/card/", form).status_code == 422
    assert client.get("/").status_code == 302
    assert Token.objects.get(kind=TokenKind.RECOVERY_CARD).used_at is None


def test_a_card_that_is_wrong_used_old_or_somebody_elses_is_answered_the_same(world: World, other_world: World) -> None:
    give_number(world)
    bind_before(world)
    at, said = timezone.now(), set()
    with tenant(other_world.clinic.pk):
        theirs = make_card(other_world.patient, by=other_world.nurse, at=at).code
    with tenant(world.clinic.pk):
        old = make_card(world.patient, by=world.nurse, at=at - timedelta(days=31)).code
        used = make_card(world.patient, by=world.nurse, at=at).code
        Token.objects.filter(kind=TokenKind.RECOVERY_CARD, revoked_at=None, clinic=world.clinic).update(used_at=at)
    browser = prove(Client())
    for code in ("ABCD-EFGH-JKMN-PQRS", theirs, old, used):
        response = browser.post("/way-back/card/", {"card_code": code, "pin": NEW_PIN, "again": NEW_PIN})
        assert response.status_code == 422
        said |= set(re.findall(r'field-error"[^>]*>([^<]+)<', response.content.decode()))
    assert said == {"This card code does not work. Check each letter. Was it used, or is it old? Ask for a new card."}


def test_guessing_cards_comes_to_an_end(client: Client) -> None:
    form = {"card_code": "ABCD EFGH JKMN PQRS", "known_pin": PIN}
    assert [client.post("/way-back/card/", form).status_code for _ in range(6)] == [422] * 5 + [429]
    others = [Client().post("/way-back/card/", form).status_code for _ in range(6)]
    assert others == [422] * 4 + [429] * 2


def test_who_was_never_set_up_face_to_face_gets_no_more_than_set_up(client: Client, world: World) -> None:
    """Whoever reads somebody's texts could have opened the invitation, and picked the PIN."""
    give_number(world)
    give_pin(world)
    prove(client).post("/way-back/pin/", {"known_pin": PIN})
    assert Device.objects.get(revoked_at=None).scope == DeviceScope.SET_UP
    assert client.get("/")["Location"] == "/set-up/"


@pytest.mark.parametrize("act", ["number", "phones"])
def test_the_proof_of_the_number_ends_with_the_number_and_with_the_phones(
    client: Client, world: World, old: Client, act: str
) -> None:
    proved, at = prove(client), timezone.now()
    with tenant(world.clinic.pk):
        if act == "number":
            change_number(world.patient, "+12125550199", texts_agreed=True, by=world.nurse, at=at)
        else:
            end_phones(world.patient, by=world.nurse, at=at)
    assert proved.post("/way-back/pin/", {"known_pin": PIN}).status_code == 410


def test_the_proof_of_the_number_lasts_ten_minutes(client: Client, world: World, old: Client) -> None:
    prove(client)
    session = client.session
    token, _ = session["way_back_proved"]
    session["way_back_proved"] = [token, (timezone.now() - timedelta(seconds=1)).isoformat()]
    session.save()
    response = client.post("/way-back/pin/", {"known_pin": PIN})
    assert response.status_code == 410
    assert "Start once more" in words(response)


@pytest.mark.parametrize("page", ["/way-back/code/", "/way-back/pin/"])
def test_a_page_in_the_middle_leads_to_the_beginning(client: Client, page: str) -> None:
    for look in (client.get, client.post):
        response: Any = look(page)
        assert response.status_code == 410
        assert "Your phone number" in words(response)


def test_looking_sends_nothing_and_changes_nothing(client: Client, world: World, old: Client) -> None:
    with messages_wanted() as wanted:
        for page in ("/way-back/", "/way-back/code/", "/way-back/pin/", "/way-back/card/"):
            for look in (client.get, client.head, client.options):
                look(page)
    assert wanted == []
    assert not Token.objects.filter(kind=TokenKind.WAY_BACK).exists()


def test_a_code_of_before_a_lost_phone_opens_nothing(client: Client, world: World, old: Client, card: str) -> None:
    (code,) = ask(client)
    end_phones(world.patient, by=world.nurse, at=timezone.now())
    assert client.post("/way-back/code/", {"code": code}).status_code == 410
    assert Token.objects.get(kind=TokenKind.RECOVERY_CARD).revoked_at is None


def test_the_code_field_takes_what_the_phone_offers(client: Client, old: Client) -> None:
    ask(client)
    page = client.get("/way-back/code/").content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page


def test_no_code_and_no_pin_is_in_an_address_or_a_log(
    client: Client, world: World, old: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="aftercare"):
        (code,) = ask(client)
        wrong = client.post("/way-back/code/", {"code": f"{(int(code) + 1) % 1_000_000:06}"})
        client.post("/way-back/code/", {"code": code})
        done = client.post("/way-back/pin/", {"known_pin": PIN})
    told = caplog.text + done["Location"] + wrong.request["PATH_INFO"]
    assert code not in told
    assert PIN not in told
    assert NUMBER not in told


def test_a_known_number_and_an_unknown_one_wait_for_the_same_moment(old: Client) -> None:
    """One that is longer than making a code takes."""
    for number in (NUMBER, STRANGER):
        began = time.monotonic()
        ask(Client(), number)
        assert time.monotonic() - began >= ANSWER_LASTS.total_seconds()


def test_a_clinic_sends_so_many_codes_and_the_page_stays_the_same(
    world: World, old: Client, settings: Settings
) -> None:
    assert len(ask(Client())) == 1
    key = hash_code(f"way back at:{world.clinic.pk}", pepper=settings.SECRET_KEY)
    assert Throttle.objects.filter(key=key).update(count=PER_CLINIC) == 1
    assert ask(Client()) == []
    assert Token.objects.filter(kind=TokenKind.WAY_BACK).count() == 2
