"""The patient's messages: what came, what is to come, and the switch for texts; and STOP by text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Channel
from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.channels.sms import signature
from prompts.models import Prompt
from prompts.queries import messages_page
from prompts.states import PromptState
from tests.world import HOUR_ZERO, World, iv_document
from timeline.models import Treatment
from timeline.services import end_badly
from timeline.states import BadEnding

pytestmark = pytest.mark.django_db

NUMBER, SECRET = "+12125550177", "a secret of the provider’s"
PROMPTS = iv_document().prompts
BY_TEXT = [prompt.key for prompt in PROMPTS if prompt.by_text]


def agree_to_texts(world: World, *, number: str = NUMBER) -> Channel:
    return Channel.objects.create(
        clinic=world.clinic, patient=world.patient, kind=ChannelKind.SMS, address=number, consented_at=HOUR_ZERO
    )


def under_way(world: World, **values: Any) -> Treatment:
    moment = timezone.now() - timedelta(hours=2)
    return world.treatment(
        **{"hour_zero": moment, "started_at": moment, "started_by": world.nurse, "plan_number": 1, **values}
    )


def waiting_texts(world: World, treatment: Treatment, *steps: str) -> list[Prompt]:
    due_at = timezone.now() + timedelta(hours=1)
    return [
        world.prompt(treatment, step=step, due_at=due_at + timedelta(hours=2 * number), channel=ChannelKind.SMS)
        for number, step in enumerate(steps)
    ]


def channels(prompts: list[Prompt]) -> list[str]:
    return [Prompt.objects.get(pk=prompt.pk).channel for prompt in prompts]


def test_what_came_is_newest_first_and_what_comes_next_comes_first(world: World) -> None:
    treatment = under_way(world)
    for number, hours in enumerate((-5, -1, 3, 9)):
        is_past = hours < 0
        at = HOUR_ZERO + timedelta(hours=hours)
        prompt = world.prompt(treatment, step=PROMPTS[number].key, due_at=at, state=PromptState.WAITING)
        if is_past:
            Prompt.objects.filter(pk=prompt.pk).update(state=PromptState.SENT, sent_at=at)
    page = messages_page(world.patient, HOUR_ZERO)
    assert [message.title for message in page.arrived] == [PROMPTS[1].title, PROMPTS[0].title]
    assert [message.title for message in page.to_come] == [PROMPTS[2].title, PROMPTS[3].title]
    assert page.budget_line == "Two more. The last at about 8 pm. None from 9 pm to 8 am."


@pytest.mark.parametrize(
    ("count", "line"),
    [(0, "No more messages are planned."), (1, "One more, at about 2 pm. None from 9 pm to 8 am.")],
)
def test_the_budget_is_said_in_one_line(world: World, count: int, line: str) -> None:
    treatment = under_way(world)
    for prompt in PROMPTS[:count]:
        world.prompt(treatment, step=prompt.key, due_at=HOUR_ZERO + timedelta(hours=3))
    assert messages_page(world.patient, HOUR_ZERO).budget_line == line


def test_what_was_stopped_or_is_too_late_is_not_promised(world: World) -> None:
    treatment = under_way(world)
    world.prompt(treatment, step=PROMPTS[0].key, due_at=HOUR_ZERO - timedelta(hours=2))
    world.prompt(treatment, step=PROMPTS[1].key, due_at=HOUR_ZERO + timedelta(hours=2), state=PromptState.CANCELLED)
    page = messages_page(world.patient, HOUR_ZERO)
    assert (page.arrived, page.to_come) == ((), ())


def test_after_a_bad_end_no_message_is_promised(phone: Client, world: World) -> None:
    treatment = under_way(world)
    waiting_texts(world, treatment, PROMPTS[0].key)
    end_badly(treatment, reason=BadEnding.HOSPITAL, by=world.nurse, at=timezone.now())
    assert "No more messages are planned." in phone.get("/messages/").content.decode()


def test_the_page_says_what_comes_as_a_text_and_what_in_the_app(phone: Client, world: World) -> None:
    agree_to_texts(world)
    treatment = under_way(world)
    waiting_texts(world, treatment, PROMPTS[0].key)
    world.prompt(treatment, step=PROMPTS[1].key, due_at=timezone.now() + timedelta(hours=4))
    words = phone.get("/messages/").content.decode()
    assert words.count("as a text") == 1
    assert words.count("here in the app") == 1
    assert "Texts are on" in words
    assert "<title>Messages</title>" in words


def test_a_note_that_no_phone_takes_comes_as_a_text_while_the_budget_has_one(phone: Client, world: World) -> None:
    agree_to_texts(world)
    treatment = under_way(world)
    budget, due_at = treatment.document.budget.texts, timezone.now() + timedelta(hours=4)
    world.prompt(treatment, step=BY_TEXT[-1], due_at=due_at, channel=ChannelKind.PUSH)
    assert "as a text" in phone.get("/messages/").content.decode()
    for number in range(budget):
        spent = world.prompt(treatment, step=PROMPTS[number].key, due_at=timezone.now(), channel=ChannelKind.SMS)
        Prompt.objects.filter(pk=spent.pk).update(state=PromptState.SENT, sent_at=timezone.now())
    (to_come,) = messages_page(world.patient, timezone.now()).to_come
    assert to_come.way == ""


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_many_messages(
    phone: Client, world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    treatment = under_way(world)
    waiting_texts(world, treatment, *(prompt.key for prompt in PROMPTS[:rows]))
    agree_to_texts(world)
    phone.get("/messages/")
    with django_assert_num_queries(3):
        messages_page(world.patient, timezone.now())
    with django_assert_num_queries(10):  # a savepoint, the clinic set and put back, the session, the phone, no reminder
        phone.get("/messages/")


def test_nobody_elses_message_is_on_the_page(client: Client, world: World, other_world: World) -> None:
    with tenant(other_world.clinic.pk):
        waiting_texts(other_world, under_way(other_world), PROMPTS[0].key)
    with tenant(world.clinic.pk):
        assert messages_page(world.patient, timezone.now()).to_come == ()


def test_without_a_number_there_is_no_switch(phone: Client, world: World) -> None:
    words = phone.get("/messages/").content.decode()
    assert "No texts to your phone" in words
    assert 'name="texts"' not in words


def test_texts_off_sends_everything_to_the_app_at_once_and_offers_the_way_back(phone: Client, world: World) -> None:
    channel = agree_to_texts(world)
    prompts = waiting_texts(world, under_way(world), *BY_TEXT)
    response = phone.post("/messages/texts/", {"texts": "off"})
    assert (response.status_code, response["Location"]) == (303, "/messages/#texts")
    channel.refresh_from_db()
    assert not channel.may_send
    assert channels(prompts) == [ChannelKind.IN_APP] * len(prompts)
    words = phone.get("/messages/").content.decode()
    assert "Texts are off" in words
    assert 'value="on"' in words


def test_texts_on_again_brings_the_texts_back_within_the_budget(phone: Client, world: World) -> None:
    channel = agree_to_texts(world)
    treatment = under_way(world)
    prompts = waiting_texts(world, treatment, *BY_TEXT)
    never = world.prompt(treatment, step="home", due_at=timezone.now() + timedelta(minutes=30))
    for texts in ("off", "on"):
        phone.post("/messages/texts/", {"texts": texts})
    channel.refresh_from_db()
    assert channel.may_send
    assert channels(prompts) == [ChannelKind.SMS] * len(prompts)
    assert channels([never]) == [ChannelKind.IN_APP]
    sent = iv_document().budget.texts - 1
    for prompt in prompts[:sent]:
        Prompt.objects.filter(pk=prompt.pk).update(state=PromptState.SENT, sent_at=timezone.now())
    extra = waiting_texts(world, treatment, "one_more")
    for texts in ("off", "on"):
        phone.post("/messages/texts/", {"texts": texts})
    used = Prompt.objects.filter(treatment=treatment, channel=ChannelKind.SMS).count()
    assert used <= iv_document().budget.texts
    assert channels(extra) == [ChannelKind.IN_APP]


def agree_to_emails(world: World) -> Channel:
    return Channel.objects.create(
        clinic=world.clinic,
        patient=world.patient,
        kind=ChannelKind.EMAIL,
        address="maya@example.org",
        consented_at=HOUR_ZERO,
    )


def test_the_page_says_what_comes_as_an_e_mail_and_never_to_which_address(phone: Client, world: World) -> None:
    agree_to_emails(world)
    (prompt,) = waiting_texts(world, under_way(world), BY_TEXT[0])
    Prompt.objects.filter(pk=prompt.pk).update(channel=ChannelKind.EMAIL)
    words = phone.get("/messages/").content.decode()
    assert words.count("as an e-mail") == 1
    assert "E-mails are on" in words
    assert "maya@" not in words


def test_e_mails_off_sends_everything_to_the_app_at_once_and_offers_the_way_back(phone: Client, world: World) -> None:
    channel = agree_to_emails(world)
    prompts = waiting_texts(world, under_way(world), *BY_TEXT)
    Prompt.objects.update(channel=ChannelKind.EMAIL)
    response = phone.post("/messages/emails/", {"emails": "off"})
    assert (response.status_code, response["Location"]) == (303, "/messages/#emails")
    channel.refresh_from_db()
    assert not channel.may_send
    assert channels(prompts) == [ChannelKind.IN_APP] * len(prompts)
    words = phone.get("/messages/").content.decode()
    assert "E-mails are off" in words
    phone.post("/messages/emails/", {"emails": "on"})
    assert channels(prompts) == [ChannelKind.EMAIL] * len(prompts)


def test_each_switch_turns_its_own_way_alone(phone: Client, world: World) -> None:
    texts, emails = agree_to_texts(world), agree_to_emails(world)
    phone.post("/messages/emails/", {"emails": "off"})
    assert (Channel.objects.get(pk=texts.pk).may_send, Channel.objects.get(pk=emails.pk).may_send) == (True, False)
    phone.post("/messages/emails/", {"emails": "on"})
    phone.post("/messages/texts/", {"texts": "off"})
    assert (Channel.objects.get(pk=texts.pk).may_send, Channel.objects.get(pk=emails.pk).may_send) == (False, True)


@pytest.mark.parametrize("form", [{}, {"emails": "maybe"}, {"texts": "off"}])
def test_an_e_mail_switch_that_says_nothing_changes_nothing(phone: Client, world: World, form: dict[str, str]) -> None:
    channel = agree_to_emails(world)
    assert phone.post("/messages/emails/", form).status_code == 422
    channel.refresh_from_db()
    assert channel.may_send


def test_without_an_address_there_is_no_switch_for_e_mails(phone: Client, world: World) -> None:
    words = phone.get("/messages/").content.decode()
    assert "No e-mails to you" in words
    assert 'name="emails"' not in words


def test_a_text_that_left_stays_what_it_was(phone: Client, world: World) -> None:
    agree_to_texts(world)
    (prompt,) = waiting_texts(world, under_way(world), BY_TEXT[0])
    Prompt.objects.filter(pk=prompt.pk).update(state=PromptState.SENT, sent_at=timezone.now())
    phone.post("/messages/texts/", {"texts": "off"})
    assert channels([prompt]) == [ChannelKind.SMS]


def test_htmx_gets_the_page_anew_with_the_focus_on_the_switch(phone: Client, world: World) -> None:
    agree_to_texts(world)
    response = phone.post("/messages/texts/", {"texts": "off"}, headers={"HX-Request": "true"})
    words = response.content.decode()
    assert response.status_code == 200
    assert 'id="all"' in words
    assert "data-autofocus" in words
    assert "<html" not in words


@pytest.mark.parametrize("form", [{}, {"texts": ""}, {"texts": "maybe"}, {"texts": "\x00"}])
def test_a_switch_that_says_nothing_changes_nothing(phone: Client, world: World, form: dict[str, str]) -> None:
    channel = agree_to_texts(world)
    response = phone.post("/messages/texts/", form)
    assert response.status_code == 422
    assert "Pick on or off." in response.content.decode()
    channel.refresh_from_db()
    assert channel.may_send


def test_looking_at_the_switch_changes_nothing(phone: Client, world: World) -> None:
    channel = agree_to_texts(world)
    assert phone.get("/messages/texts/", {"texts": "off"}).status_code == 405
    channel.refresh_from_db()
    assert channel.may_send


def test_a_stranger_turns_nobodys_texts_off(client: Client, world: World) -> None:
    channel = agree_to_texts(world)
    assert client.post("/messages/texts/", {"texts": "off"}).status_code == 302
    channel.refresh_from_db()
    assert channel.may_send


@pytest.fixture
def provider(settings: Settings) -> None:
    settings.SMS_AUTH_TOKEN = SECRET
    settings.PUBLIC_URL = "https://aftercare.example"


def arrive(client: Client, form: Mapping[str, str], *, secret: str = SECRET, signed: str | None = None) -> Any:
    mark = signature("https://aftercare.example/hooks/texts/", form, secret=secret) if signed is None else signed
    return client.post("/hooks/texts/", form, headers={"X-Twilio-Signature": mark})


def stopped_at(channel: Channel) -> datetime | None:
    with tenant(channel.clinic_id):
        return Channel.objects.get(pk=channel.pk).stopped_at


@pytest.mark.parametrize("words", ["STOP", "stop", " Stop. ", "STOP ALL", "unsubscribe", "stop texting me", "QUIT"])
def test_stop_ends_texts_at_every_clinic_of_this_number(
    client: Client, world: World, other_world: World, provider: None, words: str
) -> None:
    ends, texts = [], []
    for place in (world, other_world):
        with tenant(place.clinic.pk):
            ends.append(agree_to_texts(place))
            texts.append(waiting_texts(place, under_way(place), *BY_TEXT))
    response = arrive(client, {"From": NUMBER, "Body": words})
    assert (response.status_code, response["Content-Type"]) == (200, "text/xml")
    assert all(stopped_at(channel) for channel in ends)
    for place, prompts in zip((world, other_world), texts, strict=True):
        with tenant(place.clinic.pk):
            assert channels(prompts) == [ChannelKind.IN_APP] * len(prompts)
            assert AuditEvent.objects.filter(action="texts_stopped").count() == 1


def test_stop_said_twice_is_kept_once(client: Client, world: World, provider: None) -> None:
    channel = agree_to_texts(world)
    for _ in range(2):
        arrive(client, {"From": NUMBER, "Body": "STOP"})
    assert stopped_at(channel)
    assert AuditEvent.objects.filter(action="texts_stopped").count() == 1


def test_stop_from_another_number_changes_nothing(client: Client, world: World, provider: None) -> None:
    channel = agree_to_texts(world)
    assert arrive(client, {"From": "+12125550178", "Body": "STOP"}).status_code == 200
    assert stopped_at(channel) is None


@pytest.mark.parametrize("words", ["", "thank you", "please do not stop", "I can not sleep", "\x00"])
def test_other_words_stop_nothing(client: Client, world: World, provider: None, words: str) -> None:
    channel = agree_to_texts(world)
    assert arrive(client, {"From": NUMBER, "Body": words}).status_code == 200
    assert stopped_at(channel) is None


@pytest.mark.parametrize("signed", ["", "forged", "ünsigned", "A" * 5000])
def test_a_forged_stop_is_refused(client: Client, world: World, provider: None, signed: str) -> None:
    channel = agree_to_texts(world)
    response = client.post(
        "/hooks/texts/", {"From": NUMBER, "Body": "STOP"}, HTTP_X_TWILIO_SIGNATURE=signed.encode().decode("latin-1")
    )
    assert (response.status_code, response.content) == (403, b"")
    assert stopped_at(channel) is None


def test_a_signature_of_other_words_or_of_another_secret_is_refused(
    client: Client, world: World, provider: None
) -> None:
    channel = agree_to_texts(world)
    form = {"From": NUMBER, "Body": "STOP"}
    hello = signature("https://aftercare.example/hooks/texts/", {**form, "Body": "hello"}, secret=SECRET)
    assert arrive(client, form, signed=hello).status_code == 403
    assert arrive(client, form, secret="another").status_code == 403
    assert stopped_at(channel) is None


def test_without_a_secret_nothing_is_believed(client: Client, world: World, provider: None, settings: Settings) -> None:
    settings.SMS_AUTH_TOKEN = ""
    channel = agree_to_texts(world)
    assert arrive(client, {"From": NUMBER, "Body": "STOP"}, secret="").status_code == 403
    assert stopped_at(channel) is None


def test_the_provider_needs_no_token_of_a_form(world: World, provider: None) -> None:
    channel = agree_to_texts(world)
    strict = Client(enforce_csrf_checks=True)
    assert arrive(strict, {"From": NUMBER, "Body": "STOP"}).status_code == 200
    assert stopped_at(channel)


@pytest.mark.parametrize("state", [PromptState.UNKNOWN, PromptState.FAILED])
def test_a_text_of_unclear_fate_can_be_read_here_and_is_not_called_a_text(world: World, state: PromptState) -> None:
    treatment = world.treatment()
    world.prompt(treatment, step="check_1", due_at=HOUR_ZERO + timedelta(hours=4), state=state, channel=ChannelKind.SMS)
    (message,) = messages_page(world.patient, HOUR_ZERO + timedelta(hours=5)).arrived
    assert message.title == "How are you now?"
    assert message.way == ""
