"""Who drives, on the board: a word, an icon and a tone, since when, and one tap to phone them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.queries.board import Row, today_board
from clinic.queries.ride_words import RideMark
from pickup.models import PickupLink
from pickup.queries.rides import rides
from pickup.services import make_link
from pickup.states import PickupState
from tests.clinic.pages import words
from tests.clinic.rides import DRIVER_PHONE, a_driver, a_ride
from tests.clinic.test_today import mark
from tests.conftest import StaffClient
from tests.world import NEW_YORK, World
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
RECOVERING, DISCHARGED = TreatmentState.RECOVERING, TreatmentState.DISCHARGED


def a_visit(world: World, state: TreatmentState = RECOVERING) -> Treatment:
    return world.treatment(state, hour_zero=timezone.now() - timedelta(hours=1))


def the_row(world: World) -> Row:
    [group] = today_board(world.clinic, timezone.now()).groups
    [row] = group.rows
    return row


def the_mark(world: World) -> RideMark:
    return the_row(world).ride


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (PickupState.ASKED, ("Asked", "send", "", False)),
        (PickupState.CONFIRMED, ("Confirmed", "check", "good", False)),
        (PickupState.ON_THE_WAY, ("On the way", "car", "now", False)),
        (PickupState.OUTSIDE, ("Waits outside", "bell", "emerg", True)),
        (PickupState.MET, ("Met", "heart-handshake", "good", False)),
        (PickupState.HOME_SAFE, ("Home safe", "house", "good", False)),
        (PickupState.CANT_COME, ("Can’t come", "triangle-alert", "urgent", True)),
    ],
)
def test_a_ride_is_a_word_an_icon_and_a_tone_and_says_since_when(
    world: World, staff: Staff, state: PickupState, shown: tuple[str, str, str, bool]
) -> None:
    at = timezone.now() - timedelta(minutes=7)
    a_ride(world, a_visit(world), state, at=at)
    row, ride = the_row(world), the_mark(world)
    assert (ride.word, ride.icon, ride.tone, ride.stands_out) == shown
    assert (ride.name, ride.since) == ("Rosa Vidal", clock_words(at, zone=NEW_YORK, today=timezone.now()))
    assert row.edge == ("warm" if ride.stands_out else "")
    response = staff().get(reverse("clinic:today"))
    assert f"{ride.word} Rosa Vidal since {ride.since}" in words(response)
    assert f'href="tel:{DRIVER_PHONE}"' in response.content.decode()


ASKED, CONFIRMED, ON_THE_WAY, OUTSIDE, MET, _, CANT_COME = PickupState


@pytest.mark.parametrize(
    ("links", "shown"),
    [
        # Each link in the order in which they were made: how far it came, and at which minute.
        ([(MET, 5), (ASKED, 9)], (MET, 5)),
        ([(ON_THE_WAY, 5), (CONFIRMED, 9)], (ON_THE_WAY, 5)),
        ([(CONFIRMED, 5), (OUTSIDE, 9)], (OUTSIDE, 9)),
        ([(ON_THE_WAY, 5), (CANT_COME, 9)], (CANT_COME, 9)),
        ([(CANT_COME, 5), (ASKED, 9)], (ASKED, 9)),
        ([(ON_THE_WAY, 2), (CANT_COME, 5), (CONFIRMED, 9)], (CONFIRMED, 9)),
    ],
)
def test_a_link_made_anew_takes_nobody_back_to_the_start(
    world: World, links: list[tuple[PickupState, int]], shown: tuple[PickupState, int]
) -> None:
    treatment, start = a_visit(world), timezone.now() - timedelta(hours=1)
    driver = a_driver(world, at=start)
    for number, (state, minute) in enumerate(links):
        made_at = start + timedelta(minutes=minute if state == ASKED else number)
        link = make_link(treatment, escort=driver, by=world.nurse, at=made_at)
        if state != ASKED:
            moment = {f"{state}_at": start + timedelta(minutes=minute)}
            PickupLink.objects.filter(pk=link.pk).update(state=state, **moment)
    ride = rides([treatment])[treatment.pk]
    assert (ride.status.value, ride.since) == (shown[0].value, start + timedelta(minutes=shown[1]))


def test_no_ride_is_a_warning_until_the_patient_has_left(world: World) -> None:
    treatment = a_visit(world)
    assert (the_mark(world).word, the_mark(world).tone) == ("No ride yet", "warn")
    treatment.state = DISCHARGED
    treatment.save()
    assert (the_mark(world).word, the_mark(world).tone) == ("None on record", "")


def test_somebody_named_who_has_no_link_yet_is_said_as_that(world: World) -> None:
    a_visit(world)
    a_driver(world, at=timezone.now())
    assert (the_mark(world).word, the_mark(world).name) == ("Named, not asked", "Rosa Vidal")


def test_once_the_patient_has_left_nobody_outside_stands_out(world: World) -> None:
    a_ride(world, a_visit(world, DISCHARGED), PickupState.OUTSIDE, at=timezone.now())
    assert (the_mark(world).tone, the_mark(world).stands_out, the_row(world).edge) == ("", False, "")


def test_a_board_that_asks_again_is_told_when_a_ride_moves_on(world: World, staff: Staff) -> None:
    link, browser = a_ride(world, a_visit(world), PickupState.ON_THE_WAY, at=timezone.now()), staff()
    seen = mark(browser)
    link.state, link.outside_at = PickupState.OUTSIDE, timezone.now()
    link.save()
    changed = browser.get(reverse("clinic:today"), {"seen": seen}, headers={"HX-Request": "true"})
    assert changed.status_code == 200 and re.search(r"tag--emerg.*?Waits outside", changed.content.decode(), re.DOTALL)
