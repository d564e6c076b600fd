"""From the page that a message leads to, whichever it is, messages get fewer, pause and stop at one tap; and back to it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Channel, Token
from accounts.states import TokenKind
from prompts.models import MessageChoice, Prompt
from prompts.services.asked import Kind, send_asked_for
from prompts.services.letters import write_letters
from prompts.services.rows import Letter
from prompts.services.rows import claimed as rows_by_id
from prompts.states import PromptState
from tests.prompts.conftest import agree
from tests.world import HOUR_ZERO, World
from timeline.models import Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db

# A day with nothing but a log in it, at 11 in the morning.
AT = HOUR_ZERO + timedelta(days=2)
ASKED_FOR: dict[str, tuple[Kind, TokenKind]] = {
    "nudge": ("nudge", TokenKind.NUDGE),
    "set_up": ("set_up", TokenKind.SET_UP_NOTE),
}


def a_prompt(world: World, kind: str) -> Prompt:
    agree(world)
    if kind == "set_up":
        now = timezone.now()
        world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=now + timedelta(days=1))
    else:
        visit = world.treatment(plan_number=1)
    if kind in ASKED_FOR:
        name, token_kind = ASKED_FOR[kind]
        return asked_for(world, name, token_kind)
    if kind == "log":
        return Prompt.objects.create(
            clinic=world.clinic, patient=world.patient, step="log", kind="log", asks=True, channel="sms", plan_number=1,
            asked_on=AT.date(), due_at=AT, window_ends_at=AT + timedelta(hours=1), state=PromptState.WAITING,
        )  # fmt: skip
    steps = {"check_in": "check_1", "tip": "home", "wrap_up": "wrap_up"}
    return world.prompt(visit, step=steps[kind], kind=kind, due_at=AT, channel="sms")


def asked_for(world: World, kind: Kind, token_kind: TokenKind) -> Prompt:
    token = Token.objects.create(
        kind=token_kind, hash=kind, clinic=world.clinic, subject=world.patient.pk, expires_at=AT + timedelta(hours=1)
    )
    texts = Channel.objects.get(patient=world.patient, kind="sms")
    return send_asked_for(world.patient, token=token, kind=kind, channel=texts, at=AT)


def page_of(prompt: Prompt, settings: Settings) -> str:
    """Where the link of this message leads, once it has left."""
    settings.SEND_ONLY_TO = []
    (letter,) = write_letters(prompt.clinic_id, list(rows_by_id([prompt.pk]).values()), at=AT)
    assert isinstance(letter, Letter)
    Prompt.objects.filter(pk=prompt.pk).update(state=PromptState.SENT, sent_at=AT)
    return urlsplit(letter.message.link).path


def page_words(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("kind", ["check_in", "tip", "wrap_up", "nudge", "log", "set_up"])
@pytest.mark.usefixtures("has_provider")
def test_the_page_that_a_message_leads_to_has_fewer_a_pause_and_a_stop(
    phone: Client, world: World, settings: Settings, kind: str
) -> None:
    address = page_of(a_prompt(world, kind), settings)
    page = page_words(phone, address)
    assert [page.count(f'name="say" value="{act}"') for act in ("fewer", "pause", "stop")] == [1, 1, 1]
    assert ("Check in now" in page) == (kind in {"check_in", "nudge"})
    before, _, _ = page.partition('value="pause"')
    assert before.count("<details") == before.count("</details>"), "nothing has to be opened first"


def test_what_was_asked_for_otherwise_has_no_page(phone: Client, world: World) -> None:
    agree(world)
    row = asked_for(world, "test", TokenKind.TEST_NOTE)
    Prompt.objects.update(state=PromptState.SENT, sent_at=AT)
    assert phone.get(f"/m/{row.pk}/").status_code == 404


@pytest.mark.parametrize(("name", "undo"), [("fewer", "usual"), ("pause", "go_on"), ("stop", "start")])
def test_a_tap_at_the_foot_of_the_log_comes_back_there_and_can_be_undone(
    phone: Client, world: World, name: str, undo: str
) -> None:
    agree(world)
    assert 'id="too-many"' in page_words(phone, "/log/")
    done = phone.post("/messages/tap/", {"say": name, "back": "log"})
    assert (done.status_code, done["Location"]) == (303, f"/log/?tapped={name}#{name}")
    page = page_words(phone, done["Location"])
    assert (page.count(f'value="{undo}"'), page.count(f'value="{name}"')) == (1, 0)
    part = phone.post("/messages/tap/", {"say": undo, "back": "log"}, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<section class="stack" id="too-many"')
    assert f'value="{name}"' in part and "<h1" not in part


@pytest.mark.parametrize("back", ["log", "set_up", ""])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_phone_for_the_set_up_alone_stops_messages_and_is_shown_none(
    set_up_phone: Client, world: World, back: str, headers: dict[str, str]
) -> None:
    came = a_prompt(world, "check_in")
    Prompt.objects.update(state=PromptState.SENT, sent_at=AT)
    form = {"say": "stop", "back": back, "prompt": came.pk}
    for say in ("pause", "fewer", "go_on", "usual"):
        told = set_up_phone.post("/messages/tap/", {**form, "say": say}, headers=headers)
        assert told.status_code == 422
        assert (
            told.content.decode().count("Your visit has begun. Ask your clinic for the code. Then you can do this too.")
            == 1
        )
        assert told.content.decode().count('name="say"') == 1, "only the stop is offered"
        assert ("<h1" in told.content.decode()) == (not headers)
    assert not MessageChoice.objects.exists(), "a visit runs"
    response = set_up_phone.post("/messages/tap/", form, headers=headers)
    assert not Channel.objects.filter(Channel.OPEN).exists()
    assert response.headers.get("Location", "/set-up/?tapped=stop#stop") == "/set-up/?tapped=stop#stop"
    assert response.content.decode().count(f"/m/{came.pk}/") == 0
    refused = set_up_phone.post("/messages/tap/", {**form, "say": "x"}, headers=headers)
    assert refused.status_code == 422 and "Tap one of the buttons." in refused.content.decode()
    assert "Your messages" not in refused.content.decode()


def test_a_phone_for_the_set_up_alone_sees_that_it_stopped_a_visits_messages_and_undoes_it(
    set_up_phone: Client, world: World
) -> None:
    a_prompt(world, "check_in")
    Treatment.objects.update(hour_zero=timezone.now() - timedelta(hours=2))
    done = set_up_phone.post("/messages/tap/", {"say": "stop", "back": "set_up"})
    page = page_words(set_up_phone, done["Location"])
    assert "Your visit has begun" in page and "Messages are stopped" in page
    assert (page.count('value="start"'), page.count('value="fewer"'), page.count('value="pause"')) == (1, 0, 0)
    set_up_phone.post("/messages/tap/", {"say": "start", "back": "set_up"})
    assert Channel.objects.filter(Channel.OPEN, kind="sms").exists()


def test_who_gets_no_message_is_asked_nothing_about_them(phone: Client) -> None:
    assert "too-many" not in page_words(phone, "/log/")
