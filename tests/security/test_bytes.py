"""Bytes that no text holds, bodies without end, shapes that no form has: refused at the door, at every address."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory

from accounts.states import Role
from aftercare.bounds import LONGEST_ADDRESS, Door, is_plain_type
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.fuzz.addresses import example, routes
from tests.world import World

pytestmark = pytest.mark.django_db

ADDRESSES = [example(route, uuid="00000000-0000-4000-8000-000000000000", int=7) for route in routes()]
FORM = "application/x-www-form-urlencoded"
MOST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
SHAPES = {
    "number": b"3",
    "nul": b'"\\u0000"',
    "surrogate": b'"\\ud800"',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "cut": b'{"a":',
    "nothing": b"null",
}


@pytest.fixture(params=["stranger", "patient", "staff"])
def anybody(request: pytest.FixtureRequest, world: World, phone: Client, staff: Callable[..., StaffClient]) -> Client:
    browser = Client(raise_request_exception=False)
    if request.param != "stranger":
        browser.cookies = (phone if request.param == "patient" else staff(Role.MANAGER)).cookies
    return browser


@pytest.mark.parametrize(
    "query", ["q=%00", "%00=q", "q=%ff", "q=%ed%a0%80", "q=\xff", "q=%c0%80", f"q={'a' * LONGEST_ADDRESS}"]
)
def test_no_address_takes_a_query_that_is_no_text(anybody: Client, query: str) -> None:
    for address in ADDRESSES:
        assert (address, anybody.get(address.partition("?")[0], QUERY_STRING=query).status_code) == (address, 400)


@pytest.mark.parametrize(
    "path", ["/%00", "/b/x%00y/", "/b/%ff/", "/b/%ed%a0%80/", "/%2500", f"/b/{'a' * LONGEST_ADDRESS}/"]
)
def test_no_path_that_is_no_text_leads_anywhere(anybody: Client, path: str) -> None:
    response = anybody.get(path)
    assert response.status_code == 400
    assert "We could not read that" in words(response)
    assert "csrfmiddlewaretoken" not in response.content.decode()


@pytest.mark.parametrize(
    "cookie", ["sid=a%00b", 'sid="\\000aaaaaaaaaaaa"', "sid=\xff\xff", "theme=\xed\xa0\x80", "sid=a\0b"]
)
def test_a_cookie_that_is_no_text_is_refused(client: Client, cookie: str) -> None:
    assert client.get("/help/", HTTP_COOKIE=cookie).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_ORIGIN": "a\0b"},
        {"HTTP_USER_AGENT": "\0"},
        {"HTTP_X_FORWARDED_FOR": "\0"},
        {"HTTP_HX_CURRENT_URL": "http://["},
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "["},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "1_0"},
        {"CONTENT_TYPE": f"{FORM}; charset=utf-7"},
        {"CONTENT_TYPE": f"{FORM}; charset=hex"},
        {"CONTENT_TYPE": f"{FORM}; boundary={'a' * 300}"},
    ],
)
def test_a_header_that_can_not_be_read_is_refused(client: Client, headers: dict[str, Any]) -> None:
    assert client.get("/help/", **headers).status_code == 400


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_json_of_any_shape_opens_nothing_anywhere(anybody: Client, kind: str) -> None:
    for address in ADDRESSES:
        response = anybody.generic("POST", address, SHAPES[kind], content_type="application/json")
        assert 400 <= response.status_code < 500, address


def test_a_kind_of_body_that_is_no_form_is_told_so(anybody: Client) -> None:
    for kind in ("application/json", "text/plain", "application/xml", "application/octet-stream"):
        response = anybody.generic("POST", "/code/", json.dumps({"code": "x"}), content_type=kind)
        assert response.status_code == 415
        assert "This page only takes what its own form sends" in words(response)


def test_a_body_that_is_too_long_is_refused_unread_with_the_limit(anybody: Client) -> None:
    body = Unread()
    told: dict[str, Any] = {"wsgi.input": body, "CONTENT_LENGTH": str(MOST + 1), "CONTENT_TYPE": FORM}
    response = anybody.generic("POST", "/code/", **told)
    assert response.status_code == 413
    assert "The most we can take at once is 512 kilobytes" in words(response)
    assert body.was_read is False


def test_a_body_just_below_the_limit_is_read(anybody: Client) -> None:
    assert anybody.post("/code/", f"code={'x' * (MOST - 5)}", content_type=FORM).status_code == 422
    assert anybody.post("/code/", f"code={'x' * (MOST - 4)}", content_type=FORM).status_code == 413


class Unread(BytesIO):
    """A body that tells whether anybody looked at it."""

    was_read = False

    def read(self, *args: Any) -> bytes:
        self.was_read = True
        return super().read(*args)


def test_too_many_fields_are_refused_with_the_limit(anybody: Client) -> None:
    response = anybody.post("/code/", {f"f{number}": "x" for number in range(101)})
    assert response.status_code == 400
    assert "The most we can take at once is 100 fields" in words(response)


@pytest.mark.parametrize(
    "part",
    [
        'name="code"; filename="a.txt"',
        "name=\"code\"; filename*=utf-8''a.txt",
        "name*=hex''41",
        "name*=nonsense''41",
    ],
)
def test_a_file_or_an_odd_part_is_refused(anybody: Client, part: str) -> None:
    body = f"--b\r\nContent-Disposition: form-data; {part}\r\n\r\nx\r\n--b--\r\n"
    response = anybody.generic("POST", "/code/", body, content_type="multipart/form-data; boundary=b")
    assert response.status_code in {400, 422}


def test_a_form_in_parts_is_read_like_any_other(anybody: Client) -> None:
    body = '--b\r\nContent-Disposition: form-data; name="code"\r\n\r\nAB\r\n--b--\r\n'
    response = anybody.generic("POST", "/code/", body, content_type="multipart/form-data; boundary=b")
    assert "A code has 8 letters and numbers" in words(response)


def test_a_broken_form_is_refused(anybody: Client) -> None:
    response = anybody.generic("POST", "/code/", "no form", content_type="multipart/form-data; boundary=")
    assert response.status_code == 400


def test_a_form_answers_for_its_own_fields_and_keeps_what_was_typed(
    staff: Callable[..., StaffClient], world: World
) -> None:
    response = staff(Role.FRONT_DESK).post("/staff/patients/add/", {"first_name": "Ni\0a", "last_name": "Bell"})
    assert response.status_code == 422
    assert "This holds a character that can't be shown" in words(response)
    assert 'value="Bell"' in response.content.decode()


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "PROPFIND"])
def test_no_address_knows_another_method(anybody: Client, method: str) -> None:
    for address in (*ADDRESSES, "/nowhere/"):
        response = anybody.generic(method, address)
        assert (address, response.status_code, response["Allow"]) == (address, 405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    ("content_type", "is_plain"),
    [
        ("", True),
        (FORM, True),
        (f"{FORM}; charset=UTF-8", True),
        ('multipart/form-data; boundary="----WebKitFormBoundaryAbC/1="', True),
        ("application/json", True),
        (f"{FORM}; charset=utf-16", False),
        (f"{FORM}; charset*=utf-8''a", False),
        ("multipart/form-data; boundary=é", False),
        (f"{FORM}{'; a=b' * 50}", False),
        ("nonsense", False),
    ],
)
def test_a_type_is_plain_when_nothing_has_to_be_decoded(content_type: str, is_plain: bool) -> None:
    assert is_plain_type(content_type) is is_plain


@pytest.mark.parametrize(
    "told",
    [
        {"CONTENT_TYPE": f"{FORM}; charset*=x''%00"},
        {"CONTENT_TYPE": f"{FORM}; charset*=utf-8''%00"},
        {"CONTENT_TYPE": f"{FORM}; {'a=b;' * 5000}"},
        {"CONTENT_TYPE": f"{FORM}; charset=utf-8", "QUERY_STRING": "&".join(["a=b"] * 200)},
    ],
)
def test_what_django_meets_before_any_middleware_is_a_page_too(told: dict[str, str]) -> None:
    """These raise while the request is made: the server would answer with an empty 500."""
    environ = {**RequestFactory().get("/help/").environ, **told}
    statuses: list[str] = []
    body = b"".join(Door(WSGIHandler())(environ, lambda status, *_: statuses.append(status)))
    assert statuses in (["400 Bad Request"], ["200 OK"])
    assert b"<h1" in body
