"""Who is on duty, how a shift comes and goes, and where people are reached."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AuditEvent, Clinic, StaffMember
from accounts.states import Role
from aftercare.tenancy import tenant
from alerts.models import OnCallShift
from alerts.queries import Duty, duty_at
from alerts.services import ShiftNotPossible, add_shift, end_shift, set_procedures, set_staff_phone
from tests.alerts.conftest import FIRST_NUMBER, SECOND_NUMBER, ago, on_duty, person
from tests.world import World, make_staff

HOUR = timedelta(hours=1)


def ahead(hours: float) -> datetime:
    return timezone.now() + timedelta(hours=hours)


@pytest.fixture
def nurse(world: World) -> StaffMember:
    """With a number, and not on duty."""
    return person(world, Role.NURSE, "Ines Ortega", FIRST_NUMBER)


def test_who_is_on_the_list_is_on_duty_until_the_shift_ends(
    world: World, first: StaffMember, second: StaffMember, manager: StaffMember
) -> None:
    shift = OnCallShift.objects.get(staff=first)
    assert duty_at(world.clinic, timezone.now()) == Duty(first, second, shift.ends_at, is_fallback=False)
    assert duty_at(world.clinic, shift.starts_at).first == first
    assert duty_at(world.clinic, shift.ends_at).first == second
    assert duty_at(world.clinic, shift.ends_at + HOUR) == Duty(manager, None, None, is_fallback=True)
    assert duty_at(world.clinic, shift.starts_at - timedelta(seconds=1)).is_fallback


def test_the_second_is_first_when_nobody_else_is_there(world: World, second: StaffMember) -> None:
    duty = duty_at(world.clinic, timezone.now())
    assert (duty.first, duty.second, duty.is_fallback) == (second, None, False)


def test_nobody_is_two_people(world: World, first: StaffMember) -> None:
    on_duty(world, first, seat=1)
    assert duty_at(world.clinic, timezone.now()).second is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"phone": ""}, {"role": Role.FRONT_DESK}])
def test_who_cannot_be_told_does_not_count(
    world: World, first: StaffMember, manager: StaffMember, change: dict[str, object]
) -> None:
    StaffMember.objects.filter(pk=first.pk).update(**change)
    assert duty_at(world.clinic, timezone.now()) == Duty(manager, None, None, is_fallback=True)
    StaffMember.objects.filter(pk=manager.pk).update(**change)
    assert duty_at(world.clinic, timezone.now()).first is None


def test_another_clinics_people_are_not_on_duty(world: World, other_world: World) -> None:
    person(other_world, Role.MANAGER, "Mo Katz", SECOND_NUMBER)
    with tenant(world.clinic.pk):
        assert duty_at(world.clinic, timezone.now()) == Duty(None, None, None, is_fallback=True)


def add(member: StaffMember, *, seat: int = 0, starts: float = 0, ends: float = 8) -> OnCallShift:
    return add_shift(member, seat=seat, starts_at=ahead(starts), ends_at=ahead(ends), by=member, at=timezone.now())


def test_a_shift_is_on_record(nurse: StaffMember) -> None:
    shift = add(nurse)
    event = AuditEvent.objects.get(action="shift_added")
    assert (event.object, event.facts["staff"], event.facts["seat"]) == (str(shift.pk), str(nurse.pk), 0)


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [(2, 1, "start before it ends"), (-5, -1, "over already"), (0, 24.1, "24 hours at most")],
)
def test_no_shift_has_such_times(nurse: StaffMember, starts: float, ends: float, words: str) -> None:
    with pytest.raises(ShiftNotPossible, match=words):
        add(nurse, starts=starts, ends=ends)


def test_nobody_without_a_number_is_on_duty(world: World) -> None:
    with pytest.raises(ShiftNotPossible, match="Dana Reyes has no phone number"):
        add(world.nurse)


def test_only_who_may_take_alerts_is_on_duty(world: World, nurse: StaffMember) -> None:
    with pytest.raises(ShiftNotPossible, match="Al Reed can't take alerts"):
        add(person(world, Role.FRONT_DESK, "Al Reed", SECOND_NUMBER))
    StaffMember.objects.filter(pk=nurse.pk).update(is_active=False)
    with pytest.raises(ShiftNotPossible, match="Ines Ortega can't take alerts"):
        add(nurse)


def test_a_seat_is_one_persons_at_a_time(world: World, nurse: StaffMember) -> None:
    add(nurse, starts=0, ends=8)
    other = person(world, Role.CLINICIAN, "Ana Ruiz", SECOND_NUMBER)
    with pytest.raises(ShiftNotPossible, match="Ines Ortega is the first person at that time"):
        add(other, starts=7.9, ends=10)
    with pytest.raises(ShiftNotPossible, match="Ines Ortega is on duty at that time"):
        add(nurse, seat=1, starts=1, ends=2)
    add(other, seat=1, starts=0, ends=8)
    assert OnCallShift.objects.count() == 2


def test_shifts_may_follow_each_other(nurse: StaffMember) -> None:
    at = timezone.now()
    for hour in (0, 8):
        add_shift(nurse, seat=0, starts_at=at + hour * HOUR, ends_at=at + (hour + 8) * HOUR, by=nurse, at=at)
    assert OnCallShift.objects.count() == 2


def test_a_shift_is_ended_now_and_one_that_has_not_begun_is_gone(world: World, nurse: StaffMember) -> None:
    running, at = on_duty(world, nurse), timezone.now()
    assert end_shift(running, by=nurse, at=at).ends_at == at
    assert end_shift(running, by=nurse, at=at + HOUR).ends_at == at, "said twice, it is done once"
    end_shift(add(nurse, starts=1), by=nurse, at=timezone.now())
    assert list(OnCallShift.objects.all()) == [running]
    assert AuditEvent.objects.filter(action="shift_ended").count() == 2


def test_a_number_is_stored_as_it_is_dialled_and_not_on_record(world: World) -> None:
    set_staff_phone(world.nurse, phone="(212) 555-0142", by=world.nurse, at=timezone.now())
    assert StaffMember.objects.get(pk=world.nurse.pk).phone == world.nurse.phone == "+12125550142"
    (event,) = AuditEvent.objects.filter(action="staff_phone_set")
    assert event.facts == {"has_phone": True}
    set_staff_phone(world.nurse, phone="+12125550142", by=world.nurse, at=timezone.now())
    assert AuditEvent.objects.filter(action="staff_phone_set").count() == 1
    with pytest.raises(ValidationError):
        set_staff_phone(world.nurse, phone="12", by=world.nurse, at=timezone.now())
    assert set_staff_phone(world.nurse, phone=" ", by=world.nurse, at=timezone.now()).phone == ""


def test_a_clinics_own_procedure_stands_for_each_level_that_it_wrote(world: World) -> None:
    manager = make_staff(world.clinic, Role.MANAGER)
    words = {"urgent": " Call within ten minutes. ", "crisis": "", "routine": "Rest.", "nonsense": "x"}
    set_procedures(world.clinic, words=words, by=manager, at=ago(minutes=1))
    assert Clinic.objects.get(pk=world.clinic.pk).procedures == {"urgent": "Call within ten minutes."}
    assert AuditEvent.objects.get(action="procedures_set").facts == {"levels": ["urgent"]}
