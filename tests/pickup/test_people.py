"""The patient's page of who drives and who stays: names, links, and nobody."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Consent, Device, Escort
from accounts.services import pickup_link, tell_number
from accounts.states import ConsentKind, DeviceScope
from alerts.models import Alert
from alerts.states import Cause
from pickup.models import PickupLink
from pickup.queries import RideStatus, rides, visit_to_pick_up_from
from pickup.services import NotNamed, make_link, set_out
from tests.pickup.ways import PHONE, a_joined, an_escort, opened
from tests.world import World
from timeline.models import SetUpStep, Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
PAGE = "/set-up/people/"
ONE = {"driver": "Jo", "stayer": "same", "ask_stayer": "yes", "naming": "name"}
TWO = {"driver": "Jo", "stayer": "other", "stayer_name": "Lee", "ask_stayer": "no", "naming": "initial"}
NONE = {"nobody": "on", "stayer": "nobody", "naming": "name"}


@pytest.fixture
def planned(world: World) -> Treatment:
    return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=2))


def text(browser: Client, path: str = PAGE) -> str:
    return browser.get(path).getvalue().decode()


def test_nothing_is_picked_for_them_but_how_they_are_called(phone: Client, planned: Treatment) -> None:
    page = text(phone)
    picked = re.findall(r'name="(\w+)" value="(\w+)"[^>]* checked', page)
    assert picked == [("naming", "name")]


def test_one_person_who_drives_and_stays(world: World, phone: Client, planned: Treatment) -> None:
    assert phone.post(PAGE, {**ONE, "driver_phone": "212-555-0188"}).status_code == 303
    jo = Escort.objects.get()
    assert (jo.name, jo.task, jo.phone, jo.stays_too) == ("Jo", Escort.Task.DRIVES, PHONE, True)
    said = Consent.objects.get()
    assert (said.kind, said.given, said.escort) == (ConsentKind.ASK_STAYER, True, None)
    assert SetUpStep.objects.filter(treatment=planned, key="people").exists()
    phone.post(PAGE, ONE)  # a second tap, and no number typed
    assert Escort.objects.get().phone == PHONE and Consent.objects.count() == 1


def test_two_people_and_an_initial(world: World, phone: Client, planned: Treatment) -> None:
    phone.post(PAGE, TWO)
    names = dict(Escort.objects.filter(ended_at=None).values_list("task", "name"))
    assert names == {"drives": "Jo", "stays": "Lee"}
    world.patient.refresh_from_db()
    assert world.patient.is_initial_for_escorts
    phone.post(PAGE, ONE)
    assert Escort.objects.filter(ended_at=None).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {**ONE, "driver": ""},
        {**ONE, "driver": "x" * 61},
        {**ONE, "nobody": "on"},
        {**ONE, "stayer": ""},
        {**ONE, "ask_stayer": ""},
        {**ONE, "driver_phone": "12"},
        {**TWO, "stayer_name": ""},
        {**NONE, "stayer": "same", "ask_stayer": "no"},
        {},
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_is_kept(
    phone: Client, planned: Treatment, wrong: dict[str, str]
) -> None:
    answer = phone.post(PAGE, wrong)
    assert answer.status_code == 422 and "There is a problem" in answer.getvalue().decode()
    assert not Escort.objects.exists() and not Consent.objects.exists()


def test_who_has_nobody_is_told_what_to_do_and_staff_see_it(phone: Client, planned: Treatment) -> None:
    assert rides([planned])[planned.pk].status is RideStatus.NONE
    for _ in range(2):
        phone.post(PAGE, NONE)
    assert "Please call the clinic" in text(phone)
    assert rides([planned])[planned.pk].status is RideStatus.NOBODY
    assert Alert.objects.get().cause == Cause.RIDE
    phone.post(PAGE, ONE)
    assert rides([planned])[planned.pk].status is RideStatus.NAMED
    phone.post(PAGE, NONE)
    assert Alert.objects.count() == 2


class TestTheLink:
    def test_it_is_made_shown_made_anew_and_ended(self, phone: Client, planned: Treatment, jo: Escort) -> None:
        assert "Make the link for Jo" in text(phone)
        phone.post(f"{PAGE}link/", {"who": jo.pk})
        first = PickupLink.objects.get()
        page = text(phone)
        assert pickup_link(first.token) in page and f"sms:{PHONE}?" in page and "has not said yes yet" in page
        phone.post(f"{PAGE}link/", {"who": jo.pk})
        assert pickup_link(first.token) not in text(phone)
        assert opened(first).get("/pickup/").status_code == 410
        second = PickupLink.objects.exclude(pk=first.pk).get()
        assert opened(second).get("/pickup/").status_code == 200
        phone.post(f"{PAGE}end-link/", {"who": jo.pk})
        assert opened(second).get("/pickup/").status_code == 410
        assert "Make the link for Jo" in text(phone)

    def test_how_far_they_are(self, world: World, phone: Client, visit: Treatment, jo: Escort) -> None:
        link = a_joined(visit, jo)
        assert "Jo said yes, " in text(phone)
        set_out(link, at=timezone.now())
        assert "Jo is on the way, " in text(phone)

    def test_before_a_new_link_it_says_that_the_word_at_the_door_changes(
        self, phone: Client, planned: Treatment, jo: Escort
    ) -> None:
        phone.post(f"{PAGE}link/", {"who": jo.pk})
        assert "The word they say at the door changes too." in text(phone)

    def test_nobody_makes_a_link_for_somebody_elses_escort(self, phone: Client, planned: Treatment) -> None:
        for who in ("", "x", "00000000-0000-4000-8000-000000000000"):
            assert phone.post(f"{PAGE}link/", {"who": who}).status_code == 303
            assert phone.post(f"{PAGE}end-link/", {"who": who}).status_code == 303
        assert not PickupLink.objects.exists()

    def test_a_number_that_was_told_later_keeps_the_link(self, world: World, phone: Client, planned: Treatment) -> None:
        jo = an_escort(world)
        phone.post(f"{PAGE}link/", {"who": jo.pk})
        tell_number(jo, phone=PHONE, by=jo, at=timezone.now())
        phone.post(PAGE, {"driver": "Jo", "stayer": "nobody", "naming": "name"})
        assert opened(PickupLink.objects.get()).get("/pickup/").status_code == 200
        assert PHONE not in text(phone, f"{PAGE}?change=1")

    def test_somebody_else_ends_it(self, phone: Client, planned: Treatment, jo: Escort) -> None:
        phone.post(f"{PAGE}link/", {"who": jo.pk})
        phone.post(PAGE, {**ONE, "driver": "Ana"})
        assert opened(PickupLink.objects.get()).get("/pickup/").status_code == 410

    def test_of_two_visits_it_is_for_the_one_that_runs(
        self, world: World, phone: Client, visit: Treatment, planned: Treatment, jo: Escort
    ) -> None:
        phone.post(f"{PAGE}link/", {"who": jo.pk})
        assert PickupLink.objects.get().treatment == visit

    def test_home_or_not_it_stays_that_one_until_its_links_end(
        self, world: World, visit: Treatment, planned: Treatment
    ) -> None:
        at = timezone.now()
        Treatment.objects.filter(pk=visit.pk).update(state=TreatmentState.DISCHARGED, home_safe_at=at)
        assert visit_to_pick_up_from(world.patient, at) == visit
        assert visit_to_pick_up_from(world.patient, at + timedelta(hours=40)) == planned

    def test_a_link_for_another_visit_ends_none_of_tonight(
        self, visit: Treatment, planned: Treatment, jo: Escort
    ) -> None:
        tonight, later = a_joined(visit, jo), make_link(planned, escort=jo, by=planned.patient, at=timezone.now())
        assert [opened(link).get("/pickup/").status_code for link in (tonight, later)] == [200, 200]

    def test_none_is_made_or_opened_for_somebody_who_was_just_ended(self, visit: Treatment, jo: Escort) -> None:
        link = a_joined(visit, jo)
        Escort.objects.update(ended_at=timezone.now())
        with pytest.raises(NotNamed):
            make_link(visit, escort=jo, by=visit.patient, at=timezone.now())
        assert opened(link).get("/pickup/").status_code == 410


def test_a_phone_for_set_up_alone_names_people_too(world: World, phone: Client, planned: Treatment) -> None:
    Device.objects.update(scope=DeviceScope.SET_UP)
    assert phone.post(PAGE, ONE).status_code == 303
    assert phone.post("/home-safe/").status_code == 302


class TestHome:
    @pytest.fixture
    def gone(self, world: World) -> Treatment:
        at = timezone.now() - timedelta(minutes=20)
        return world.treatment(
            TreatmentState.DISCHARGED,
            hour_zero=at - timedelta(hours=2),
            discharged_at=at,
            discharged_by=world.nurse,
        )

    def test_the_patient_says_it_and_takes_it_back(self, phone: Client, gone: Treatment) -> None:
        assert "I am home" in text(phone, "/")
        for _ in range(2):
            assert phone.post("/home-safe/").status_code == 303
        gone.refresh_from_db()
        assert gone.home_safe_by == "patient" and "You are home." in text(phone, "/")
        phone.post("/home-safe/", {"say": "undo"})
        gone.refresh_from_db()
        assert gone.home_safe_at is None

    def test_what_the_escort_said_first_stays_theirs(self, world: World, phone: Client, gone: Treatment) -> None:
        escort = opened(a_joined(gone, an_escort(world)))
        escort.post("/pickup/step/", {"step": "home"})
        phone.post("/home-safe/", {"say": "undo"})
        gone.refresh_from_db()
        assert gone.home_safe_by == "escort"
        assert "I am home" not in text(phone, "/")
