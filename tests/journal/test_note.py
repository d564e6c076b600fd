"""The private note beside a day's log: sealed at once, with no PIN, and never near the log itself."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from aftercare.tenancy import as_journal
from checkin.models import DailyLog
from checkin.services import Said, record_log
from journal.models import JournalEntry
from journal.services import keys, open_entries
from journal.states import EntryKind
from tests.world import World

pytestmark = pytest.mark.django_db
NOTE, KEPT = "/words/note/", "/log/kept/"
WORDS = "Nobody else may read this. Ніхто."


@pytest.fixture(autouse=True)
def _no_trust() -> None:
    keys._trusted.clear()


def send(phone: Client, note: str = WORDS, key: object = None) -> Any:
    return phone.post(NOTE, {"note": note, "key": str(key or uuid4())})


def count() -> int:
    with as_journal():
        return JournalEntry.objects.count()


def test_a_note_from_the_log_page_is_sealed_as_a_note(phone: Client, world: World) -> None:
    record_log(world.patient, Said(5, 5, 5), key=uuid4(), at=timezone.now())
    html = phone.get(KEPT).content.decode()
    assert f'action="{NOTE}"' in html
    key = re.findall(r'name="key" value="([^"]+)"', html)[0]
    response = send(phone, key=key)
    assert (response.status_code, response["Location"]) == (303, KEPT)
    assert "Your note is kept." in phone.get(KEPT).content.decode()
    (opened,) = open_entries(world.patient, at=timezone.now())
    assert (opened.kind, opened.words and opened.words.text) == (EntryKind.NOTE, WORDS)
    assert not DailyLog.objects.exclude(for_clinic="").exists()
    with as_journal():
        assert WORDS.encode() not in bytes(JournalEntry.objects.get().sealed)


def test_a_second_tap_is_the_same_note(phone: Client) -> None:
    key = uuid4()
    assert [send(phone, key=key).status_code for _ in range(2)] == [303, 303]
    assert count() == 1


@pytest.mark.parametrize(
    ("note", "said"),
    [("  ", "Write a note"), ("x" * 50_001, "This is 1 sign too long"), ("a\0b", "a sign that we can not keep")],
    ids=["empty", "long", "nul"],
)
def test_what_can_not_be_kept_is_refused_with_the_text_kept(phone: Client, note: str, said: str) -> None:
    response = send(phone, note)
    assert response.status_code == 422
    assert said in response.content.decode() and note.strip() in response.content.decode()
    assert count() == 0


def test_with_no_key_the_text_stays_on_the_page(phone: Client, settings: Settings) -> None:
    settings.JOURNAL_KEYS = ""
    response = send(phone)
    assert response.status_code == 503 and WORDS in response.content.decode()
    settings.JOURNAL_KEYS = "tests:dGhpcnR5LXR3byBieXRlcyBmb3IgdGhlIHRlc3RzISE="
    assert count() == 0
