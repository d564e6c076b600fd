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


def test_all_stand_on_the_page_newest_first_and_those_after_five_unfold(world: World, staff: Staff) -> None:
    at = timezone.now()
    for day in range(7):
        tell(world, f"Line {day} <b>", at=at - timedelta(days=day))
    tell(world, "", at=at - timedelta(days=8))
    text = page(world, staff())
    places = [text.index(f"Line {day} <b>") for day in range(7)]
    assert places == sorted(places) and places[4] < text.index("Show all: 2 more") < places[5]


def test_five_need_no_unfolding(world: World, staff: Staff) -> None:
    for day in range(5):
        tell(world, f"Line {day}", at=timezone.now() - timedelta(days=day))
    assert "Show all" not in page(world, staff())


def test_a_later_log_of_the_day_takes_no_line_away(world: World, staff: Staff) -> None:
    at = timezone.now()
    record_consent(ConsentKind.CHARTS, given=True, patient=world.patient, way=ConsentWay.APP, by=world.patient, at=at)
    for seconds, text, mood in ((9, "The first.", 4), (6, "The second.", 5), (3, "", 8), (1, "The first.", 8)):
        tell(world, text, at=at - timedelta(seconds=seconds), mood=mood)
    text = page(world, staff())
    assert (text.count("The first."), text.count("The second.")) == (1, 1)
    # The numbers beside them are those that count.
    assert text.count("Mood 8, sleep 6, worry 7 of 10") == 2
    weeks = words(staff().get(f"/staff/patients/{world.patient.pk}/weeks/"))
    assert "The first." in weeks and "The second." in weeks


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
