"""What patients tell their clinic in the log: on their page, for those who treat, the numbers only where they are shared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.services import record_consent
from accounts.states import ConsentKind, ConsentWay, Role
from aftercare.tenancy import tenant
from checkin.services import Said, record_log
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.world import World

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]


def page(world: World, browser: StaffClient) -> str:
    return words(browser.get(f"/staff/patients/{world.patient.pk}/"))


def tell(world: World, text: str, *, at: datetime, mood: int = 4) -> None:
    record_log(world.patient, Said(mood, 6, 7, for_clinic=text), key=uuid4(), at=at)


def test_the_newest_five_stand_on_the_page_newest_first(world: World, staff: Staff) -> None:
    at = timezone.now()
    for day in range(7):
        tell(world, f"Line {day} <b>", at=at - timedelta(days=day))
    tell(world, "", at=at - timedelta(days=8))
    text = page(world, staff())
    shown = [day for day in range(7) if f"Line {day} <b>" in text]
    assert shown == [0, 1, 2, 3, 4] and text.index("Line 0") < text.index("Line 4")


def test_of_a_day_only_what_counts_is_shown(world: World, staff: Staff) -> None:
    at = timezone.now()
    tell(world, "Sent by mistake.", at=at - timedelta(seconds=2))
    tell(world, "This one.", at=at)
    text = page(world, staff())
    assert "This one." in text and "Sent by mistake." not in text


@pytest.mark.parametrize("shares", [True, False, None])
def test_the_numbers_stand_beside_it_only_where_they_are_shared(
    world: World, staff: Staff, shares: bool | None
) -> None:
    at = timezone.now()
    tell(world, "The pills help.", at=at)
    if shares is not None:
        record_consent(
            ConsentKind.CHARTS, given=shares, patient=world.patient, way=ConsentWay.APP, by=world.patient, at=at
        )
    text = page(world, staff())
    assert "The pills help." in text
    assert ("Mood 4, sleep 6, worry 7 of 10" in text) is bool(shares)


@pytest.mark.parametrize(
    ("role", "reads"),
    [(Role.NURSE, True), (Role.CLINICIAN, True), (Role.FRONT_DESK, False), (Role.MANAGER, False)],
)
def test_only_those_who_treat_read_it(world: World, staff: Staff, role: Role, reads: bool) -> None:
    tell(world, "The pills help.", at=timezone.now())
    assert ("The pills help." in page(world, staff(role))) is reads


def test_another_clinic_finds_nothing(world: World, other_world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        tell(world, "The pills help.", at=timezone.now())
    response = staff(at=other_world).get(f"/staff/patients/{world.patient.pk}/")
    assert response.status_code == 404 and "The pills help." not in words(response)
