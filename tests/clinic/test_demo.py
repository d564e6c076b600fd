"""The demo: the same people at each start, at the hours that a newcomer was promised, and gone where people are real."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.middleware import DEVICE
from accounts.models import Channel, Clinic, Device, Patient, StaffMember, User
from accounts.states import ChannelKind
from aftercare.tenancy import as_sender, tenant
from clinic.demo import (
    AROUND,
    CAN_BE,
    CEDAR,
    HARBOR,
    HOME_ZONE,
    PATIENTS,
    STAFF,
    NotADemo,
    patient_of,
    refresh_demo,
)
from clinic.demo.story import AFTERNOON, BY_DAY, FIRST_TEXT_IN, LATE, MORNING, zone_where
from clinic.demo_views import ERRORS
from prompts.models import Attempt, Prompt, WayHold
from prompts.states import PromptState, Report
from tests.conftest import Standin
from tests.world import World
from timeline.document import QuietHours
from timeline.models import ProtocolVersion, Treatment
from timeline.phases import is_night
from timeline.queries import today_page
from timeline.states import TreatmentState, VersionState

# The second start of a test takes away what the first one may only add to: by the hand of the owner, who sees none of it.
pytestmark = pytest.mark.django_db(databases=["default", "owner"])

PAGES = ("/start/", "/start/as/", "/start/over/", "/start/errors/404/", "/phone/")
ROLES = ("nurse", "front_desk", "clinician", "manager")


@pytest.fixture
def demo() -> datetime:
    """The demo, filled now."""
    at = timezone.now()
    refresh_demo(at=at)
    return at


@pytest.mark.parametrize(
    "start",
    [
        *("2026-01-13T00:17", "2026-01-13T14:30", "2026-07-04T05:10", "2026-07-04T19:44"),
        *(
            "2026-03-08T07:05",
            "2026-11-01T06:30",
            "2026-12-31T23:55",
            "2028-02-29T10:00",
        ),  # clocks change; a year, a day
    ],
)
def test_whenever_it_starts_a_newcomer_sees_what_the_buttons_promise(start: str) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    refresh_demo(at=at)
    promised = {
        "hour_1": "Hour 1 of 24: coming back",
        "hour_5": "Hour 5 of 24: settling in",
        "night": "Hour 9 of 24: night",
        "hour_20": "Hour 20 of 24: morning",
    }
    with tenant(CEDAR):
        for key, eyebrow in promised.items():
            patient = patient_of(key)
            assert patient
            page = today_page(patient, at)
            assert page.now and page.now.eyebrow == eyebrow
            assert page.now.step and not page.now.step.answer
            assert page.next_message


@pytest.mark.parametrize("span", [BY_DAY, AFTERNOON, MORNING, LATE])
@pytest.mark.parametrize("month", range(1, 13))
def test_at_any_moment_some_zone_is_at_the_right_time_of_day(span: QuietHours, month: int) -> None:
    for minutes in range(0, 24 * 60, 10):
        at = datetime(2026, month, 8, tzinfo=UTC) + timedelta(minutes=minutes)
        assert is_night(at, ZoneInfo(zone_where(at, span, but=HOME_ZONE)), span)


def test_the_one_in_the_night_lives_by_another_clock_than_the_clinic(demo: datetime) -> None:
    with tenant(CEDAR):
        patient = patient_of("night")
        assert patient
        assert patient.zone != HOME_ZONE
        local = demo.astimezone(ZoneInfo(patient.zone)).time()
        assert local >= time(23) or local < time(3)


def test_every_state_of_a_visit_is_there(demo: datetime) -> None:
    with tenant(CEDAR):
        states = set(Treatment.objects.values_list("state", flat=True))
        new = patient_of("new")
        assert new and not new.treatments.exists()
    assert states == set(TreatmentState)


def test_both_protocols_are_in_use_and_nobody_signed_them(demo: datetime) -> None:
    for clinic_id in (CEDAR, HARBOR):
        with tenant(clinic_id):
            used = ProtocolVersion.objects.filter(state=VersionState.PUBLISHED)
            assert sorted(version.document.route for version in used) == ["iv", "spravato"]
            assert not any(version.is_signed for version in used)


def test_the_people_are_made_up(demo: datetime) -> None:
    numbers = [person.phone for person in PATIENTS if person.phone]
    with tenant(CEDAR):
        numbers += Channel.objects.filter(kind=ChannelKind.SMS).values_list("address", flat=True)
    for clinic in Clinic.objects.all():
        numbers += [number for number in (clinic.phone, clinic.after_hours_phone) if number]
    assert all(re.fullmatch(r"\+121255501\d\d", number) for number in numbers)
    assert all(person.email.endswith("@example.org") for person in PATIENTS if person.email)
    assert all(user.email.endswith(".invalid") and not user.has_usable_password() for user in User.objects.all())


def test_nothing_old_leaves_and_one_text_is_about_to(demo: datetime) -> None:
    with tenant(CEDAR):
        waiting = Prompt.objects.filter(state=PromptState.WAITING)
        assert not waiting.filter(due_at__lte=demo).exists()
        # of the others one may be due soon by its own clock, as at any bedtime
        soon = waiting.get(due_at__lte=demo + timedelta(minutes=2), patient=patient_of("hour_1"))
        assert (soon.channel, soon.due_at) == (ChannelKind.SMS, demo + FIRST_TEXT_IN)
        # of two it is told what became of theirs
        told_of = Prompt.objects.filter(patient=patient_of("hour_20"))
        states = {*told_of.values_list("state", flat=True)}
        assert states == {PromptState.WAITING, PromptState.SENT, PromptState.UNKNOWN}
        assert set(told_of.values_list("attempts__outcome", flat=True)) == {
            *(None, "accepted", "not_accepted", "ambiguous"),
        }
        past = Prompt.objects.filter(due_at__lte=demo).exclude(
            patient__in=[patient_of("hour_20"), patient_of("call_back")]
        )
        assert past.exists()
        # but for those of which the demo tells what became of each try
        told = past.filter(attempts=None)
        assert not told.exclude(state=PromptState.SENT, channel=ChannelKind.IN_APP).exists()
    with tenant(HARBOR):
        assert not Prompt.objects.filter(state=PromptState.WAITING, due_at__lte=demo).exists()


def test_what_the_demo_tells_of_tries_could_have_been() -> None:
    """Only what the document means to go out left the app, after a yes; and no way is held for everybody."""
    refresh_demo(at=datetime(2026, 11, 24, 18, tzinfo=UTC))
    with tenant(CEDAR):
        of_sam = Attempt.objects.filter(prompt__patient=patient_of("hour_20")).select_related("prompt__treatment")
        for each in of_sam:
            meant = {template.key for template in each.prompt.treatment.document.prompts if template.by_text}
            assert each.prompt.step in meant
            way = Channel.objects.get(patient=patient_of("hour_20"), kind=each.channel)
            assert way.may_send and way.consented_at and way.consented_at < each.began_at
        assert len(of_sam) == 3
        mei = patient_of("wrap_up")
        ways = {way.kind: way for way in Channel.objects.filter(patient=mei)}
        tries = list(Attempt.objects.filter(prompt__patient=mei).select_related("prompt").order_by("began_at"))
        assert {each.prompt.step for each in tries} <= {"check_1", "morning"}
        assert all(way.consented_at and way.consented_at < tries[0].began_at for way in ways.values())
        lost = next(each for each in tries if each.report == Report.UNDELIVERED)
        assert ways[ChannelKind.SMS].failed_at == lost.began_at
        assert (tries[-1].channel, tries[-1].began_at) == (ChannelKind.EMAIL, lost.prompt.sent_at)
    with as_sender():
        assert not WayHold.objects.exists()


def test_somebody_never_agreed_to_texts_and_somebody_said_stop(demo: datetime) -> None:
    with tenant(CEDAR):
        declined = Channel.objects.get(patient=patient_of("in_treatment"), kind=ChannelKind.SMS)
        stopped = Channel.objects.get(patient=patient_of("closed"), kind=ChannelKind.SMS)
    assert declined.consented_at is None
    assert stopped.stopped_at


def test_a_clinic_that_is_not_of_the_demo_stays_as_it_was(world: World, other_world: World) -> None:
    with tenant(world.clinic.pk):
        world.treatment()
    refresh_demo(at=timezone.now(), reset=True)
    for place in (world, other_world):
        with tenant(place.clinic.pk):
            assert Patient.objects.count() == 1
    with tenant(world.clinic.pk):
        assert Treatment.objects.count() == 1


def test_the_command_fills_the_demo_and_says_so() -> None:
    words = StringIO()
    call_command("demo_data", "--reset", stdout=words)
    assert words.getvalue() == "The demo is ready.\n"
    assert len(STAFF) == StaffMember.objects.count()


def test_outside_demo_mode_nobody_made_up_comes_in(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(NotADemo):
        refresh_demo(at=timezone.now())
    with pytest.raises(CommandError, match="Set DEMO=1"):
        call_command("demo_data")
    assert not Clinic.objects.exists()


def test_outside_demo_mode_its_pages_do_not_exist(client: Client, demo: datetime, settings: Settings) -> None:
    settings.DEMO = False
    for address in PAGES:
        for method in (client.get, client.head, client.post):
            assert method(address, {"who": "nurse"}).status_code == 404
    assert not Session.objects.exists()


def test_a_newcomer_at_the_front_door_is_led_to_the_start(client: Client, demo: datetime) -> None:
    response = client.get("/", follow=True)
    assert response.redirect_chain == [("/start/", 302)]
    words = response.content.decode()
    for key in (*CAN_BE, *ROLES):
        assert f'name="who" value="{key}"' in words
    for name in ("Maya Torres, hour 1", "Luis Park, hour 5", "Ruth Okafor, hour 9", "Sam Whitlow, hour 20"):
        assert name in words
    assert 'href="/phone/"' in words
    assert "Start over" in words


def test_before_it_is_filled_the_start_page_offers_to_fill_it(client: Client, standin: Standin) -> None:
    words = client.get("/start/").content.decode()
    assert "Nobody is here yet" in words
    assert 'name="who"' not in words
    assert client.post("/start/over/")["Location"] == "/start/"
    assert "Maya Torres, hour 1" in client.get("/start/").content.decode()


def test_the_moments_around_the_day_can_be_seen_too(client: Client, demo: datetime) -> None:
    for key in AROUND:
        assert client.post("/start/as/", {"who": key}).status_code == 303
        words = client.get("/", follow=True).content.decode()
        assert f"<title>{'Before your visit' if key == 'set_up' else 'Your day'}</title>" in words
        assert "of 24:" not in words


@pytest.mark.parametrize("status", ERRORS)
def test_every_error_page_can_be_looked_at(client: Client, status: int) -> None:
    response = client.get(f"/start/errors/{status}/")
    assert response.status_code == status
    assert "Go to the start" in response.content.decode()


def test_one_press_and_a_newcomer_is_this_patient(client: Client, demo: datetime) -> None:
    for key in CAN_BE:
        response = client.post("/start/as/", {"who": key})
        assert (response.status_code, response["Location"]) == (303, "/")
        words = client.get("/").content.decode()
        assert "Cedar Street Clinic" in words
        assert "of 24:" in words
        with tenant(CEDAR):
            assert Device.objects.get(pk=client.session[DEVICE]).patient == patient_of(key)


def test_one_press_and_a_newcomer_is_on_the_staff(client: Client, demo: datetime) -> None:
    for key in ROLES:
        response = client.post("/start/as/", {"who": key})
        assert (response.status_code, response["Location"]) == (303, reverse("clinic:today"))
        board = client.get(response["Location"])
        assert board.status_code == 200
        assert "Maya Torres" in board.content.decode()


def test_a_nurse_of_the_other_clinic_sees_none_of_these_people(client: Client, demo: datetime) -> None:
    client.post("/start/as/", {"who": "other_nurse"})
    words = client.get(reverse("clinic:today")).content.decode()
    assert "Wren Castillo" in words
    for person in PATIENTS:
        if person.clinic == CEDAR:
            assert person.last_name not in words


def test_whoever_the_browser_was_before_is_forgotten(client: Client, demo: datetime) -> None:
    for who in ("nurse", "hour_5", "clinician", "night"):
        client.post("/start/as/", {"who": who})
        is_patient = who in CAN_BE
        assert (DEVICE in client.session) is is_patient
        assert ("_auth_user_id" in client.session) is not is_patient


def test_only_those_on_the_page_can_be_picked(client: Client, demo: datetime) -> None:
    for who in ("", "nobody", "harbor", "other_manager\x00", "\x00", "x" * 5000):
        response = client.post("/start/as/", {"who": who})
        assert response.status_code == 422
        assert "Pick one of these." in response.content.decode()
        assert client.get("/")["Location"] == "/start/"


def test_looking_at_the_buttons_signs_nobody_in(client: Client, demo: datetime) -> None:
    for address in ("/start/as/", "/start/over/"):
        assert client.get(address, {"who": "nurse"}).status_code == 405
    assert client.get("/")["Location"] == "/start/"


def test_every_page_of_the_demo_says_that_it_is_one(client: Client, demo: datetime, settings: Settings) -> None:
    client.post("/start/as/", {"who": "hour_5"})
    for address in ("/", "/messages/", "/help/", "/nowhere/"):
        words = client.get(address).content.decode()
        assert "This is a demo." in words
        assert 'href="/start/"' in words
    settings.DEMO = False
    assert "This is a demo." not in client.get("/").content.decode()
