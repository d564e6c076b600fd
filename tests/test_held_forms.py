"""A form that can't be taken now is not lost: it is shown, and sent again with one button. No other site's ever is."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Device, Patient
from accounts.states import Role
from aftercare.http import is_secret
from aftercare.tenancy import tenant
from tests.clinic.pages import new_patient, words
from tests.conftest import StaffClient
from tests.world import World
from timeline.models import StepAnswer
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
ADD = "/staff/patients/add/"


@pytest.fixture
def strict(staff: Staff) -> Client:
    """The front desk, with a server that looks for the token of each form."""
    return checked(staff(Role.FRONT_DESK))


def checked(signed_in: Client) -> Client:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in.cookies
    return browser


def held(response: Any) -> dict[str, str]:
    """The fields of the form that the page carries."""
    form = re.search(
        r'<form method="post" action="[^"]*"[^>]*>(?:(?!</form>).)*Send it again', response.content.decode(), re.DOTALL
    )
    assert form
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[0])
    return {unescape(name): unescape(value) for name, value in found}


def test_a_form_that_waited_too_long_is_held_and_goes_through_at_the_second_try(strict: Client, world: World) -> None:
    form = new_patient(world, first_name="Zoë & “Nia” <b>")
    response = strict.post(ADD, form, headers=OURS)
    kept = held(response)
    assert response.status_code == 403
    assert "nothing is lost" in words(response)
    assert {name: kept[name] for name in form} == form
    assert strict.post(ADD, kept, headers=OURS).status_code == 303
    assert Patient.objects.filter(first_name=form["first_name"]).exists()


def test_what_was_typed_is_shown_and_what_was_not_is_only_kept(strict: Client, world: World) -> None:
    shown = words(strict.post(ADD, {**new_patient(world), "next": "/", "note": "x" * 201}, headers=OURS))
    assert "First name Nia" in shown
    assert "Born on 1990-05-17" in shown
    assert str(world.version.pk) not in shown
    assert "x" * 201 not in shown


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Referer": "http://testserver/staff/"},
    ],
)
def test_a_form_of_another_site_is_never_washed_clean(strict: Client, world: World, headers: dict[str, str]) -> None:
    response = strict.post(ADD, new_patient(world, first_name="Evil"), headers=headers)
    assert response.status_code == 403
    assert "Send it again" not in words(response)
    assert "Evil" not in words(response)


def test_an_old_browser_that_names_only_its_origin_is_believed(strict: Client, world: World) -> None:
    assert "Send it again" in words(strict.post(ADD, new_patient(world), headers={"Origin": "http://testserver"}))


@pytest.mark.parametrize("name", ["password", "pin", "code", "new_pin", "token", "again", "recovery-code", "PIN"])
def test_secrets_are_named_in_one_place(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["record_number", "opinion", "postcode", "first_name", "encoded"])
def test_other_fields_are_no_secrets(name: str) -> None:
    assert not is_secret(name)


def test_a_secret_is_not_put_into_a_page(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    form = {"login": "dana@example.org", "password": "a secret of mine"}
    response = browser.post(
        "/staff/login/", form, headers={**OURS, "Referer": "http://testserver/staff/login/?next=/staff/"}
    )
    assert response.status_code == 403
    assert "a secret of mine" not in response.content.decode()
    assert "type it there again" in words(response)
    assert 'href="/staff/login/?next=/staff/"' in response.content.decode()
    assert "Send it again" not in words(response)


@pytest.mark.parametrize("before", ["https://evil.example/a", "//evil.example", "javascript:alert(1)", "http://["])
def test_the_page_before_is_only_ever_ours(world: World, before: str) -> None:
    response = Client(enforce_csrf_checks=True).post("/code/", {"code": "x"}, headers={**OURS, "Referer": before})
    assert '<a class="btn btn--full" href="/">' in response.content.decode()


def test_staff_who_were_signed_out_sign_in_and_send_it_again(world: World, staff: Staff) -> None:
    form = new_patient(world)
    gone = Client()
    response = gone.post(ADD, form, headers=OURS)
    assert response.status_code == 401
    assert "You were signed out" in words(response)
    assert 'href="/staff/login/" target="_blank"' in response.content.decode()
    assert staff(Role.FRONT_DESK).post(ADD, held(response), headers=OURS).status_code == 303


def test_a_phone_that_was_signed_out_keeps_its_answer(phone: Client, world: World) -> None:
    Device.objects.update(revoked_at=world.patient.created_at)
    response = phone.post("/step/", {"step": "nest", "answer": "done"}, headers=OURS)
    assert response.status_code == 401
    assert "This phone was signed out" in words(response)
    assert held(response).items() >= {"step": "nest", "answer": "done"}.items()
    assert 'href="tel:911"' in response.content.decode()


def test_htmx_gets_the_page_in_place_of_what_was_there(phone: Client, world: World) -> None:
    with tenant(world.clinic.pk):
        world.treatment(TreatmentState.DISCHARGED)
    response = checked(phone).post("/step/", {"step": "nest", "answer": "done"}, headers={**OURS, "HX-Request": "true"})
    assert (response.status_code, response["HX-Retarget"]) == (422, "#main")
    assert "<html" not in response.content.decode()
    assert "Send it again" in words(response)
    assert not StepAnswer.objects.exists()


def test_a_token_that_was_rotated_meanwhile_costs_one_tap(phone: Client) -> None:
    """Twelve hours later: the browser's token is another one, as after a sign-in in another tab."""
    browser = checked(phone)
    browser.get("/messages/")
    stale = browser.cookies[settings.CSRF_COOKIE_NAME].value
    del browser.cookies[settings.CSRF_COOKIE_NAME]
    response = browser.post("/theme/", {"theme": "dim", "csrfmiddlewaretoken": stale}, headers=OURS)
    assert response.status_code == 403
    assert browser.post("/theme/", held(response), headers=OURS).status_code == 303


def test_a_form_of_another_site_gets_a_plain_page(strict: Client) -> None:
    response = strict.post("/theme/", {"theme": "dim"})
    assert response.status_code == 403
    assert "This page waited too long" in words(response)


def test_a_real_browser_may_send_our_forms(strict: Client) -> None:
    """With the policy "no-referrer" it would send `Origin: null`, and every form would be refused."""
    page = strict.get("/staff/patients/")
    assert page["Referrer-Policy"] == "same-origin"
    form = {"theme": "dim", "csrfmiddlewaretoken": strict.cookies[settings.CSRF_COOKIE_NAME].value}
    assert strict.post("/theme/", form, headers={"Origin": "http://testserver"}).status_code == 303
    assert strict.post("/theme/", form, headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.django_db
def test_the_page_before_is_never_another_site() -> None:
    ours = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
    browser = Client(enforce_csrf_checks=True)
    response = browser.post(
        "/way-back/pin/", {"known_pin": "123456"}, headers={**ours, "Referer": "http://testserver//evil.example/x"}
    )
    assert 'href="//' not in response.content.decode()
    assert 'href="/evil.example/x"' in response.content.decode()
