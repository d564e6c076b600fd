"""The PIN: counted before it is looked at, so that guessing ends, whoever guesses and from wherever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Device, Patient, Token
from accounts.services import PinRefused, PinWrong, bind_phone, check_pin, find_token, offer_binding, set_pin
from accounts.services.pins import PinEnded, PinRests
from accounts.states import TokenKind
from accounts.tokens import hash_secret
from accounts.views.way_back import PROVED
from aftercare.tenancy import tenant
from tests.world import World

PIN, WRONG = "804217", "190284"
GUESSES, ADDRESSES, AT_ONCE = 10_000, 100, 8


class CountingHasher(Argon2PasswordHasher):
    """Argon2 as it is; counts how often it is asked."""

    looked = count()

    def verify(self, password: str, encoded: str) -> bool:
        next(self.looked)
        return super().verify(password, encoded)


@pytest.fixture
def looked(settings: Settings) -> count[int]:
    """`next(looked)` is how many PINs were really looked at."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    CountingHasher.looked = count()
    return CountingHasher.looked


def guess(patient: Patient, pin: str = WRONG) -> str:
    """The words of the answer; "" when the PIN was right."""
    try:
        check_pin(patient, pin, at=timezone.now())
    except PinRefused as error:
        return str(error)
    return ""


def rest_is_over(patient: Patient) -> None:
    Patient.objects.filter(pk=patient.pk).update(pin_locked_until=timezone.now() - timedelta(hours=1))


@pytest.fixture
def patient(world: World) -> Patient:
    with tenant(world.clinic.pk):
        set_pin(world.patient, PIN)
    return world.patient


@pytest.mark.django_db
def test_the_right_pin_is_right_and_sets_the_count_back(patient: Patient) -> None:
    for _ in range(4):
        guess(patient)
    assert guess(patient, PIN) == ""
    patient.refresh_from_db()
    assert (patient.pin_misses, patient.pin_locked_until) == (0, None)


@pytest.mark.django_db
def test_a_wrong_pin_says_how_often_one_may_still_try(patient: Patient) -> None:
    said = [guess(patient) for _ in range(5)]
    assert said[0] == "That is not your PIN. You can try 4 times more."
    assert said[3] == "That is not your PIN. You can try once more."
    assert said[4].startswith("There were 5 wrong PINs. Wait until ")


@pytest.mark.django_db
def test_after_five_it_rests_a_quarter_of_an_hour_by_the_patients_clock(patient: Patient) -> None:
    for _ in range(5):
        guess(patient)
    with pytest.raises(PinRests, match=r"Wait until \d+:\d\d [ap]m\. Then try again\. Or use your card\."):
        check_pin(patient, PIN, at=timezone.now())
    patient.refresh_from_db()
    assert patient.pin_locked_until is not None
    assert timedelta(minutes=14) < patient.pin_locked_until - timezone.now() <= timedelta(minutes=15)


@pytest.mark.django_db
def test_after_the_rest_it_is_looked_at_again(patient: Patient) -> None:
    for _ in range(5):
        guess(patient)
    rest_is_over(patient)
    assert guess(patient, PIN) == ""


@pytest.mark.django_db
def test_after_ten_it_has_ended_however_long_one_waits(patient: Patient) -> None:
    for _ in range(2):
        for _ in range(5):
            guess(patient)
        rest_is_over(patient)
    with pytest.raises(PinEnded, match="Use your card"):
        check_pin(patient, PIN, at=timezone.now())


@pytest.mark.django_db
def test_nobody_has_a_pin_that_was_never_set(world: World) -> None:
    with pytest.raises(PinEnded):
        check_pin(world.patient, "", at=timezone.now())


@pytest.mark.django_db
def test_a_new_phone_or_a_look_sets_no_count_back(patient: Patient, world: World, phone: Client) -> None:
    for _ in range(3):
        guess(patient)
    Device.objects.create(clinic=world.clinic, patient=patient, bound_at=timezone.now())
    phone.get("/phone-and-pin/change/")
    assert guess(patient) == "That is not your PIN. You can try once more."


@pytest.mark.django_db
def test_a_pin_that_was_set_face_to_face_works_after_the_old_one_ended(patient: Patient, world: World) -> None:
    for _ in range(10):
        guess(patient)
        rest_is_over(patient)
    token = find_token(
        TokenKind.BIND_PHONE, hash_secret(offer_binding(patient, by=world.nurse, at=timezone.now()).secret)
    )
    assert token
    bind_phone(token, pin="571093", at=timezone.now())
    assert guess(patient, "571093") == ""


@pytest.mark.django_db
def test_a_pin_that_is_not_looked_at_costs_no_hashing_and_few_queries(
    patient: Patient, looked: count[int], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with tenant(patient.clinic_id):
        set_pin(patient, PIN)
    for _ in range(5):
        guess(patient)
    with django_assert_max_num_queries(10):  # two short transactions of one statement each
        guess(patient)
    assert next(looked) == 5


@pytest.mark.usefixtures("committed")
def test_of_ten_thousand_guesses_side_by_side_ten_are_looked_at(world: World, looked: count[int]) -> None:
    """The rests are slept through by the clock of the database, twice in the middle: that brings five more, then none."""
    with tenant(world.clinic.pk):
        set_pin(world.patient, PIN)

    def storm(pins: range) -> int:
        try:
            return sum(1 for number in pins if guess(world.patient, f"{number:06}") == "")
        finally:
            connection.close()

    for part in range(4):
        starts = part * GUESSES // 4
        shares = [range(starts + share, starts + GUESSES // 4, AT_ONCE) for share in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            assert sum(threads.map(storm, shares)) == 0
        with tenant(world.clinic.pk):
            rest_is_over(world.patient)
    assert next(looked) == 10


@pytest.mark.usefixtures("committed")
def test_guesses_from_a_hundred_addresses_count_together(world: World, looked: count[int]) -> None:
    with tenant(world.clinic.pk):
        set_pin(world.patient, PIN)
    known = Client()
    session = known.session
    until = timezone.now() + timedelta(minutes=10)
    proof = Token.objects.create(
        kind=TokenKind.WAY_BACK,
        hash="0" * 64,
        clinic=world.clinic,
        subject=world.patient.pk,
        expires_at=until,
        used_at=timezone.now(),
    )
    session[PROVED] = [proof.pk, until.isoformat()]
    session.save()

    def try_from(number: int) -> int:
        client = Client(REMOTE_ADDR=f"10.0.{number % 4}.{number}")
        client.cookies = known.cookies
        try:
            return client.post("/way-back/pin/", {"known_pin": f"{190284 + number}"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        said = list(threads.map(try_from, range(ADDRESSES)))
    assert set(said) <= {422, 429}
    assert said.count(429) >= ADDRESSES - 4
    assert next(looked) == 5
    assert known.post("/way-back/pin/", {"known_pin": PIN}).status_code == 429
    with tenant(world.clinic.pk):
        assert not Device.objects.exists()
        with pytest.raises(PinRests):
            check_pin(world.patient, PIN, at=timezone.now())


@pytest.mark.django_db
def test_the_words_of_a_refusal_hold_no_pin(patient: Patient) -> None:
    with pytest.raises(PinWrong) as refused:
        check_pin(patient, WRONG, at=timezone.now())
    assert WRONG not in str(refused.value)


@pytest.mark.django_db
def test_a_pin_that_rests_or_has_ended_is_on_record_once(world: World, patient: Patient) -> None:
    for _ in range(2):
        for _ in range(7):
            guess(patient)
        rest_is_over(patient)
    lines = AuditEvent.objects.filter(object=str(patient.pk)).order_by("pk").values_list("action", "actor_kind")
    assert list(lines) == [("pin_rests", "system"), ("pin_ended", "system")]
