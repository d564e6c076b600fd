"""Deleting all writing: the PIN anew, everything of this patient and of nobody else, and a second tap changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent
from aftercare.tenancy import as_journal, tenant
from journal.models import JournalEntry, JournalKey, KeyEvent
from tests.clinic.pages import words
from tests.conftest import bind
from tests.journal.writing import PIN, opened_phone, wrote
from tests.world import World

pytestmark = pytest.mark.django_db
PATH = "/words/delete/"


@pytest.fixture
def own(phone: Client, world: World) -> Client:
    """The patient's phone, with the PIN given a moment ago."""
    return opened_phone(phone, world)


def rows() -> tuple[int, int]:
    with as_journal():
        return JournalKey.objects.count(), JournalEntry.objects.count()


def test_the_page_says_what_goes_and_what_stays_and_looking_changes_nothing(own: Client, world: World) -> None:
    wrote(world.patient, "mine", at=timezone.now())
    page = words(own.get(PATH))
    assert "No one can bring it back." in page
    assert "35 days" in page
    assert rows() == (1, 1)


@pytest.mark.parametrize("pin", ["", "111222"])
def test_open_words_are_no_leave_to_delete_them(own: Client, world: World, pin: str) -> None:
    wrote(world.patient, "mine", at=timezone.now())
    assert own.post(PATH, {"known_pin": pin}).status_code == 422
    assert rows() == (1, 1)


def test_all_goes_and_the_page_says_so(own: Client, world: World) -> None:
    for number in range(3):
        wrote(world.patient, "mine", at=timezone.now() - timedelta(days=number))
    answer = own.post(PATH, {"known_pin": PIN})
    assert (answer.status_code, answer["Location"]) == (303, PATH)
    assert "All your writing is deleted for good." in words(own.get(PATH))
    assert rows() == (0, 0)
    assert own.get("/words/read/").status_code == 303  # locked again
    with as_journal():
        assert list(KeyEvent.objects.values_list("deed", flat=True)) == ["destroyed"]
    assert AuditEvent.objects.filter(action="journal_destroyed").count() == 1


def test_a_second_tap_changes_nothing(own: Client, world: World) -> None:
    wrote(world.patient, "mine", at=timezone.now())
    for _ in range(2):
        assert own.post(PATH, {"known_pin": PIN}).status_code == 303
    with as_journal():
        assert KeyEvent.objects.filter(deed="destroyed").count() == 1
    assert AuditEvent.objects.filter(action="journal_destroyed").count() == 1


def test_who_writes_again_has_a_new_key(own: Client, world: World) -> None:
    wrote(world.patient, "before", at=timezone.now())
    own.post(PATH, {"known_pin": PIN})
    wrote(world.patient, "after", at=timezone.now())
    own.post("/words/open/", {"known_pin": PIN})
    page = words(own.get("/words/read/"))
    assert "after" in page and "before" not in page


def test_nobody_elses_writing_goes(client: Client, world: World, other_world: World) -> None:
    for each in (world, other_world):
        with tenant(each.clinic.pk):
            wrote(each.patient, "mine", at=timezone.now())
    phone = bind(client, world)
    with tenant(world.clinic.pk):
        opened_phone(phone, world)
    assert phone.post(PATH, {"known_pin": PIN}).status_code == 303
    with tenant(other_world.clinic.pk):
        assert rows() == (1, 1)
