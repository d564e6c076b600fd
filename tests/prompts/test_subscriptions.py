"""Phones that take notices: by their patient's yes, until their no, a sign-out, or a push service that knows them no more."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Channel, Consent, Device, Patient
from accounts.services import end_phone
from accounts.states import ChannelKind, ConsentKind
from aftercare.starting import SETTINGS
from aftercare.tenancy import tenant
from prompts.models import PushSubscription
from prompts.queries import takes_push
from prompts.services import push_public_key, subscribe, unsubscribe
from prompts.services.subscriptions import MOST, drop_gone, push_address, subscriptions_of
from tests.clinic.alerts import another_patient
from tests.conftest import Standin, bind
from tests.push import PUSH_KEY, PUSH_SUBJECT, Browser
from tests.world import HARBOR, HOUR_ZERO, World, make_world

pytestmark = pytest.mark.django_db
NOW = timezone.now
SUBSCRIBE, UNSUBSCRIBE, SWITCH = "/push/subscribe/", "/push/unsubscribe/", "/messages/push/"


@pytest.fixture(autouse=True)
def push(settings: Settings, standin: Standin) -> None:
    settings.PUSH_KEY, settings.PUSH_SUBJECT, settings.PUSH_STAND_IN = PUSH_KEY, PUSH_SUBJECT, standin.base_url


def a_phone(patient: Patient) -> Device:
    return Device.objects.create(clinic_id=patient.clinic_id, patient=patient, bound_at=HOUR_ZERO)


def a_browser(name: str = "one") -> Browser:
    return Browser(f"https://updates.push.services.mozilla.com/wpush/v2/{name}")


def take(browser: Browser, device: Device) -> PushSubscription:
    """The browser subscribes on this phone."""
    told = browser.told
    return subscribe(
        device.patient, device, endpoint=told["endpoint"], public_key=told["p256dh"], auth_secret=told["auth"], at=NOW()
    )


def alive(patient: Patient) -> set[str]:
    rows = PushSubscription.objects.filter(PushSubscription.ALIVE, patient=patient)
    return {row.endpoint.rpartition("/")[2] for row in rows}


def said(patient: Patient) -> list[bool]:
    """Each yes and each no to notices, in order."""
    rows = Consent.objects.filter(patient=patient, kind=ConsentKind.PUSH).order_by("pk")
    return list(rows.values_list("given", flat=True))


def is_open(patient: Patient) -> bool:
    return Channel.objects.filter(Channel.OPEN, patient=patient, kind=ChannelKind.PUSH).exists()


# --- The phone asks ---


def test_a_tap_on_the_phone_is_the_yes(phone: Client, world: World) -> None:
    browser = a_browser()
    for _ in range(2):  # said again, it is one
        assert phone.post(SUBSCRIBE, browser.told).status_code == 204
    (kept,) = PushSubscription.objects.all()
    assert push_address(kept) == browser.to
    assert (kept.patient_id, kept.device.patient_id) == (world.patient.pk, world.patient.pk)
    assert said(world.patient) == [True] and is_open(world.patient)
    assert Consent.objects.get(kind=ConsentKind.PUSH).wording.startswith("Cedar Street may show me short notes")


def test_what_we_can_not_call_or_seal_for_turns_nothing_on(phone: Client, world: World, settings: Settings) -> None:
    good = a_browser().told
    for bad in (
        {"endpoint": "http://10.0.0.1/push"},
        {"endpoint": "https://fcm.googleapis.com@127.0.0.1/"},
        {"endpoint": "https://fcm.googleapis.com/" + "x" * 1000},
        {"endpoint": ""},
        {"p256dh": "AAAA"},
        {"auth": "é"},
        {"auth": good["auth"] * 9},
    ):
        answer = phone.post(SUBSCRIBE, {**good, **bad})
        assert (answer.status_code, answer["Content-Type"]) == (422, "text/plain; charset=utf-8")
        assert answer.content.decode().endswith(".")
    settings.PUSH_KEY = ""
    assert phone.post(SUBSCRIBE, good).status_code == 422
    assert not PushSubscription.objects.exists() and not is_open(world.patient) and said(world.patient) == []


def test_only_a_page_of_ours_on_a_phone_of_the_patient_may_ask(world: World, set_up_phone: Client) -> None:
    strict, stranger = bind(Client(enforce_csrf_checks=True), world), Client()
    for browser, address in (
        *((browser, address) for browser in (strict, stranger) for address in (SUBSCRIBE, UNSUBSCRIBE, SWITCH)),
        (set_up_phone, SWITCH),  # for the set-up it may subscribe, and no more
    ):
        answer = browser.post(address, a_browser().told)
        assert answer.status_code in {302, 303, 403}, address
    assert not PushSubscription.objects.exists() and said(world.patient) == []


def test_a_browser_that_renews_by_itself_says_no_yes(phone: Client, world: World) -> None:
    old, new = a_browser("old"), a_browser("new")
    renewal = {**new.told, "renew": "1"}
    assert phone.post(SUBSCRIBE, renewal).status_code == 204
    assert alive(world.patient) == set() and said(world.patient) == []
    phone.post(SUBSCRIBE, old.told)
    phone.post(SUBSCRIBE, renewal)
    assert alive(world.patient) == {"new"} and said(world.patient) == [True]
    phone.post(SWITCH)
    assert phone.post(SUBSCRIBE, {**old.told, "renew": "1"}).status_code == 204
    assert alive(world.patient) == {"new"} and not is_open(world.patient) and said(world.patient) == [True, False]


def test_notes_on_another_phone_can_be_stopped_from_this_one(phone: Client, world: World) -> None:
    def offers(browser: Client) -> bool:
        return f'action="{SWITCH}"' in browser.get("/messages/").content.decode()

    another = bind(Client(), world)
    another.post(SUBSCRIBE, a_browser().told)
    assert (offers(phone), offers(another)) == (True, False)
    for _ in range(2):
        assert phone.post(SWITCH)["Location"] == "/messages/#push"
    assert said(world.patient) == [True, False] and not is_open(world.patient) and not offers(phone)


# --- Whose it is, and how many ---


def test_an_endpoint_is_of_who_subscribed_last_on_it(world: World) -> None:
    another = another_patient(world, "Bo")
    browser = a_browser()
    take(browser, a_phone(world.patient))
    take(Browser(browser.endpoint), a_phone(another))
    assert (alive(world.patient), alive(another)) == (set(), {"one"})


def test_a_phone_has_one_and_a_patient_no_more_than_a_few(world: World) -> None:
    phones = [a_phone(world.patient) for _ in range(MOST + 1)]
    for number, phone in enumerate(phones):
        take(a_browser(f"n{number}"), phone)
    take(a_browser("again"), phones[-1])
    assert alive(world.patient) == {*(f"n{number}" for number in range(1, MOST)), "again"}
    assert PushSubscription.objects.count() == MOST
    assert subscriptions_of({world.patient.pk})[world.patient.pk].endpoint.endswith("/again")


# --- How it ends ---


def test_a_phone_that_is_signed_out_takes_none(world: World) -> None:
    first, second = a_phone(world.patient), a_phone(world.patient)
    take(a_browser("first"), first)
    take(a_browser("second"), second)
    end_phone(second, at=NOW())
    assert subscriptions_of({world.patient.pk})[world.patient.pk].endpoint.endswith("/first")
    end_phone(first, at=NOW())
    assert subscriptions_of({world.patient.pk}) == {} and not takes_push(world.patient.pk)


def test_the_last_phone_that_ends_them_is_the_no(world: World) -> None:
    first, second = a_phone(world.patient), a_phone(world.patient)
    take(a_browser("first"), first)
    take(a_browser("second"), second)
    unsubscribe(world.patient, first, at=NOW())
    assert alive(world.patient) == {"second"} and is_open(world.patient)
    unsubscribe(world.patient, second, at=NOW())
    assert alive(world.patient) == set() and not is_open(world.patient) and said(world.patient) == [True, False]


def test_what_a_push_service_does_not_know_is_dropped_in_its_clinic_alone(world: World) -> None:
    harbor = make_world(HARBOR)
    browser, renewed = a_browser(), a_browser("renewed")
    with tenant(harbor.clinic.pk):
        take(browser, a_phone(harbor.patient))
    with tenant(world.clinic.pk):
        take(browser, a_phone(world.patient))
        take(renewed, a_phone(world.patient))
        take(Browser(renewed.endpoint), a_phone(world.patient))
    gone = [(world.clinic.pk, browser.to), (world.clinic.pk, renewed.to), (uuid4(), browser.to)]
    assert drop_gone(gone, at=NOW()) == 1
    assert drop_gone(gone, at=NOW()) == 0
    with tenant(harbor.clinic.pk):
        assert alive(harbor.patient) == {"one"}
    with tenant(world.clinic.pk):
        assert alive(world.patient) == {"renewed"}


# --- The settings ---


def test_without_a_key_nothing_is_offered_and_a_wrong_one_does_not_start(settings: Settings) -> None:
    def wrong() -> list[str]:
        return [message.id or "" for message in run_checks(tags=[SETTINGS]) if (message.id or "") > "prompts.E003"]

    assert len(push_public_key()) == 87 and wrong() == []
    settings.PUSH_SUBJECT, settings.PUSH_HOSTS, settings.IS_HTTPS = "help@aftercare.example", ["*.com"], True
    assert wrong() == ["prompts.E005", "prompts.E006", "prompts.E007"]
    settings.PUSH_KEY = "no key"
    assert "prompts.E004" in wrong()
    settings.PUSH_KEY = ""
    assert push_public_key() == "" and "prompts.E004" not in wrong()
