"""Nobody said "home safe": one text to the one who drives, then an alert for today."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Clinic
from accounts.services import let_text
from aftercare.tenancy import tenant
from alerts.models import Alert, AlertNotice
from alerts.services import close_alert, take_alert
from alerts.states import Cause, Closing
from pickup.models import PickupLink
from pickup.services import follow_home, make_link, say_home, take_home_back
from prompts.models import Prompt
from prompts.states import PromptState
from tests.pickup.ways import PHONE, an_escort
from tests.world import NEW_YORK, World
from timeline.models import Treatment
from timeline.states import TreatmentState

LEFT = datetime(2026, 11, 24, 14, tzinfo=NEW_YORK).astimezone(UTC)
MINUTE = timedelta(minutes=1)
EXPECTED = 60  # minutes from the door until home, as the shipped lists have it


def left(world: World, at: datetime = LEFT) -> Treatment:
    return world.treatment(
        TreatmentState.DISCHARGED, hour_zero=at - timedelta(hours=2), discharged_at=at, discharged_by=world.nurse
    )


def drives(world: World, treatment: Treatment, *, texts: bool) -> PickupLink:
    jo = an_escort(world, phone=PHONE)
    let_text(jo, on=texts, at=LEFT)
    link = make_link(treatment, escort=jo, by=world.patient, at=LEFT)
    # Tokens live by the database's clock, this day is made up.
    link.token.expires_at = LEFT + timedelta(days=2)
    link.token.save()
    return link


def steps(*minutes: int) -> list[int]:
    return [follow_home(at=LEFT + each * MINUTE) for each in minutes]


@pytest.mark.django_db
@pytest.mark.usefixtures("has_provider")
class TestTheSteps:
    def test_a_text_then_an_alert_and_each_once(self, world: World) -> None:
        treatment = left(world)
        link = drives(world, treatment, texts=True)
        assert steps(EXPECTED - 1, EXPECTED, EXPECTED + 1, EXPECTED + 29) == [0, 1, 0, 0]
        text = Prompt.objects.get()
        assert (text.kind, text.address, text.state) == ("escort", PHONE, PromptState.WAITING)
        link.refresh_from_db()
        assert link.nudged_at == LEFT + EXPECTED * MINUTE
        assert steps(EXPECTED + 30, EXPECTED + 31, EXPECTED + 90) == [1, 0, 0]
        alert = Alert.objects.get()
        assert (alert.cause, alert.level, alert.source) == (Cause.HOME, "call_today", f"home:{treatment.pk}:0")
        assert alert.reasons == ["Left the clinic at 2 pm. No word yet that they are home."]

    @pytest.mark.parametrize("named", [True, False])
    def test_where_no_text_may_leave_staff_are_told_at_once(self, world: World, *, named: bool) -> None:
        treatment = left(world)
        if named:
            drives(world, treatment, texts=False)
        assert steps(EXPECTED) == [1]
        assert Alert.objects.count() == 1 and not Prompt.objects.exists()

    def test_at_night_no_text_leaves_and_somebody_on_duty_is_told(self, world: World) -> None:
        treatment = left(world, LEFT + timedelta(hours=7))  # 9 pm
        drives(world, treatment, texts=True)
        assert steps(7 * 60 + EXPECTED) == [1]
        assert not Prompt.objects.exists() and AlertNotice.objects.count() == 1

    def test_while_the_clinic_is_closed_somebody_on_duty_is_told(self, world: World) -> None:
        left(world)
        Clinic.objects.update(opening_hours={"mon": ["08:00", "09:00"]})
        assert steps(EXPECTED) == [1]
        assert AlertNotice.objects.count() == 1

    def test_home_safe_ends_it(self, world: World) -> None:
        treatment = left(world)
        say_home(treatment, by=world.patient, at=LEFT + 30 * MINUTE)
        assert steps(EXPECTED, EXPECTED + 60) == [0, 0]

    def test_a_late_home_safe_stands_on_the_alert_and_staff_close_it(self, world: World) -> None:
        treatment = left(world)
        link = drives(world, treatment, texts=False)
        steps(EXPECTED)
        say_home(treatment, by=link, at=LEFT + 90 * MINUTE)
        link.refresh_from_db()
        alert = Alert.objects.get()
        assert alert.reasons[-1] == "Jo said at 3:30 pm: home safe." and alert.state == "open"
        take_home_back(treatment, by=link, at=LEFT + 91 * MINUTE)
        alert.refresh_from_db()
        assert alert.reasons[-1] == "Jo took that back at 3:31 pm."

    def test_taken_back_after_staff_closed_it_is_an_alert_of_its_own(self, world: World) -> None:
        treatment = left(world)
        link = drives(world, treatment, texts=False)
        steps(EXPECTED)
        for number in (1, 2):
            say_home(treatment, by=link, at=LEFT + (80 + number * 10) * MINUTE)
            closed_at = LEFT + (82 + number * 10) * MINUTE
            take_alert(Alert.objects.get(closed_at=None), by=world.nurse, at=closed_at, promised_for=None)
            close_alert(
                Alert.objects.get(closed_at=None),
                closing=Closing.NOT_NEEDED,
                done="Home.",
                is_reported=None,
                by=world.nurse,
                at=closed_at,
            )
            assert steps(83 + number * 10) == [0]
            take_home_back(treatment, by=link, at=LEFT + (84 + number * 10) * MINUTE)
            assert steps(85 + number * 10, 86 + number * 10) == [1, 0]
            assert Alert.objects.filter(state="open").count() == 1 and Alert.objects.count() == number + 1

    def test_without_a_provider_nobody_waits_for_a_text(self, world: World, settings: Settings) -> None:
        drives(world, left(world), texts=True)
        settings.SMS_BASE_URL = ""
        assert steps(EXPECTED) == [1]
        assert Alert.objects.count() == 1 and not Prompt.objects.exists()

    @pytest.mark.parametrize("state", [TreatmentState.RECOVERING, TreatmentState.ENDED_BADLY, TreatmentState.CLOSED])
    def test_only_who_left_is_waited_for(self, world: World, state: TreatmentState) -> None:
        treatment = left(world)
        changed = {"ended_badly_at": LEFT, "ended_badly_by": world.nurse} if state == "ended_badly" else {}
        Treatment.objects.filter(pk=treatment.pk).update(state=state, **changed)
        assert steps(EXPECTED, EXPECTED + 60) == [0, 0]

    def test_trouble_with_one_holds_up_nobody(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        left(world)
        Treatment.objects.update(zone="Nowhere/Land")
        assert steps(EXPECTED) == [0]
        assert not Alert.objects.exists()

    def test_a_text_once_more_after_a_new_link_is_none(self, world: World) -> None:
        treatment = left(world)
        drives(world, treatment, texts=True)
        steps(EXPECTED)
        drives(world, treatment, texts=True)
        steps(EXPECTED + 5)
        assert Prompt.objects.count() == 1


@pytest.mark.usefixtures("committed", "has_provider")
def test_of_many_who_look_at_once_one_takes_the_step(world: World) -> None:
    with tenant(world.clinic.pk):
        drives(world, left(world), texts=True)

    def look(minutes: int) -> int:
        try:
            with tenant(world.clinic.pk):
                return follow_home(at=LEFT + minutes * MINUTE)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(look, [EXPECTED] * 6)) == 1
        assert sum(threads.map(look, [EXPECTED + 30] * 6)) == 1
    with tenant(world.clinic.pk):
        assert Prompt.objects.count() == Alert.objects.count() == 1
        assert AuditEvent.objects.filter(action="alert_raised").count() == 1
