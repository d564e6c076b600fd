"""A visit at the clinic: one press an item, by whom and when; readings that are only added to; the clock; the door word."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, Escort
from accounts.states import Role
from aftercare.tenancy import tenant
from checkin.models import CheckIn
from checkin.queries.context import context_of, rules_of
from checkin.triage import triage
from clinic.models import DischargeItem
from pickup.models import PickupLink
from pickup.services import make_link
from pickup.states import PickupState
from tests.clinic.pages import title, words
from tests.clinic.rides import a_driver
from tests.clinic.visits import a_link, a_reading, in_treatment, recovering, tick_all, with_spray, word_of
from tests.conftest import StaffClient
from tests.world import World, acts
from timeline.models import SetUpStep, Treatment, VitalSigns
from timeline.services import correct_hour_zero
from timeline.set_up import NOBODY_DRIVES
from timeline.states import TreatmentState, VitalMoment

Staff = Callable[..., StaffClient]
READING = {"moment": "before", "systolic": "120", "diastolic": "80", "pulse": "72", "oxygen": "98", "taken": ""}


def url(treatment: Treatment, act: str = "") -> str:
    return f"/staff/visits/{treatment.pk}/care/{act and f'{act}/'}"


def tick(browser: StaffClient, treatment: Treatment, key: str, note: str = "") -> Any:
    return browser.post(url(treatment, "tick"), {"key": key, "note": note})


def untick(browser: StaffClient, treatment: Treatment, key: str, seen: int | str) -> Any:
    return browser.post(url(treatment, "untick"), {"key": key, "seen": seen})


def ticked() -> list[str]:
    return list(DischargeItem.objects.order_by("pk").values_list("key", flat=True))


# What is shown when.


@pytest.mark.django_db
def test_the_page_shows_the_list_of_the_state(world: World, staff: Staff) -> None:
    browser, treatment = staff(), in_treatment(world)
    text = words(browser.get(url(treatment)))
    assert "Quiet room, low light" in text
    assert "Awake without prompting" not in text
    Treatment.objects.update(state=TreatmentState.RECOVERING, ended_at=timezone.now(), ended_by=world.nurse)
    text = words(browser.get(url(treatment)))
    for part in ("Before leaving", "Awake without prompting", "First slow sips", "In treatment: 0 of 6 ticked"):
        assert part in text


@pytest.mark.django_db
def test_a_planned_visit_takes_a_reading_and_no_tick(world: World, staff: Staff) -> None:
    browser, treatment = staff(), world.treatment(TreatmentState.PLANNED, hour_zero=None)
    assert "The lists open when the visit starts." in words(browser.get(url(treatment)))
    assert browser.post(url(treatment, "reading"), READING).status_code == 303
    assert tick(browser, treatment, "quiet_room").status_code == 409
    assert (VitalSigns.objects.count(), DischargeItem.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_once_the_patient_has_left_the_list_can_only_be_read(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    tick(browser, treatment, "awake")
    Treatment.objects.update(
        state=TreatmentState.DISCHARGED, discharged_at=timezone.now(), discharged_by=browser.member
    )
    response = browser.get(url(treatment))
    assert "This visit is past the clinic." in words(response)
    assert "<form" not in re.sub(r"(?s)^.*?<main", "", response.content.decode())
    refused = tick(browser, treatment, "walks")
    assert refused.status_code == 409
    assert "Sam Lindqvist recorded that the patient left." in words(refused)
    assert browser.post(url(treatment, "reading"), READING).status_code == 409
    assert browser.post(url(treatment, "ready"), {"ready": "unknown"}).status_code == 409
    assert ticked() == ["awake"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stays", "hours", "expected"),
    [
        ((120, None), 0.5, "2 hours over at"),
        ((120, None), 2.5, "2 hours over since"),
        ((150, None), 0.5, "2 hours 30 minutes over at"),
        ((120, 180), 2.5, "3 hours over at"),
        ((None, 60), 0.5, "1 hour over at"),
        ((None, 45), 0.9, "45 minutes over since"),
        ((None, None), 3, ""),
    ],
)
def test_the_clock_says_when_the_stay_is_over_and_never_that_somebody_may_go(
    world: World, staff: Staff, stays: tuple[int | None, int | None], hours: float, expected: str
) -> None:
    """Of the two stays, the protocol's of SPRAVATO and the clinic's own, the longer one holds."""
    spray, world.clinic.minimum_stay_minutes = stays
    if spray:
        with_spray(world, minutes=spray)
    world.clinic.save()
    text = words(staff().get(url(recovering(world, hours=hours))))
    assert expected in text
    assert (" over at" in text or " over since" in text) == bool(expected)
    for never in ("may go", "may leave", "cleared", "safe to", "can leave"):
        assert never not in text.lower()


@pytest.mark.django_db
def test_before_hour_0_the_clock_says_that_it_has_not_begun(world: World, staff: Staff) -> None:
    world.clinic.minimum_stay_minutes = 60
    world.clinic.save()
    assert "1 hour, from hour 0 on" in words(staff().get(url(in_treatment(world))))


# Ticks.


@pytest.mark.django_db
def test_a_press_ticks_with_who_and_when_and_a_second_one_is_the_first(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    response = tick(browser, treatment, "awake")
    assert (response.status_code, response["Location"]) == (303, f"{url(treatment)}#item-awake")
    assert tick(browser, treatment, "awake").status_code == 303
    item = DischargeItem.objects.get()
    assert (item.key, item.done_by) == ("awake", browser.member)
    assert re.search(r"Awake without prompting Sam Lindqvist, \d", words(browser.get(url(treatment))))
    event = acts().get()
    assert (event.action, event.object, event.facts) == ("item_ticked", str(treatment.pk), {"key": "awake"})


@pytest.mark.django_db
def test_a_colleague_who_comes_second_reads_who_ticked_it(world: World, staff: Staff) -> None:
    first, second, treatment = staff(), staff(Role.CLINICIAN), recovering(world)
    tick(first, treatment, "awake")
    response = tick(second, treatment, "awake")
    assert response.status_code == 409
    assert re.search(r"Sam Lindqvist ticked this\. That was at \d", words(response))
    assert DischargeItem.objects.get().done_by == first.member


@pytest.mark.django_db
def test_an_item_that_asks_wants_its_line_and_keeps_it_out_of_the_audit_trail(world: World, staff: Staff) -> None:
    browser, treatment = staff(), in_treatment(world)
    empty = tick(browser, treatment, "anti_sickness")
    assert empty.status_code == 422
    assert "Type it first: what, and by whom." in words(empty)
    long = tick(browser, treatment, "anti_sickness", "x" * 201)
    assert long.status_code == 422
    assert "x" * 201 in long.content.decode()
    assert tick(browser, treatment, "anti_sickness", "Ondansetron 4 mg, Kim").status_code == 303
    assert "Ondansetron 4 mg, Kim" in words(browser.get(url(treatment)))
    assert "Ondansetron" not in str(list(acts().values("facts")))


@pytest.mark.django_db
def test_a_line_that_came_second_is_shown_and_not_lost(world: World, staff: Staff) -> None:
    first, second, treatment = staff(), staff(), in_treatment(world)
    tick(first, treatment, "given_by", "Kim")
    response = tick(second, treatment, "given_by", "Robin")
    assert response.status_code == 409
    assert "You typed: Robin" in words(response)
    assert DischargeItem.objects.get().note == "Kim"


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "nothing", "\0", "x" * 5000, "escort", "next_contact", "🌿", "%d%s"])
def test_what_no_press_ticks_is_refused(world: World, staff: Staff, key: str) -> None:
    browser, treatment = staff(), recovering(world)
    assert tick(browser, treatment, key).status_code in {400, 422}
    assert tick(browser, treatment, key, "x" * 201).status_code in {400, 422}
    assert untick(browser, treatment, key, 1).status_code in {400, 422, 303}
    assert ticked() == []


@pytest.mark.django_db
def test_anybodys_tick_can_be_taken_back_and_the_trail_keeps_whose_it_was(world: World, staff: Staff) -> None:
    first, second, treatment = staff(), staff(), recovering(world)
    tick(first, treatment, "awake")
    seen = DischargeItem.objects.get().pk
    assert untick(second, treatment, "awake", seen).status_code == 303
    assert untick(second, treatment, "awake", seen).status_code == 303
    event = acts().last()
    assert event and (event.action, event.actor) == ("item_unticked", second.member.pk)
    assert (event.facts["key"], event.facts["was_by"]) == ("awake", str(first.member.pk))
    assert ticked() == []
    tick(first, treatment, "awake")
    assert untick(second, treatment, "awake", seen).status_code == 409
    assert untick(second, treatment, "awake", "9" * 40).status_code == 409
    assert ticked() == ["awake"]


@pytest.mark.django_db
def test_the_stay_is_not_ticked_before_it_is_over(world: World, staff: Staff) -> None:
    with_spray(world)
    browser, treatment = staff(), recovering(world, hours=1)
    response = tick(browser, treatment, "stay")
    assert response.status_code == 422
    assert re.search(r"This can’t be ticked yet: 2 hours over at \d", words(response))
    Treatment.objects.update(hour_zero=timezone.now() - timedelta(hours=2, minutes=1))
    assert tick(browser, treatment, "stay").status_code == 303


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spray", "measured", "missing"),
    [
        (False, [], "before the start or before leaving"),
        (False, ["before"], "before leaving"),
        (False, ["leaving"], "before the start"),
        (False, ["before", "too_early"], "before leaving, after hour 0,"),
        (False, ["before", "leaving"], ""),
        (True, ["before", "leaving"], "at 40 minutes"),
        (True, ["leaving"], "before the start or at 40 minutes"),
        (True, ["before", "at_40", "leaving"], ""),
    ],
)
def test_the_pressure_is_ticked_once_it_was_measured(
    world: World, staff: Staff, spray: bool, measured: list[str], missing: str
) -> None:
    with_spray(world) if spray else None
    browser, treatment = staff(), recovering(world)
    for moment in measured:
        is_early = moment == "too_early"
        a_reading(
            world, treatment, VitalMoment("leaving" if is_early else moment), 120, 80, hours_ago=3.1 if is_early else 0
        )
    response = tick(browser, treatment, "pressure")
    assert (response.status_code, ticked()) == ((422, []) if missing else (303, ["pressure"]))
    assert not missing or f"No reading {missing} is on record. Write it down first." in words(response)


@pytest.mark.django_db
def test_the_reading_at_leaving_is_called_so_and_a_newer_one_stands_beside_it(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    for moment, top, bottom in (("before", 120, 80), ("leaving", 132, 76)):
        a_reading(world, treatment, VitalMoment(moment), top, bottom)
    said = "132/76 at leaving, 120/80 before: +10 %, −5 %"
    assert said in words(browser.get(url(treatment)))
    assert "Newer" not in words(browser.get(url(treatment)))
    a_reading(world, treatment, VitalMoment.BETWEEN, 160, 95)
    assert f"{said}. Newer: 160/95" in words(browser.get(url(treatment)))


@pytest.mark.django_db
@pytest.mark.parametrize("measured", [[], ["before"], ["before", "leaving"]])
def test_no_moment_of_a_reading_is_picked_for_anybody(world: World, staff: Staff, measured: list[str]) -> None:
    """What is half typed stays in the browser: a moment picked beforehand would be an old one."""
    treatment = recovering(world)
    for moment in measured:
        a_reading(world, treatment, VitalMoment(moment), 120, 80)
    assert "checked" not in staff().get(url(treatment)).content.decode()


@pytest.mark.django_db
def test_two_visits_on_one_day_have_each_its_own_ticks(world: World, staff: Staff) -> None:
    browser, first = staff(), recovering(world)
    second = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now())
    tick(browser, first, "awake")
    assert tick(browser, second, "awake").status_code == 409
    assert list(DischargeItem.objects.values_list("treatment", "key")) == [(first.pk, "awake")]
    text = words(browser.get(url(second)))
    assert "Awake without prompting" not in text


@pytest.mark.django_db
def test_htmx_swaps_the_page_and_asks_again_with_what_it_has_seen(
    world: World, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: at)  # another minute is another page
    browser, treatment, htmx = staff(), recovering(world), {"HX-Request": "true"}
    response = browser.post(url(treatment, "tick"), {"key": "awake"}, headers=htmx)
    content = response.content.decode()
    assert response.status_code == 200
    assert content.lstrip().startswith('<div class="stack" id="care"')
    mark = re.search(r"\?seen=(\w+)", content)
    assert mark and 'hx-trigger="every 8s, ' in content
    assert browser.get(f"{url(treatment)}?seen={mark[1]}", headers=htmx).status_code == 204
    tick(staff(), treatment, "walks")
    assert "walks" in browser.get(f"{url(treatment)}?seen={mark[1]}", headers=htmx).content.decode()


@pytest.mark.django_db
def test_a_form_that_was_not_sent_is_kept_and_one_that_was_is_fresh(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    a_driver(world, at=timezone.now())
    response = browser.post(url(treatment, "reading"), READING, headers={"HX-Request": "true"})
    content = response.content.decode()
    assert 'id="door-form" hx-preserve' in content
    assert 'id="reading-form" method' in content


@pytest.mark.django_db
def test_what_somebody_typed_second_is_not_swapped_away(world: World, staff: Staff) -> None:
    first, second, treatment = staff(), staff(), recovering(world)
    tick(first, treatment, "awake", "")
    for response in (tick(second, treatment, "awake", "By the window"), second.post(url(treatment, "door"))):
        assert response.status_code in {409, 422}
        assert "hx-trigger" not in response.content.decode() and "Reload" in words(response)
    content = second.get(url(treatment)).content.decode()
    for name in ("earlier", "another-way"):
        assert re.search(rf'<details class="more[^>]*id="{name}"', content)
    assert "hx-trigger" in content


def test_of_two_nurses_who_tick_at_once_nothing_is_lost(committed: None, world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        treatment = recovering(world)
    browsers = [staff(Role.NURSE), staff(Role.CLINICIAN)]
    keys = [("awake", "walks", "oriented"), ("walks", "stomach", "awake")]

    def press(number: int) -> list[int]:
        try:
            return [tick(browsers[number], treatment, key).status_code for key in keys[number]]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        statuses = [status for each in threads.map(press, range(2)) for status in each]
    assert sorted(statuses) == [303, 303, 303, 303, 409, 409]
    with tenant(world.clinic.pk):
        assert set(ticked()) == {"awake", "walks", "oriented", "stomach"}
        assert AuditEvent.objects.filter(action="item_ticked").count() == 4


# Readings.


@pytest.mark.django_db
def test_a_reading_is_added_and_a_newer_one_of_the_moment_puts_it_right(world: World, staff: Staff) -> None:
    browser, treatment = staff(), in_treatment(world)
    assert [browser.post(url(treatment, "reading"), READING).status_code for _ in range(2)] == [303, 303]
    assert VitalSigns.objects.count() == 1
    browser.post(url(treatment, "reading"), {**READING, "systolic": "140"})
    assert VitalSigns.objects.count() == 2
    text = words(browser.get(url(treatment)))
    assert re.search(r"140/80 Before Pulse 72, oxygen 98 %, .*?Sam Lindqvist 120/80 Before put right above", text)
    assert set(acts().values_list("action", flat=True)) == {"vital_signs_added"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"moment": ""}, "Pick when it was taken."),
        ({"moment": "later"}, "Pick when it was taken."),
        ({"systolic": ""}, "Type the top number."),
        ({"systolic": "1200"}, "Top number can be 50 to 300. Look again."),
        ({"systolic": "12o"}, "Top number can be 50 to 300. Look again."),
        ({"diastolic": "-1"}, "Bottom number can be 20 to 200. Look again."),
        ({"diastolic": "130"}, "The top number is the larger one. Look again."),
        ({"pulse": "9"}, "Pulse can be 20 to 250. Look again."),
        ({"oxygen": "101"}, "Oxygen can be 50 to 100. Look again."),
        ({"taken": "noonish"}, "Type a time, like 4:30 pm."),
        ({"systolic": "9" * 5000}, "Top number can be 50 to 300. Look again."),
    ],
)
def test_a_slip_of_the_finger_is_told_and_what_was_typed_stays(
    world: World, staff: Staff, other: dict[str, str], message: str
) -> None:
    response = staff().post(url(in_treatment(world), "reading"), {**READING, "pulse": "77", **other})
    assert response.status_code == 422
    assert title(response) == "Error: At the clinic"
    assert message in words(response)
    assert "pulse" in other or 'value="77"' in response.content.decode()
    assert VitalSigns.objects.count() == 0


@pytest.mark.django_db
def test_a_reading_of_earlier_keeps_its_own_time(world: World, staff: Staff) -> None:
    treatment = recovering(world)
    taken = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=2)
    clock = f"{taken.astimezone(ZoneInfo(world.clinic.zone)):%H:%M}"
    staff().post(url(treatment, "reading"), {**READING, "taken": clock})
    assert VitalSigns.objects.get().taken_at == taken
    later = f"{(timezone.now() + timedelta(hours=6)).astimezone(ZoneInfo(world.clinic.zone)):%H:%M}"
    response = staff().post(url(treatment, "reading"), {**READING, "taken": later})
    assert "Type a time of the last 12 hours." in words(response)


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "count"), [((0, 0), 1), ((5, 5), 1), ((0, 5), 2), ((5, 10), 2), ((5, 0), 1)])
def test_the_same_numbers_with_another_time_typed_are_no_second_tap(
    world: World, staff: Staff, minutes: tuple[int, int], count: int
) -> None:
    browser, treatment, now = staff(), recovering(world), timezone.now().astimezone(ZoneInfo(world.clinic.zone))
    for ago in minutes:
        clock = f"{now - timedelta(minutes=ago):%H:%M}" if ago else ""
        assert browser.post(url(treatment, "reading"), {**READING, "taken": clock}).status_code == 303
    assert VitalSigns.objects.count() == count


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([], None),
        ([(VitalMoment.BEFORE, 120, 80)], (120, 80)),
        ([(VitalMoment.BEFORE, 120, 80), (VitalMoment.LEAVING, 130, 85)], (130, 85)),
        ([(VitalMoment.LEAVING, 130, 85), (VitalMoment.BETWEEN, 150, 90)], (130, 85)),
        ([(VitalMoment.LEAVING, 180, 85), (VitalMoment.LEAVING, 130, 84)], (130, 84)),
        ([(VitalMoment.BEFORE, 120, 80), (VitalMoment.AT_40, 150, 95)], (150, 95)),
    ],
)
def test_triage_knows_the_pressure_that_the_patient_left_with(
    world: World, readings: list[tuple[VitalMoment, int, int]], expected: tuple[int, int] | None
) -> None:
    treatment = recovering(world)
    for moment, top, bottom in readings:
        a_reading(world, treatment, moment, top, bottom)
    at = timezone.now()
    check_in = CheckIn(
        clinic=world.clinic,
        patient=world.patient,
        treatment=treatment,
        moment="now",
        answered_by="patient",
        began_at=at,
    )
    context = context_of(check_in, at=at)
    assert context.discharge == expected
    pressure = {"bp": "160/95", "bp_repeat": "160/95"}
    found = triage(pressure, context=context, rules=rules_of(treatment, world.clinic))
    assert ("B3b" in found.rules) == bool(expected and 160 - expected[0] >= 20)


# Ready about.


@pytest.mark.django_db
def test_ready_about_is_one_press_a_typed_time_or_taken_back(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    quarter = re.search(r'name="ready" value="([^"]+)"', browser.get(url(treatment)).content.decode())
    assert quarter
    assert browser.post(url(treatment, "ready"), {"ready": quarter[1]}).status_code == 303
    treatment.refresh_from_db()
    assert treatment.ready_at and treatment.ready_at.isoformat() == quarter[1].replace("Z", "+00:00")
    clock = (timezone.now() + timedelta(hours=1)).replace(second=0, microsecond=0)
    typed = f"{clock.astimezone(ZoneInfo(world.clinic.zone)):%I:%M %p}"
    assert browser.post(url(treatment, "ready"), {"clock": typed}).status_code == 303
    assert Treatment.objects.get().ready_at == clock
    browser.post(url(treatment, "ready"), {"ready": "unknown"})
    assert Treatment.objects.get().ready_at is None
    assert [event.action for event in acts()] == ["ready_set"] * 3


@pytest.mark.django_db
@pytest.mark.parametrize("form", [{}, {"ready": "soon"}, {"clock": "25:00"}, {"ready": "2001-01-01T10:00+00:00"}])
def test_a_time_that_cannot_be_is_told(world: World, staff: Staff, form: dict[str, str]) -> None:
    response = staff().post(url(recovering(world), "ready"), form)
    assert response.status_code == 422
    assert "Type a time" in words(response) or "Pick a time" in words(response)
    assert Treatment.objects.get().ready_at is None


@pytest.mark.django_db
def test_ready_about_is_not_before_the_end_of_the_shortest_stay(world: World, staff: Staff) -> None:
    world.clinic.minimum_stay_minutes = 60
    world.clinic.save()
    browser, treatment, zone = staff(), recovering(world, hours=0.5), ZoneInfo(world.clinic.zone)
    assert treatment.hour_zero
    ends_at = treatment.hour_zero + timedelta(hours=1)
    early = f"{(timezone.now() + timedelta(minutes=10)).astimezone(zone):%H:%M}"
    response = browser.post(url(treatment, "ready"), {"clock": early})
    assert response.status_code == 422
    assert re.search(r"The shortest stay is over at [\d:]+ [ap]m\. Pick a time from then on\.", words(response))
    clock = f"{ends_at.astimezone(zone):%H:%M}"
    assert browser.post(url(treatment, "ready"), {"clock": clock}).status_code == 303
    for later, is_kept in ((-5, True), (5, False)):
        treatment.refresh_from_db()
        moved = treatment.hour_zero + timedelta(minutes=later)
        correct_hour_zero(
            treatment, hour_zero=moved, seen_plan=treatment.plan_number, by=world.nurse, at=timezone.now()
        )
        assert (Treatment.objects.get().ready_at is not None) == is_kept
        if is_kept:
            Treatment.objects.update(ready_at=moved + timedelta(hours=1))
    assert acts().filter(action="ready_set").count() == 2


# At the door.


@pytest.mark.django_db
def test_the_door_word_ticks_the_escort_and_no_page_shows_it(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    link, word = a_link(world, treatment)
    before = words(browser.get(url(treatment)))
    assert "Rosa Vidal" in before and 'href="tel:+12125550188"' in browser.get(url(treatment)).content.decode()
    assert browser.post(url(treatment, "door"), {"word": f" {word.upper()}! "}).status_code == 303
    link.refresh_from_db()
    assert (link.state, ticked()) == (PickupState.MET, ["escort"])
    after = words(browser.get(url(treatment)))
    assert re.search(r"Rosa Vidal, met at \d", after)
    assert word not in before and word not in after


@pytest.mark.django_db
def test_a_wrong_word_is_told_kept_and_counted_and_then_another_way_is_shown(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    link, word = a_link(world, treatment)
    wrong = "zebra" if word != "zebra" else "acorn"
    for _ in range(5):
        response = browser.post(url(treatment, "door"), {"word": wrong})
        assert response.status_code == 422
        assert "This is not the door word of anybody who picks this patient up." in words(response)
        assert f'value="{wrong}"' in response.content.decode()
    assert acts().filter(action="door_word_wrong").count() == 5
    response = browser.post(url(treatment, "door"), {"word": word})
    assert response.status_code == 422
    assert "Find out another way who it is" in words(response)
    assert f'href="/staff/treatments/{treatment.pk}/left/anyway/"' in response.content.decode()
    link.refresh_from_db()
    assert link.state == PickupState.ASKED


@pytest.mark.django_db
def test_a_new_link_has_a_new_word_that_is_tried_anew(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    link, word = a_link(world, treatment)
    wrong = "zebra" if word != "zebra" else "acorn"
    for _ in range(5):
        browser.post(url(treatment, "door"), {"word": wrong})
    newest = make_link(treatment, escort=link.escort, by=world.nurse, at=timezone.now())
    assert browser.post(url(treatment, "door"), {"word": word_of(newest)}).status_code == 303
    newest.refresh_from_db()
    assert newest.state == PickupState.MET


@pytest.mark.django_db
def test_right_words_are_not_counted(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    _, word = a_link(world, treatment)
    assert {browser.post(url(treatment, "door"), {"word": word}).status_code for _ in range(7)} == {303}


@pytest.mark.django_db
def test_a_link_of_another_visit_opens_no_door_here(world: World, staff: Staff) -> None:
    browser, first = staff(), recovering(world)
    second = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now())
    at, driver = timezone.now(), a_driver(world, at=timezone.now())
    mine = make_link(first, escort=driver, by=world.nurse, at=at)
    theirs = make_link(second, escort=driver, by=world.nurse, at=at)
    if word_of(theirs) != word_of(mine):
        assert browser.post(url(first, "door"), {"word": word_of(theirs)}).status_code == 422
    assert browser.post(url(second, "door"), {"word": word_of(theirs)}).status_code == 409


@pytest.mark.django_db
def test_with_nobody_named_the_page_says_what_to_do_next(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    response = browser.get(url(treatment))
    text = words(response)
    assert "Nobody is named who picks Maya up. Ask whom to call, and name them here." in text
    assert f'href="/staff/visits/{treatment.pk}/driver/"' in response.content.decode()
    assert "Nobody is named" in words(browser.get(f"/staff/visits/{treatment.pk}/driver/link/"))
    assert browser.post(f"/staff/visits/{treatment.pk}/driver/link/").status_code == 409


@pytest.mark.django_db
def test_somebody_else_at_the_door_is_named_and_the_old_link_ends(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    link, word = a_link(world, treatment)
    browser.post(url(treatment, "door"), {"word": word})
    page = f"/staff/visits/{treatment.pk}/driver/"
    assert "On record until now: Rosa Vidal" in words(browser.get(page))
    response = browser.post(page, {"name": "Jo Park", "phone": "212-555-0177"}, follow=True)
    assert "Jo Park picks Maya Torres up" in words(response)
    link.token.refresh_from_db()
    assert link.token.revoked_at
    assert ticked() == []  # whoever was met is not whoever came
    assert "met at" not in words(browser.get(url(treatment)))
    assert browser.post(url(treatment, "door"), {"word": word}).status_code == 422


@pytest.mark.django_db
def test_who_said_that_they_have_nobody_gets_no_page_made_for_somebody(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    SetUpStep.objects.create(clinic=world.clinic, treatment=treatment, key=NOBODY_DRIVES, done_at=timezone.now())
    care = words(browser.get(url(treatment)))
    assert "Has nobody" in care and "Nobody is named who picks Maya up." in care and "Door word" not in care
    driver, left = f"/staff/visits/{treatment.pk}/driver/", f"/staff/treatments/{treatment.pk}/left/"
    for page, said in (
        (driver, "Who picks Maya Torres up?"),
        (f"{driver}link/", "Nobody is named"),
        (left, "Nobody is named who picks the patient up."),
        (f"{left}anyway/", "Nobody is named who drives."),
    ):
        assert said in words(browser.get(page))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "ticked_box", "stays"),
    [("Rosa Vidal", "", True), ("Rosa Vidal", "on", True), ("Jo Park", "", False), ("Jo Park", "on", True)],
)
def test_the_same_person_typed_again_still_stays_the_night(
    world: World, staff: Staff, name: str, ticked_box: str, stays: bool
) -> None:
    browser, treatment = staff(), recovering(world)
    link, _ = a_link(world, treatment)
    Escort.objects.update(stays_too=True)
    form = {"name": name, "phone": "", **({"stays_too": "on"} if ticked_box else {})}
    browser.post(f"/staff/visits/{treatment.pk}/driver/", form)
    assert Escort.objects.get(ended_at=None).stays_too is stays
    link.refresh_from_db()
    assert link.stays is (name == "Rosa Vidal")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"name": ""}, "Type who drives."),
        ({"name": "Jo", "phone": "12"}, "Check"),
        ({"name": "J\u202eo"}, "Type it once"),
    ],
)
def test_a_name_or_number_that_is_none_is_told(world: World, staff: Staff, form: dict[str, str], message: str) -> None:
    response = staff().post(f"/staff/visits/{recovering(world).pk}/driver/", form)
    assert response.status_code == 422
    assert message.lower() in words(response).lower()


@pytest.mark.django_db
def test_a_dead_phone_gets_a_new_link_as_a_code_and_the_one_before_is_over(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    link, _ = a_link(world, treatment)
    page = f"/staff/visits/{treatment.pk}/driver/link/"
    assert "<svg" not in re.sub(
        r'(?s)<svg class="icon.*?</svg>|<svg viewBox.*?</svg>', "", browser.get(page).content.decode()
    )
    assert PickupLink.objects.count() == 1
    response = browser.post(page)
    assert "qr__code" in response.content.decode()
    link.token.refresh_from_db()
    newest = PickupLink.objects.order_by("made_at").last()
    assert newest and newest != link and link.token.revoked_at and newest.made_by == browser.member
    assert word_of(newest) not in words(response)
    assert browser.post(url(treatment, "door"), {"word": word_of(newest)}).status_code == 303


# How much it asks the database.


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_much_of_the_database_for_much_as_for_little(
    world: World, staff: Staff, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    browser, treatment = staff(), recovering(world)
    a_link(world, treatment)
    for number in range(count):
        a_reading(world, treatment, VitalMoment.BETWEEN, 120 + number, 80)
    tick_all(world, treatment) if count > 1 else None
    browser.get(url(treatment))
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url(treatment)).status_code == 200
    assert len([query for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]) == QUERIES


QUERIES = 13
