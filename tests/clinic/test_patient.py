"""One patient's page: who, how to reach them, the visit of now with its prompts, and what this role may do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Channel, Device
from accounts.states import ChannelKind, Role
from prompts.states import PromptState
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import World, iv_document
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]


def address(world: World) -> str:
    return f"/staff/patients/{world.patient.pk}/"


def test_the_page_says_who_it_is_and_how_to_reach_them(world: World, staff: Staff) -> None:
    Channel.objects.create(
        clinic=world.clinic,
        patient=world.patient,
        kind=ChannelKind.SMS,
        address="+12125550142",
        consented_at=timezone.now(),
    )
    response = staff().get(address(world))
    text = words(response)
    for part in ("Maya Torres", "Record A-1. Born Jan 2, 1990.", "212-555-0142", "Texts are on", "Not set up yet"):
        assert part in text
    assert 'href="tel:+12125550142"' in response.content.decode()
    assert title(response) == "Patient"


def test_a_stopped_channel_and_another_clock_are_told(world: World, staff: Staff) -> None:
    at = timezone.now()
    sms = {"kind": ChannelKind.SMS, "address": "+12125550142", "consented_at": at, "stopped_at": at}
    Channel.objects.create(clinic=world.clinic, patient=world.patient, **sms)
    Device.objects.create(clinic=world.clinic, patient=world.patient, bound_at=at)
    world.patient.zone = "America/Los_Angeles"
    world.patient.save()
    text = words(staff().get(address(world)))
    for part in ("Texts are off", "America/Los Angeles", "Set up another phone", "Lost phone"):
        assert part in text


def test_each_prompt_stands_there_with_its_fate(world: World, staff: Staff) -> None:
    at = timezone.now()
    treatment = world.treatment(TreatmentState.DISCHARGED, hour_zero=at - timedelta(hours=5))
    fates = {
        PromptState.WAITING: "Waits for",
        PromptState.SENT: "In the app since",
        PromptState.FAILED: "Refused",
        PromptState.UNKNOWN: "Nobody knows whether it arrived",
        PromptState.SKIPPED: "Skipped: its time was over",
    }
    reasons = {
        PromptState.FAILED: "refused by the provider",
        PromptState.UNKNOWN: "no clear answer",
        PromptState.SKIPPED: "window over",
    }
    for template, state in zip(iv_document().prompts, fates, strict=False):
        sent = {"sent_at": at} if state == PromptState.SENT else {}
        world.prompt(treatment, step=template.key, due_at=at, state=state, reason=reasons.get(state, ""), **sent)
    text = words(staff().get(address(world)))
    for template, words_of_fate in zip(iv_document().prompts, fates.values(), strict=False):
        assert template.title in text
        assert words_of_fate in text


def test_the_visit_of_now_comes_before_the_ones_that_are_over(world: World, staff: Staff) -> None:
    at = timezone.now()
    world.treatment(TreatmentState.CLOSED, hour_zero=at - timedelta(days=9))
    world.treatment(TreatmentState.IN_TREATMENT, hour_zero=None, planned_for=at, started_at=at, started_by=world.nurse)
    text = words(staff().get(address(world)))
    assert text.index("End the treatment") < text.index("Earlier visits")
    assert "The messages are planned at hour 0." in text


@pytest.mark.parametrize(
    ("role", "sees", "sees_not"),
    [
        (Role.NURSE, ["Start the visit", "Cancel the visit", "Set up the phone"], []),
        (Role.CLINICIAN, ["Start the visit", "Cancel the visit", "Set up the phone"], []),
        (Role.FRONT_DESK, ["Cancel the visit", "Set up the phone"], ["Start the visit"]),
        (Role.MANAGER, ["Cancel the visit", "Set up the phone"], ["Start the visit"]),
    ],
)
def test_a_role_is_offered_what_it_may_do(
    world: World, staff: Staff, role: Role, sees: list[str], sees_not: list[str]
) -> None:
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now())
    text = words(staff(role).get(address(world)))
    assert [part for part in sees if part not in text] == []
    assert [part for part in sees_not if part in text] == []


def test_a_second_visit_is_not_offered_while_one_is_planned(world: World, staff: Staff) -> None:
    browser = staff()
    assert "Plan a visit" in words(browser.get(address(world)))
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now())
    assert "Plan a visit" not in words(browser.get(address(world)))


def test_a_name_is_shown_as_text_and_never_run(world: World, staff: Staff) -> None:
    world.patient.first_name = "<script>alert(1)</script>"
    world.patient.save()
    content = staff().get(address(world)).content.decode()
    assert "<script>alert" not in content
    assert "&lt;script&gt;" in content


def test_one_visit_costs_as_many_queries_as_three(world: World, staff: Staff) -> None:
    at, browser, counts = timezone.now(), staff(), []
    for days in (1, 40, 80):
        treatment = world.treatment(TreatmentState.CLOSED, hour_zero=at - timedelta(days=days))
        for template in iv_document().prompts[:3]:
            world.prompt(treatment, step=template.key, due_at=at)
        with CaptureQueriesContext(connection) as queries:
            browser.get(address(world))
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[0] <= 18
