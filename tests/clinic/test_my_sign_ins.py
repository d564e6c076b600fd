"""A browser signs out by itself, is seen and ended on My account, and leaves nothing that opens a door."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.browsers import name_browser
from accounts.middleware import LEFT
from accounts.models import SignIn, StaffMember, User
from accounts.services import forget_what_is_over
from accounts.states import Role
from aftercare.sessions import SessionStore, session_hash
from tests.clinic.doors import LOGIN, ME, SECOND, STEPS, a_browser, code_of, give_app, give_password, later, sign_in
from tests.clinic.pages import words
from tests.world import World, make_staff

pytestmark = pytest.mark.django_db
BOARD, HTMX = "/staff/", {"HX-Request": "true"}
WINDOWS_CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"


@pytest.fixture
def browser(nurse: StaffMember, secret: str) -> Client:
    """Signed in with both steps."""
    made = Client(SERVER_NAME="localhost", HTTP_USER_AGENT=WINDOWS_CHROME)
    sign_in(made, nurse, secret)
    return made


def another(nurse: StaffMember) -> Client:
    """One more browser of the same person."""
    made = a_browser()
    made.force_login(nurse.user)
    SignIn.objects.filter(session_hash=session_hash(made.session.session_key or "")).update(
        is_strong=True, ended_at=None
    )
    return made


# Idle, and too long


def test_fifteen_minutes_without_anybody_end_it_and_the_page_says_so(nurse: StaffMember, browser: Client) -> None:
    later(nurse, timedelta(minutes=14, seconds=50), "seen_at")
    assert browser.get(BOARD).status_code == 200
    later(nurse, timedelta(minutes=15), "seen_at")
    assert browser.get("/staff/protocols/")["Location"] == LOGIN
    text = words(browser.get(LOGIN))
    assert "Nobody was here for 15 minutes, so we signed you out." in text
    assert "you are back where you were" in text
    assert not Session.objects.filter(session_key=SignIn.objects.get(user=nurse.user).session_hash).exists()


def test_who_comes_back_is_where_they_were(nurse: StaffMember, secret: str, browser: Client) -> None:
    later(nurse, timedelta(minutes=15), "seen_at")
    browser.get("/staff/protocols/?pack=iv&q=Maya")
    assert "Maya" not in str(dict(browser.session))
    sign_in_again = browser.post(LOGIN, {"login": nurse.user.email, "password": "four quiet wooden boats"})
    assert sign_in_again["Location"] == SECOND
    assert browser.post(SECOND, {"code": code_of(secret, steps=1)})["Location"] == "/staff/protocols/"


def test_who_comes_after_somebody_else_begins_at_the_board(world: World, nurse: StaffMember, browser: Client) -> None:
    later(nurse, timedelta(minutes=15), "seen_at")
    browser.get("/staff/protocols/")
    other = give_password(make_staff(world.clinic, Role.CLINICIAN))
    assert sign_in(browser, other, give_app(other))["Location"] == BOARD
    assert LEFT not in browser.session


def test_twelve_hours_end_it_whoever_is_there(nurse: StaffMember, browser: Client) -> None:
    later(nurse, timedelta(hours=11, minutes=59), "began_at")
    assert browser.get(BOARD).status_code == 200
    later(nurse, timedelta(minutes=1), "began_at")
    assert browser.get(BOARD)["Location"] == LOGIN
    assert "You were signed in for 12 hours" in words(browser.get(LOGIN))


def test_a_look_keeps_it_alive_and_is_written_once_a_minute(nurse: StaffMember, browser: Client) -> None:
    before = SignIn.objects.get(user=nurse.user).seen_at
    browser.get(BOARD)
    assert SignIn.objects.get(user=nurse.user).seen_at == before
    later(nurse, timedelta(minutes=10), "seen_at")
    browser.get(BOARD)
    assert SignIn.objects.get(user=nurse.user).seen_at > before


def test_a_board_that_asks_by_itself_does_not_keep_it_alive(nurse: StaffMember, browser: Client) -> None:
    later(nurse, timedelta(minutes=10), "seen_at")
    before = SignIn.objects.get(user=nurse.user).seen_at
    assert browser.get(f"{BOARD}?seen=x", headers=HTMX).status_code == 200
    assert SignIn.objects.get(user=nurse.user).seen_at == before
    later(nurse, timedelta(minutes=5), "seen_at")
    here = {**HTMX, "HX-Current-URL": "http://localhost/staff/?show=now"}
    response = browser.get(f"{BOARD}?seen=x", headers=here)
    assert (response.status_code, response["HX-Redirect"]) == (401, LOGIN)
    assert browser.session[LEFT]["path"] == BOARD
    assert "Nobody was here for 15 minutes" in words(browser.get(LOGIN))


@pytest.mark.parametrize("where", ["https://example.org/staff/", "javascript:alert(1)", "//example.org", ""])
def test_a_place_on_another_site_is_not_where_anybody_was(nurse: StaffMember, browser: Client, where: str) -> None:
    later(nurse, timedelta(minutes=15), "seen_at")
    browser.get(f"{BOARD}?seen=x", headers={**HTMX, "HX-Current-URL": where})
    assert not browser.session[LEFT].get("path")


def test_a_sign_in_without_its_row_is_none(nurse: StaffMember, browser: Client) -> None:
    """Sessions of before this was kept, for one."""
    SignIn.objects.all().delete()
    assert browser.get(BOARD)["Location"] == LOGIN
    assert "_auth_user_id" not in browser.session


# My account


def test_my_account_shows_the_browsers_and_marks_this_one(nurse: StaffMember, browser: Client) -> None:
    text = words(browser.get(ME))
    assert "Chrome on Windows" in text
    assert "This one" in text
    assert "Sign out all others" not in text
    another(nurse)
    assert "Sign out all others" in words(browser.get(ME))


def test_one_other_is_signed_out_and_the_rest_stays(nurse: StaffMember, browser: Client) -> None:
    second, third = another(nurse), another(nurse)
    row = SignIn.objects.get(session_hash=session_hash(second.session.session_key or ""))
    assert browser.post(f"{ME}sign-outs/", {"which": str(row.pk)})["Location"] == ME
    assert second.get(BOARD)["Location"] == LOGIN
    assert third.get(BOARD).status_code == browser.get(BOARD).status_code == 200


def test_all_others_are_signed_out(nurse: StaffMember, browser: Client) -> None:
    others = [another(nurse) for _ in range(3)]
    browser.post(f"{ME}sign-outs/")
    assert {other.get(BOARD)["Location"] for other in others} == {LOGIN}
    assert browser.get(BOARD).status_code == 200


def test_nobody_signs_out_somebody_else(world: World, nurse: StaffMember, browser: Client) -> None:
    other = make_staff(world.clinic, Role.CLINICIAN)
    theirs = another(other)
    row = SignIn.objects.get(user=other.user)
    browser.post(f"{ME}sign-outs/", {"which": str(row.pk)})
    assert theirs.get(BOARD).status_code == 200
    assert browser.post(f"{ME}sign-outs/", {"which": "x"}).status_code == 404
    assert browser.get(f"{ME}sign-outs/").status_code == 405


def test_a_new_password_signs_out_every_other_browser(nurse: StaffMember, browser: Client) -> None:
    other, page = another(nurse), f"{ME}password/"
    new = "seven slow silver herons"
    refused = browser.post(page, {"password1": new, "password2": "seven slow silver heron"})
    assert refused.status_code == 422
    assert "The two are not the same" in words(refused)
    assert browser.post(page, {"password1": "short", "password2": "short"}).status_code == 422
    assert browser.post(page, {"password1": nurse.user.email, "password2": nurse.user.email}).status_code == 422
    assert browser.post(page, {"password1": new, "password2": new})["Location"] == ME
    assert browser.get(BOARD).status_code == 200
    assert other.get(BOARD)["Location"] == LOGIN
    assert a_browser().post(LOGIN, {"login": nurse.user.email, "password": new})["Location"] == SECOND


def test_somebody_without_a_password_has_none_to_change(world: World) -> None:
    client = Client()
    client.force_login(world.nurse.user)
    assert "Password" not in words(client.get(ME))
    assert client.get(f"{ME}password/")["Location"] == ME
    client.post(f"{ME}password/", {"password1": "seven slow silver herons", "password2": "seven slow silver herons"})
    assert not User.objects.get(pk=world.nurse.user_id).has_usable_password()


def test_a_newcomer_has_no_account_page_yet(nurse: StaffMember) -> None:
    client = a_browser()
    client.post(LOGIN, {"login": nurse.user.email, "password": "four quiet wooden boats"})
    assert client.get(ME)["Location"] == STEPS


def test_signing_out_ends_the_row(nurse: StaffMember, browser: Client) -> None:
    browser.post("/staff/logout/")
    assert SignIn.objects.get(user=nurse.user).ended_at is not None


# At rest


def test_a_copy_of_the_table_holds_no_cookie(nurse: StaffMember, browser: Client) -> None:
    key = browser.cookies["sid"].value
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_key FROM django_session")
        stored = [row for (row,) in cursor.fetchall()]
    assert key not in stored
    assert hashlib.sha256(key.encode()).hexdigest()[:40] in stored
    for row in stored:
        thief = a_browser()
        thief.cookies["sid"] = row
        assert thief.get(BOARD)["Location"] == LOGIN


def test_a_session_lives_through_all_that_django_does_with_it(world: World) -> None:
    store = SessionStore()
    store["colour"] = "red"
    store.save()
    key = store.session_key or ""
    assert SessionStore(key)["colour"] == "red"
    assert store.exists(key)
    store.cycle_key()
    assert store.session_key != key
    assert SessionStore(store.session_key)["colour"] == "red"
    assert "colour" not in SessionStore(key)
    store["colour"] = "blue"
    store.save()
    assert SessionStore(store.session_key)["colour"] == "blue"
    store.flush()
    assert not Session.objects.exists()


def test_a_session_that_ran_out_by_the_databases_clock_is_none(world: World) -> None:
    store = SessionStore()
    store["colour"] = "red"
    store.save()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert "colour" not in SessionStore(store.session_key)


def test_rows_are_kept_for_a_month_ended_or_not(nurse: StaffMember) -> None:
    at = {"began_at": timezone.now(), "seen_at": timezone.now(), "confirmed_at": timezone.now()}
    SignIn.objects.create(user=nurse.user, session_hash="open", **at)
    SignIn.objects.create(user=nurse.user, session_hash="ended", ended_at=timezone.now(), **at)
    old: dict[str, Any] = at | {"began_at": timezone.now() - timedelta(days=31)}
    SignIn.objects.create(user=nurse.user, session_hash="old", **old)
    assert forget_what_is_over() == 1
    assert set(SignIn.objects.values_list("session_hash", flat=True)) == {"open", "ended"}


def test_counts_of_tries_that_are_over_are_forgotten(nurse: StaffMember) -> None:
    cache.set("kept", 1, timeout=60)
    cache.set("over", 1, timeout=60)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE aftercare_cache SET expires = now() - interval '1 second' WHERE cache_key LIKE '%over'")
    assert forget_what_is_over() == 1
    assert cache.get("kept") == 1


@pytest.mark.parametrize(
    ("says", "name"),
    [
        (WINDOWS_CHROME, "Chrome on Windows"),
        (f"{WINDOWS_CHROME} Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) CriOS/130.0 Mobile Safari/604.1", "Chrome on iPad"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox on Mac"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.0", "A browser that does not say its name"),
        ("<script>Linux", "A browser on Linux"),
        ("", "A browser that does not say its name"),
    ],
)
def test_a_browser_has_a_plain_name(says: str, name: str) -> None:
    assert name_browser(says) == name
