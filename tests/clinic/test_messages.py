"""What became of each message around a visit: what went wrong first, each try, and who is reached how."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Channel, Device, Escort, Token
from accounts.services import let_text, name_escort, record_consent, set_push
from accounts.states import ChannelKind, ConsentKind, ConsentWay, Role, TokenKind
from aftercare.dates import day_words
from aftercare.tenancy import as_sender
from clinic.queries.messages import AT_MOST, visit_messages
from prompts.models import Attempt, MessageChoice, Prompt, PushSubscription, Reply, WayHold
from prompts.services import take_text
from prompts.states import Outcome, PromptState, Report
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.prompts.conftest import ADDRESS, NUMBER, ago, agree
from tests.world import World
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]


@pytest.fixture
def visit(world: World) -> Treatment:
    agree(world)
    return world.treatment(hour_zero=ago(hours=4), planned_for=ago(hours=5))


def message(
    world: World, visit: Treatment, step: str, state: PromptState, *tries: dict[str, Any], **values: Any
) -> Prompt:
    due_at = ago(hours=1)
    sent = {"sent_at": due_at} if state == PromptState.SENT else {}
    prompt = world.prompt(visit, step=step, due_at=due_at, state=state, **{"channel": "sms", **sent, **values})
    for number, each in enumerate(tries, start=1):
        facts = {"channel": "sms", "began_at": due_at, "outcome": Outcome.ACCEPTED, **each}
        Attempt.objects.create(clinic=world.clinic, prompt=prompt, number=number, **facts)
    return prompt


def page_of(browser: Client, visit: Treatment) -> Any:
    return browser.get(reverse("clinic:messages", args=[visit.pk]))


def test_what_went_wrong_comes_first_with_each_try_in_words(world: World, staff: Staff, visit: Treatment) -> None:
    refused = {"outcome": Outcome.REFUSED, "code": "21614"}
    message(world, visit, "a", PromptState.SENT, {"report": Report.DELIVERED})
    message(world, visit, "b", PromptState.SENT, refused, {"channel": "email"}, channel="email")
    message(world, visit, "c", PromptState.UNKNOWN, {"outcome": ""}, reason="lost in flight")
    message(world, visit, "d", PromptState.WAITING)
    message(world, visit, "f", PromptState.WAITING, {"outcome": ""})
    message(world, visit, "e", PromptState.CANCELLED, reason="fewer")
    text = words(page_of(staff(Role.NURSE), visit))
    assert "1 went wrong. 2 still to come" in text and "2 went out." in text
    order = [
        text.index(part)
        for part in ("What went wrong: 1", "Still to come: 2", "Went out: 2", "Not sent, and not needed: 1")
    ]
    assert order == sorted(order)
    for part in (
        "Nobody knows whether it arrived. It was not sent again",
        "by text: cut short",
        "by text: leaving now",
        "arrived",
    ):
        assert part in text
    assert "This landline can’t get texts. Went by e-mail instead" in text
    assert "Left out: they asked for fewer" in text


def test_no_address_stands_there_whole_and_what_failed_asks_for_another(
    world: World, staff: Staff, visit: Treatment
) -> None:
    Channel.objects.filter(kind=ChannelKind.SMS).update(failed_at=timezone.now(), failed_code="30006")
    jo = name_escort(
        world.patient, task=Escort.Task.DRIVES, name="Jo", phone="+15550100188", by=world.patient, at=timezone.now()
    )
    let_text(jo, on=True, at=timezone.now())
    MessageChoice.objects.create(clinic=world.clinic, patient=world.patient, is_fewer=True, first_way="email")
    browser = staff(Role.FRONT_DESK)
    assert "Took back the consent to the app" not in words(page_of(browser, visit))
    no: dict[str, Any] = {"given": False, "way": ConsentWay.SET_UP, "by": world.patient, "at": timezone.now()}
    record_consent(ConsentKind.APP, patient=world.patient, **no)
    page = page_of(browser, visit)
    text = words(page)
    assert "nothing of the plan leaves" in text
    for part in ("ends in 0177", "ends in 0188", "M…@example.org", "Fewer: no tips", "Order: e-mails first"):
        assert part in text
    assert not any(whole in page.content.decode() for whole in (NUMBER, ADDRESS, "555-010-0177"))
    for seen in (text, words(browser.get(reverse("clinic:patient", args=[world.patient.pk])))):
        assert "Texts do not arrive since" in seen and "Ask for another number." in seen
    assert "Texts do not arrive" in words(browser.get(reverse("clinic:today")))


def test_it_says_until_when_texts_are_held_and_how_many_phones_take_notices(
    world: World, staff: Staff, visit: Treatment
) -> None:
    now = timezone.now()
    hold = WayHold(kind=ChannelKind.SMS, until=now + timedelta(minutes=4), code="429")
    with as_sender():
        hold.save()
    set_push(world.patient, on=True, at=now)
    text = words(page_of(staff(), visit))
    assert "no phones take them" in text
    until = clock_words(hold.until, zone=ZoneInfo(visit.zone), today=now)
    assert text.count("Held until") == 1 and f"Held until {until}: the provider was too busy" in text
    device = Device.objects.create(clinic=world.clinic, patient=world.patient, bound_at=now)
    for number in range(2):
        PushSubscription.objects.create(
            clinic=world.clinic, patient=world.patient, device=device, endpoint=f"https://push.example/{number}",
            public_key="", auth_secret="", made_at=now, gone_at=now if number else None,
        )  # fmt: skip
    with as_sender():
        WayHold.objects.update(until=now)
    text = words(page_of(staff(), visit))
    assert "1 phone takes them" in text and "Held until" not in text


@pytest.mark.parametrize(("role", "sees"), [(Role.CLINICIAN, True), (Role.MANAGER, True), (Role.FRONT_DESK, False)])
def test_words_that_were_texted_are_for_those_who_answer_alerts(
    world: World, staff: Staff, visit: Treatment, role: Role, sees: bool
) -> None:
    for body in ("<b>canary</b>", "STOP"):
        take_text({"From": NUMBER, "Body": body}, at=timezone.now())
    page = page_of(staff(role), visit)
    assert ("canary" in words(page), "STOP: texts to this number ended" in words(page)) == (sees, sees)
    assert b"<b>canary" not in page.content


def test_the_page_is_as_many_queries_for_one_message_as_for_thirty(
    world: World, visit: Treatment, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def look() -> None:
        found = Treatment.objects.select_related("patient", "protocol_version__protocol").get(pk=visit.pk)
        visit_messages(found, world.clinic, timezone.now(), role=Role.NURSE)

    message(world, visit, "first", PromptState.SENT, {})
    look()
    with django_assert_num_queries(10):
        look()
    for number in range(29):
        message(world, visit, f"step {number}", PromptState.FAILED, {"outcome": Outcome.REFUSED}, {}, {})
        Reply.objects.create(
            clinic=world.clinic, patient=world.patient, kind="other", words="x", at=ago(minutes=number)
        )
    with django_assert_num_queries(10):
        look()


def log_reminder(world: World, visit: Treatment, *, days: int) -> str:
    """So many days from the visit. As its row says it."""
    due_at = visit.planned_for + timedelta(days=days)
    Prompt.objects.create(
        clinic=world.clinic, patient=world.patient, asked_on=due_at.date(), due_at=due_at, step="log", kind="log", asks=True,
        window_ends_at=due_at + timedelta(hours=1), channel="push", plan_number=0, state=PromptState.SKIPPED,
    )  # fmt: skip
    return f"Reminder of the log, {day_words(due_at.date())}"


def test_what_a_day_brought_is_on_the_page_of_its_visit_until_the_next_one(
    world: World, staff: Staff, visit: Treatment
) -> None:
    """Two months after it too: each message is on some page, and none of long before on another visit's."""
    long_ago = visit.planned_for - timedelta(days=90)
    first = world.treatment(TreatmentState.CLOSED, hour_zero=long_ago, closed_at=long_ago)
    early, mid, late = (log_reminder(world, visit, days=days) for days in (-40, -1, 50))
    browser = staff()
    assert [part in words(page_of(browser, visit)) for part in (early, mid, late)] == [False, True, True]
    assert [part in words(page_of(browser, first)) for part in (early, mid, late)] == [True, True, False]


def test_a_page_that_is_cut_says_so(world: World, visit: Treatment, staff: Staff) -> None:
    rows = [
        Prompt(
            clinic=world.clinic, patient=world.patient, treatment=visit, step=f"s{number}", kind="tip", asks=False,
            channel="in_app", plan_number=1, due_at=ago(minutes=number), window_ends_at=timezone.now(),
            state=PromptState.CANCELLED,
        )
        for number in range(1, AT_MOST + 2)
    ]  # fmt: skip
    Prompt.objects.bulk_create(rows[1:])
    browser = staff()
    assert "Only the newest" not in words(page_of(browser, visit))
    rows[0].save()
    text = words(page_of(browser, visit))
    assert "Only the newest 200 are shown." in text and f"needed: {AT_MOST}" in text


def test_the_patients_page_names_a_text_to_an_escort(world: World, staff: Staff) -> None:
    token = Token.objects.create(
        kind=TokenKind.ESCORT_NOTE, hash="e", clinic=world.clinic, subject=world.patient.pk, expires_at=ago(hours=-1)
    )
    Prompt.objects.create(
        clinic=world.clinic, patient=world.patient, token=token, step="x", kind="escort", asks=False, channel="sms",
        plan_number=0, due_at=ago(hours=1), window_ends_at=ago(minutes=30), state=PromptState.SKIPPED,
    )  # fmt: skip
    text = words(staff().get(reverse("clinic:patient", args=[world.patient.pk])))
    assert "A text to look at their list" in text
