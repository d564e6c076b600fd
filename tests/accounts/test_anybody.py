"""What anybody may open, known or not: the welcome page, help, and the look of the page."""

from __future__ import annotations

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.context import THEME_COOKIE
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_stranger_is_sent_to_where_strangers_begin(client: Client) -> None:
    assert client.get("/")["Location"] == reverse(project.STRANGER_URL)
    assert client.get("/messages/")["Location"] == reverse(project.STRANGER_URL)


def test_htmx_of_a_stranger_moves_the_whole_page(client: Client) -> None:
    response = client.get("/", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response["HX-Redirect"] == reverse(project.STRANGER_URL)


def test_the_welcome_page_tells_how_to_begin(client: Client) -> None:
    words = client.get("/welcome/").content.decode()
    assert "Set up this phone" in words
    assert 'name="code"' in words
    assert 'href="#help"' in words


def test_the_welcome_page_costs_a_stranger_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/welcome/")
    with django_assert_num_queries(1):
        client.get("/welcome/")


@pytest.mark.parametrize("address", ["/welcome/", "/help/"])
def test_help_is_there_before_anybody_is_known(client: Client, address: str) -> None:
    words = client.get(address).content.decode()
    for link in ('href="tel:911"', 'href="tel:988"', 'href="sms:988"'):
        assert link in words
    assert words.count('id="help"') == 1


def test_a_bound_phone_sees_its_clinics_numbers(phone: Client, world: World) -> None:
    world.clinic.opening_hours = {day: ["00:00", "23:59"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    world.clinic.save()
    assert f'href="tel:{world.clinic.phone}"' in phone.get("/help/").content.decode()


def test_a_closed_clinic_never_shows_a_number_that_nobody_answers(phone: Client, world: World) -> None:
    words = phone.get("/help/").content.decode()
    assert f'href="tel:{world.clinic.phone}"' not in words
    assert f'href="tel:{world.clinic.after_hours_phone}"' in words


def test_without_a_known_country_no_number_is_made_up(client: Client, settings: Settings) -> None:
    settings.DEFAULT_COUNTRY = "ZZ"
    words = client.get("/help/").content.decode()
    assert "Call your local emergency number" in words
    assert "911" not in words
    assert "988" not in words


@pytest.mark.parametrize("wanted", ["day", "dim"])
def test_the_look_is_kept_on_the_device(client: Client, wanted: str) -> None:
    response = client.post("/theme/", {"theme": wanted, "next": "/help/"})
    assert (response.status_code, response["Location"]) == (303, "/help/")
    cookie = response.cookies[THEME_COOKIE]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (wanted, True, "Lax")
    assert f'data-theme="{wanted}"' in client.get("/help/").content.decode()


@pytest.mark.parametrize("wanted", ["", "neon", 'dim" onload="x', "\x00"])
def test_a_look_that_does_not_exist_is_not_kept(client: Client, wanted: str) -> None:
    assert THEME_COOKIE not in client.post("/theme/", {"theme": wanted}).cookies
    client.cookies[THEME_COOKIE] = wanted.replace("\x00", "")
    assert "data-theme" not in client.get("/welcome/").content.decode()


@pytest.mark.parametrize(
    "elsewhere",
    [
        *("https://evil.example/", "//evil.example/", "///evil.example", "http:///evil.example", "/\\evil.example"),
        *("\\\\evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", "accounts:help", "help", ""),
        *("/\n/evil.example", "\r\nLocation: https://evil.example", "\x00//evil.example", "/\t/evil.example"),
    ],
)
def test_the_look_leads_nowhere_else(client: Client, elsewhere: str) -> None:
    response = client.post("/theme/", {"theme": "dim", "next": elsewhere})
    assert response.status_code == 303
    assert response["Location"].startswith("/")
    assert not response["Location"].startswith(("//", "/\\"))
    assert "\n" not in response["Location"]


@pytest.mark.parametrize("address", ["/theme/", "/code/"])
def test_looking_changes_nothing(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 405
    assert THEME_COOKIE not in response.cookies


def test_staff_at_a_patients_address_come_to_their_board(client: Client, world: World) -> None:
    client.force_login(world.nurse.user)
    assert client.get("/")["Location"] == reverse("clinic:today")
