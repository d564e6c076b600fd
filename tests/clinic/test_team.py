"""The team: invited by a link that works once, given another role, out at once and everywhere, let in again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, SignIn, StaffMember
from accounts.services import find_token, offer_binding
from accounts.services.staff import StaffActRefused, deactivate, invite_again, invite_staff
from accounts.states import Role, TokenKind
from accounts.tokens import hash_secret
from aftercare.sessions import session_hash
from aftercare.tenancy import tenant
from tests.clinic.doors import (
    AGAIN,
    LOGIN,
    SECOND,
    STEPS,
    SoftPasskey,
    a_browser,
    give_app,
    give_passkey,
    give_password,
    later,
    sign_in,
    type_password,
    use_passkey_alone,
)
from tests.clinic.invitations import INVITE, JOIN, NEW, PICKED, TEAM, invited, link_in, open_link, page_of
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.world import World, acts, make_staff

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]


@pytest.fixture
def manager(world: World, staff: Staff) -> StaffClient:
    cache.clear()
    return staff(Role.MANAGER)


# Who may


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MANAGER])
def test_only_managers_see_the_team(world: World, staff: Staff, role: Role) -> None:
    browser = staff(role)
    assert "Team" not in words(browser.get("/staff/"))
    for page in (TEAM, INVITE, page_of(world.nurse), page_of(world.nurse, "deactivate/")):
        assert (page, browser.get(page).status_code, browser.post(page).status_code) == (page, 403, 403)


def test_somebody_of_another_clinic_is_not_there(world: World, other_world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        manager = staff(Role.MANAGER)
    for act in ("", "role/", "deactivate/", "invite/", "withdraw/"):
        assert manager.get(page_of(other_world.nurse, act)).status_code == 404
    assert manager.post(page_of(other_world.nurse, "deactivate/")).status_code == 404
    assert other_world.nurse.name not in words(manager.get(TEAM))


def test_nobody_does_it_to_themselves(manager: StaffClient) -> None:
    me = manager.member
    assert "Another manager can change your role" in words(manager.get(page_of(me)))
    for act in ("deactivate/", "invite/", "withdraw/"):
        assert manager.get(page_of(me, act)).status_code == 409
        assert manager.post(page_of(me, act)).status_code == 409
    response = manager.post(page_of(me, "role/"), {"role": "nurse"})
    assert response.status_code == 409
    assert "You can't do this to yourself" in words(response)
    me.refresh_from_db()
    assert me.is_active and me.role == Role.MANAGER


def test_of_two_managers_who_let_each_other_go_the_second_is_refused(world: World) -> None:
    first, second = (make_staff(world.clinic, Role.MANAGER) for _ in range(2))
    deactivate(second, by=first, at=timezone.now())
    with pytest.raises(StaffActRefused, match="not a manager here any more"):
        deactivate(first, by=second, at=timezone.now())
    assert StaffMember.objects.filter(role=Role.MANAGER, is_active=True).count() == 1


@pytest.mark.parametrize("act", ["role/", "deactivate/", "invite/", "withdraw/"])
def test_it_asks_first_and_for_proof_that_is_not_old(
    world: World, manager: StaffClient, act: str, settings: Any
) -> None:
    page = page_of(world.nurse, act)
    assert manager.get(page).status_code == 200
    assert acts().count() == 0
    settings.DEMO = False
    SignIn.objects.filter(user=manager.member.user).update(is_strong=True)
    later(manager.member, timedelta(minutes=6), "confirmed_at")
    assert manager.get(page)["Location"] == AGAIN
    assert manager.post(page, {"role": "clinician"})["Location"] == AGAIN
    assert manager.get(TEAM).status_code == 200
    assert acts().count() == 0


def test_an_invitation_typed_too_slowly_is_not_lost(world: World) -> None:
    cache.clear()
    boss = give_password(make_staff(world.clinic, Role.MANAGER))
    browser, secret = a_browser(), give_app(boss)
    sign_in(browser, boss, secret)
    later(boss, timedelta(minutes=6), "confirmed_at")
    assert browser.post(INVITE, NEW)["Location"] == AGAIN
    held = browser.post(AGAIN, {"password": "four quiet wooden boats"})
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', held.content.decode()))
    again = {name: fields[name] for name in NEW}
    assert again == NEW
    assert link_in(browser.post(INVITE, again))


def test_a_protocol_is_signed_and_published_only_with_proof_that_is_not_old(
    world: World, staff: Staff, settings: Any
) -> None:
    settings.DEMO = False
    for role, act in ((Role.CLINICIAN, "sign"), (Role.MANAGER, "publish")):
        browser = staff(role)
        SignIn.objects.filter(user=browser.member.user).update(is_strong=True)
        later(browser.member, timedelta(minutes=6), "confirmed_at")
        for method in ("get", "post"):
            response = getattr(browser, method)(f"/staff/protocols/{world.version.pk}/{act}/")
            assert response["Location"] == AGAIN


# Another role


def test_another_role_counts_from_the_next_click(world: World, manager: StaffClient) -> None:
    colleague = Client()
    colleague.force_login(world.nurse.user)
    assert colleague.get(f"/staff/protocols/{world.version.pk}/sign/").status_code == 403
    assert manager.post(page_of(world.nurse, "role/"), {"role": "clinician"})["Location"] == page_of(world.nurse)
    assert colleague.get(f"/staff/protocols/{world.version.pk}/sign/").status_code != 403
    event = AuditEvent.objects.get(action="staff_role_changed")
    assert event.facts == {"from": "nurse", "to": "clinician"}
    assert manager.post(page_of(world.nurse, "role/"), {"role": "king"}).status_code == 422


# Going, and coming back


def four_browsers(member: StaffMember) -> list[Client]:
    """Signed in, each by itself."""
    browsers = [a_browser() for _ in range(4)]
    for browser in browsers:
        browser.force_login(member.user)
    SignIn.objects.filter(user=member.user).update(is_strong=True)
    give_app(member)
    return browsers


def test_somebody_who_goes_is_out_at_once_and_everywhere(world: World, manager: StaffClient) -> None:
    nurse = give_password(world.nurse)
    browsers, passkey = four_browsers(nurse), SoftPasskey()
    give_passkey(browsers[0], passkey)
    assert [browser.get("/staff/").status_code for browser in browsers] == [200] * 4
    cookies = [browser.cookies["sid"].value for browser in browsers]

    assert "signed out at once, on every device" in words(manager.get(page_of(nurse, "deactivate/")))
    assert manager.post(page_of(nurse, "deactivate/"))["Location"] == page_of(nurse)
    began = time.monotonic()
    answers = [browser.get("/staff/?seen=x", headers={"HX-Request": "true"}) for browser in browsers]
    assert time.monotonic() - began < 1
    assert [answer.status_code for answer in answers] == [401] * 4
    assert type_password(a_browser(), nurse).status_code == 422
    assert use_passkey_alone(a_browser(), passkey).status_code == 422
    assert not Authenticator.objects.filter(user=nurse.user).exists()
    assert not SignIn.objects.filter(user=nurse.user, ended_at=None).exists()
    assert not Session.objects.filter(session_key__in=[session_hash(cookie) for cookie in cookies]).exists()

    # let in again, the old browsers stay out
    link = link_in(manager.post(page_of(nurse, "invite/")))
    assert open_link(link).post(JOIN, PICKED)["Location"] == STEPS
    for browser, cookie in zip(browsers, cookies, strict=True):
        assert browser.get("/staff/")["Location"] == LOGIN
        thief = a_browser()
        thief.cookies["sid"] = cookie
        assert thief.get("/staff/")["Location"] == LOGIN
    actions = acts().filter(object=str(nurse.pk), action__startswith="staff_").values_list("action", flat=True)
    assert list(actions)[-3:] == ["staff_deactivated", "staff_invited_again", "staff_joined"]


def test_somebody_who_stands_at_the_second_step_is_out_too(world: World, manager: StaffClient) -> None:
    nurse = give_password(world.nurse)
    give_app(nurse)
    browser = a_browser()
    assert type_password(browser, nurse)["Location"] == SECOND
    manager.post(page_of(nurse, "deactivate/"))
    assert browser.get(SECOND)["Location"] == LOGIN
    assert browser.get(LOGIN).status_code == 200


def test_an_open_invitation_ends_with_the_access(manager: StaffClient) -> None:
    member, link = invited(manager)
    manager.post(page_of(member, "deactivate/"))
    assert a_browser().get(link).status_code == 410


def test_who_lost_the_second_step_gets_a_new_link_and_is_out_until_then(world: World, manager: StaffClient) -> None:
    nurse = give_password(world.nurse)
    (browser, *_) = four_browsers(nurse)
    assert "They lost their second step" in words(manager.get(page_of(nurse)))
    link = link_in(manager.post(page_of(nurse, "invite/")))
    assert browser.get("/staff/")["Location"] == LOGIN
    assert type_password(a_browser(), nurse).status_code == 422
    fresh = open_link(link)
    fresh.post(JOIN, PICKED)
    assert fresh.get("/staff/")["Location"] == STEPS


def test_a_fresh_link_ends_the_one_before(manager: StaffClient) -> None:
    member, old = invited(manager)
    new = link_in(manager.post(page_of(member, "invite/")))
    assert "This link was withdrawn" in words(a_browser().get(old))
    assert open_link(new).post(JOIN, PICKED)["Location"] == STEPS


def test_all_of_it_or_nothing(world: World, manager: StaffClient) -> None:
    """Who is not a manager any more changes nothing."""
    give_app(give_password(world.nurse))
    StaffMember.objects.filter(pk=manager.member.pk).update(role=Role.NURSE)
    for act in (deactivate, invite_again):
        with pytest.raises(StaffActRefused):
            act(world.nurse, by=manager.member, at=timezone.now())
    world.nurse.refresh_from_db()
    assert world.nurse.is_active
    assert Authenticator.objects.filter(user=world.nurse.user).exists()


# The list


@pytest.mark.parametrize("people", [1, 3])
def test_the_team_takes_as_many_queries_for_one_as_for_many(
    world: World, manager: StaffClient, people: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(people):
        invited(manager, email=f"{number}@cedar.example.org")
    with django_assert_max_num_queries(11):
        text = words(manager.get(TEAM))
    assert text.count("Invited until") == people
    assert f"{manager.member.name} (you)" in text


def test_what_somebody_made_for_others_ends_with_their_access(world: World) -> None:
    first, second = make_staff(world.clinic, Role.MANAGER), make_staff(world.clinic, Role.MANAGER)
    at = timezone.now()
    made = invite_staff(
        by=first, at=at, name="Ivo Lind", credentials="", email="ivo@cedar.example.org", role=Role.MANAGER
    )
    offered = offer_binding(world.patient, by=first, at=at)
    deactivate(first, by=second, at=at)
    assert find_token(TokenKind.STAFF_INVITATION, hash_secret(made.secret)) is None
    assert find_token(TokenKind.BIND_PHONE, hash_secret(offered.secret)) is None
