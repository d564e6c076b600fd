"""The headers of every answer, whoever gives it; and the headers of a request that nobody should believe."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.states import Role
from tests.conftest import StaffClient
from tests.fuzz.addresses import example, routes
from tests.world import World

pytestmark = pytest.mark.django_db

SAID = {
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
# Of whom, how, at which address: what is no page is an answer as well.
ODD = (
    "/nowhere/",
    "/%00",
    "/?q=%ff",
    "/static/css/app.css",
    "/static/nothing.css",
    "/staff",
    "/healthz",
    "/robots.txt",
)


def is_missing(response: Any) -> set[str]:
    return {name for name, words in SAID.items() if words not in response.headers.get(name, "")}


@pytest.mark.parametrize("person", ["stranger", "patient", "staff"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "TRACE", "PUT"])
def test_every_answer_of_every_address_has_every_header(
    world: World, phone: Client, staff: Callable[..., StaffClient], settings: Settings, *, person: str, method: str
) -> None:
    settings.DEMO = False  # beginning the demo anew is long, and another test's
    browser = Client(raise_request_exception=False, enforce_csrf_checks=method == "POST" and person == "patient")
    if person != "stranger":
        browser.cookies = (phone if person == "patient" else staff(Role.CLINICIAN)).cookies
    signed_in = browser.cookies.output()
    for address in (*(example(route, uuid=world.patient.pk, int=404) for route in routes()), *ODD):
        response = browser.generic(method, address)
        assert (address, response.status_code, is_missing(response)) == (address, response.status_code, set())
        browser.cookies.load(signed_in.replace("Set-Cookie: ", ""))


@pytest.mark.parametrize(
    "asked",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_COOKIE": "sid=%00"},
        {"CONTENT_TYPE": "a", "REQUEST_METHOD": "POST", "CONTENT_LENGTH": "3"},
        {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "999999"},
        {"REQUEST_METHOD": "POST", "HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_HX_REQUEST": "true", "PATH_INFO": "/staff/"},
        {"HTTP_ACCEPT_ENCODING": "gzip"},
        {"HTTP_RANGE": "bytes=0-10", "PATH_INFO": "/static/css/app.css"},
    ],
)
def test_what_is_refused_at_the_door_has_every_header(asked: dict[str, str]) -> None:
    assert is_missing(Client().request(**{"PATH_INFO": "/help/", **asked})) == set()


def test_only_files_with_their_hash_in_the_name_are_kept(settings: Settings, tmp_path: Any) -> None:
    settings.STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    hashed = next(tmp_path.glob("css/app.*.css")).name
    browser = Client()
    kept, plain = browser.get(f"/static/css/{hashed}"), browser.get("/static/css/app.css")
    assert (kept.status_code, plain.status_code) == (200, 200)
    assert "immutable" in kept["Cache-Control"]
    assert is_missing(kept) == {"Cache-Control"}
    assert plain["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in kept.headers
    for response in (kept, plain):
        b"".join(response)
        response.close()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_site_sends_anything_here(world: World, phone: Client, site: str) -> None:
    for route in routes():
        address = example(route, uuid=world.patient.pk, int=404)
        assert (address, phone.post(address, headers={"Sec-Fetch-Site": site}).status_code) == (address, 403)
    assert phone.get("/help/", headers={"Sec-Fetch-Site": site}).status_code == 200


FORGED: dict[str, Any] = {
    "HTTP_X_FORWARDED_FOR": "6.6.6.6",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_PORT": "666",
    "HTTP_FORWARDED": "host=evil.example;proto=https;for=6.6.6.6",
    "HTTP_X_REAL_IP": "6.6.6.6",
    "HTTP_X_ORIGINAL_URL": "/staff/",
    "HTTP_X_REWRITE_URL": "/staff/",
    "HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE",
}


@pytest.mark.parametrize("address", ["/help/", "/welcome/", "/staff/", "/staff/patients/", "/healthz"])
def test_forged_headers_change_nothing(world: World, staff: Callable[..., StaffClient], address: str) -> None:
    browser = staff()
    plain, forged = browser.get(address), browser.get(address, **FORGED)
    assert (plain.status_code, plain.get("Location")) == (forged.status_code, forged.get("Location"))
    assert "Strict-Transport-Security" not in forged.headers
    for word in ("evil", "6.6.6.6", "https://evil"):
        assert word not in forged.content.decode()


def test_forged_addresses_do_not_reset_the_count_of_tries(world: World) -> None:
    statuses = [
        Client().post("/code/", {"code": "ABCD2345"}, HTTP_X_FORWARDED_FOR=f"6.6.6.{number}").status_code
        for number in range(12)
    ]
    assert statuses[-1] == 429


def test_another_host_is_refused_whatever_it_asks_for(client: Client) -> None:
    for host in ("evil.example", "testserver.evil.example", "testserver@evil.example", "evil.example:80"):
        response = client.get("/help/", HTTP_HOST=host)
        assert response.status_code == 400
        assert "evil" not in response.content.decode()


def test_what_asks_whether_we_are_up_costs_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"up\n")


def test_search_engines_are_kept_out(client: Client) -> None:
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"


_HTTPS = """
import django
django.setup()
from django.test import Client
browser = Client(raise_request_exception=False)
plain = browser.get("/help/", HTTP_HOST="aftercare.example.org")
up = browser.get("/healthz", HTTP_HOST="aftercare.example.org")
safe = browser.get("/welcome/", HTTP_HOST="aftercare.example.org", secure=True)
theme = browser.post("/theme/", {"theme": "dim"}, HTTP_HOST="aftercare.example.org", secure=True)
bad = browser.get("/%00", HTTP_HOST="aftercare.example.org", secure=True)
print(plain.status_code, plain["Location"], "default-src 'none'" in plain["Content-Security-Policy"])
print(up.status_code)
print(safe["Strict-Transport-Security"] == bad["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload")
for cookie in (*safe.cookies.values(), *theme.cookies.values()):
    print(cookie.key, *(cookie[name] for name in ("secure", "httponly", "samesite", "path")), repr(cookie["domain"]))
"""


def test_under_https_everything_is_kept_to_it() -> None:
    env = {**os.environ, "PUBLIC_URL": "https://aftercare.example.org", "DEMO": "0", "TESTING": "0"}
    env |= {
        "DJANGO_SETTINGS_MODULE": "aftercare.settings",
        "DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent",
    }
    done = subprocess.run([sys.executable, "-c", _HTTPS], env=env, capture_output=True, text=True, check=True)
    said = done.stdout.splitlines()
    assert said[0] == "301 https://aftercare.example.org/help/ True"
    assert said[1:3] == ["503", "True"]
    cookies = said[3:]
    assert {line.split()[0] for line in cookies} == {"__Host-csrf", "__Host-theme"}
    assert {line.partition(" ")[2] for line in cookies} == {"True True Lax / ''"}


def test_a_page_that_a_phone_only_keeps_sets_no_cookie(phone: Client) -> None:
    """It would take the place of the one with which the open page's form was made."""
    assert settings.CSRF_COOKIE_NAME in phone.get("/check-in/").cookies
    phone.cookies.pop(settings.CSRF_COOKIE_NAME)
    assert settings.CSRF_COOKIE_NAME not in phone.get("/check-in/", headers={"X-Keep": "1"}).cookies
