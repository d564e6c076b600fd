"""The pack of today: made once at opening time and on demand, opened by staff alone, and gone after two days."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts.models import Clinic, Escort
from accounts.services import name_escort
from accounts.states import Role
from aftercare.tenancy import tenant
from clinic.models import DowntimePack
from clinic.queries.downtime import pack_contents
from clinic.services import forget_packs, make_pack, make_pack_at_opening
from clinic.tasks import keep_packs
from pickup.states import PickupState
from tests.clinic.alerts import an_alert, another_patient, give_number, under_way
from tests.clinic.pages import title, words
from tests.clinic.pdf import pages_of
from tests.clinic.rides import a_ride
from tests.conftest import StaffClient
from tests.world import NEW_YORK, World, acts
from timeline.models import Treatment

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
PAGE, PDF = "/staff/downtime/", "/staff/downtime/pack/"
# A Tuesday.
OPENS = datetime(2026, 11, 24, 8, tzinfo=NEW_YORK)


def opening(world: World) -> Clinic:
    world.clinic.opening_hours = {"tue": ["08:00", "18:00"], "wed": ["08:00", "18:00"]}
    world.clinic.save()
    return Clinic.objects.get(pk=world.clinic.pk)


def test_it_holds_the_day_of_the_clinic(world: World) -> None:
    at = timezone.now()
    give_number(world.patient)
    treatment = under_way(world)
    Treatment.objects.filter(pk=treatment.pk).update(
        tonight_at="12 Mill Lane", second_contact="Ana", second_phone="+12125550143", is_alone_tonight=True
    )
    a_ride(world, treatment, PickupState.MET, at=at)
    name_escort(world.patient, task=Escort.Task.STAYS, name="Bo", phone="", by=world.nurse, at=at)
    world.prompt(treatment, step="evening", due_at=at + timedelta(hours=1), kind="check_in")
    an_alert(world, treatment=treatment)
    pack = pack_contents(world.clinic, at)
    [patient], [alert] = pack.patients, pack.alerts
    assert (patient.name, patient.record_number, patient.phone) == ("Maya Torres", "A-1", "212-555-0177")
    assert patient.driver and (patient.driver.name, patient.driver.phone) == ("Rosa Vidal", "212-555-0188")
    assert patient.driver.note.startswith("Met since ") and patient.stayer and patient.stayer.name == "Bo"
    assert patient.contact and (patient.contact.name, patient.contact.phone) == ("Ana", "212-555-0143")
    assert (patient.tonight_at, patient.company) == ("12 Mill Lane", "Alone tonight")
    assert patient.due[0].startswith("check-in ") and patient.hour_zero and patient.hour_24
    assert (alert.level, alert.is_red, alert.record_number, alert.taken) == (
        "Urgent now",
        True,
        "A-1",
        "Nobody has it.",
    )
    assert {what for what, _ in pack.numbers} >= {"Emergency", "Clinic", "After hours"}


def test_a_driver_who_stays_too_is_the_one_who_stays(world: World) -> None:
    under_way(world)
    name_escort(world.patient, task=Escort.Task.DRIVES, name="Rosa", phone="", stays_too=True, by=world.nurse, at=OPENS)
    [patient] = pack_contents(world.clinic, timezone.now()).patients
    assert patient.stayer and patient.stayer.name == "Rosa"


def test_it_asks_as_often_for_one_patient_as_for_three(world: World) -> None:
    counts = []
    for name in ("Ada", "Luis", "Ruth"):
        patient = another_patient(world, name)
        treatment = under_way(World(world.clinic, world.nurse, patient, world.version))
        an_alert(world, patient=patient, treatment=treatment)
        with CaptureQueriesContext(connection) as queries:
            pack_contents(world.clinic, timezone.now())
        counts.append(len(queries))
    assert counts[0] == counts[2] <= 16


def test_at_opening_time_one_is_made_once_and_the_next_day_again(world: World) -> None:
    clinic = opening(world)
    moments = {
        "before": (OPENS - timedelta(minutes=1), False),
        "as it opens": (OPENS, True),
        "a beat later": (OPENS + timedelta(minutes=3), False),
        "as it closes": (OPENS.replace(hour=18), False),
        "the next day": (OPENS + timedelta(days=1, minutes=2), True),
        "a day off": (OPENS + timedelta(days=2, minutes=2), False),
    }
    made = {when: make_pack_at_opening(clinic, at=at) is not None for when, (at, _) in moments.items()}
    assert made == {when: wanted for when, (_, wanted) in moments.items()}
    assert [act.action for act in acts()] == ["downtime_pack_made"] * 2
    assert acts().first().facts == {"patients": 0, "alerts": 0}  # type: ignore[union-attr]


def test_one_made_by_hand_at_night_does_not_stand_in_for_the_one_at_opening(world: World) -> None:
    clinic = opening(world)
    make_pack(clinic, by=world.nurse, at=OPENS + timedelta(minutes=1))
    assert make_pack_at_opening(clinic, at=OPENS + timedelta(minutes=2))


def test_a_clinic_without_hours_has_one_on_demand_alone(world: World) -> None:
    assert make_pack_at_opening(world.clinic, at=OPENS) is None


def test_packs_go_after_two_days(world: World) -> None:
    for hours in (1, 47, 49, 200):
        make_pack(world.clinic, by=None, at=OPENS - timedelta(hours=hours))
    assert forget_packs(world.clinic, at=OPENS) == 2
    assert DowntimePack.objects.count() == 2


def test_each_is_written_to_the_folder_whole_and_for_nobody_else_to_read(
    world: World,
    tmp_path: Path,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.DOWNTIME_DIR = str(tmp_path / "packs")
    for days in (3, 0):
        with django_capture_on_commit_callbacks(execute=True):
            pack = make_pack(world.clinic, by=None, at=OPENS - timedelta(days=days))
    folder = tmp_path / "packs" / str(world.clinic.pk)
    assert {path.name for path in folder.iterdir()} == {"2026-11-21.pdf", "2026-11-24.pdf"}
    file = folder / "2026-11-24.pdf"
    assert file.read_bytes() == bytes(pack.pdf)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, file)] == [0o700, 0o600]
    forget_packs(world.clinic, at=OPENS)
    assert [path.name for path in folder.iterdir()] == ["2026-11-24.pdf"]


def test_no_file_is_older_than_two_days_and_one_that_stays_keeps_no_other(
    world: World, tmp_path: Path, settings: Settings
) -> None:
    settings.DOWNTIME_DIR = str(tmp_path)
    folder = tmp_path / str(world.clinic.pk)
    # A folder can't be unlinked.
    (folder / "2026-11-20.pdf").mkdir(parents=True)
    for day in (21, 22, 23, 24):
        (folder / f"2026-11-{day}.pdf").write_bytes(b"")
    forget_packs(world.clinic, at=OPENS.replace(hour=0, minute=1))
    assert sorted(path.name for path in folder.iterdir()) == ["2026-11-20.pdf", "2026-11-23.pdf", "2026-11-24.pdf"]


def test_old_packs_go_also_where_no_new_one_can_be_made(world: World, other_world: World) -> None:
    for clinic in (world.clinic, other_world.clinic):
        with tenant(clinic.pk):
            make_pack(clinic, by=None, at=timezone.now() - timedelta(days=3))
    world.clinic.opening_hours = {"mon": ["nonsense"]}
    world.clinic.save()
    assert keep_packs() == 0
    for clinic in (world.clinic, other_world.clinic):
        with tenant(clinic.pk):
            assert DowntimePack.objects.count() == 0


def test_a_folder_that_can_not_be_written_to_stops_no_pack(
    world: World,
    tmp_path: Path,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    (tmp_path / "a file").write_text("")
    settings.DOWNTIME_DIR = str(tmp_path / "a file")
    with django_capture_on_commit_callbacks(execute=True):
        make_pack(world.clinic, by=None, at=OPENS)
    assert DowntimePack.objects.count() == 1


def test_nothing_is_written_for_a_pack_that_was_rolled_back(world: World, tmp_path: Path, settings: Settings) -> None:
    settings.DOWNTIME_DIR = str(tmp_path)

    with transaction.atomic():
        make_pack(world.clinic, by=None, at=OPENS)
        transaction.set_rollback(True)
    assert list(tmp_path.iterdir()) == []


def test_staff_make_one_and_open_it_and_both_are_on_record(world: World, staff: Staff) -> None:
    under_way(world)
    desk = staff(Role.FRONT_DESK)
    assert "There is no pack yet" in words(desk.get(PAGE)) and desk.get(PDF).status_code == 303
    assert [desk.post(PAGE).status_code for _ in range(2)] == [303, 303]
    assert DowntimePack.objects.count() == 1
    page = desk.get(PAGE)
    assert "Sam Lindqvist" in words(page) and "Now 1 is on the board" in words(page) and title(page) == "Downtime"
    response: Any = desk.get(PDF)
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/pdf", "no-store")
    name = f"{DowntimePack.objects.get().made_at.astimezone(NEW_YORK):%Y-%m-%d}.pdf"
    assert response["Content-Disposition"] == f'inline; filename="{name}"'
    assert "Maya Torres A-1" in " ".join(" ".join(pages_of(response.content)).split())
    desk.head(PDF)
    assert [act.action for act in acts()] == ["downtime_pack_made", "downtime_pack_opened"]


def test_from_a_page_that_shows_the_newest_one_another_is_made(world: World, staff: Staff) -> None:
    under_way(world)
    desk = staff(Role.FRONT_DESK)
    desk.post(PAGE)
    first = DowntimePack.objects.get()
    assert f'name="seen" value="{first.pk}"' in desk.get(PAGE).content.decode()
    for _ in range(2):  # the second tap is the first, however long that takes
        assert desk.post(PAGE, {"seen": str(first.pk)}).status_code == 303
    assert DowntimePack.objects.count() == 2


def test_another_clinic_has_none_of_ours(world: World, other_world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        under_way(world)
        make_pack(world.clinic, by=world.nurse, at=timezone.now())
    assert "There is no pack yet" in words(staff(at=other_world).get(PAGE))
    assert staff(at=other_world).get(PDF).status_code == 303
