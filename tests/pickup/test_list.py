"""The escort's list: the first yes, when and where, how far they are, and the duties."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Channel, Clinic, Consent, Escort
from accounts.services import may_text
from accounts.states import ConsentKind, ConsentWay
from alerts.models import Alert
from alerts.services import close_alert, take_alert
from alerts.states import Cause, Closing
from pickup.models import PickupLink, PickupTick
from pickup.queries.links import word_of
from pickup.services import WrongDoorWord, make_link, meet, say_home
from pickup.states import PickupState
from tests.pickup.ways import PHONE, a_joined, a_link, an_escort, opened
from tests.world import World
from timeline.models import SetUpStep, Treatment
from timeline.set_up import STAYER_COMES
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def text(browser: Client, path: str = "/pickup/") -> str:
    return browser.get(path).getvalue().decode()


def tap(browser: Client, step: str) -> int:
    return browser.post("/pickup/step/", {"step": step}).status_code


class TestTheFirstYes:
    def test_the_page_asks_who_they_are_and_picks_nothing_for_them(self, visit: Treatment, jo: Escort) -> None:
        page = text(opened(a_link(visit, jo)))
        assert "Are you picking up Maya?" in page and "Your number ends in 88" in page
        assert " checked" not in page and 'value="Jo"' not in page and PHONE not in page

    def test_a_press_of_every_button_without_a_name_changes_nothing(self, visit: Treatment, jo: Escort) -> None:
        link = a_link(visit, jo)
        browser = opened(link)
        assert browser.post("/pickup/", {"texts": "on", "asked": "on"}).status_code == 422
        for path in ("/pickup/ticks/", "/pickup/step/", "/pickup/cant-come/"):
            assert browser.post(path, {"duty": "fit", "step": "on_the_way"}).status_code == 303
        assert PickupLink.objects.get().state == PickupState.ASKED
        assert not Consent.objects.exists() and not PickupTick.objects.exists()

    def test_a_yes_is_kept_with_its_words(self, visit: Treatment, jo: Escort) -> None:
        browser = opened(a_link(visit, jo))
        assert browser.post("/pickup/", {"said_name": "  Joan "}).status_code == 303
        link = PickupLink.objects.get()
        assert (link.state, link.said_name) == (PickupState.CONFIRMED, "Joan")
        consent = Consent.objects.get()
        assert (consent.kind, consent.way, consent.by, consent.given) == ("pickup", ConsentWay.PICKUP, jo.pk, True)
        assert "Maya" in consent.wording
        assert not may_text(jo)

    def test_texts_and_being_asked_are_ticks_of_their_own(self, visit: Treatment, jo: Escort) -> None:
        browser = opened(a_link(visit, jo))
        browser.post("/pickup/", {"said_name": "Jo", "texts": "on", "asked": "on"})
        assert may_text(jo)
        kinds = set(Consent.objects.values_list("kind", flat=True))
        assert kinds == {ConsentKind.PICKUP, ConsentKind.ESCORT_TEXTS, ConsentKind.ESCORT_ASKED}

    def test_a_number_is_asked_for_where_none_is_known(self, world: World, visit: Treatment) -> None:
        escort = an_escort(world, name="Ana")
        browser = opened(a_link(visit, escort))
        assert browser.post("/pickup/", {"said_name": "Ana", "texts": "on"}).status_code == 422
        assert browser.post("/pickup/", {"said_name": "Ana", "texts": "on", "phone": "12"}).status_code == 422
        browser.post("/pickup/", {"said_name": "Ana", "texts": "on", "phone": "212-555-0189"})
        assert Channel.objects.get(escort=escort).address == "+12125550189"
        assert "asked" not in text(opened(a_link(visit, escort)))

    def test_who_wants_to_be_asked_has_to_let_us_text(self, visit: Treatment, jo: Escort) -> None:
        answer = opened(a_link(visit, jo)).post("/pickup/", {"said_name": "Jo", "asked": "on"})
        assert answer.status_code == 422 and "Tick the box for texts too" in answer.getvalue().decode()

    def test_a_number_is_kept_for_texts_alone(self, world: World, visit: Treatment) -> None:
        escort = an_escort(world, name="Ana")
        opened(a_link(visit, escort)).post("/pickup/", {"said_name": "Ana", "phone": "212-555-0189"})
        escort.refresh_from_db()
        assert escort.phone == ""

    def test_a_new_link_shows_what_holds_for_this_visit(self, world: World, visit: Treatment, jo: Escort) -> None:
        a_joined(visit, jo, texts=True, asked=True)
        page = text(opened(a_link(visit, jo)))
        assert page.count(" checked") == 2
        later = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=5))
        assert " checked" not in text(opened(a_link(later, jo)))

    def test_a_second_tap_counts_as_the_first(self, link: PickupLink, escort: Client) -> None:
        assert escort.post("/pickup/", {"said_name": "Eve"}).status_code == 303
        assert PickupLink.objects.get().said_name == "Jo"


class TestWhenAndWhere:
    def test_the_time_follows_what_staff_say_on_the_clinics_clock(self, visit: Treatment, escort: Client) -> None:
        assert "Ready about" not in text(escort)  # no shortest stay is set
        assert "Maya is resting now" in text(escort) and "18 Cedar Street" in text(escort)
        hour_zero = visit.hour_zero
        assert hour_zero is not None
        Clinic.objects.update(minimum_stay_minutes=60)
        assert "Ready about" in text(escort)
        Treatment.objects.update(ready_at=hour_zero.replace(hour=20, minute=40))
        assert ":40" in text(escort)

    def test_an_initial_is_all_where_the_patient_wants_that(self, world: World, link: PickupLink) -> None:
        world.patient.is_initial_for_escorts = True
        world.patient.save()
        page = text(opened(link))
        assert "Picking up M<" in page and "Maya" not in page

    def test_nothing_new_is_no_content(self, escort: Client, visit: Treatment) -> None:
        address = text(escort).partition('hx-get="')[2].partition('"')[0]
        assert escort.get(address, headers=HTMX).status_code == 204
        Treatment.objects.update(ready_at=timezone.now())
        answer = escort.get(address, headers=HTMX)
        assert answer.status_code == 200 and b"<html" not in answer.getvalue() and b'id="list"' in answer.getvalue()

    @pytest.mark.parametrize("state", [state for state in TreatmentState if state != TreatmentState.CANCELLED])
    def test_every_state_of_a_visit_has_its_words(
        self, visit: Treatment, escort: Client, state: TreatmentState
    ) -> None:
        visit.state = state
        visit.ended_badly_at = visit.closed_at = visit.discharged_at = None
        assert escort.get("/pickup/").status_code == 200
        Treatment.objects.filter(pk=visit.pk).update(state=state)
        assert escort.get("/pickup/").status_code == 200


class TestTheWay:
    def test_on_the_way_outside_and_back(self, link: PickupLink, escort: Client) -> None:
        states = []
        for step in ("on_the_way", "on_the_way", "outside", "undo", "undo"):
            assert tap(escort, step) == 303
            states.append(PickupLink.objects.get().state)
        assert states == ["on_the_way", "on_the_way", "outside", "on_the_way", "confirmed"]
        assert PickupLink.objects.get().on_the_way_at is None

    def test_a_tap_that_does_not_fit_says_how_it_stands(self, escort: Client) -> None:
        assert tap(escort, "undo") == 409
        assert tap(escort, "can_come") == 409
        assert tap(escort, "dance") == 422

    def test_the_door_word_is_shown_until_the_nurse_has_it(
        self, world: World, link: PickupLink, escort: Client
    ) -> None:
        word = word_of(link)
        assert f'door-word__word">{word}<' in text(escort)
        meet(link.treatment, word=word.upper(), by=world.nurse, at=timezone.now())
        page = text(escort)
        assert "door-word__word" not in page and "The nurse is with you" in page and "We are home safe" not in page
        Treatment.objects.update(state=TreatmentState.DISCHARGED)
        assert "We are home safe" in text(escort)

    def test_a_link_whose_key_is_gone_keeps_nobody_else_out(
        self, world: World, visit: Treatment, link: PickupLink, settings: Settings
    ) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 9, []
        lee = a_joined(visit, an_escort(world, name="Lee", task=Escort.Task.STAYS))
        assert meet(visit, word=word_of(lee), by=world.nurse, at=timezone.now()) == lee
        for word in ("", "zip"):
            with pytest.raises(WrongDoorWord):
                meet(visit, word=word, by=world.nurse, at=timezone.now())

    def test_cant_come_asks_first_then_tells_staff_each_time_and_can_be_taken_back(
        self, world: World, link: PickupLink, escort: Client
    ) -> None:
        assert "Yes, I can’t come" in text(escort, "/pickup/cant-come/")
        assert not Alert.objects.exists()
        for _ in range(2):  # a second tap is the first
            assert escort.post("/pickup/cant-come/").status_code == 303
        alert = Alert.objects.get()
        assert (alert.cause, alert.level, alert.reasons) == (Cause.RIDE, "call_today", ["Jo can’t pick them up."])
        assert tap(escort, "can_come") == 303
        alert.refresh_from_db()
        assert alert.reasons[-1] == "Jo can come after all."
        at = timezone.now()
        take_alert(alert, by=world.nurse, at=at, promised_for=None)
        close_alert(alert, closing=Closing.NOT_NEEDED, done="Comes.", is_reported=None, by=world.nurse, at=at)
        escort.post("/pickup/cant-come/")
        assert Alert.objects.exclude(pk=alert.pk).get().state == "open"

    def test_who_stays_alone_has_no_way_and_no_door_word(self, world: World, visit: Treatment) -> None:
        link = a_joined(visit, an_escort(world, name="Lee", task=Escort.Task.STAYS))
        page = text(opened(link))
        assert "Staying with Maya" in page and "I can’t stay after all" in page
        assert "on my way" not in page and "door-word__word" not in page

    def test_who_said_that_they_cant_stay_is_not_asked_at_night(self, link: PickupLink, escort: Client) -> None:
        comes = SetUpStep.objects.filter(treatment=link.treatment, key=STAYER_COMES)
        assert comes.exists()
        escort.post("/pickup/cant-come/")
        escort.post("/pickup/settings/", {"texts": "on", "asked": "on"})
        assert not comes.exists()
        tap(escort, "can_come")
        assert comes.exists()

    def test_who_drives_alone_says_nothing_of_the_night(self, world: World, visit: Treatment) -> None:
        a_joined(visit, an_escort(world, name="Ana"))
        assert not SetUpStep.objects.exists()


class TestHomeSafe:
    def test_the_first_word_counts_and_can_be_taken_back(self, visit: Treatment, escort: Client) -> None:
        Treatment.objects.update(state=TreatmentState.DISCHARGED)
        assert tap(escort, "home") == tap(escort, "home") == 303
        visit.refresh_from_db()
        first = visit.home_safe_at
        assert first is not None and visit.home_safe_by == "escort"
        assert PickupLink.objects.get().state == PickupState.HOME_SAFE
        assert "Maya is home" in text(escort)
        assert tap(escort, "not_home") == 303
        visit.refresh_from_db()
        assert visit.home_safe_at is None and PickupLink.objects.get().state == PickupState.CONFIRMED

    @pytest.mark.parametrize("state", ["planned", "in_treatment", "recovering", "cancelled"])
    def test_before_they_leave_nobody_is_home_safe(
        self, visit: Treatment, link: PickupLink, escort: Client, state: str
    ) -> None:
        Treatment.objects.update(state=state)
        PickupLink.objects.update(state=PickupState.MET)
        assert "We are home safe" not in text(escort)
        assert tap(escort, "home") == 409
        assert not say_home(visit, by=visit.patient, at=timezone.now())


class TestTheDuties:
    def keys(self, visit: Treatment) -> list[str]:
        return [item.key for group in visit.lists.pickup for item in group.items]

    def test_ticks_are_saved_with_who_and_when(self, visit: Treatment, escort: Client) -> None:
        first, second, *_ = keys = self.keys(visit)
        assert len(keys) == 13
        assert escort.post("/pickup/ticks/", {"duty": [first, second]}).status_code == 303
        page = text(escort)
        assert "2 of 13 done" in page and page.count("You, ") == 2
        answer = escort.post("/pickup/ticks/", {"duty": [first], "shown": [first, second]}, headers=HTMX)
        assert "1 of 13 done" in answer.getvalue().decode()
        assert AuditEvent.objects.filter(action="duties_ticked").count() == 2

    def test_what_another_ticked_stays_theirs(self, world: World, visit: Treatment, escort: Client) -> None:
        first = self.keys(visit)[0]
        other = opened(a_joined(visit, an_escort(world, name="Lee", task=Escort.Task.STAYS)))
        other.post("/pickup/ticks/", {"duty": [first]})
        page = text(escort)
        assert "Lee, " in page and f'value="{first}" id="duty-{first}" checked disabled' in page
        escort.post("/pickup/ticks/", {"shown": [first]})
        assert PickupTick.objects.get().link.escort.name == "Lee"

    def test_a_page_of_long_ago_takes_nothing_away(self, visit: Treatment, escort: Client) -> None:
        first, second, *_ = self.keys(visit)
        escort.post("/pickup/ticks/", {"duty": [first]})
        escort.post("/pickup/ticks/", {"duty": [second]})
        assert PickupTick.objects.count() == 2

    def test_a_link_made_anew_keeps_what_was_ticked(self, visit: Treatment, jo: Escort, escort: Client) -> None:
        first = self.keys(visit)[0]
        escort.post("/pickup/ticks/", {"duty": [first]})
        again = a_joined(visit, jo)
        assert "You, " in text(opened(again))

    def test_a_duty_that_is_none_is_refused(self, escort: Client) -> None:
        assert escort.post("/pickup/ticks/", {"duty": ["fly"]}).status_code == 422


def test_a_link_lives_until_hour_24_or_noon(world: World, jo: Escort, visit: Treatment) -> None:
    link = make_link(visit, escort=jo, by=world.patient, at=timezone.now())
    assert visit.hour_zero is not None
    assert link.token.expires_at >= visit.hour_zero + timedelta(hours=24)
