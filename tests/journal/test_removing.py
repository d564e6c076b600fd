"""What is taken away is gone from the page for a talk and from every copy too."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from aftercare.tenancy import as_journal
from journal.models import JournalEntry, Share
from journal.one_page import OnePage, Part
from journal.services import is_kept, open_entry, remove_entry
from journal.states import EntryKind
from tests.clinic.pages import words
from tests.journal.sharing import a_share, opened_share
from tests.journal.writing import opened_phone, spoil, wrote
from tests.world import World

pytestmark = pytest.mark.django_db
GONE, STAYS = "Only for the river.", "The door is blue."


@pytest.fixture
def own(phone: Client, world: World) -> Client:
    """The patient's phone, with the PIN given a moment ago."""
    return opened_phone(phone, world)


def a_page(world: World, *parts: Part) -> JournalEntry:
    page = OnePage(parts, written="Friday", zone=world.patient.zone)
    return wrote(world.patient, page.dump(), at=timezone.now(), kind=EntryKind.SUMMARY)


def part_of(entry: JournalEntry, text: str) -> Part:
    return Part("entry", text, heading="Words", entry=str(entry.pk), is_whole=False)


def two_texts(world: World) -> tuple[JournalEntry, JournalEntry]:
    gone, stays = (wrote(world.patient, text, at=timezone.now()) for text in (GONE, STAYS))
    return gone, stays


def on_page(world: World, page: JournalEntry) -> list[str]:
    opened = open_entry(world.patient, page.pk, at=timezone.now())
    assert opened.words
    return [part.text for part in OnePage.read(opened.words.text).parts]


def remove(world: World, entry: JournalEntry) -> int:
    return remove_entry(world.patient, entry.pk, at=timezone.now())


def open_shares() -> int:
    with as_journal():
        return Share.objects.filter(ended_at=None).count()


def test_it_goes_from_every_page_for_a_talk_and_the_rest_of_the_page_stays(world: World) -> None:
    gone, stays = two_texts(world)
    page = a_page(world, part_of(gone, GONE), part_of(stays, STAYS), Part("question", "Why blue?"))
    other = a_page(world, part_of(stays, STAYS))
    assert remove(world, gone) == 0
    assert on_page(world, page) == [STAYS, "Why blue?"]
    assert on_page(world, other) == [STAYS]
    with as_journal():
        assert list(JournalEntry.objects.order_by("revision").values_list("revision", flat=True)) == [1, 1, 2]


def test_a_page_that_held_nothing_else_goes_too(world: World) -> None:
    gone, _ = two_texts(world)
    page = a_page(world, part_of(gone, GONE))
    remove(world, gone)
    assert not is_kept(world.patient, page.pk)


def test_a_line_from_before_goes_from_the_page_that_has_one(world: World) -> None:
    line = wrote(world.patient, GONE, at=timezone.now(), kind=EntryKind.INTENTION)
    page = a_page(world, Part("line", GONE), Part("question", "Why?"))
    remove(world, line)
    assert on_page(world, page) == ["Why?"]


def test_a_text_leaves_the_line_from_before_where_it_is(world: World) -> None:
    gone, _ = two_texts(world)
    page = a_page(world, Part("line", "Let it be light."), part_of(gone, GONE))
    remove(world, gone)
    assert on_page(world, page) == ["Let it be light."]


def test_copies_of_a_page_that_hold_it_end_and_others_do_not(world: World) -> None:
    gone, stays = two_texts(world)
    held = a_share(world.patient, entry_id=a_page(world, part_of(gone, GONE), part_of(stays, STAYS)).pk)
    other = a_share(world.patient, entry_id=a_page(world, part_of(stays, STAYS)).pk)
    guest = opened_share(held)
    assert GONE in words(guest.get("/shared/"))
    remove(world, gone)
    assert guest.get("/shared/").status_code == 410
    assert STAYS in words(opened_share(other).get("/shared/"))


def test_a_copy_ends_that_holds_it_when_its_page_holds_it_no_more(world: World) -> None:
    gone, stays = two_texts(world)
    page = a_page(world, part_of(gone, GONE), part_of(stays, STAYS))
    a_share(world.patient, entry_id=page.pk)
    with as_journal():
        JournalEntry.objects.filter(pk=page.pk)._raw_delete("default")
    remove(world, gone)
    assert open_shares() == 0


def test_the_page_for_a_talk_is_taken_away_by_a_link_with_its_copies(own: Client, world: World) -> None:
    entry = wrote(world.patient, STAYS, at=timezone.now())
    sent = {"key": str(uuid4()), "seen": "0", f"all_entry_{entry.pk}": "on"}
    assert own.post("/words/page/", sent).status_code == 303
    with as_journal():
        page = JournalEntry.objects.get(kind=EntryKind.SUMMARY)
    a_share(world.patient, entry_id=page.pk)
    path = f"/words/read/{page.pk}/remove/"
    assert f'href="{path}"' in own.get("/words/page/").content.decode()
    assert "Page for a talk, " in words(own.get(path))
    assert "The words that it was made of stay." in words(own.get(path))
    own.post(path)
    assert (is_kept(world.patient, page.pk), is_kept(world.patient, entry.pk), open_shares()) == (False, True, 0)


def test_a_page_that_does_not_open_stays_and_the_patient_is_told(own: Client, world: World) -> None:
    gone, _ = two_texts(world)
    page = a_page(world, part_of(gone, GONE))
    spoil(page)
    path = f"/words/read/{gone.pk}/remove/"
    assert "It may still hold them." in words(own.get(path))
    told = words(own.post(path, follow=True))
    assert "a page for a talk does not open" in told
    assert (is_kept(world.patient, page.pk), is_kept(world.patient, gone.pk)) == (True, False)


def test_who_has_no_page_reads_of_none(own: Client, world: World) -> None:
    gone, _ = two_texts(world)
    path = f"/words/read/{gone.pk}/remove/"
    assert "page for a talk" not in words(own.get(path))
    assert "page for a talk" not in words(own.post(path, follow=True))


def test_without_a_key_nothing_is_taken_away_by_halves(own: Client, world: World, settings: Settings) -> None:
    gone, _ = two_texts(world)
    a_page(world, part_of(gone, GONE))
    settings.JOURNAL_KEYS = ""
    assert own.post(f"/words/read/{gone.pk}/remove/").status_code == 503
    assert is_kept(world.patient, gone.pk)


def test_without_a_key_a_text_that_is_on_no_page_can_go(own: Client, world: World, settings: Settings) -> None:
    gone, _ = two_texts(world)
    settings.JOURNAL_KEYS = ""
    assert own.post(f"/words/read/{gone.pk}/remove/").status_code == 303
    assert not is_kept(world.patient, gone.pk)
