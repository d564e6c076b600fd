"""A yes and a no are kept in their words, with the switch that they stand for, and by a STOP as well."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Consent, Escort
from accounts.queries import last_change
from accounts.services import (
    add_patient,
    change_number,
    end_escort,
    has_agreed,
    record,
    record_consent,
    set_emails,
    set_texts,
    stop_emails,
    stop_texts,
)
from accounts.services.channels import address_mark
from accounts.states import ChannelKind, ConsentKind, ConsentWay
from accounts.wordings import WORDINGS
from aftercare.tenancy import tenant
from tests.reading import grade, sentences
from tests.reading import words as words_of
from tests.world import World

NUMBER, ADDRESS = "+12125550142", "maya@example.org"


@pytest.fixture
def ways(world: World) -> None:
    for kind, address in ((ChannelKind.SMS, NUMBER), (ChannelKind.EMAIL, ADDRESS)):
        Channel.objects.create(clinic=world.clinic, patient=world.patient, kind=kind, address=address)


def said() -> list[tuple[str, bool, str, str]]:
    return list(Consent.objects.order_by("pk").values_list("kind", "given", "way", "by_kind"))


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_the_words_are_easy_and_each_kind_has_some(kind: ConsentKind) -> None:
    text = WORDINGS[kind].text
    hardest = 5 if kind in {ConsentKind.PICKUP, ConsentKind.ESCORT_TEXTS, ConsentKind.ESCORT_ASKED} else 6
    assert grade(text) <= hardest
    assert max(len(words_of(sentence)) for sentence in sentences(text)) <= 15


@pytest.mark.django_db
@pytest.mark.usefixtures("ways")
@pytest.mark.parametrize(("switch", "kind"), [(set_texts, "texts"), (set_emails, "emails")])
def test_a_switch_keeps_the_yes_or_no_that_it_stands_for(world: World, switch: object, kind: str) -> None:
    for on in (True, True, False, False, True):
        switch(world.patient, on=on, at=timezone.now())  # type: ignore[operator]
    assert said() == [(kind, given, "app", "patient") for given in (True, False, True)]
    assert has_agreed(ConsentKind(kind), patient=world.patient)


@pytest.mark.django_db
@pytest.mark.usefixtures("ways")
def test_the_switch_on_the_messages_page_keeps_it_too(phone: Client) -> None:
    phone.post("/messages/texts/", {"texts": "on"})
    phone.post("/messages/emails/", {"emails": "off"})
    assert said() == [("texts", True, "app", "patient"), ("emails", False, "app", "patient")]


@pytest.mark.django_db
def test_without_a_number_there_is_nothing_to_say_yes_to(world: World) -> None:
    set_texts(world.patient, on=True, at=timezone.now())
    assert said() == []


@pytest.mark.usefixtures("committed")
def test_a_stop_is_a_no_of_patient_and_escort(world: World) -> None:
    at = timezone.now()
    with tenant(world.clinic.pk):
        escort = Escort.objects.create(clinic=world.clinic, patient=world.patient, name="Jo", task=Escort.Task.DRIVES)
        own = {"address": NUMBER, "consented_at": at, "kind": ChannelKind.SMS}
        Channel.objects.create(clinic=world.clinic, patient=world.patient, **own)
        Channel.objects.create(clinic=world.clinic, escort=escort, **own)
        email = Channel.objects.create(
            clinic=world.clinic, patient=world.patient, kind=ChannelKind.EMAIL, address=ADDRESS, consented_at=at
        )
    assert stop_texts(NUMBER, at=at) == 2
    assert stop_emails(email.pk, clinic_id=world.clinic.pk, mark=address_mark(ADDRESS), at=at) == 1
    with tenant(world.clinic.pk):
        assert sorted(said()) == [
            ("emails", False, "reply", "patient"),
            ("escort_texts", False, "reply", "escort"),
            ("texts", False, "reply", "patient"),
        ]


@pytest.mark.django_db
def test_a_consent_keeps_the_words_as_they_were_read(world: World) -> None:
    consent = record_consent(
        ConsentKind.TEXTS, given=True, patient=world.patient, way=ConsentWay.SET_UP, by=world.patient, at=timezone.now()
    )
    assert consent.wording.startswith("Cedar Street may text me.")
    assert consent.version == WORDINGS["texts"].version


@pytest.mark.django_db
def test_the_last_change_says_who_it_was_also_when_it_was_nobody_of_the_staff(world: World) -> None:
    record("noted", on=world.patient, at=timezone.now(), by=world.patient)
    change = last_change(world.patient, "noted")
    assert change and (change.who, change.they, change.by) == ("the patient", "The patient", world.patient.pk)


@pytest.mark.django_db
def test_a_yes_told_to_staff_is_kept_and_a_new_number_takes_back_or_renews_it(world: World) -> None:
    at = timezone.now()
    known: dict[str, Any] = {
        "first_name": "Ada",
        "last_name": "Vale",
        "record_number": "A-9",
        "born_on": world.patient.born_on,
    }
    patient = add_patient(
        by=world.nurse, at=at, zone="America/New_York", phone=NUMBER, texts_agreed=True, email=ADDRESS,
        emails_agreed=False, **known,
    )  # fmt: skip
    for number, is_yes in (("+12125550188", False), ("+12125550189", False), ("+12125550190", True)):
        change_number(patient, number, texts_agreed=is_yes, by=world.nurse, at=at)
    assert said() == [("texts", given, "staff", "staff") for given in (True, False, True)]


@pytest.mark.django_db
def test_who_is_not_asked_for_any_more_has_no_yes_left(world: World) -> None:
    at = timezone.now()
    escort = Escort.objects.create(clinic=world.clinic, patient=world.patient, name="Jo", task=Escort.Task.DRIVES)
    for kind in (ConsentKind.ESCORT_TEXTS, ConsentKind.ESCORT_ASKED):
        record_consent(kind, given=True, patient=world.patient, escort=escort, way=ConsentWay.PICKUP, by=escort, at=at)
    end_escort(escort, by=world.nurse, at=at)
    assert said()[2:] == [(kind, False, "staff", "staff") for kind in ("escort_texts", "escort_asked")]
