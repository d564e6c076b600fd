"""Setting up a phone, and signing every phone out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import segno
from django.test import Client
from django.utils import timezone

from accounts.models import Device, Token
from accounts.states import Role, TokenKind
from accounts.tokens import hash_secret
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import World

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
CODE = re.compile(r'class="qr__code-words num">([0-9A-Z]{4}-[0-9A-Z]{4})<')


def address(world: World) -> str:
    return f"/staff/patients/{world.patient.pk}/phone/"


def test_a_tap_shows_a_square_code_and_a_typed_one_with_their_end(world: World, staff: Staff) -> None:
    response = staff(Role.FRONT_DESK).post(address(world))
    content = response.content.decode()
    assert response.status_code == 200
    assert CODE.search(content)
    assert '<svg viewBox="0 0 41 41" class="qr__code">' in content
    assert re.search(r"Works until (\d+(:\d\d)? [ap]m|noon|midnight)", words(response))
    ends = Token.objects.get(kind=TokenKind.BIND_CODE).expires_at
    assert timedelta(minutes=14) < ends - timezone.now() <= timedelta(minutes=15)


def test_the_page_needs_no_style_and_tells_the_secret_to_nobody_but_the_camera(world: World, staff: Staff) -> None:
    response = staff().post(address(world))
    content = response.content.decode()
    picture = content[content.index("<svg viewBox") : content.index("</svg>", content.index('class="qr__code"'))]
    assert "style" not in picture
    assert "<title" not in picture
    assert "/b/" not in content
    assert title(response) == "Phone"
    assert response["Cache-Control"] == "no-store"


def test_the_square_code_opens_the_binding_page(world: World, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    make = segno.make_qr

    def keep(text: str, **values: Any) -> segno.QRCode:
        shown.append(text)
        return make(text, **values)

    monkeypatch.setattr("segno.make_qr", keep)
    staff().post(address(world))
    (text,) = shown
    assert text.startswith("http://localhost:8000/b/")
    secret = text.rstrip("/").rsplit("/", 1)[1]
    assert Token.objects.filter(kind=TokenKind.BIND_PHONE, hash=hash_secret(secret)).count() == 1
    phone = Client()
    assert phone.get(text.removeprefix("http://localhost:8000"), follow=True).status_code == 200


def test_the_typed_code_binds_a_phone_and_the_patients_page_says_so(world: World, staff: Staff) -> None:
    browser = staff()
    code = CODE.search(browser.post(address(world)).content.decode())
    assert code
    phone = Client()
    assert phone.post("/code/", {"code": code[1].lower()}).status_code in {302, 303}
    assert phone.post("/bind/", {"pin": "482913", "again": "482913"}).status_code in {302, 303}
    assert Device.objects.filter(patient=world.patient, revoked_at=None).count() == 1
    assert "Set up another phone" in words(browser.get(f"/staff/patients/{world.patient.pk}/"))


def test_a_new_code_ends_the_one_before(world: World, staff: Staff) -> None:
    browser = staff()
    browser.post(address(world))
    browser.post(address(world))
    assert Token.objects.filter(revoked_at=None).count() == 2  # one to scan, one to type


def test_a_look_makes_no_code(world: World, staff: Staff) -> None:
    assert "Show the code" in words(staff().get(address(world)))
    assert not Token.objects.exists()


def test_a_lost_phone_is_signed_out_after_a_question(world: World, staff: Staff, phone: Client) -> None:
    browser = staff(Role.FRONT_DESK)
    assert phone.get("/").status_code == 200
    assert "can't be undone" in words(browser.get(f"{address(world)}end/"))
    assert phone.get("/").status_code == 200
    assert [browser.post(f"{address(world)}end/").status_code for _ in range(2)] == [303, 303]
    assert phone.get("/").status_code == 302
    assert not Device.objects.filter(revoked_at=None).exists()
