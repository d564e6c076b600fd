"""The link of an invitation: it works once, for 48 hours, and a look at it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import SignIn, StaffMember, Token, User
from accounts.states import Role, TokenKind
from accounts.tokens import hash_secret
from tests.clinic.doors import (
    LOGIN,
    STEPS,
    SoftPasskey,
    a_browser,
    give_passkey,
    type_password,
)
from tests.clinic.invitations import INVITE, JOIN, NEW, PICKED, TEAM, invited, open_link, page_of
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.world import World

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]


@pytest.fixture
def manager(world: World, staff: Staff) -> StaffClient:
    cache.clear()
    return staff(Role.MANAGER)


def test_somebody_is_invited_picks_a_password_and_goes_straight_to_the_second_step(manager: StaffClient) -> None:
    member, link = invited(manager)
    assert not member.is_active
    browser = open_link(link)
    text = words(browser.get(JOIN))
    assert "Welcome, Ivo Lind" in text
    assert "lets you in as nurse" in text
    assert browser.post(JOIN, PICKED)["Location"] == STEPS
    assert browser.get("/staff/")["Location"] == STEPS
    give_passkey(browser, SoftPasskey())
    assert browser.get("/staff/").status_code == 200
    assert StaffMember.objects.get(pk=member.pk).is_active
    assert "Can sign in" in words(manager.get(page_of(member)))


def test_only_a_hash_of_the_link_is_kept_and_the_page_shows_it_once(manager: StaffClient) -> None:
    member, link = invited(manager)
    secret = link.rstrip("/").rpartition("/")[2]
    assert len(secret) >= 22
    token = Token.objects.get(subject=member.pk, kind=TokenKind.STAFF_INVITATION)
    assert token.hash == hash_secret(secret)
    assert secret not in manager.get(page_of(member)).content.decode()
    left = token.expires_at - timezone.now()
    assert timedelta(hours=47, minutes=59) < left <= timedelta(hours=48)


def test_before_the_link_was_used_nobody_signs_in(manager: StaffClient) -> None:
    member, _ = invited(manager)
    assert not member.user.has_usable_password()
    assert type_password(a_browser(), member).status_code == 422


def test_a_scanner_that_looks_at_the_link_changes_nothing(manager: StaffClient) -> None:
    member, link = invited(manager)
    for method in ("get", "head", "options") * 20:
        scanner = a_browser()
        getattr(scanner, method)(link)
        getattr(scanner, method)(JOIN)
    assert Token.objects.get(subject=member.pk).used_at is None
    assert SignIn.objects.filter(user=member.user).count() == 0
    assert open_link(link).post(JOIN, PICKED)["Location"] == STEPS


def test_a_button_pressed_without_an_answer_uses_nothing_up(manager: StaffClient) -> None:
    member, link = invited(manager)
    browser = open_link(link)
    assert browser.post(JOIN).status_code == 422
    assert Token.objects.get(subject=member.pk).used_at is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "password1234", "password2": "password1234"}, "too common"),
        ({"password1": "ivo@cedar.example.org", "password2": "ivo@cedar.example.org"}, "too similar"),
        ({"password1": "seven slow silver herons", "password2": "seven slow"}, "The two are not the same"),
        ({"password1": "", "password2": ""}, "Type a password."),
        ({"password1": "a" * 300, "password2": "a" * 300}, "at most 256"),
    ],
)
def test_a_password_that_cannot_be_is_told_plainly(manager: StaffClient, typed: dict[str, str], said: str) -> None:
    _, link = invited(manager)
    response = open_link(link).post(JOIN, typed)
    assert response.status_code == 422
    assert said in words(response)


def test_a_link_works_once_and_says_what_to_do_next(manager: StaffClient) -> None:
    _, link = invited(manager)
    first, second = open_link(link), open_link(link)
    assert first.post(JOIN, PICKED)["Location"] == STEPS
    late = second.post(JOIN, PICKED)
    assert late.status_code == 410
    assert "This link was used already" in words(late)
    assert "sign in with the password that you picked" in words(late)
    assert a_browser().get(link).status_code == 410
    assert second.get("/staff/")["Location"] == LOGIN


def test_a_link_that_ran_out_says_so(manager: StaffClient) -> None:
    member, link = invited(manager)
    waiting = open_link(link)
    Token.objects.filter(subject=member.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    for response in (a_browser().get(link), waiting.get(JOIN), waiting.post(JOIN, PICKED)):
        assert response.status_code == 410
        assert "This link has run out" in words(response)
    assert "Invitation ran out" in words(manager.get(TEAM))


def test_a_link_that_was_withdrawn_says_so(manager: StaffClient) -> None:
    member, link = invited(manager)
    waiting = open_link(link)
    assert "stops working at once" in words(manager.get(page_of(member, "withdraw/")))
    assert manager.post(page_of(member, "withdraw/"))["Location"] == page_of(member)
    for response in (a_browser().get(link), waiting.post(JOIN, PICKED)):
        assert response.status_code == 410
        assert "This link was withdrawn" in words(response)
    assert "No access" in words(manager.get(page_of(member)))


@pytest.mark.parametrize("secret", ["x", "A" * 22, "%F0%9F%8C%BF"])
def test_a_made_up_link_opens_nothing_and_keeps_nothing(client: Client, secret: str) -> None:
    response = client.get(f"{JOIN}{secret}/")
    assert response.status_code == 410
    assert "This link does not work here" in words(response)
    assert client.get(JOIN).status_code == client.post(JOIN, PICKED).status_code == 410
    assert not Session.objects.exists()


def test_a_manager_who_opens_the_link_is_told_whose_browser_it_is(manager: StaffClient) -> None:
    member, link = invited(manager)
    manager.get(link)
    assert f"{manager.member.name} is signed in here now" in words(manager.get(JOIN))
    manager.post(JOIN, PICKED)
    assert manager.session["_auth_user_id"] == str(member.user_id)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Type the name."),
        ({"email": ""}, "Type the e-mail address."),
        ({"email": "ivo"}, "Type an e-mail address, like"),
        ({"role": ""}, "Pick a role."),
        ({"role": "owner"}, "Pick a role."),
        ({"name": "Ivo\u202eLind"}, "can't be shown"),
        ({"name": "x" * 81}, "at most 80"),
    ],
)
def test_an_invitation_that_cannot_be_keeps_what_was_typed(
    manager: StaffClient, typed: dict[str, str], said: str
) -> None:
    response = manager.post(INVITE, {**NEW, **typed})
    assert response.status_code == 422
    assert said in words(response)
    assert 'value="RN"' in response.content.decode()
    assert not User.objects.filter(email__iexact=NEW["email"]).exists()


def test_the_address_of_a_colleague_leads_to_their_page(manager: StaffClient) -> None:
    """So does the page of the link, loaded again: a new link is made there."""
    invited(manager)
    response = manager.post(INVITE, {**NEW, "email": NEW["email"].upper()})
    assert response.status_code == 422
    assert "This is the address of Ivo" in words(response)
    assert "Make a new link on their page." in words(response)
    member = StaffMember.objects.get(user__email__iexact=NEW["email"])
    assert f'href="{TEAM}{member.pk}/"' in response.content.decode()


def test_of_an_address_at_another_clinic_nothing_is_told(manager: StaffClient, other_world: World) -> None:
    response = manager.post(INVITE, {**NEW, "email": other_world.nurse.user.email})
    assert response.status_code == 422
    assert "This address can't be used here." in words(response)
    assert other_world.nurse.name not in words(response)
    assert "Make a new link" not in words(response)
