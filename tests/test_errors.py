"""When something goes wrong: a page in plain words with the numbers to call, whoever asks and whatever is away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as project
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django.fixtures import Settings

from accounts.models import Clinic, Patient, User
from aftercare import urls
from aftercare.urls import handler400, handler403, handler404, handler500  # noqa: F401  Django looks for them here
from clinic.demo_views import ERRORS as ERROR_PAGES
from tests.conftest import StaffClient
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

ERRORS: dict[str, Exception] = {
    "boom": RuntimeError("a secret detail"),
    "twice": IntegrityError("DETAIL: Key (phone)=(+12125550177)"),
    "away": OperationalError("the connection is lost"),
    "closed": InterfaceError("the connection already closed"),
    "forbidden": PermissionDenied("a secret detail"),
    "unreadable": BadRequest("a secret detail"),
    "odd": SuspiciousOperation("a secret detail"),
}
HTMX = {"HX-Request": "true"}


def fail(request: HttpRequest, kind: str) -> HttpResponse:
    if patient := getattr(request, "patient", None):
        Patient.objects.filter(pk=patient.pk).update(first_name="Changed")
    if kind == "broken":
        Clinic.objects.raw("SELECT 1 / 0 AS id")[0]
    if kind == "nul":
        User.objects.filter(email=request.POST["email"]).exists()
    raise ERRORS[kind]


urlpatterns = [path("fail/<str:kind>/", fail), *urls.urlpatterns]


@pytest.fixture
def browser() -> Client:
    """It is shown the answer to what went wrong, as a person is."""
    return Client(raise_request_exception=False)


@pytest.fixture(params=["stranger", "patient", "staff"])
def anybody(
    request: pytest.FixtureRequest, browser: Client, phone: Client, staff: Callable[..., StaffClient]
) -> Client:
    """One browser of each kind of person."""
    if request.param != "stranger":
        browser.cookies = (phone if request.param == "patient" else staff()).cookies
    return browser


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("boom", 500, "Something broke on our side"),
        ("twice", 500, "Something broke on our side"),
        ("away", 503, "We are not here for a moment"),
        ("closed", 503, "We are not here for a moment"),
        ("forbidden", 403, "This page is not for you to open"),
        ("unreadable", 400, "We could not read that"),
        ("odd", 400, "We could not read that"),
    ],
)
def test_everybody_gets_plain_words_and_no_detail(anybody: Client, kind: str, status: int, words: str) -> None:
    response = anybody.get(f"/fail/{kind}/")
    content = response.content.decode()
    assert response.status_code == status
    assert words in content
    for secret in ("secret", "DETAIL", "connection", "Traceback", "+1212"):
        assert secret not in content


def test_there_is_no_page_here_for_anybody(anybody: Client) -> None:
    response = anybody.get("/nowhere/")
    assert response.status_code == 404
    assert "There is no page here" in response.content.decode()


@pytest.mark.parametrize(
    "address",
    ["/nowhere/", "/fail/boom/", "/fail/broken/", "/fail/away/", "/fail/forbidden/", "/fail/unreadable/", "/theme/"],
)
def test_every_error_page_of_a_patient_has_the_numbers_to_call(browser: Client, phone: Client, address: str) -> None:
    browser.cookies = phone.cookies
    words = browser.get(address).content.decode()
    for link in ('href="tel:911"', 'href="sms:988"', 'href="#help"', 'id="help"'):
        assert link in words


@pytest.mark.parametrize("address", ["/nowhere/", "/fail/boom/", "/fail/away/"])
def test_without_a_known_country_no_error_page_makes_a_number_up(
    browser: Client, settings: Settings, address: str
) -> None:
    settings.DEFAULT_COUNTRY = "ZZ"
    words = browser.get(address).content.decode()
    assert "call your local emergency number now" in words
    assert "911" not in words
    assert "988" not in words


def test_the_staffs_error_page_keeps_their_way_around(staff: Callable[..., StaffClient]) -> None:
    words = staff().get("/nowhere/").content.decode()
    assert 'aria-label="Main"' in words
    assert "Go to today" in words
    assert "Not well?" not in words
    assert 'Is someone in danger? Call <a href="tel:911">911</a> now.' in words


def test_what_was_begun_before_the_error_is_undone(browser: Client, phone: Client, world: World) -> None:
    browser.cookies = phone.cookies
    browser.get("/fail/boom/")
    world.patient.refresh_from_db()
    assert world.patient.first_name != "Changed"


def test_a_database_that_is_away_asks_to_come_back(browser: Client) -> None:
    assert browser.get("/fail/away/")["Retry-After"] == "60"
    assert "Retry-After" not in browser.get("/fail/boom/")


@pytest.mark.parametrize(
    ("address", "status"), [("/nowhere/", 404), ("/fail/boom/", 500), ("/fail/away/", 503), ("/fail/forbidden/", 403)]
)
def test_htmx_gets_one_plain_line(browser: Client, address: str, status: int) -> None:
    response = browser.get(address, headers=HTMX)
    assert (response.status_code, response["Content-Type"]) == (status, "text/plain; charset=utf-8")
    assert "<" not in response.content.decode()
    assert "In an emergency, call your local emergency number now." in response.content.decode()
    assert response["HX-Reswap"] == "none"


def test_the_last_page_needs_no_template(browser: Client, settings: Settings) -> None:
    engine = {**project.TEMPLATES[0], "DIRS": [], "APP_DIRS": False}
    settings.TEMPLATES = [engine]
    for address, status in (("/fail/boom/", 500), ("/fail/away/", 503), ("/nowhere/", 404)):
        response = browser.get(address)
        words = response.content.decode()
        assert response.status_code == status
        assert "call your local emergency number now" in words
        assert "911" not in words
        assert "style" not in words


def test_every_error_answer_is_kept_by_nobody_and_framed_by_nobody(browser: Client) -> None:
    for response in (browser.get("/nowhere/"), browser.get("/fail/boom/"), browser.get("/?q=%00")):
        assert response["Cache-Control"] == "no-store"
        assert response["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_statement_that_failed_leaves_the_page_and_the_numbers_whole(browser: Client, phone: Client) -> None:
    browser.cookies = phone.cookies
    response = browser.get("/fail/broken/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert 'href="tel:911"' in response.content.decode()


@pytest.mark.parametrize("status", ERROR_PAGES)
@pytest.mark.parametrize("theme", ["day", "dim"])
def test_each_status_has_a_page_with_the_numbers_in_both_themes(anybody: Client, status: int, theme: str) -> None:
    anybody.cookies["theme"] = theme
    response = anybody.get(f"/start/errors/{status}/")
    words = response.content.decode()
    assert response.status_code == status
    assert 'href="tel:911"' in words
    assert f'data-theme="{theme}"' in words


def test_a_form_that_stumbles_over_a_nul_is_refused_in_words_and_changes_nothing(
    browser: Client, phone: Client, world: World
) -> None:
    browser.cookies = phone.cookies
    response = browser.post("/fail/nul/", {"email": "a\0b@example.org"})
    world.patient.refresh_from_db()
    assert response.status_code == 422
    assert "We could not read all of it" in response.content.decode()
    assert world.patient.first_name != "Changed"


def test_one_of_our_own_forms_that_holds_a_nul_is_shown_without_it(browser: Client, phone: Client) -> None:
    browser.cookies = phone.cookies
    response = browser.post("/fail/nul/", {"email": "a\0b@example.org"}, headers={"Origin": "http://testserver"})
    assert response.status_code == 422
    assert '<input type="hidden" name="email" value="ab@example.org">' in response.content.decode()


def test_an_address_that_only_takes_a_button_has_a_way_out(anybody: Client) -> None:
    response = anybody.get("/theme/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "This page opens with a button" in response.content.decode()


_AWAY = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
found = {}
for name, address, cookie in (
    ("help", "/help/", ""), ("welcome", "/welcome/", ""), ("known", "/help/", "a" * 32), ("nowhere", "/nowhere/", ""),
    ("day", "/", "a" * 32), ("form", "/code/", ""),
):
    browser = Client(raise_request_exception=False)
    if cookie:
        browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
    response = browser.post(address, {"code": "ABCD2345"}) if name == "form" else browser.get(address)
    found[name] = [response.status_code, response.content.decode()]
print(json.dumps(found))
"""


def test_with_the_database_away_help_is_still_there() -> None:
    env = {**os.environ, "DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent", "DEMO": "0"}
    env["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
    done = subprocess.run([sys.executable, "-c", _AWAY], env=env, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    assert {name: status for name, (status, _) in found.items()} == {
        "help": 200,
        "welcome": 200,
        "known": 503,
        "nowhere": 404,
        "day": 503,
        "form": 503,
    }
    for _, words in found.values():
        assert "your local emergency number" in words
        assert 'id="help"' in words
        assert "911" not in words
