"""Notes on this phone: offered where they can be, in the exact words of the consent, and nothing is said for anybody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Consent, Device
from accounts.services import offer_binding
from accounts.wordings import WORDINGS
from prompts.models import PushSubscription
from tests.conftest import bind
from tests.push import PUSH_KEY, Browser
from tests.world import World
from timeline.states import TreatmentState

HERE = "https://fcm.googleapis.com/fcm/send/a-browser"


@pytest.fixture(autouse=True)
def has_key(settings: Any) -> None:
    settings.PUSH_KEY = PUSH_KEY


def page(client: Client, path: str = "/messages/") -> str:
    return client.get(path).content.decode()


def test_the_button_says_yes_to_the_exact_words_and_nothing_is_picked(world: World, phone: Client) -> None:
    words = page(phone)
    assert WORDINGS["push"].text.format(sender=world.clinic.sender_name) in words
    assert 'data-push="off" data-key="B' in words
    assert "data-push-on hidden" in words, "without a script there is nothing to tap"
    assert not Consent.objects.filter(kind="push").exists()


def test_where_no_key_is_nothing_is_offered(phone: Client, settings: Any) -> None:
    settings.PUSH_KEY = ""
    assert "data-push" not in page(phone)
    assert "js/push.js" not in page(phone)


def test_it_is_on_for_the_phone_that_said_yes_and_for_no_other(world: World, phone: Client) -> None:
    assert phone.post("/push/subscribe/", Browser(HERE).told).status_code == 204
    assert 'data-push="on" data-key="B' in page(phone)
    assert f'data-endpoint="{HERE}"' in page(phone)
    other = bind(Client(), world)
    assert 'data-push="off"' in page(other)
    alone = "You chose: only in the app. No note shows until you pick another way above."
    assert alone not in page(phone)
    phone.post("/messages/first/", {"first_way": "in_app"})
    assert alone in page(phone) and alone in page(other)


def test_another_phone_is_named_only_while_notes_really_show_there(world: World, phone: Client) -> None:
    elsewhere, by_note = "Notes show on another phone", "A note on your phone"
    assert elsewhere not in page(phone)
    other = bind(Client(), world)
    phone.post("/push/subscribe/", Browser(HERE).told)
    other.post("/push/subscribe/", Browser(f"{HERE}-too").told)
    assert elsewhere in page(phone) and "They show on one phone" in page(phone)
    assert elsewhere not in page(other)
    phone.post("/push/unsubscribe/")
    assert elsewhere in page(phone) and "They show on one phone" not in page(phone)
    assert by_note in page(phone)
    Device.objects.filter(pk=PushSubscription.objects.get(gone_at=None).device_id).update(revoked_at=timezone.now())
    assert elsewhere not in page(phone), "that phone was signed out"
    assert by_note not in page(phone), "nor does a note come first any more"


def test_a_phone_that_is_only_set_up_says_yes_and_keeps_its_notes_when_the_visit_opens_the_rest(
    world: World, set_up_phone: Client
) -> None:
    assert set_up_phone.post("/push/subscribe/", Browser(HERE).told).status_code == 204
    code = offer_binding(world.patient, by=world.nurse, at=timezone.now()).code
    set_up_phone.post("/code/", {"code": code})
    set_up_phone.post("/bind/", {"pin": "482913", "again": "482913"})
    assert PushSubscription.objects.get(gone_at=None).device == Device.objects.get(revoked_at=None)
    assert 'data-push="on"' in page(set_up_phone)


@pytest.mark.parametrize(("browser", "place"), [("phone", "/messages/"), ("set_up_phone", "/set-up/reach/")])
def test_without_a_script_off_leads_back_to_its_card_which_says_so(
    world: World, request: pytest.FixtureRequest, browser: str, place: str
) -> None:
    client = request.getfixturevalue(browser)
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=1))
    client.post("/push/subscribe/", Browser(HERE).told)
    assert "Notes are off on this phone." not in page(client, place)
    form = re.findall(r'name="(from)" value="(\w+)"', page(client, place))
    answer = client.post("/push/unsubscribe/", dict(form), headers={"Sec-Fetch-Mode": "navigate"})
    assert (answer.status_code, answer["Location"]) == (303, f"{place}#push")
    assert "Notes are off on this phone." in page(client, place)
