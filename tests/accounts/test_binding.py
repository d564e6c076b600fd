"""Binding a phone: a link or a code opens a form, and only a PIN that somebody picked binds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.forms import CodeForm, PinForm
from accounts.middleware import CLINIC, DEVICE, SEEN_ON
from accounts.models import AuditEvent, Device, Patient, SignIn, Throttle, Token
from accounts.services import Binding, offer_binding
from accounts.states import TokenKind
from accounts.tokens import hash_code, show_code
from accounts.views.binding import OF_ALL
from aftercare.sessions import session_hash
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.world import World

pytestmark = pytest.mark.django_db

PIN = "804217"
GONE = "This code was used or has run out."


@pytest.fixture
def binding(world: World) -> Binding:
    """What the nurse shows the patient now."""
    return offer_binding(world.patient, by=world.nurse, at=timezone.now())


def scan(client: Client, binding: Binding) -> Client:
    assert client.get(f"/b/{binding.secret}/").status_code == 302
    return client


def pick(client: Client, pin: str = PIN, again: str | None = None) -> tuple[int, str]:
    response = client.post("/bind/", {"pin": pin, "again": pin if again is None else again})
    return response.status_code, response.content.decode()


def usable() -> int:
    return Token.objects.filter(used_at=None, revoked_at=None).count()


def test_the_link_of_the_qr_code_leaves_the_secret_behind(client: Client, binding: Binding) -> None:
    response = client.get(f"/b/{binding.secret}/")
    assert response["Location"] == "/bind/"
    assert binding.secret not in client.get("/bind/").content.decode()


def test_a_scanner_that_looks_at_everything_binds_nothing(client: Client, binding: Binding) -> None:
    for look in (client.get, client.head):
        for address in (f"/b/{binding.secret}/", "/bind/", "/code/"):
            look(address)
    assert not Device.objects.exists()
    assert usable() == 2


@pytest.mark.parametrize("form", [{}, {"pin": ""}, {"pin": PIN}, {"again": PIN}])
def test_a_scanner_that_presses_the_button_binds_nothing(
    client: Client, binding: Binding, form: dict[str, str]
) -> None:
    response = scan(client, binding).post("/bind/", form)
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert not Device.objects.exists()
    assert usable() == 2


def test_the_page_names_the_clinic_and_nobody_else(client: Client, world: World, binding: Binding) -> None:
    words = scan(client, binding).get("/bind/").content.decode()
    assert world.clinic.name in words
    for private in (world.patient.first_name, world.patient.last_name, world.patient.record_number, world.nurse.name):
        assert private not in words


def test_the_page_brings_the_clinics_numbers(client: Client, world: World, binding: Binding) -> None:
    words = scan(client, binding).get("/bind/").content.decode()
    assert f'href="tel:{world.clinic.after_hours_phone}"' in words or f'href="tel:{world.clinic.phone}"' in words
    assert 'href="tel:911"' in words


def test_the_pin_is_typed_with_numbers_and_is_new(client: Client, binding: Binding) -> None:
    words = scan(client, binding).get("/bind/").content.decode()
    assert words.count('inputmode="numeric"') == words.count('autocomplete="new-password"') == 2


@pytest.mark.parametrize(
    ("pin", "words"),
    [
        ("80421", "A PIN has six numbers"),
        ("8042171", "A PIN has six numbers"),
        ("80421a", "A PIN has six numbers"),
        ("８０４２１７", "A PIN has six numbers"),
        ("8042 7", "A PIN has six numbers"),
        ("8" * 5000, "A PIN has six numbers"),
        ("80421\x00", "There is a problem"),
        ("111111", "easy to guess"),
        ("123456", "easy to guess"),
        ("456789", "easy to guess"),
        ("567890", "easy to guess"),
        ("654321", "easy to guess"),
        ("098765", "easy to guess"),
    ],
)
def test_a_pin_that_will_not_do_is_refused_in_plain_words(
    client: Client, binding: Binding, pin: str, words: str
) -> None:
    status, content = pick(scan(client, binding), pin)
    assert status == 422
    assert words in content
    assert not Device.objects.exists()


def test_two_pins_that_differ_are_refused(client: Client, binding: Binding) -> None:
    status, content = pick(scan(client, binding), PIN, "804218")
    assert status == 422
    assert "The two PINs are not the same." in content
    assert not Device.objects.exists()


def test_a_pin_never_comes_back_on_the_page(client: Client, binding: Binding) -> None:
    assert PIN not in pick(scan(client, binding), PIN, "804218")[1]


def test_a_good_pin_binds_this_phone_and_opens_the_day(client: Client, world: World, binding: Binding) -> None:
    response = scan(client, binding).post("/bind/", {"pin": PIN, "again": PIN})
    assert (response.status_code, response["Location"]) == (303, "/")
    assert "<title>Your day</title>" in client.get("/").content.decode()
    device = Device.objects.get()
    assert (device.patient_id, device.bound_by_id) == (world.patient.pk, world.nurse.pk)
    assert (client.session[DEVICE], client.session[CLINIC]) == (str(device.pk), str(world.clinic.pk))
    assert AuditEvent.objects.filter(action="phone_bound", object=str(device.pk)).exists()


def test_the_phone_stays_signed_in_for_thirty_days(client: Client, binding: Binding) -> None:
    pick(scan(client, binding))
    assert timedelta(days=29) < client.session.get_expiry_date() - timezone.now() <= timedelta(days=30)


def test_a_phone_that_is_used_begins_its_thirty_days_anew(client: Client, binding: Binding) -> None:
    pick(scan(client, binding))
    key = session_hash(str(client.session.session_key))
    nearly_over = timezone.now() + timedelta(days=1)
    Session.objects.filter(session_key=key).update(expire_date=nearly_over)
    session = client.session
    session[SEEN_ON] = "2026-01-01"
    session.save()
    Session.objects.filter(session_key=key).update(expire_date=nearly_over)
    client.get("/")
    assert Session.objects.get(session_key=key).expire_date > timezone.now() + timedelta(days=29)


def test_the_pin_is_kept_only_as_a_peppered_hash(client: Client, world: World, binding: Binding) -> None:
    pick(scan(client, binding))
    kept = Patient.objects.get(pk=world.patient.pk).pin_hash
    assert PIN not in kept
    assert not check_password(PIN, kept)
    assert check_password(hash_code(PIN, pepper=settings.SECRET_KEY), kept)


def test_a_link_works_once_and_takes_its_code_with_it(client: Client, binding: Binding) -> None:
    second, third = scan(Client(), binding), Client()
    pick(scan(client, binding))
    status, content = pick(second)
    assert status == 410
    assert GONE in content
    assert third.post("/code/", {"code": binding.code}).status_code == 422
    assert Device.objects.count() == 1
    assert DEVICE not in second.session


def test_a_link_that_has_run_out_says_so(client: Client, binding: Binding) -> None:
    scan(client, binding)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/bind/").status_code == 410
    status, content = pick(client)
    assert status == 410
    assert GONE in content
    assert not Device.objects.exists()


def test_a_newer_code_ends_the_older_one(client: Client, world: World, binding: Binding) -> None:
    newer = offer_binding(world.patient, by=world.nurse, at=timezone.now())
    assert scan(client, binding).get("/bind/").status_code == 410
    assert pick(scan(client, newer))[0] == 303


def test_an_invented_link_is_answered_like_one_that_has_run_out(client: Client, world: World) -> None:
    assert client.get("/b/invented/")["Location"] == "/bind/"
    assert client.get("/bind/").status_code == 410


def test_the_secrets_are_kept_only_as_hashes(binding: Binding) -> None:
    kept = " ".join(Token.objects.values_list("hash", flat=True))
    assert binding.secret not in kept
    assert binding.code not in kept


@pytest.mark.parametrize("typed", [str, str.lower, show_code, lambda code: f"  {code[:4]} {code[4:]} ", "-".join])
def test_a_code_may_be_typed_as_it_is_read(client: Client, binding: Binding, typed: Callable[[str], str]) -> None:
    response = client.post("/code/", {"code": typed(binding.code)})
    assert (response.status_code, response["Location"]) == (303, "/bind/")
    assert not Device.objects.exists()
    assert pick(client)[0] == 303


@pytest.mark.parametrize("typed", ["OI2L-ABCD", "oi2l abcd", "0121ABCD"])
def test_letters_that_look_like_numbers_are_read_as_those(client: Client, world: World, typed: str) -> None:
    Token.objects.create(
        kind=TokenKind.BIND_CODE,
        hash=hash_code("0121ABCD", pepper=settings.SECRET_KEY),
        clinic=world.clinic,
        subject=world.patient.pk,
        expires_at=timezone.now() + timedelta(minutes=15),
    )
    assert client.post("/code/", {"code": typed}).status_code == 303


@pytest.mark.parametrize("typed", ["", " ", "ABC", "ABCD-23456", "ABCD-234U", "ABCD-23\x005", "ÀBCD-2345", "x" * 5000])
def test_what_can_not_be_a_code_is_refused_in_plain_words(client: Client, world: World, typed: str) -> None:
    response = client.post("/code/", {"code": typed})
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()


def test_a_wrong_code_reads_like_a_used_one(client: Client, binding: Binding) -> None:
    wrong = client.post("/code/", {"code": "ZZZZ-ZZZZ"})
    Token.objects.update(used_at=timezone.now())
    used = client.post("/code/", {"code": binding.code})
    assert wrong.status_code == used.status_code == 422
    assert GONE in wrong.content.decode()
    assert GONE in used.content.decode()


def test_guessing_codes_comes_to_an_end(client: Client, binding: Binding) -> None:
    answers = [client.post("/code/", {"code": f"ZZZZ-ZZ{number:02}"}) for number in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert "Please wait ten minutes." in answers[-1].content.decode()
    assert client.post("/code/", {"code": binding.code}).status_code == 429


def test_whoever_this_browser_was_before_is_forgotten(
    staff: Callable[..., StaffClient], world: World, binding: Binding
) -> None:
    browser = staff()
    before = browser.session.session_key
    pick(scan(browser, binding))
    assert "_auth_user_id" not in browser.session
    assert browser.session.session_key != before
    assert "<title>Your day</title>" in browser.get("/").content.decode()


def test_a_lost_phone_shows_nothing_any_more(client: Client, binding: Binding) -> None:
    pick(scan(client, binding))
    Device.objects.update(revoked_at=timezone.now())
    assert client.get("/").status_code == 302
    assert DEVICE not in client.session
    assert "This phone was signed out" in words(client.get("/welcome/"))
    assert "This phone was signed out" not in words(Client().get("/welcome/"))


def test_the_forms_label_what_they_ask_for() -> None:
    assert [str(field.label) for form in (CodeForm(), PinForm()) for field in form] == [
        "Your code",
        "Your new PIN",
        "Type it once more",
    ]


def test_a_link_that_is_no_good_forgets_the_code_that_was_typed_before(client: Client, binding: Binding) -> None:
    client.post("/code/", {"code": binding.code})
    assert client.get("/bind/").status_code == 200
    client.get("/b/not-a-link-of-ours/")
    assert client.get("/bind/").status_code == 410


def test_many_addresses_together_search_no_codes_either(client: Client, binding: Binding) -> None:
    for number in range(3):
        client.post("/code/", {"code": "AAAA-AAAA"}, REMOTE_ADDR=f"198.51.100.{number}")
    Throttle.objects.filter(count=3).update(count=OF_ALL)
    refused = client.post("/code/", {"code": binding.code}, REMOTE_ADDR="198.51.100.9")
    assert refused.status_code == 429
    assert "Point your camera at the square code, or tap your link." in words(refused)


def test_a_wrong_code_does_not_hide_that_the_phone_was_signed_out(client: Client, binding: Binding) -> None:
    scan(client, binding)
    pick(client)
    Device.objects.update(revoked_at=timezone.now())
    client.get("/")
    assert "This phone was signed out" in words(client.post("/code/", {"code": "AAAA-AAAA"}))


def test_a_browser_of_staff_that_becomes_a_phone_is_signed_out(
    binding: Binding, staff: Callable[..., StaffClient]
) -> None:
    browser = staff()
    scan(browser, binding)
    pick(browser)
    assert SignIn.objects.get(user=browser.member.user).ended_at is not None
