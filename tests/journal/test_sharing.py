"""One text for one person: a copy under a key of its own, by a link and a code, ended at any time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Token
from accounts.services import LinkExpired
from accounts.states import TokenKind
from aftercare.tenancy import as_journal, tenant
from aftercare.words import NOTICE_WORDS, found_words
from journal.crypto import CanNotOpen, open_record, unwrap
from journal.models import JournalEntry, JournalKey, KeyEvent, Share
from journal.queries import shares_page
from journal.services import (
    MadeShare,
    destroy_journal,
    end_share,
    end_shares,
    end_what_ran_out,
    keys,
    open_with_code,
    remove_entry,
)
from journal.services.entries import record_place
from journal.services.keys import keys_to_read, ring
from journal.services.renewing import renew_key
from journal.services.rewrapping import rewrap_all
from journal.services.shares import share_place
from journal.sharing import ENDS_AFTER, RESTS_AFTER
from journal.states import EntryKind
from tests.conftest import StaffClient, bind
from tests.journal.rings import NEW, ROTATING
from tests.journal.sharing import MIND, TEXT, a_share, followed, kept_share, opened_share, path_of, run_out
from tests.journal.writing import opened_phone, wrote
from tests.world import World

pytestmark = pytest.mark.django_db
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
OTHER_RING = "tests:YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE="


def body(browser: Client, path: str = "/shared/") -> tuple[int, bytes]:
    response = browser.get(path)
    return response.status_code, TOKEN.sub(b"", response.getvalue())


def words(response: Any) -> str:
    return str(response.content.decode())


def deeds() -> list[tuple[str, str]]:
    with as_journal():
        return [(event.deed, event.actor) for event in KeyEvent.objects.order_by("pk")]


def wrong(code: str) -> str:
    """Another code of the same shape."""
    return ("B" if code[0] != "B" else "C") + code[1:]


# --- The link and the code ---


def test_a_link_leads_to_a_cover_that_tells_nothing(world: World) -> None:
    browser = followed(a_share(world.patient))
    status, page = body(browser)
    assert status == 200
    text = re.sub(r"<section class=\"help\".*?</section>\s*</section>", "", page.decode(), flags=re.DOTALL)
    assert not any(word in text for word in ("Maya", "Torres", "Cedar", "Noor", TEXT[:10]))
    assert found_words(re.sub(r"<[^>]+>", " ", text), NOTICE_WORDS) == []


def test_the_code_opens_the_text_and_the_opening_is_logged(world: World) -> None:
    browser = opened_share(a_share(world.patient))
    assert TEXT in words(browser.get("/shared/"))
    assert deeds()[-1] == ("share_opened", "guest")


def test_a_code_is_read_however_it_is_typed(world: World) -> None:
    made = a_share(world.patient)
    browser = followed(made)
    assert browser.post("/shared/", {"code": f" {made.code.lower().replace('-', ' ')} "}).status_code == 303


def test_what_was_opened_stays_open_for_ten_minutes_in_this_browser_alone(world: World) -> None:
    made = a_share(world.patient)
    browser = opened_share(made)
    assert TEXT in words(browser.get("/shared/"))
    assert TEXT not in words(followed(made).get("/shared/"))
    session = browser.session
    session["shared_opened"][1] = (timezone.now() - timedelta(seconds=1)).isoformat()
    session.save()
    assert TEXT not in words(browser.get("/shared/"))


def test_the_page_can_be_closed(world: World) -> None:
    browser = opened_share(a_share(world.patient))
    assert browser.post("/shared/close/").status_code == 303
    assert TEXT not in words(browser.get("/shared/"))


def test_the_code_of_one_copy_opens_no_other(world: World) -> None:
    one, other = a_share(world.patient), a_share(world.patient, text="Another text.")
    browser = opened_share(one)
    followed(other, browser)
    assert words(browser.get("/shared/")).count("Type it here") == 1
    assert browser.post("/shared/", {"code": one.code}).status_code == 422


def test_neither_the_code_nor_the_secret_nor_a_word_is_kept_in_the_clear(world: World) -> None:
    made = a_share(world.patient)
    secret = path_of(made).split("/")[2]
    share, token = kept_share(made), Token.objects.get(kind=TokenKind.SHARE)
    row = " ".join(str(value) for each in (share, token) for value in vars(each).values())
    for word in (made.code, made.code.replace("-", ""), secret, TEXT, MIND):
        assert word not in row
        assert word.encode() not in bytes(share.sealed or b"") + bytes(share.about)


def test_the_page_tells_when_it_was_written_and_until_when_it_opens(world: World) -> None:
    page = words(opened_share(a_share(world.patient)).get("/shared/"))
    assert re.search(r"Written on \w+day, \w+ \d+, 20\d\d, ", page)
    assert re.search(r"open it until \w+day, \w+ \d+, 20\d\d, ", page)
    assert 'dir="auto"' in page


def test_whoever_else_the_browser_is_is_left_out(world: World, staff: Callable[..., StaffClient]) -> None:
    made = a_share(world.patient)
    for browser in (bind(Client(), world), staff()):
        page = words(opened_share(made, browser).get("/shared/"))
        assert TEXT in page
        assert not any(word in page for word in ("Maya", "Cedar", "data-who", "/staff/", "/check-in/"))


# --- What opens nothing ---


def end_what_is_over() -> None:
    """As the beat does in this clinic."""
    end_shares(at=timezone.now(), ends_at__lte=timezone.now())


def tidied(made: MadeShare) -> None:
    run_out(made)
    end_what_is_over()


ENDS: dict[str, Callable[[World, MadeShare], object]] = {
    "run out": lambda _, made: run_out(made),
    "run out and tidied": lambda _, made: tidied(made),
    "ended": lambda world, made: end_share(world.patient, made.share.pk, at=timezone.now()),
    "its text was taken away": lambda world, made: remove_entry(world.patient, made.share.entry, at=timezone.now()),
    "the journal was deleted": lambda world, _: destroy_journal(world.patient, at=timezone.now()),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_link_that_opens_nothing_is_one_page_and_tells_nothing(world: World, end: str) -> None:
    made = a_share(world.patient)
    followed_before, opened_before, guessed = followed(made), opened_share(made), Client()
    guessed.get(f"/shared/{'A' * 22}/")
    ENDS[end](world, made)
    nothing = body(Client())
    assert nothing[0] == 410
    assert b"This page can not be opened" in nothing[1]
    for browser in (followed_before, opened_before, guessed, followed(made)):
        assert body(browser) == nothing
        assert browser.post("/shared/", {"code": made.code}).status_code == 410
        assert browser.post("/shared/close/").status_code == 410


@pytest.mark.parametrize("end", ENDS)
def test_what_has_ended_holds_nothing_that_could_be_opened(world: World, end: str) -> None:
    made = a_share(world.patient)
    ENDS[end](world, made)
    end_what_is_over()
    with as_journal():
        assert not Share.objects.exclude(wrapped=None, sealed=None, code_hash="").exists()
    assert not Token.objects.filter(kind=TokenKind.SHARE, revoked_at=None).exists()


def test_ending_one_copy_leaves_the_others(world: World) -> None:
    one, other = a_share(world.patient), a_share(world.patient)
    end_share(world.patient, one.share.pk, at=timezone.now())
    assert TEXT in words(opened_share(other).get("/shared/"))


def test_copies_whose_days_are_over_end_by_themselves(world: World, other_world: World) -> None:
    made = {}
    for each in (world, other_world):
        with tenant(each.clinic.pk):
            made[each.clinic.pk] = [a_share(each.patient), a_share(each.patient)]
            run_out(made[each.clinic.pk][0])
    assert end_what_ran_out(at=timezone.now()) == 2
    assert end_what_ran_out(at=timezone.now()) == 0
    for each in (world, other_world):
        with tenant(each.clinic.pk):
            assert [kept_share(one).ended_at is None for one in made[each.clinic.pk]] == [False, True]
            assert deeds()[-1] == ("share_ended", "service")


# --- Wrong codes ---


def test_wrong_codes_rest_and_then_end_the_copy(world: World) -> None:
    made = a_share(world.patient)
    browser = followed(made)
    for number in range(1, RESTS_AFTER + 1):
        answer = browser.post("/shared/", {"code": wrong(made.code)})
        assert answer.status_code == 422
        assert ("Wait 15 minutes" in words(answer)) == (number == RESTS_AFTER)
    assert browser.post("/shared/", {"code": made.code}).status_code == 429, "nothing is looked at while it rests"
    with as_journal():
        Share.objects.update(rests_until=None)
    for _ in range(ENDS_AFTER - RESTS_AFTER - 1):
        assert browser.post("/shared/", {"code": wrong(made.code)}).status_code == 422
    assert browser.post("/shared/", {"code": wrong(made.code)}).status_code == 410
    assert kept_share(made).ended_at is not None
    assert [deed for deed, _ in deeds()].count("share_missed") == ENDS_AFTER
    assert deeds()[-1] == ("share_ended", "guest")


def test_the_right_code_forgets_the_wrong_ones(world: World) -> None:
    made = a_share(world.patient)
    browser = followed(made)
    for _ in range(RESTS_AFTER - 1):
        browser.post("/shared/", {"code": wrong(made.code)})
    assert browser.post("/shared/", {"code": made.code}).status_code == 303
    assert kept_share(made).misses == 0


@pytest.mark.parametrize("typed", ["", "   ", "AB", "????????"])
def test_what_can_be_no_code_counts_for_nothing(world: World, typed: str) -> None:
    made = a_share(world.patient)
    assert followed(made).post("/shared/", {"code": typed}).status_code == 422
    assert kept_share(made).misses == 0


def test_one_address_has_so_many_tries_and_a_right_one_costs_none(world: World, settings: Settings) -> None:
    made = a_share(world.patient)
    for _ in range(3):
        opened_share(made)
    browser = followed(a_share(world.patient))
    statuses = []
    for _ in range(41):
        with as_journal():
            Share.objects.update(misses=0, rests_until=None, code_hash="!")
        statuses.append(browser.post("/shared/", {"code": "ABCD-2345"}).status_code)
    assert set(statuses[:40]) == {422}
    assert statuses[40] == 429


# --- Keys ---


def test_the_key_of_a_copy_opens_no_text_of_the_patient_and_theirs_opens_no_copy(world: World) -> None:
    made = a_share(world.patient)
    share, place = kept_share(made), share_place(made.share)
    assert share.wrapped is not None and share.sealed is not None
    key = unwrap(bytes(share.wrapped), ring=ring(), ring_key=share.ring_key, place=place)
    assert TEXT in open_record(bytes(share.sealed), key=key, place=place)
    with as_journal():
        own, entry = keys_to_read(world.patient.pk)[1], JournalEntry.objects.get()
        patients_key = JournalKey.objects.get()
    at_home = record_place(world.patient, entry.pk, "text")
    for sealed, wrong_key, where in (
        (entry.sealed, key, at_home),
        (share.about, key, record_place(world.patient, share.pk, "about")),
        (share.sealed, own, place),
        (share.sealed, own, at_home),
        (entry.sealed, own, place),
    ):
        with pytest.raises(CanNotOpen):
            open_record(bytes(sealed), key=wrong_key, place=where)
    with pytest.raises(CanNotOpen):  # a wrapped key of one kind is none of the other
        unwrap(bytes(patients_key.wrapped), ring=ring(), ring_key="tests", place=place)


def test_a_copy_moved_to_another_row_opens_nowhere(world: World) -> None:
    one, other = a_share(world.patient), a_share(world.patient, text="Another text.")
    with as_journal():
        theirs = Share.objects.get(pk=other.share.pk)
        Share.objects.filter(pk=one.share.pk).update(wrapped=theirs.wrapped, sealed=theirs.sealed)
    answer = followed(one).post("/shared/", {"code": one.code})
    assert answer.status_code == 503
    assert "Another text" not in words(answer)


def test_without_the_right_ring_the_page_says_so_plainly_and_nothing_is_lost(world: World, settings: Settings) -> None:
    made = a_share(world.patient)
    ring_before, settings.JOURNAL_KEYS = django_settings.JOURNAL_KEYS, OTHER_RING
    keys._trusted.clear()
    answer = followed(made).post("/shared/", {"code": made.code})
    assert answer.status_code == 503
    assert "does not open right now" in words(answer)
    settings.JOURNAL_KEYS = ring_before
    assert TEXT in words(opened_share(made).get("/shared/"))


# --- The patient's pages ---


def test_sharing_asks_for_the_pin_and_then_shows_link_and_code_once(world: World, phone: Client) -> None:
    entry = wrote(world.patient, TEXT, at=timezone.now())
    page, sent = (
        reverse("journal:share", args=[entry.pk]),
        {"whom": MIND, "days": "30", "key": str(uuid4()), "seen": "1"},
    )
    assert phone.post(page, sent)["Location"].startswith("/words/open/")
    with as_journal():
        assert not Share.objects.exists()
    opened_phone(phone, world)
    assert TEXT in words(phone.get(page))
    made = words(phone.post(page, sent))
    link, code = re.search(r'value="(http[^"]+)"', made), re.search(r"(?<![\w-])[0-9A-Z]{4}-[0-9A-Z]{4}(?![\w-])", made)
    assert link and code
    share = Token.objects.get(kind=TokenKind.SHARE)
    assert share.expires_at > timezone.now() + timedelta(days=29)
    browser = Client()
    browser.get(link[1].removeprefix(django_settings.PUBLIC_URL))
    browser.post("/shared/", {"code": code[0]})
    assert TEXT in words(browser.get("/shared/"))
    assert code[0] not in words(phone.get(reverse("journal:shares")))


def test_a_second_tap_is_the_same_copy_and_its_answer_is_the_one_that_counts(world: World) -> None:
    entry, key = wrote(world.patient, TEXT, at=timezone.now()), uuid4()
    first, second = (a_share(world.patient, entry_id=entry.pk, key=key) for _ in range(2))
    with as_journal():
        assert Share.objects.count() == 1
    assert body(followed(first))[0] == 410
    assert TEXT in words(opened_share(second).get("/shared/"))
    with pytest.raises(LinkExpired):
        a_share(world.patient, entry_id=entry.pk, key=key)


def test_a_text_that_was_changed_meanwhile_is_shown_once_more_first(world: World, phone: Client) -> None:
    key = uuid4()
    entry = wrote(world.patient, "Before.", at=timezone.now(), key=key)
    wrote(world.patient, "After.", at=timezone.now(), key=key)
    sent = {"whom": MIND, "days": "7", "key": str(uuid4()), "seen": "1"}
    answer = opened_phone(phone, world).post(reverse("journal:share", args=[entry.pk]), sent)
    assert answer.status_code == 409
    assert "After." in words(answer) and MIND in words(answer)
    with as_journal():
        assert not Share.objects.exists()


def test_a_copy_does_not_change_with_its_text(world: World) -> None:
    key = uuid4()
    entry = wrote(world.patient, TEXT, at=timezone.now(), key=key)
    made = a_share(world.patient, entry_id=entry.pk)
    wrote(world.patient, "Now it is another one.", at=timezone.now(), key=key)
    assert TEXT in words(opened_share(made).get("/shared/"))


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("whom", " ", "Type who it is for"),
        ("whom", "x" * 61, "a bit shorter"),
        ("days", "365", "Pick how long"),
        ("days", "", "Pick how long"),
    ],
)
def test_bad_input_is_said_and_what_was_typed_stays(
    world: World, phone: Client, field: str, value: str, says: str
) -> None:
    entry = wrote(world.patient, TEXT, at=timezone.now())
    sent = {"whom": MIND, "days": "7", "key": str(uuid4()), "seen": "1", field: value}
    answer = opened_phone(phone, world).post(reverse("journal:share", args=[entry.pk]), sent)
    assert answer.status_code == 422
    assert says in words(answer) and sent["whom"].strip() in words(answer)
    with as_journal():
        assert not Share.objects.exists()


def test_nobody_shares_what_is_somebody_elses_or_what_goes_by_a_page_alone(
    world: World, other_world: World, phone: Client
) -> None:
    with tenant(other_world.clinic.pk):
        theirs = wrote(other_world.patient, "Theirs.", at=timezone.now())
    with tenant(world.clinic.pk):
        themes = wrote(world.patient, "Quiet", at=timezone.now(), kind=EntryKind.THEMES)
        opened_phone(phone, world)
    for entry in (theirs.pk, themes.pk, uuid4()):
        page = reverse("journal:share", args=[entry])
        assert phone.get(page).status_code == 404
        assert phone.post(page, {"whom": "A", "days": "7", "key": str(uuid4()), "seen": "1"}).status_code == 404


def test_without_the_ring_nothing_is_shared_and_what_was_typed_stays(
    world: World, phone: Client, settings: Settings
) -> None:
    entry = wrote(world.patient, TEXT, at=timezone.now())
    settings.JOURNAL_KEYS = OTHER_RING
    keys._trusted.clear()
    sent = {"whom": MIND, "days": "7", "key": str(uuid4()), "seen": "1"}
    answer = opened_phone(phone, world).post(reverse("journal:share", args=[entry.pk]), sent)
    assert answer.status_code == 503
    assert MIND in words(answer)


def test_the_list_shows_each_opening_and_wrong_code_and_the_names_after_the_pin(world: World, phone: Client) -> None:
    made = a_share(world.patient)
    opened_share(made)
    browser = opened_share(made)
    browser.get("/shared/")  # the same opening once more
    browser.post("/shared/", {"code": wrong(made.code)})
    page = words(phone.get(reverse("journal:shares")))
    assert re.search(r"Opened \d.*?, then \d.*?\.", page)
    assert "A wrong code was typed once" in page
    assert MIND not in page and TEXT not in page
    assert MIND in words(opened_phone(phone, world).get(reverse("journal:shares")))


def test_the_list_has_a_fixed_number_of_queries(
    world: World, phone: Client, django_assert_max_num_queries: Any
) -> None:
    page, counts = reverse("journal:shares"), []
    phone.get(page)
    for number in (1, 3):
        for _ in range(number):
            a_share(world.patient)
        with django_assert_max_num_queries(40) as queries:
            opened_phone(phone, world).get(page)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_ending_needs_no_pin_and_no_key_and_a_second_tap_is_the_first(
    world: World, phone: Client, settings: Settings
) -> None:
    made = a_share(world.patient)
    guest, settings.JOURNAL_KEYS = opened_share(made), ""
    end = reverse("journal:end_share", args=[made.share.pk])
    for _ in range(2):
        assert phone.post(end)["Location"] == "/words/shared/"
    assert body(guest)[0] == 410
    assert "It ended at" in words(phone.get("/words/shared/"))
    assert [deed for deed, _ in deeds()].count("share_ended") == 1


def test_nobody_ends_what_somebody_else_shares(world: World, other_world: World, phone: Client) -> None:
    with tenant(other_world.clinic.pk):
        made = a_share(other_world.patient)
    assert phone.post(reverse("journal:end_share", args=[made.share.pk])).status_code == 404
    with tenant(other_world.clinic.pk):
        assert kept_share(made).ended_at is None


def test_a_try_at_a_copy_that_ended_a_moment_ago_is_told_so(world: World) -> None:
    made = a_share(world.patient)
    token = Token.objects.get(kind=TokenKind.SHARE)
    end_share(world.patient, made.share.pk, at=timezone.now())
    with pytest.raises(LinkExpired):
        open_with_code(token, made.code.replace("-", ""), at=timezone.now())


def test_the_keys_of_copies_go_over_to_a_new_key_of_the_ring(world: World, settings: Settings) -> None:
    made = a_share(world.patient)
    settings.JOURNAL_KEYS = ROTATING
    keys._trusted.clear()
    assert rewrap_all(at=timezone.now()).left == 0
    assert kept_share(made).ring_key == "next"
    settings.JOURNAL_KEYS = NEW
    assert TEXT in words(opened_share(made).get("/shared/"))


def test_the_names_open_after_all_of_the_patient_was_sealed_anew(world: World, phone: Client) -> None:
    a_share(world.patient)
    assert renew_key(world.clinic.pk, world.patient.pk, reseals=True, at=timezone.now()).resealed == 2
    assert MIND in words(opened_phone(phone, world).get(reverse("journal:shares")))


def test_the_list_of_what_is_shared_loads_no_copy(world: World) -> None:
    with CaptureQueriesContext(connection) as queries:
        shares_page(world.patient, timezone.now())
    (asked,) = [each["sql"] for each in queries if 'FROM "journal_share"' in each["sql"]]
    assert '"about"' in asked and '"sealed"' not in asked and '"wrapped"' not in asked


def test_a_look_at_for_whom_the_copies_are_is_on_record_and_one_without_names_is_not(
    world: World, phone: Client
) -> None:
    a_share(world.patient)
    phone.get(reverse("journal:shares"))
    assert "listed" not in [deed for deed, _ in deeds()]
    opened_phone(phone, world).get(reverse("journal:shares"))
    with as_journal():
        assert KeyEvent.objects.get(deed="listed").count == 1


def test_a_file_that_a_guest_takes_is_on_record_as_an_opening(world: World) -> None:
    browser = opened_share(a_share(world.patient))
    browser.get("/shared/")
    assert [deed for deed, _ in deeds()].count("share_opened") == 1
    assert browser.get(reverse("journal:shared_file")).status_code == 200
    assert [deed for deed, _ in deeds()].count("share_opened") == 2


@pytest.mark.parametrize(("minutes", "is_over"), [(-1, True), (14, False)])
def test_a_copy_that_ran_out_of_tries_ends_though_nobody_came_as_far_as_ending_it(
    world: World, minutes: int, is_over: bool
) -> None:
    """Not while the last try is being looked at: it may be the code."""
    made = a_share(world.patient)
    with as_journal():
        Share.objects.update(misses=ENDS_AFTER, rests_until=timezone.now() + timedelta(minutes=minutes))
    end_what_ran_out(at=timezone.now())
    assert (kept_share(made).ended_at is not None) == is_over
