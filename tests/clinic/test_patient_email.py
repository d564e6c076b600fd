"""A patient's e-mail address: typed by staff with consent, shown where staff look for a way to reach somebody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Channel, Patient, Token
from accounts.states import ChannelKind, TokenKind
from clinic.queries import patient_page
from prompts.models import Prompt
from prompts.states import PromptState
from tests.clinic.pages import new_patient, words
from tests.clinic.test_add_patient import ADD
from tests.conftest import StaffClient
from tests.world import World

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]


def test_an_address_that_was_agreed_to_may_be_written_to(world: World, staff: Staff) -> None:
    form = new_patient(world, email="Nia.Bell@EXAMPLE.org", emails_agreed="on")
    response = staff().post(ADD, form)
    assert response.status_code == 303
    channel = Channel.objects.get(patient__record_number="N-1", kind=ChannelKind.EMAIL)
    assert (channel.address, channel.may_send) == ("Nia.Bell@example.org", True)


def test_without_consent_the_address_is_kept_and_not_written_to(world: World, staff: Staff) -> None:
    staff().post(ADD, new_patient(world, email="nia@example.org"))
    assert not Channel.objects.get(patient__record_number="N-1", kind=ChannelKind.EMAIL).may_send


def test_an_address_is_optional(world: World, staff: Staff) -> None:
    assert staff().post(ADD, new_patient(world)).status_code == 303
    assert not Channel.objects.filter(kind=ChannelKind.EMAIL).exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"email": "nia"}, "Type an e-mail address, like name@example.org."),
        ({"email": "nia@example.org\r\nBcc: all@example.org"}, "Type an e-mail address, like name@example.org."),
        ({"email": "n" * 300 + "@example.org"}, "An e-mail address has at most 254 characters."),
        ({"email": "", "emails_agreed": "on"}, "Type the address that e-mails go to, or take the tick away."),
    ],
)
def test_a_wrong_address_is_told_at_its_field_and_what_was_typed_stays(
    world: World, staff: Staff, typed: dict[str, Any], message: str
) -> None:
    response = staff().post(ADD, new_patient(world, **typed))
    assert response.status_code == 422
    assert words(response).count(message) == 2  # in the summary and next to the field
    assert 'value="Nia"' in response.content.decode()
    assert Patient.objects.count() == 1


def test_the_patients_page_shows_the_address_and_whether_it_may_be_used(world: World, staff: Staff) -> None:
    channel = Channel.objects.create(
        clinic=world.clinic,
        patient=world.patient,
        kind=ChannelKind.EMAIL,
        address="maya@example.org",
        consented_at=timezone.now(),
    )
    browser, address = staff(), f"/staff/patients/{world.patient.pk}/"
    text = words(browser.get(address))
    assert "maya@example.org" in text
    assert "E-mails are on" in text
    Channel.objects.filter(pk=channel.pk).update(stopped_at=timezone.now())
    assert "E-mails are off" in words(browser.get(address))


def ask(world: World, state: PromptState, **values: Any) -> None:
    at = timezone.now()
    token = Token.objects.create(
        kind=TokenKind.WAY_BACK,
        hash=f"a code {Token.objects.count()}",
        clinic=world.clinic,
        subject=world.patient.pk,
        expires_at=at + timedelta(minutes=10),
    )
    Prompt.objects.create(
        clinic=world.clinic,
        patient=world.patient,
        token=token,
        step="code",
        kind="code",
        asks=False,
        channel=ChannelKind.EMAIL,
        plan_number=0,
        due_at=at,
        window_ends_at=at + timedelta(minutes=10),
        state=state,
        **values,
    )


def test_staff_see_what_became_of_a_code(world: World, staff: Staff) -> None:
    ask(world, PromptState.SENT, sent_at=timezone.now())
    ask(world, PromptState.CANCELLED, reason="not on the guest list")
    text = words(staff().get(f"/staff/patients/{world.patient.pk}/"))
    assert "Code Sent by e-mail" in text
    assert "Code Not sent: not on this server’s guest list" in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_many_codes(
    world: World, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        ask(world, PromptState.SENT, sent_at=timezone.now())
    with django_assert_num_queries(
        6
    ):  # the patient, the visits, the channels, what was asked for and its tries, the phones
        patient_page(world.clinic, world.patient.pk, timezone.now(), role="front_desk")
