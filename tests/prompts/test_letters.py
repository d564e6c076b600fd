"""One clinic's share of a batch is read set by set: three rows cost as many queries as one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Channel, Device, Escort, Patient, Token
from accounts.services import invite, let_text, make_pickup_token, name_escort
from accounts.states import ChannelKind, TokenKind
from prompts.models import Prompt, PushSubscription
from prompts.services import pause_messages
from prompts.services.asked import Kind, send_asked_for
from prompts.services.letters import write_letters
from prompts.services.rows import Claimed, Ending, Letter
from prompts.services.rows import claimed as rows_by_id
from prompts.services.subscriptions import push_address
from prompts.states import Reason
from tests.clinic.alerts import another_patient
from tests.world import World

pytestmark = pytest.mark.django_db
NOW = timezone.now


def a_note(patient: Patient, kind: TokenKind, subject: UUID) -> Token:
    return Token.objects.create(
        kind=kind, hash=f"{subject}{kind}", clinic_id=patient.clinic_id, subject=subject,
        expires_at=NOW() + timedelta(hours=1),
    )  # fmt: skip


def reminded(world: World, number: int) -> None:
    """A reminder of the set-up to a patient without a phone, and a text to who drives."""
    patient, at = another_patient(world, f"N{number}"), NOW()
    texts = Channel.objects.create(
        clinic=world.clinic, patient=patient, kind=ChannelKind.SMS, address=f"+1212555010{number}", consented_at=at
    )
    invite(patient, planned_for=at + timedelta(days=1), by=world.nurse, at=at)
    send_asked_for(
        patient, token=a_note(patient, TokenKind.SET_UP_NOTE, patient.pk), kind="set_up", channel=texts, at=at
    )
    driver = name_escort(
        patient, task=Escort.Task.DRIVES, name="Jo", phone=f"+1212555020{number}", by=world.nurse, at=at
    )
    let_text(driver, on=True, at=at)
    make_pickup_token(driver, expires_at=at + timedelta(days=1), by=None)
    to = Channel.objects.get(escort=driver)
    note = a_note(patient, TokenKind.ESCORT_NOTE, driver.pk)
    send_asked_for(patient, token=note, kind="escort", channel=to, at=at, to=to.address)


def claimed() -> list[Claimed]:
    rows = Prompt.objects.exclude(token=None).values_list("pk", flat=True)
    return list(rows_by_id(list(rows)).values())


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.usefixtures("has_provider")
def test_as_many_queries_for_three_of_each_kind_as_for_one(world: World, settings: Settings, count: int) -> None:
    settings.SEND_ONLY_TO = []
    for number in range(count):
        reminded(world, number)
    rows = claimed()
    with CaptureQueriesContext(connection) as asked:
        letters = list(write_letters(world.clinic.pk, rows, at=NOW()))
    assert [type(each) for each in letters] == [Letter] * 2 * count
    links = {each.message.text.split(" http")[1].split(" ")[0] for each in letters if isinstance(each, Letter)}
    assert len(links) == 2 * count
    assert len(asked) == 6  # what all need, tokens; numbers and links of escorts; phones, invitations


def test_a_test_goes_to_the_phone_and_a_reminder_on_by_text_where_no_phone_takes_it(
    world: World, settings: Settings
) -> None:
    settings.PUSH_KEY, settings.SMS_BASE_URL = "set", "http://127.0.0.1:9"
    at, patient = NOW(), world.patient
    phone = Device.objects.create(clinic=world.clinic, patient=patient, bound_at=at)
    push, _ = (
        Channel.objects.create(clinic=world.clinic, patient=patient, kind=kind, address=address, consented_at=at)
        for kind, address in ((ChannelKind.PUSH, ""), (ChannelKind.SMS, "+12125550100"))
    )
    test, note = (a_note(patient, kind, patient.pk) for kind in (TokenKind.TEST_NOTE, TokenKind.SET_UP_NOTE))
    send_asked_for(patient, token=test, kind="test", channel=push, at=at)
    send_asked_for(patient, token=note, kind="set_up", channel=push, at=at)
    without = list(write_letters(world.clinic.pk, claimed(), at=at))
    assert sorted(ending.next_way for ending in without if isinstance(ending, Ending)) == ["", "sms"]
    PushSubscription.objects.create(
        clinic=world.clinic,
        patient=patient,
        device=phone,
        endpoint="https://push.example/1",
        public_key="k",
        auth_secret="s",
        made_at=at,
    )
    letters = list(write_letters(world.clinic.pk, claimed(), at=at))
    assert [letter.to for letter in letters if isinstance(letter, Letter)] == 2 * [
        push_address(PushSubscription.objects.get())
    ]


@pytest.mark.usefixtures("has_provider")
def test_in_a_pause_only_what_is_waited_for_leaves(world: World, settings: Settings) -> None:
    settings.SEND_ONLY_TO = []
    at, patient = NOW(), world.patient
    texts = Channel.objects.create(
        clinic=world.clinic, patient=patient, kind=ChannelKind.SMS, address="+12125550100", consented_at=at
    )
    kinds: dict[Kind, TokenKind] = {
        "test": TokenKind.TEST_NOTE,
        "set_up": TokenKind.SET_UP_NOTE,
        "nudge": TokenKind.NUDGE,
    }
    for kind, token in kinds.items():
        send_asked_for(patient, token=a_note(patient, token, patient.pk), kind=kind, channel=texts, at=at)
    pause_messages(patient, on=True, at=at)
    found = {each.prompt.kind: each for each in write_letters(world.clinic.pk, claimed(), at=at)}
    assert isinstance(found["test"], Letter)
    held = {kind: each.reason for kind, each in found.items() if isinstance(each, Ending)}
    assert held == {"set_up": Reason.PAUSED, "nudge": Reason.PAUSED}
    pause_messages(patient, on=False, at=at)
    assert all(isinstance(each, Letter) for each in write_letters(world.clinic.pk, claimed(), at=at))
