"""One clinic's share of a batch is read set by set: three rows cost as many queries as one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Channel, Escort, Patient, Token
from accounts.services import invite, let_text, make_pickup_token, name_escort
from accounts.states import ChannelKind, TokenKind
from prompts.models import Prompt
from prompts.services.asked import send_asked_for
from prompts.services.letters import write_letters
from prompts.services.rows import Claimed, Letter
from prompts.services.rows import claimed as rows_by_id
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
    assert len(asked) == 8  # clinic, channels, choices, tokens; numbers and links of escorts; phones, invitations
