"""Staff say that nothing arrives by a way: mail came back to the clinic, a number takes no texts. No provider told us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Channel
from accounts.services import set_emails, set_texts
from accounts.states import ChannelKind, Role
from aftercare.tenancy import tenant
from clinic.roles import BOOKS
from prompts.models import Prompt
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.prompts.conftest import ADDRESS, NUMBER, agree
from tests.world import World, acts

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
SMS, EMAIL, PUSH = ChannelKind.SMS, ChannelKind.EMAIL, ChannelKind.PUSH

PAGES = {SMS: "clinic:lost_patient_texts", EMAIL: "clinic:lost_patient_emails"}
ADDRESSES = {SMS: NUMBER, EMAIL: ADDRESS}
ASKS = {SMS: "Texts to this number do not arrive", EMAIL: "E-mails to this address come back"}
BOTH = pytest.mark.parametrize("way", [SMS, EMAIL])


def page(world: World) -> str:
    return reverse("clinic:patient", args=[world.patient.pk])


def say_lost(world: World, browser: Client, way: ChannelKind, **form: str) -> Any:
    return browser.post(reverse(PAGES[way], args=[world.patient.pk]), {"address": ADDRESSES[way], **form})


def channel(world: World, way: ChannelKind) -> Channel:
    return Channel.objects.get(patient=world.patient, kind=way)


@BOTH
def test_the_way_ends_with_a_line_and_the_page_says_so(world: World, staff: Staff, way: ChannelKind) -> None:
    agree(world)
    browser = staff(Role.FRONT_DESK)
    assert ASKS[way] in words(browser.get(page(world)))
    assert ASKS[way] in words(browser.get(reverse(PAGES[way], args=[world.patient.pk])))
    assert channel(world, way).may_send, "a look ends nothing"
    before = timezone.now()
    response = say_lost(world, browser, way)
    assert (response.status_code, response["Location"]) == (303, page(world))
    found = channel(world, way)
    assert found.failed_at and found.failed_at >= before and not found.may_send
    event = AuditEvent.objects.get(action="texts_failed" if way == SMS else "emails_failed")
    assert (event.actor, event.object, event.facts) == (browser.member.pk, str(found.pk), {"code": "told"})
    seen = words(browser.get(page(world)))
    assert f"{'Texts' if way == SMS else 'E-mails'} do not arrive since" in seen and "our staff said so" in seen
    assert ASKS[way] not in seen, "nothing is left to end"
    other = EMAIL if way == SMS else SMS
    assert channel(world, other).may_send and ASKS[other] in seen


def test_what_waits_takes_the_next_way(world: World, staff: Staff) -> None:
    agree(world)
    step, at = "check_1", timezone.now() + timedelta(hours=1)
    prompt = world.prompt(world.treatment(), step=step, due_at=at, channel=SMS, kind="check_in")
    for way, channel_after in ((SMS, EMAIL), (EMAIL, ChannelKind.IN_APP)):
        say_lost(world, staff(), way)
        assert Prompt.objects.get(pk=prompt.pk).channel == channel_after


@BOTH
def test_a_second_tap_is_the_first(world: World, staff: Staff, way: ChannelKind) -> None:
    agree(world)
    browser = staff()
    for _ in range(2):
        assert say_lost(world, browser, way).status_code == 303
    assert acts().filter(action__endswith="_failed").count() == 1


@BOTH
@pytest.mark.parametrize(
    "values", [{"failed_at": timezone.now()}, {"stopped_at": timezone.now()}, {"consented_at": None}, None]
)
def test_where_nothing_leaves_there_is_nothing_to_say(
    world: World, staff: Staff, way: ChannelKind, values: dict[str, Any] | None
) -> None:
    if values is not None:
        agree(world)
        Channel.objects.update(**values)
    browser = staff()
    assert ASKS[way] not in words(browser.get(page(world)))
    assert browser.get(reverse(PAGES[way], args=[world.patient.pk])).status_code == 303
    assert say_lost(world, browser, way).status_code == 303
    assert not acts().exists()


@BOTH
@pytest.mark.parametrize("address", ["", "+12125550188", "\0"])
def test_another_address_than_the_page_showed_is_not_ended(
    world: World, staff: Staff, way: ChannelKind, address: str
) -> None:
    agree(world)
    response = say_lost(world, staff(), way, address=address)
    assert response.status_code in {400, 409}
    assert channel(world, way).may_send


@BOTH
@pytest.mark.parametrize("role", list(Role))
def test_who_may_change_how_they_are_reached_may_say_it(
    world: World, staff: Staff, role: Role, way: ChannelKind
) -> None:
    agree(world)
    assert say_lost(world, staff(role), way).status_code == (303 if role in BOOKS else 403)
    assert channel(world, way).may_send is (role not in BOOKS)


@BOTH
def test_another_clinics_patient_is_not_there(world: World, other_world: World, staff: Staff, way: ChannelKind) -> None:
    with tenant(other_world.clinic.pk):
        agree(other_world)
    assert say_lost(other_world, staff(), way).status_code == 404
    with tenant(other_world.clinic.pk):
        assert channel(other_world, way).may_send and not acts().exists()


def test_the_same_address_at_another_clinic_stays_on(world: World, other_world: World, staff: Staff) -> None:
    for each in (world, other_world):
        with tenant(each.clinic.pk):
            agree(each)
    say_lost(world, staff(), EMAIL)
    with tenant(other_world.clinic.pk):
        assert channel(other_world, EMAIL).may_send


@BOTH
def test_a_new_yes_undoes_it(world: World, staff: Staff, way: ChannelKind) -> None:
    agree(world)
    browser = staff()
    say_lost(world, browser, way)
    (set_texts if way == SMS else set_emails)(world.patient, on=True, at=timezone.now())
    assert channel(world, way).may_send
    assert ASKS[way] in words(browser.get(page(world)))
