"""Who is on duty: the list, its gaps in plain words, and that it says what the sender of alerts will do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import StaffMember
from accounts.states import Role
from aftercare.tenancy import tenant
from alerts.models import OnCallShift
from alerts.queries import duty_at
from alerts.services import add_shift
from clinic.queries.duty import on_call
from tests.clinic.pages import local, title, words
from tests.conftest import StaffClient
from tests.world import NEW_YORK, World, acts, make_staff

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
PAGE, ADD = "/staff/on-call/", "/staff/on-call/add/"
PLANS, OTHERS = [Role.CLINICIAN, Role.MANAGER], [Role.NURSE, Role.FRONT_DESK]
NOON = datetime(2026, 11, 24, 12, tzinfo=NEW_YORK)


def on_staff(world: World, role: Role, name: str, *, phone: str = "+12125550150") -> StaffMember:
    member = make_staff(world.clinic, role, name=name)
    StaffMember.objects.filter(pk=member.pk).update(phone=phone)
    member.phone = phone
    return member


def shift(member: StaffMember, begins: datetime, hours: float, *, seat: int = 0) -> OnCallShift:
    return add_shift(member, seat=seat, starts_at=begins, ends_at=begins + timedelta(hours=hours), by=member, at=begins)


def end_url(row: OnCallShift) -> str:
    return f"{PAGE}{row.pk}/end/"


def form(world: World, member: StaffMember, **other: Any) -> dict[str, Any]:
    at = timezone.now()
    values = {
        "person": str(member.pk),
        "seat": "0",
        "starts_at": local(at, world),
        "ends_at": local(at + timedelta(hours=8), world),
        **other,
    }
    return {name: value for name, value in values.items() if value is not None}


# The list.


def test_who_is_on_duty_now_stands_first_with_a_number_to_call(world: World, staff: Staff) -> None:
    at = timezone.now()
    shift(on_staff(world, Role.NURSE, "Ada Blum"), at - timedelta(hours=1), 8)
    shift(on_staff(world, Role.CLINICIAN, "Bo Castle", phone="+12125550151"), at - timedelta(hours=1), 8, seat=1)
    response = staff(Role.FRONT_DESK).get(PAGE)
    text = words(response)
    assert "On duty now First Ada Blum 212-555-0150 Second Bo Castle 212-555-0151 Until" in text
    assert 'href="tel:+12125550150"' in response.content.decode()


def test_an_empty_list_falls_to_the_managers_and_says_so(world: World, staff: Staff) -> None:
    on_staff(world, Role.MANAGER, "Max Ode")
    text = words(staff().get(PAGE))
    assert "Nobody is on duty now Alerts fall to the managers." in text
    assert "Told first Max Ode" in text and "1 gap" in text
    assert "Nobody: falls to Max Ode" in text and "Where nobody is on duty, alerts go to Max Ode." in text


def test_where_no_manager_has_a_number_an_alert_reaches_nobody_and_the_page_says_it(world: World, staff: Staff) -> None:
    make_staff(world.clinic, Role.MANAGER)
    text = words(staff().get(PAGE))
    assert "Nobody can be told now" in text and "An alert reaches nobody." in text
    assert "No manager has a number." in text


def test_gaps_are_named_between_shifts(world: World) -> None:
    on_staff(world, Role.MANAGER, "Max Ode", phone="+12125550159")
    nurse = on_staff(world, Role.NURSE, "Ada Blum")
    shift(nurse, NOON, 6)
    shift(nurse, NOON + timedelta(hours=20), 12)
    page = on_call(world.clinic, NOON + timedelta(hours=1))
    assert [(day.name, [(each.when, each.first, each.is_gap) for each in day.stretches]) for day in page.days] == [
        ("Today", [("Now to 6 pm", "Ada Blum", False), ("6 pm to 8 am next day", "Nobody: falls to Max Ode", True)]),
        (
            "Tomorrow",
            [
                ("8 am to 8 pm", "Ada Blum", False),
                ("8 pm to 1 pm on Tue, Dec 1", "Nobody: falls to Max Ode", True),
            ],
        ),
    ]
    assert page.gaps == 2


def test_neighbours_with_the_same_people_are_one_stretch(world: World) -> None:
    nurse = on_staff(world, Role.NURSE, "Ada Blum")
    shift(nurse, NOON, 6)
    shift(nurse, NOON + timedelta(hours=6), 6)
    assert on_call(world.clinic, NOON).days[0].stretches[0].when == "Now to midnight"


def test_what_begins_at_midnight_is_of_the_day_that_it_opens(world: World) -> None:
    nurse = on_staff(world, Role.NURSE, "Ada Blum")
    shift(nurse, NOON + timedelta(hours=12), 8)
    day = on_call(world.clinic, NOON).days[1]
    assert (day.name, day.stretches[0].when) == ("Tomorrow", "midnight to 8 am")


@pytest.mark.parametrize("hours", range(0, 72, 5))
def test_the_list_says_what_the_sender_will_do(world: World, hours: int) -> None:
    """At each moment the same people as alerts.queries.duty_at, whoever left, has no number, or is second alone."""
    people = [on_staff(world, Role.NURSE, f"Nurse {number}", phone=f"+1212555016{number}") for number in range(4)]
    on_staff(world, Role.MANAGER, "Max Ode", phone="+12125550159")
    on_staff(world, Role.MANAGER, "Ned Poe", phone="+12125550158")
    for number, (begins, long, seat) in enumerate([(0, 10, 0), (4, 12, 1), (20, 20, 0), (30, 24, 1), (50, 9, 0)]):
        shift(people[number % 4], NOON + timedelta(hours=begins), long, seat=seat)
    StaffMember.objects.filter(pk=people[2].pk).update(phone="")
    at = NOON + timedelta(hours=hours)
    duty, [now, *_] = duty_at(world.clinic, at), on_call(world.clinic, at).days[0].stretches
    assert now.is_gap is duty.is_fallback
    assert str(duty.first) in now.first
    assert duty.second is None or str(duty.second) in now.second


def test_a_shift_that_counts_for_nothing_is_shown_with_why(world: World, staff: Staff) -> None:
    at = timezone.now()
    member = on_staff(world, Role.NURSE, "Ada Blum")
    shift(member, at - timedelta(hours=1), 8)
    StaffMember.objects.filter(pk=member.pk).update(phone="")
    text = words(staff().get(PAGE))
    assert "Does not count: has no number for alerts" in text
    StaffMember.objects.filter(pk=member.pk).update(is_active=False)
    assert "Does not count: can’t take alerts any more" in words(staff().get(PAGE))


@pytest.mark.parametrize("role", list(Role))
def test_who_plans_has_the_buttons_and_who_answers_is_told_of_a_missing_number(
    world: World, staff: Staff, role: Role
) -> None:
    text = words(staff(role).get(PAGE))
    assert ("Add a shift" in text) is (role in PLANS)
    assert ("You have no number for alerts" in text) is (role != Role.FRONT_DESK)


def test_one_shift_costs_as_many_queries_as_three(world: World, staff: Staff) -> None:
    browser, member, at = staff(), on_staff(world, Role.NURSE, "Ada Blum"), timezone.now()
    counts: list[int] = []
    for number in range(3):
        shift(member, at + timedelta(hours=3 * number), 2)
        with CaptureQueriesContext(connection) as queries:
            browser.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[0] <= 12


# Adding a shift.


@pytest.mark.parametrize("role", PLANS)
def test_who_plans_adds_a_shift(world: World, staff: Staff, role: Role) -> None:
    member = on_staff(world, Role.NURSE, "Ada Blum")
    response = staff(role).post(ADD, form(world, member), follow=True)
    assert "The shift is on the list." in words(response) and "On duty now First Ada Blum" in words(response)
    row = OnCallShift.objects.get()
    assert (row.staff_id, row.seat, row.ends_at - row.starts_at) == (member.pk, 0, timedelta(hours=8))


@pytest.mark.parametrize("role", OTHERS)
def test_others_do_not_plan(world: World, staff: Staff, role: Role) -> None:
    row = shift(on_staff(world, Role.NURSE, "Ada Blum"), timezone.now(), 8)
    browser = staff(role)
    assert browser.get(ADD).status_code == 403
    assert browser.post(end_url(row)).status_code == 403
    assert OnCallShift.objects.get().ends_at == row.ends_at


def test_a_shift_sent_twice_is_one_shift(world: World, staff: Staff) -> None:
    browser, sent = staff(Role.MANAGER), form(world, on_staff(world, Role.NURSE, "Ada Blum"))
    assert [browser.post(ADD, sent).status_code for _ in range(2)] == [303, 303]
    assert OnCallShift.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"person": ""}, 422, "Pick a person."),
        ({"person": "nobody"}, 422, "Pick a person from the list."),
        ({"seat": ""}, 422, "Pick first or second."),
        ({"seat": "2"}, 422, "Pick first or second."),
        ({"starts_at": ""}, 422, "Pick when it starts."),
        ({"ends_at": "soon"}, 422, "Type a date and a time"),
        ({"ends_at": "2999-01-01T10:00"}, 422, "Pick a time in the next 100 days."),
        ({"starts_at": "2000-01-01T10:00"}, 422, "Pick a time in the next 100 days."),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_is_kept(
    world: World, staff: Staff, wrong: dict[str, str], status: int, said: str
) -> None:
    sent = form(world, on_staff(world, Role.NURSE, "Ada Blum"), **wrong)
    response = staff(Role.MANAGER).post(ADD, sent)
    assert (response.status_code, title(response)) == (status, "Error: Shift")
    assert said in words(response)
    for name in {"starts_at", "ends_at"} - set(wrong):
        assert f'value="{sent[name]}"' in response.content.decode()
    assert OnCallShift.objects.count() == 0


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [(8, 4, "has to start before it ends"), (0, 25, "24 hours at most"), (-5, -1, "is over already")],
)
def test_hours_that_make_no_shift_are_told_with_what_was_typed(
    world: World, staff: Staff, begins: int, ends: int, said: str
) -> None:
    at = timezone.now()
    hours = {
        "starts_at": local(at + timedelta(hours=begins), world),
        "ends_at": local(at + timedelta(hours=ends), world),
    }
    response = staff(Role.MANAGER).post(ADD, form(world, on_staff(world, Role.NURSE, "Ada Blum"), **hours))
    assert response.status_code == 409 and said in words(response)
    assert f'value="{hours["ends_at"]}"' in response.content.decode()


def test_a_place_that_somebody_has_is_not_given_twice(world: World, staff: Staff) -> None:
    at = timezone.now()
    shift(on_staff(world, Role.NURSE, "Ada Blum"), at - timedelta(hours=1), 8)
    response = staff(Role.MANAGER).post(ADD, form(world, on_staff(world, Role.CLINICIAN, "Bo Castle")))
    assert response.status_code == 409 and "Ada Blum is the first person at that time." in words(response)


def test_only_who_answers_and_has_a_number_can_be_picked_and_the_page_names_who_has_none(
    world: World, staff: Staff
) -> None:
    on_staff(world, Role.NURSE, "Ada Blum")
    desk = on_staff(world, Role.FRONT_DESK, "Dee Front")
    gone = on_staff(world, Role.NURSE, "Gone Away")
    StaffMember.objects.filter(pk=gone.pk).update(is_active=False)
    browser = staff(Role.MANAGER)
    content = browser.get(ADD).content.decode()
    picks = re.findall(r"<option value=\"[\w-]+\"[^>]*>([^<]+)</option>", content)
    assert picks == ["Ada Blum"]
    assert "for want of a number: Dana Reyes; Sam Lindqvist." in words(browser.get(ADD))
    for nobody in (desk, gone):
        assert browser.post(ADD, form(world, nobody)).status_code == 422


def test_a_time_that_the_clocks_skip_is_told(world: World, staff: Staff) -> None:
    sent = form(world, on_staff(world, Role.NURSE, "Ada Blum"), starts_at="2027-03-14T02:30")
    response = staff(Role.MANAGER).post(ADD, sent)
    assert response.status_code == 422 and "The clocks skip this time." in words(response)


# Ending one.


def test_a_shift_under_way_ends_now_after_a_page_that_asks(world: World, staff: Staff) -> None:
    at = timezone.now()
    row, browser = shift(on_staff(world, Role.NURSE, "Ada Blum"), at - timedelta(hours=1), 8), staff(Role.MANAGER)
    assert "End the shift of Ada Blum?" in words(browser.get(end_url(row)))
    assert OnCallShift.objects.get().ends_at == row.ends_at
    assert [browser.post(end_url(row)).status_code for _ in range(2)] == [303, 303]
    assert timezone.now() - OnCallShift.objects.get().ends_at < timedelta(minutes=1)
    assert acts().filter(action="shift_ended").count() == 1


def test_a_shift_to_come_is_taken_away_once(world: World, staff: Staff) -> None:
    row = shift(on_staff(world, Role.NURSE, "Ada Blum"), timezone.now() + timedelta(hours=3), 8)
    browser = staff(Role.CLINICIAN)
    assert "Take away the shift of Ada Blum?" in words(browser.get(end_url(row)))
    assert [browser.post(end_url(row)).status_code for _ in range(2)] == [303, 303]
    assert OnCallShift.objects.count() == 0
    assert browser.get(end_url(row)).status_code == 303


def test_another_clinic_finds_no_such_shift(world: World, other_world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        row = shift(on_staff(world, Role.NURSE, "Ada Blum"), timezone.now(), 8)
    stranger = staff(Role.MANAGER, at=other_world)
    assert stranger.get(end_url(row)).status_code == 404
    assert stranger.post(end_url(row)).status_code == 404
    assert "Ada" not in words(stranger.get(PAGE)) and "Ada" not in words(stranger.get(ADD))
    with tenant(world.clinic.pk):
        assert OnCallShift.objects.get().ends_at == row.ends_at
