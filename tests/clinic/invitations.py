"""What the tests of the team share: somebody invited, the link, and a browser that has opened it."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from accounts.models import StaffMember
from tests.clinic.doors import a_browser

TEAM, INVITE, JOIN = "/staff/team/", "/staff/team/invite/", "/staff/join/"
NEW = {"name": "Ivo Lind", "credentials": "RN", "email": "Ivo@cedar.example.org", "role": "nurse"}
PICKED = {"password1": "seven slow silver herons", "password2": "seven slow silver herons"}


def link_in(response: Any) -> str:
    """The path of the link that the page shows."""
    match = re.search(r'value="https?://[^/"]+(/staff/join/[^"]+/)"', response.content.decode())
    assert match
    return match[1]


def invited(manager: Client, **other: str) -> tuple[StaffMember, str]:
    """Somebody new, and the path of their link."""
    response = manager.post(INVITE, {**NEW, **other})
    assert response.status_code == 200
    return StaffMember.objects.get(user__email=(other.get("email") or NEW["email"]).lower()), link_in(response)


def open_link(link: str) -> Client:
    """A browser that has opened it."""
    browser = a_browser()
    assert browser.get(link)["Location"] == JOIN
    return browser


def page_of(member: StaffMember, act: str = "") -> str:
    return f"{TEAM}{member.pk}/{act}"
