"""The patient's hand on messages: fewer, a pause, a stop, a drink; each at once, once, and back at one tap."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Channel, Consent
from accounts.queries import last_consent
from accounts.services import set_emails, set_push, set_texts, start_texts, stop_all_ways, stop_texts
from accounts.states import ChannelKind, ConsentKind, ConsentWay
from aftercare.tenancy import tenant
from checkin.models import SilentStep
from checkin.services import follow_silence
from checkin.states import SilentStage
from prompts.forms import AliasForm
from prompts.models import Attempt, MessageChoice, Prompt
from prompts.queries import prompt_page
from prompts.queries.hand import choice_for, hand_on
from prompts.schedule import PAUSE_LASTS, pause_starts
from prompts.services import (
    already_done,
    not_done,
    pause_messages,
    plan_treatment_prompts,
    stop_messages,
    take_fewer,
    travel,
    undo_stop,
)
from prompts.states import PromptState, Reason
from tests.world import HOUR_ZERO, World
from timeline.models import Treatment
from timeline.services import answer_step, correct_hour_zero, undo_answer
from timeline.states import Answer

pytestmark = pytest.mark.django_db

STARTED, AT = HOUR_ZERO - timedelta(minutes=45), HOUR_ZERO + timedelta(hours=1)


@pytest.fixture
def visit(world: World) -> Treatment:
    """Hour 0 was 11 am: home, check_1, snack, bed, morning and wrap_up are planned. Texts and e-mails were agreed to."""
    for kind, address in ((ChannelKind.SMS, "+12125550177"), (ChannelKind.EMAIL, "maya@example.org")):
        Channel.objects.create(
            clinic=world.clinic, patient=world.patient, kind=kind, address=address, consented_at=HOUR_ZERO
        )
    treatment = world.treatment(
        plan_number=1, started_at=STARTED, started_by=world.nurse, ended_at=HOUR_ZERO, ended_by=world.nurse
    )
    plan_treatment_prompts(treatment, at=HOUR_ZERO)
    return treatment


def waiting() -> list[str]:
    return list(Prompt.objects.filter(state=PromptState.WAITING).order_by("due_at").values_list("step", flat=True))


def due(step: str) -> datetime:
    return Prompt.objects.get(step=step).due_at


def reasons(state: PromptState = PromptState.CANCELLED) -> dict[str, str]:
    return dict(Prompt.objects.filter(state=state).values_list("step", "reason"))


def open_ways() -> set[str]:
    return set(Channel.objects.filter(Channel.OPEN).values_list("kind", flat=True))


def test_fewer_leaves_the_tips_out_at_once_and_undo_brings_them_back(world: World, visit: Treatment) -> None:
    for _ in range(2):
        take_fewer(world.patient, on=True, at=AT)
    assert waiting() == ["check_1", "bed", "morning", "wrap_up"]
    assert reasons() == {"home": Reason.FEWER, "snack": Reason.FEWER}
    visit.refresh_from_db()
    assert visit.plan_number == 2  # said twice, planned once; what the plan before had claimed completes nothing
    take_fewer(world.patient, on=False, at=HOUR_ZERO + timedelta(hours=3, minutes=30))
    assert waiting() == ["check_1", "snack", "bed", "morning", "wrap_up"]  # the window of "home" is over


def test_fewer_holds_for_later_visits(world: World) -> None:
    take_fewer(world.patient, on=True, at=AT)
    plan_treatment_prompts(world.treatment(plan_number=1), at=HOUR_ZERO)
    assert waiting() == ["check_1", "bed", "morning", "wrap_up"]


def test_in_a_pause_a_check_in_moves_and_a_tip_is_left_out(world: World, visit: Treatment) -> None:
    at = HOUR_ZERO + timedelta(hours=1, minutes=40)
    for minutes in (0, 1):  # tapped again it is not longer
        pause_messages(world.patient, on=True, at=at + timedelta(minutes=minutes))
    assert due("check_1") == at + timedelta(hours=3)
    assert reasons() == {"home": Reason.PAUSED}
    correct_hour_zero(visit, hour_zero=HOUR_ZERO, seen_plan=2, by=world.nurse, at=at + timedelta(minutes=10))
    assert due("check_1") == at + timedelta(hours=3)
    pause_messages(world.patient, on=False, at=at + timedelta(minutes=25))
    assert waiting() == ["home", "check_1", "snack", "bed", "morning", "wrap_up"]
    assert (due("home"), due("check_1")) == (at + timedelta(minutes=25), HOUR_ZERO + timedelta(hours=4))


def test_what_has_begun_to_leave_is_not_called_back(world: World, visit: Treatment) -> None:
    Prompt.objects.filter(step="home").update(begun_at=AT)
    take_fewer(world.patient, on=True, at=AT)
    assert "home" in waiting()
    assert not already_done(world.patient, tip_id=Prompt.objects.get(step="home").pk, at=AT)


def test_staff_who_correct_meanwhile_are_told_that_the_patient_changed_something(
    world: World, visit: Treatment
) -> None:
    take_fewer(world.patient, on=True, at=AT)
    with pytest.raises(Exception, match="The patient changed their messages meanwhile"):
        correct_hour_zero(visit, hour_zero=HOUR_ZERO, seen_plan=1, by=world.nurse, at=AT)


def test_a_stop_ends_every_way_and_undo_brings_back_exactly_those(world: World, visit: Treatment) -> None:
    Channel.objects.create(clinic=world.clinic, patient=world.patient, kind=ChannelKind.IN_APP, consented_at=HOUR_ZERO)
    set_texts(world.patient, on=False, at=HOUR_ZERO)
    for minutes in (0, 1):
        stop_messages(world.patient, at=AT + timedelta(minutes=minutes))
    assert open_ways() == {ChannelKind.IN_APP}
    assert set(Prompt.objects.values_list("channel", flat=True)) == {ChannelKind.IN_APP}
    said = last_consent(ConsentKind.EMAILS, patient=world.patient)
    assert said
    assert not said.given
    undo_stop(world.patient, at=AT + timedelta(minutes=30))
    assert open_ways() == {ChannelKind.IN_APP, ChannelKind.EMAIL}
    assert ChannelKind.EMAIL in set(Prompt.objects.values_list("channel", flat=True))


def test_a_stop_can_be_undone_for_an_hour(world: World, visit: Treatment) -> None:
    stop_messages(world.patient, at=AT)
    undo_stop(world.patient, at=AT + timedelta(hours=1))
    assert open_ways() == set()


def test_after_a_stop_by_reply_an_undo_brings_that_way_not_back(world: World, visit: Treatment) -> None:
    stop_messages(world.patient, at=AT)
    for minutes in (1, 2):
        stop_texts("+12125550177", at=AT + timedelta(minutes=minutes))
    undo_stop(world.patient, at=AT + timedelta(minutes=3))
    assert open_ways() == {ChannelKind.EMAIL}
    said = Consent.objects.filter(kind=ConsentKind.TEXTS).order_by("pk").values_list("given", "way")
    assert list(said) == [(False, ConsentWay.APP), (False, ConsentWay.REPLY)]  # said twice, kept once


def test_after_revoke_all_by_reply_an_undo_brings_nothing_back(world: World, visit: Treatment) -> None:
    Channel.objects.create(clinic=world.clinic, patient=world.patient, kind=ChannelKind.IN_APP, consented_at=HOUR_ZERO)
    stop_messages(world.patient, at=AT)
    stop_all_ways("+12125550177", at=AT + timedelta(minutes=1))
    undo_stop(world.patient, at=AT + timedelta(minutes=2))
    assert open_ways() == {ChannelKind.IN_APP}
    said = last_consent(ConsentKind.EMAILS, patient=world.patient)
    assert said and said.way == ConsentWay.REPLY


def test_a_no_after_the_stop_is_not_undone_with_it(world: World, visit: Treatment) -> None:
    stop_messages(world.patient, at=AT)
    set_emails(world.patient, on=False, at=AT + timedelta(minutes=1))
    undo_stop(world.patient, at=AT + timedelta(minutes=2))
    assert open_ways() == {ChannelKind.SMS}


def test_an_undo_says_no_yes_to_notes_that_no_phone_takes(world: World, visit: Treatment) -> None:
    set_push(world.patient, on=True, at=HOUR_ZERO)
    stop_messages(world.patient, at=AT)
    undo_stop(world.patient, at=AT + timedelta(minutes=1))
    assert open_ways() == {ChannelKind.SMS, ChannelKind.EMAIL}


def test_no_undo_is_offered_that_brings_nothing_back_and_the_page_says_where_things_stand(
    phone: Client, world: World
) -> None:
    """Notes were all that went out, and no phone takes any."""
    set_push(world.patient, on=True, at=HOUR_ZERO)
    for say in ("stop", "fewer", "usual"):
        phone.post("/messages/tap/", {"say": say})
        page = words(phone.get("/messages/"))
        assert "Nothing goes out to you now" in page and "Pick how we reach you" in page
        assert "/messages/#ways" in page and 'id="ways"' in page
        assert 'value="start"' not in page


def test_a_way_that_took_nothing_is_stopped_too_and_neither_undo_nor_start_opens_it(
    world: World, visit: Treatment
) -> None:
    Channel.objects.update(failed_at=HOUR_ZERO)
    choice, channels = choice_for(world.patient), list(Channel.objects.all())
    assert hand_on(choice, channels, zone=ZoneInfo("UTC"), at=AT).can_stop
    stop_messages(world.patient, at=AT)
    undo_stop(world.patient, at=AT + timedelta(minutes=1))
    assert start_texts("+12125550177", at=AT + timedelta(minutes=2)) == 0
    assert open_ways() == set() and not Channel.objects.filter(stopped_at=None).exists()


def test_once_a_way_is_open_again_there_is_a_stop_and_no_undo(world: World, visit: Treatment) -> None:
    stop_messages(world.patient, at=AT)
    hands = []
    for is_on in (False, True):
        set_emails(world.patient, on=is_on, at=AT + timedelta(minutes=1))
        choice, channels = choice_for(world.patient), list(Channel.objects.all())
        hands.append(hand_on(choice, channels, zone=ZoneInfo("UTC"), at=AT + timedelta(minutes=2)))
    assert [(hand.can_stop, bool(hand.undo_until)) for hand in hands] == [(False, True), (True, False)]


def test_a_drink_leaves_the_next_tip_out_and_no_later_plan_brings_it_back(world: World, visit: Treatment) -> None:
    at, home = HOUR_ZERO + timedelta(hours=1, minutes=30), Prompt.objects.get(step="home")
    assert [already_done(world.patient, tip_id=home.pk, at=at) for _ in range(2)] == [True, False]
    take_fewer(world.patient, on=True, at=at)
    take_fewer(world.patient, on=False, at=at)
    assert waiting() == ["check_1", "snack", "bed", "morning", "wrap_up"]
    assert reasons() == {"home": Reason.ALREADY_DONE}
    not_done(world.patient, tip_id=home.pk, at=at)
    assert waiting()[0] == "home"


def test_a_tip_of_later_or_a_check_in_is_not_left_out_by_a_drink(world: World, visit: Treatment) -> None:
    for step in ("snack", "check_1"):
        assert not already_done(world.patient, tip_id=Prompt.objects.get(step=step).pk, at=AT + timedelta(hours=2))


def test_undone_too_late_it_stays_left_out(world: World, visit: Treatment) -> None:
    home = Prompt.objects.get(step="home")
    already_done(world.patient, tip_id=home.pk, at=AT)
    not_done(world.patient, tip_id=home.pk, at=HOUR_ZERO + timedelta(hours=3))
    assert "home" not in waiting()


def test_a_drink_on_the_day_page_counts_too_once_and_its_undo_brings_the_tip_back(
    world: World, visit: Treatment
) -> None:
    for step in ("first_sip", "first_sip"):
        answer_step(visit, step=step, answer=Answer.DONE, at=AT)
    assert waiting() == ["check_1", "snack", "bed", "morning", "wrap_up"]
    undo_answer(visit, step="first_sip", at=AT)
    answer_step(visit, step="first_sip", answer=Answer.NOT_NOW, at=AT)
    answer_step(visit, step="lie_back", answer=Answer.DONE, at=AT)  # to breathe is neither
    assert waiting()[0] == "home"


def test_a_tip_on_its_way_at_a_drink_goes_no_further_and_the_one_after_it_is_left_out(
    world: World, visit: Treatment
) -> None:
    """It may be what they followed, and nothing calls it back."""
    Prompt.objects.filter(step="home").update(begun_at=AT)
    Prompt.objects.filter(step="snack").update(due_at=AT + timedelta(hours=2))
    answer_step(visit, step="first_sip", answer=Answer.DONE, at=AT)
    assert reasons() == {"snack": Reason.ALREADY_DONE}
    assert reasons(PromptState.WAITING)["home"] == Reason.ALREADY_DONE
    undo_answer(visit, step="first_sip", at=AT)
    assert reasons(PromptState.WAITING)["home"] == ""


def test_in_a_pause_nobody_is_nudged_and_staff_are_asked_in_its_place(world: World, visit: Treatment) -> None:
    asked_at = HOUR_ZERO + timedelta(hours=4)
    Prompt.objects.filter(step="check_1").update(state=PromptState.SENT, sent_at=asked_at)
    pause_messages(world.patient, on=True, at=asked_at + timedelta(minutes=5))
    assert follow_silence(at=asked_at + timedelta(minutes=31)) == 1
    assert SilentStep.objects.get().stage == SilentStage.STAFF


def test_a_check_in_that_a_pause_left_out_is_listened_for(world: World, visit: Treatment) -> None:
    Prompt.objects.filter(step__in=("home", "check_1", "snack")).update(state=PromptState.SKIPPED)
    bed = due("bed")
    pause_messages(world.patient, on=True, at=bed - timedelta(minutes=5))
    assert reasons() == {"bed": Reason.PAUSED}
    taken = [follow_silence(at=bed + timedelta(minutes=minutes)) for minutes in (-1, 29, 31, 32)]
    assert taken == [0, 0, 1, 0]
    assert SilentStep.objects.get().stage == SilentStage.STAFF


def test_a_check_in_that_finds_no_place_as_a_pause_is_ended_was_left_out_by_it(world: World, visit: Treatment) -> None:
    row = Prompt.objects.get(step="check_1")
    pause_messages(world.patient, on=True, at=row.due_at - timedelta(minutes=5))
    pause_messages(world.patient, on=False, at=row.window_ends_at)
    assert reasons()["check_1"] == Reason.PAUSED


def test_a_pause_that_follows_on_one_moves_once_more_what_that_moved(world: World, visit: Treatment) -> None:
    """Also where the plan is made anew in it; long after it, a pause is one of its own."""
    Prompt.objects.exclude(step__in=("morning", "wrap_up")).update(state=PromptState.SKIPPED)
    at = due("morning") - timedelta(minutes=20)
    again = at + PAUSE_LASTS + timedelta(seconds=1)
    for moment in (at, again):
        pause_messages(world.patient, on=True, at=moment)
    take_fewer(world.patient, on=True, at=again + timedelta(minutes=1))
    assert due("morning") == again + PAUSE_LASTS
    assert "morning" in waiting()
    assert pause_starts(at, again, at=again + PAUSE_LASTS) == again + PAUSE_LASTS


def test_a_pause_stops_the_reminder_of_the_day(world: World) -> None:
    day = Prompt.objects.create(
        clinic=world.clinic, patient=world.patient, step="log", kind="log", asks=True, channel="sms", plan_number=1,
        asked_on=AT.date(), due_at=AT, window_ends_at=AT + timedelta(hours=3), state=PromptState.WAITING,
    )  # fmt: skip
    pause_messages(world.patient, on=True, at=AT - timedelta(minutes=5))
    day.refresh_from_db()
    assert day.state == PromptState.CANCELLED


def test_on_a_trip_what_waits_moves_by_the_new_clock_and_nothing_is_sent_again(world: World, visit: Treatment) -> None:
    """11 am in New York is 8 am in Los Angeles: bedtime and morning come three hours later."""
    at = HOUR_ZERO + timedelta(hours=4, minutes=20)
    Prompt.objects.filter(step__in=("home", "check_1")).update(state=PromptState.SENT, sent_at=at)
    bed, morning = due("bed"), due("morning")
    after = travel(visit, zone="America/Los_Angeles", at=at)
    world.patient.refresh_from_db()
    assert (after.zone, world.patient.zone, after.plan_number) == (*["America/Los_Angeles"] * 2, 2)
    assert (due("bed") - bed, due("morning") - morning) == (timedelta(hours=3), timedelta(hours=3))
    assert Prompt.objects.filter(state=PromptState.SENT).count() == 2
    assert "home" not in waiting()


# The pages.

TELLING = (
    *(
        "Ketamineclub",
        "Ketamine_club",
        "Ketamine's",
        "Esketamin",
        "K-hole",
        "K hole",
        "k e t a m i n e",
        "Antidepressant",
    ),
    *("Therapist", "Psych ward", "Bipolar", "Rehab", "Depresión", "MyClinic"),
)


def agree_to_texts(world: World) -> None:
    Channel.objects.create(
        clinic=world.clinic, patient=world.patient, kind=ChannelKind.SMS, address="+12125550177", consented_at=AT
    )


@pytest.fixture
def came(world: World) -> Prompt:
    """A tip that came a minute ago, and another that comes in two hours."""
    moment = timezone.now()
    start = moment - timedelta(hours=2)
    treatment = world.treatment(
        hour_zero=start, started_at=start - timedelta(hours=1), started_by=world.nurse, plan_number=1
    )
    agree_to_texts(world)
    world.prompt(treatment, step="snack", due_at=moment + timedelta(hours=2))
    sent_at = moment - timedelta(minutes=1)
    return world.prompt(treatment, step="home", due_at=sent_at, state=PromptState.SENT, sent_at=sent_at)


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_of_a_tip_says_it_and_has_its_act_and_the_three_taps(phone: Client, came: Prompt) -> None:
    page = words(phone.get(f"/m/{came.pk}/"))
    for said in ("A few sips, then rest", "I had a drink", "Pause for 3 hours", "Stop messages"):
        assert said in page
    assert "<title>A message for you</title>" in page


def test_a_drink_on_the_page_is_done_once_and_can_be_undone_in_place(phone: Client, came: Prompt) -> None:
    snack = Prompt.objects.get(step="snack")
    tap = {"prompt": came.pk, "tip": snack.pk}
    for _ in range(2):
        response = phone.post("/messages/done/", {**tap, "say": "done"})
        assert (response.status_code, response["Location"]) == (303, f"/m/{came.pk}/#done")
    assert reasons() == {"snack": Reason.ALREADY_DONE}
    assert "We leave the next tip out" in words(phone.get(f"/m/{came.pk}/"))
    phone.post("/messages/done/", {**tap, "say": "undo"})
    assert "snack" not in reasons() or reasons()["snack"] != Reason.ALREADY_DONE
    assert "I had a drink" in words(phone.get(f"/m/{came.pk}/"))


def test_a_drink_that_leaves_nothing_out_is_said_once_in_place_of_its_button(phone: Client, came: Prompt) -> None:
    address, form = f"/m/{came.pk}/", {"prompt": came.pk, "say": "done"}
    Prompt.objects.exclude(pk=came.pk).delete()
    for _ in range(2):
        phone.post("/messages/done/", form)
        page = words(phone.get(address))
        assert page.count("Good. There is nothing more to do.") == 1
        assert "I had a drink" not in page
    phone.post("/messages/done/", {**form, "say": "undo"})
    assert "I had a drink" in words(phone.get(address))


def test_a_drink_that_would_change_nothing_any_more_is_not_offered(phone: Client, came: Prompt) -> None:
    Prompt.objects.exclude(pk=came.pk).delete()
    Prompt.objects.filter(pk=came.pk).update(window_ends_at=F("due_at") + timedelta(minutes=1))
    assert "Open your day" in words(phone.get(f"/m/{came.pk}/"))
    phone.post("/messages/done/", {"prompt": came.pk, "say": "done"})
    page = words(phone.get(f"/m/{came.pk}/"))
    assert page.count("Good. There is nothing more to do.") == 1, "an old page pressed once more is answered too"


def test_under_a_tip_that_is_no_drink_and_no_rest_there_is_nothing_to_say_done(phone: Client, came: Prompt) -> None:
    """As on the day page: a snack makes up for no drink."""
    Prompt.objects.filter(step="snack").update(step="lie_back")
    Prompt.objects.filter(pk=came.pk).update(step="snack")
    page = words(phone.get(f"/m/{came.pk}/"))
    assert "Open your day" in page
    assert 'value="done"' not in page


@pytest.mark.parametrize(("name", "undo"), [("fewer", "usual"), ("pause", "go_on"), ("stop", "start")])
def test_each_tap_acts_comes_back_to_the_message_and_offers_undo(
    phone: Client, came: Prompt, name: str, undo: str
) -> None:
    response = phone.post("/messages/tap/", {"say": name, "prompt": came.pk})
    assert (response.status_code, response["Location"]) == (303, f"/m/{came.pk}/#{name}")
    page = words(phone.get(f"/m/{came.pk}/"))
    assert "A check-in may be left out. Need help? Tap “Get help”." in page.replace("\N{NO-BREAK SPACE}", " ")
    assert (page.count(f'value="{undo}"'), page.count(f'value="{name}"')) == (1, 0)
    by_htmx = phone.post("/messages/tap/", {"say": undo}, headers={"HX-Request": "true"})
    assert by_htmx.status_code == 200
    assert f'value="{name}"' in words(by_htmx)
    assert "<html" not in words(by_htmx)


@pytest.mark.parametrize(
    "form", [{}, {"say": "maybe"}, {"say": "stop", "prompt": "x"}, {"say": "stop", "prompt": 2**70}]
)
def test_a_tap_that_says_nothing_changes_nothing(phone: Client, came: Prompt, form: dict[str, Any]) -> None:
    assert phone.post("/messages/tap/", form).status_code == 422
    assert open_ways() == {ChannelKind.SMS}
    assert not MessageChoice.objects.exists()


def test_a_message_that_has_not_left_or_is_not_there_has_no_page(phone: Client, came: Prompt) -> None:
    for prompt_id in (Prompt.objects.get(step="snack").pk, 2**62, 2**80):
        response = phone.get(f"/m/{prompt_id}/")
        assert response.status_code == 404
        assert "This message is not here" in words(response)


def test_a_message_that_waits_for_its_next_try_has_its_page(phone: Client, came: Prompt) -> None:
    """Its link may have come, though its provider said otherwise; a claim alone is no try."""
    snack = Prompt.objects.get(step="snack")
    Prompt.objects.filter(pk=snack.pk).update(tries=1)
    assert phone.get(f"/m/{snack.pk}/").status_code == 404
    Attempt.objects.create(prompt=snack, clinic=snack.clinic, number=1, channel="sms", began_at=AT)
    assert phone.get(f"/m/{snack.pk}/").status_code == 200


@pytest.mark.parametrize("state", [PromptState.WAITING, PromptState.CANCELLED, PromptState.SKIPPED])
def test_a_message_that_was_tried_in_vain_says_when_and_that_it_may_not_have_come(
    world: World, came: Prompt, state: PromptState
) -> None:
    """Whatever way and hour it has by now; while it is leaving there is nothing to doubt."""
    came.refresh_from_db()
    Prompt.objects.filter(pk=came.pk).update(state=state, sent_at=None, due_at=AT + timedelta(hours=9), channel="email")
    for number in (1, 2):
        began_at = AT + timedelta(minutes=number)
        Attempt.objects.create(prompt=came, clinic=came.clinic, number=number, channel="sms", began_at=began_at)
    page = prompt_page(world.patient, came.pk, AT)
    assert page is not None
    said = (page.message.when, page.message.way, page.message.doubt)
    assert said == ("12:02 pm", "", "The text may not have come. You can read it here.")
    Prompt.objects.filter(pk=came.pk).update(state=PromptState.WAITING, begun_at=AT)
    page = prompt_page(world.patient, came.pk, AT)
    assert page is not None and (page.message.way, page.message.doubt) == ("", "")


def test_another_clinics_message_has_no_page(phone: Client, other_world: World) -> None:
    with tenant(other_world.clinic.pk):
        theirs = other_world.prompt(other_world.treatment(), step="home", due_at=AT, state=PromptState.SENT, sent_at=AT)
    assert phone.get(f"/m/{theirs.pk}/").status_code == 404


def test_a_tap_on_somebody_elses_tip_changes_nothing(phone: Client, other_world: World) -> None:
    with tenant(other_world.clinic.pk):
        theirs = other_world.prompt(other_world.treatment(), step="home", due_at=timezone.now() + timedelta(hours=1))
    phone.post("/messages/done/", {"say": "done", "tip": theirs.pk})
    with tenant(other_world.clinic.pk):
        assert Prompt.objects.get(pk=theirs.pk).state == PromptState.WAITING


def test_the_page_of_a_message_takes_four_queries(
    phone: Client, world: World, came: Prompt, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    prompt_page(world.patient, came.pk, timezone.now())
    with django_assert_num_queries(4):
        prompt_page(world.patient, came.pk, timezone.now())


@pytest.mark.parametrize(
    "alias",
    [*TELLING, "Ketamine Maya", "x.example", "http:", "Мая", "A" * 25, "12345", "Maya 🌿", "me@home", "\x00", "a{b"],
)
def test_a_name_that_tells_links_or_breaks_a_text_is_refused(alias: str) -> None:
    assert not AliasForm({"alias": alias}).is_valid()


@pytest.mark.parametrize(
    "alias", ["Cedar Street", "Medina", "Heather Apple", "Claire Habib", "Dan Xiao", "Kholeka", ""]
)
def test_a_name_as_people_have_them_is_taken(alias: str) -> None:
    assert AliasForm({"alias": alias}).is_valid()


def test_e_mails_that_come_first_are_not_said_to_come_last(phone: Client, visit: Treatment) -> None:
    assert "They come when nothing else can." in words(phone.get("/messages/"))
    phone.post("/messages/first/", {"first_way": "email"})
    page = words(phone.get("/messages/"))
    assert "Your messages come this way first." in page and "nothing else can" not in page
    phone.post("/messages/first/", {"first_way": "in_app"})
    assert "You chose: only in the app. A text may still come if a check-in waits." in words(phone.get("/messages/"))


def test_a_name_that_is_refused_is_kept_to_mend(phone: Client, world: World) -> None:
    agree_to_texts(world)
    response = phone.post("/messages/name/", {"alias": "Aunt <Jo> Ketamine"})
    assert response.status_code == 422
    assert 'value="Aunt &lt;Jo&gt; Ketamine"' in words(response)
    assert not MessageChoice.objects.exists()


def test_a_name_stands_in_what_leaves_and_on_the_page(phone: Client, came: Prompt) -> None:
    assert phone.post("/messages/name/", {"alias": "  Aunt  Jo "}).status_code == 303
    assert MessageChoice.objects.get().alias == "Aunt Jo"
    assert "<b>Aunt Jo</b>" in words(phone.get("/messages/"))


def test_the_first_way_holds_at_once_for_what_waits(phone: Client, world: World, visit: Treatment) -> None:
    def ways() -> set[str]:
        return set(Prompt.objects.filter(step__in=("check_1", "morning")).values_list("channel", flat=True))

    seen = [ways()]
    for way in ("email", "in_app", "sms"):
        assert phone.post("/messages/first/", {"first_way": way}).status_code == 303
        seen.append(ways())
    assert seen == [{"sms"}, {"email"}, {"in_app"}, {"sms"}]
    assert phone.post("/messages/first/", {"first_way": "push"}).status_code == 422  # it is not open


def test_my_clock_has_changed_takes_the_visit_along(phone: Client, world: World, visit: Treatment) -> None:
    form = {"zone": "Europe/Berlin", "starts": "22:00", "ends": "07:00"}
    assert phone.post("/messages/clock/", {**form, "zone": "Nowhere/Never"}).status_code == 422
    assert phone.post("/messages/clock/", form).status_code == 303
    visit.refresh_from_db()
    assert (visit.zone, f"{visit.quiet_starts_at:%H:%M}") == ("Europe/Berlin", "22:00")
