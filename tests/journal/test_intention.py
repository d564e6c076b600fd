"""One private line before a visit: kept sealed, opened by the PIN alone, and never in the way of anything else."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Patient
from accounts.services import set_pin
from accounts.signals import patients_forgotten
from aftercare.tenancy import as_journal, tenant
from journal.models import Canary, JournalEntry, JournalKey, KeyEvent
from journal.services import keys
from tests.journal.writing import wrote
from tests.world import World

pytestmark = pytest.mark.django_db
WRITE, READ = "journal:intention", "journal:read_intention"
LINE = "Let the quiet last. Μια ήρεμη μέρα. 静かな一日を。 🌿"
OTHER_KEY = "YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE="
OWN_RING = "tests:dGhpcnR5LXR3byBieXRlcyBmb3IgdGhlIHRlc3RzISE="
OTHER_RING, STRAY_RING = f"tests:{OTHER_KEY}", f"stray:{OTHER_KEY}"


@pytest.fixture(autouse=True)
def _no_trust() -> None:
    keys._trusted.clear()


def write(phone: Client, line: str = LINE, key: object = None) -> Any:
    return phone.post(reverse(WRITE), {"line": line, "key": str(key or uuid4())})


def entries() -> list[JournalEntry]:
    with as_journal():
        return list(JournalEntry.objects.all())


def test_a_line_is_kept_sealed(phone: Client) -> None:
    assert write(phone).status_code == 303
    (entry,) = entries()
    assert LINE.encode() not in bytes(entry.sealed)
    assert LINE not in phone.get(reverse(WRITE)).content.decode()


def test_a_line_opens_with_the_pin_and_the_opening_is_logged(phone: Client, world: World) -> None:
    set_pin(world.patient, "480913")
    write(phone)
    assert LINE in phone.post(reverse(READ), {"known_pin": "480913"}).content.decode()
    with as_journal():
        assert list(KeyEvent.objects.order_by("pk").values_list("deed", flat=True)) == ["made", "opened"]


def test_a_wrong_pin_opens_nothing(phone: Client, world: World) -> None:
    set_pin(world.patient, "480913")
    write(phone)
    answer = phone.post(reverse(READ), {"known_pin": "480914"})
    assert answer.status_code == 422
    assert LINE not in answer.content.decode()
    with as_journal():
        assert not KeyEvent.objects.filter(deed="opened").exists()


def test_a_second_tap_is_the_same_line(phone: Client) -> None:
    key = uuid4()
    write(phone, key=key)
    write(phone, key=key)
    assert len(entries()) == 1


@pytest.mark.parametrize(
    ("line", "words"), [("", "Write a line"), ("   ", "Write a line"), ("x" * 301, "a bit shorter")]
)
def test_what_can_not_be_a_line_is_refused_with_the_text_kept(phone: Client, line: str, words: str) -> None:
    answer = write(phone, line)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert line.strip() in answer.content.decode()
    assert entries() == []


@pytest.mark.parametrize("ring", ["", "no ring", OTHER_RING, STRAY_RING])
def test_without_the_right_key_nothing_is_written_and_what_was_typed_stays(
    phone: Client, settings: Settings, ring: str
) -> None:
    write(phone, "before")
    keys._trusted.clear()
    settings.JOURNAL_KEYS = ring
    answer = write(phone, "after")
    assert answer.status_code == 503
    assert "after" in answer.content.decode()
    assert len(entries()) == 1
    # and all else goes on
    assert phone.get(reverse("timeline:set_up")).status_code == 200


def test_without_the_right_key_a_line_stays_closed_and_is_kept(phone: Client, world: World, settings: Settings) -> None:
    set_pin(world.patient, "480913")
    write(phone)
    settings.JOURNAL_KEYS = OTHER_RING
    answer = phone.post(reverse(READ), {"known_pin": "480913"})
    assert answer.status_code == 503
    assert len(entries()) == 1
    settings.JOURNAL_KEYS = OWN_RING
    assert LINE in phone.post(reverse(READ), {"known_pin": "480913"}).content.decode()


def test_a_new_key_before_the_old_one_goes_on_writing(phone: Client, settings: Settings) -> None:
    write(phone, "before")
    settings.JOURNAL_KEYS = f"{STRAY_RING},{OWN_RING}"
    assert write(phone, "after").status_code == 303
    with as_journal():
        assert set(Canary.objects.values_list("ring_key", flat=True)) == {"tests", "stray"}


def test_the_canary_of_each_key_is_made_once(phone: Client) -> None:
    write(phone, "one")
    write(phone, "two")
    with as_journal():
        assert Canary.objects.count() == 1


def test_a_journal_goes_with_its_patient_and_nobody_elses_does(world: World, other_world: World) -> None:
    at = timezone.now()
    for each in (world, other_world):
        with tenant(each.clinic.pk):
            keys_of = _wrote(each.patient, at)
            assert keys_of == 1
    with tenant(world.clinic.pk):
        patients_forgotten.send(Patient, patient_ids=[world.patient.pk, other_world.patient.pk])
        with as_journal():
            assert not JournalKey.objects.exists()
            assert not JournalEntry.objects.exists()
    with tenant(other_world.clinic.pk), as_journal():
        assert JournalEntry.objects.count() == 1


def _wrote(patient: Patient, at: datetime) -> int:
    wrote(patient, "mine", at=at)
    with as_journal():
        return JournalKey.objects.filter(patient=patient).count()
