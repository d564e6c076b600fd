"""One alert: what its page holds, and what a person does with it, once, whoever else is at it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Clinic, Escort, Patient
from accounts.states import Role
from aftercare.tenancy import tenant
from alerts.models import Alert, AlertNotice, CallLog
from alerts.services import AlertCause, close_alert, log_call, raise_alert, take_alert
from alerts.states import Cause, Closing, NoticeState, Tried
from tests.clinic.alerts import (
    CLOSED,
    HEADACHE,
    OPEN,
    TAKEN,
    an_alert,
    give_number,
    state,
    under_way,
    url,
)
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import World, acts
from timeline.levels import Level
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
ANSWERS = [Role.NURSE, Role.CLINICIAN, Role.MANAGER]
DONE = "Called. A dose of her own pain reliever helped.\nJo stays with her."
WHEN = r"That was at (\d+(:\d\d)? [ap]m|noon|midnight)"


def closing(**other: Any) -> dict[str, Any]:
    form = {"closing": "safe_at_home", "done": DONE, "reported": "none", "seen": "0.1.1", **other}
    return {name: value for name, value in form.items() if value is not None}


def call(**other: Any) -> dict[str, Any]:
    return {"tried": "reached", "said": "Feels better.", "key": str(uuid4()), **other}


def ticked(response: Any) -> set[str]:
    boxes = re.findall(r'<input type="radio"[^>]*>', response.content.decode())
    return {match[1] for box in boxes if " checked" in box and (match := re.search(r'value="(\w+)"', box))}


# What the page holds.


def test_the_page_holds_all_that_a_person_needs_to_act(world: World, staff: Staff) -> None:
    Patient.objects.update(history=["high_blood_pressure"])
    Clinic.objects.update(procedures={"urgent": "Call within 15 minutes.\nThen the physician."})
    give_number(world.patient)
    Escort.objects.create(
        clinic=world.clinic, patient=world.patient, name="Ben Torres", task="drives", phone="+12125550188"
    )
    night = {"tonight_at": "7 Mill Lane", "second_contact": "Jo Torres", "second_phone": "+12125550199"}
    alert = an_alert(world, treatment=under_way(world, is_alone_tonight=True, **night))
    response = staff().get(url(alert))
    text = words(response)
    for said in (
        *(HEADACHE, "Urgent now", "Waits 4 min: nobody has it", "Rule H2", "Hour 5", "Call within 15 minutes."),
        *("7 Mill Lane", "Jo Torres", "Alone tonight", "Ben Torres", "Drives home", "High blood pressure"),
    ):
        assert said in text
    for number in ("+12125550177", "+12125550188", "+12125550199"):
        assert f'href="tel:{number}"' in response.content.decode()
    assert title(response) == "Alert"


def test_where_little_is_known_the_page_says_what_is_missing(world: World, staff: Staff) -> None:
    text = words(staff().get(url(an_alert(world, treatment=under_way(world)))))
    for said in (
        "No number",
        "Not on record",
        "Not asked who is there",
        "has written nothing for this level",
        "Not asked yet",
    ):
        assert said in text


def test_an_alert_without_a_visit_has_no_night(world: World, staff: Staff) -> None:
    assert "Tonight" not in words(staff().get(url(an_alert(world))))


def test_the_front_desk_sees_no_history_and_has_only_the_call_to_write_down(world: World, staff: Staff) -> None:
    Patient.objects.update(history=["high_blood_pressure"])
    text = words(staff(Role.FRONT_DESK).get(url(an_alert(world))))
    assert HEADACHE in text and "Write it down" in text
    for other in ("High blood pressure", "What we should know", "Take it", "Close it", "Hand it back", "Promise it"):
        assert other not in text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Leaves "),
        ({"due_at": timezone.now() - timedelta(minutes=1)}, "Leaving now"),
        ({"tries": 2, "due_at": timezone.now() + timedelta(seconds=9)}, "Leaving now, 2 tries"),
        ({"state": NoticeState.SENT, "report": ""}, "delivery not known yet"),
        ({"state": NoticeState.SENT, "report": "delivered", "tries": 3}, "3 tries, delivered"),
        ({"state": NoticeState.SENT, "report": "no-answer"}, "but nobody answered"),
        ({"state": NoticeState.SENT, "report": "undelivered"}, "but not delivered"),
        ({"state": NoticeState.SENT, "report": "who-knows"}, "but not delivered"),
        ({"state": NoticeState.FAILED, "reason": "no_number", "tries": 1}, "Not sent: no number"),
        ({"state": NoticeState.CANCELLED, "reason": "taken"}, "Not needed: it was taken"),
    ],
)
def test_each_message_says_whom_when_and_what_became_of_it(
    world: World, staff: Staff, values: dict[str, Any], said: str
) -> None:
    alert, at = an_alert(world), timezone.now()
    sent = {"sent_at": at, "to_staff": world.nurse} if values.get("state") == NoticeState.SENT else {}
    AlertNotice.objects.filter(alert=alert).exclude(step=3, seat=0, channel="sms").delete()
    AlertNotice.objects.filter(alert=alert).update(**sent, **values)
    text = words(staff().get(url(alert)))
    assert said in text
    assert ("Dana Reyes" if sent else "First on duty") in text


def test_a_text_and_a_call_of_one_step_with_one_fate_are_one_line(world: World, staff: Staff) -> None:
    content = staff().get(url(an_alert(world))).content.decode()
    assert content.count("Text and call") == 6
    assert content.count('<tr><th scope="row">') == 7


@pytest.mark.parametrize("level", list(Level)[1:])
def test_every_level_has_a_page(world: World, staff: Staff, level: Level) -> None:
    assert staff().get(url(an_alert(world, level))).status_code == 200


# Taking it.


@pytest.mark.parametrize("role", ANSWERS)
def test_who_answers_takes_it_and_nobody_else_is_told_from_then_on(world: World, staff: Staff, role: Role) -> None:
    alert, browser = an_alert(world), staff(role)
    response = browser.post(url(alert, "take"), follow=True)
    assert "You have it. Nobody else is told now." in words(response)
    assert Alert.objects.get(pk=alert.pk).taken_by_id == browser.member.pk
    assert not AlertNotice.objects.filter(alert=alert, state=NoticeState.WAITING).exists()


@pytest.mark.parametrize("act", ["take", "promise", "hand-back", "close"])
def test_the_front_desk_may_not(world: World, staff: Staff, act: str) -> None:
    alert, desk = an_alert(world), staff(Role.FRONT_DESK)
    assert desk.post(url(alert, act), {**closing(), "promise": "5"}).status_code == 403
    assert state(alert) == OPEN


@pytest.mark.parametrize("act", ["take", "promise", "call", "hand-back", "close"])
def test_a_look_at_an_act_leads_to_the_alert_and_does_nothing(world: World, staff: Staff, act: str) -> None:
    alert = an_alert(world)
    response = staff().get(url(alert, act))
    assert (response.status_code, response["Location"]) == (303, url(alert))
    assert state(alert) == OPEN and acts().filter(action="alert_taken").count() == 0


@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_taking_it_may_promise_a_time(world: World, staff: Staff, minutes: int) -> None:
    alert, before = an_alert(world), timezone.now()
    staff().post(url(alert, "take"), {"promise": str(minutes)})
    promised = Alert.objects.get(pk=alert.pk).promised_for
    assert promised and promised.second == 0
    assert timedelta(minutes=minutes - 1) < promised - before <= timedelta(minutes=minutes, seconds=5)


def test_a_time_that_is_none_is_told_and_takes_nothing(world: World, staff: Staff) -> None:
    alert = an_alert(world)
    response = staff().post(url(alert, "take"), {"promise": "7"})
    assert (response.status_code, title(response)) == (422, "Error: Alert")
    assert words(response).count("Pick one of these times.") == 2
    assert state(alert) == OPEN


def test_a_second_tap_is_the_first(world: World, staff: Staff) -> None:
    alert, browser = an_alert(world), staff()
    assert [browser.post(url(alert, "take"), {"promise": "15"}).status_code for _ in range(2)] == [303, 303]
    assert acts().filter(action="alert_taken").count() == 1


def test_who_comes_second_is_told_who_was_first_and_when_and_keeps_the_pick(world: World, staff: Staff) -> None:
    alert = an_alert(world)
    staff(Role.NURSE).post(url(alert, "take"))
    second = staff(Role.CLINICIAN)
    response = second.post(url(alert, "take"), {"promise": "15"})
    assert (response.status_code, title(response)) == (409, "Error: Alert")
    assert re.search(rf"Sam Lindqvist has this alert\. {WHEN}", words(response))
    assert Alert.objects.get(pk=alert.pk).taken_by_id != second.member.pk


# Promising a call, and handing back.


def test_a_promise_can_be_made_and_changed_by_who_has_it(world: World, staff: Staff) -> None:
    alert, browser = an_alert(world), staff()
    browser.post(url(alert, "take"))
    for minutes in (5, 60):
        response = browser.post(url(alert, "promise"), {"promise": str(minutes)}, follow=True)
        assert "Call promised by" in words(response)
    promised = Alert.objects.get(pk=alert.pk).promised_for
    assert promised and promised > timezone.now() + timedelta(minutes=58)


def test_a_promise_tapped_twice_is_made_once(world: World, staff: Staff) -> None:
    alert, browser = an_alert(world), staff()
    browser.post(url(alert, "take"))
    for _ in range(3):  # a minute may pass in between
        before = acts().filter(action="call_promised").count()
        assert [browser.post(url(alert, "promise"), {"promise": "30"}).status_code for _ in range(2)] == [303, 303]
        if acts().filter(action="call_promised").count() <= before + 1:
            break
    else:
        pytest.fail("Two taps made two promises.")


@pytest.mark.parametrize(("form", "said"), [({}, "Pick by when you will call."), ({"promise": "x"}, "Pick one of")])
def test_a_promise_needs_a_time(world: World, staff: Staff, form: dict[str, str], said: str) -> None:
    alert, browser = an_alert(world), staff()
    browser.post(url(alert, "take"))
    response = browser.post(url(alert, "promise"), form)
    assert response.status_code == 422 and said in words(response)


def test_nobody_promises_for_somebody_else(world: World, staff: Staff) -> None:
    alert = an_alert(world)
    take_alert(alert, by=world.nurse, at=timezone.now())
    response = staff().post(url(alert, "promise"), {"promise": "15"})
    assert response.status_code == 409
    assert "Only who has it can promise a call." in words(response)
    assert Alert.objects.get(pk=alert.pk).promised_for is None


def test_handed_back_it_is_open_and_who_is_on_duty_is_told_anew(world: World, staff: Staff) -> None:
    alert, browser = an_alert(world), staff()
    browser.post(url(alert, "take"), {"promise": "15"})
    response = browser.post(url(alert, "hand-back"), follow=True)
    assert "Who is on duty is told again." in words(response)
    row = Alert.objects.get(pk=alert.pk)
    assert (row.state, row.taken_by_id, row.promised_for, row.lift) == (OPEN, None, None, 1)
    assert browser.post(url(alert, "hand-back")).status_code == 303
    assert acts().filter(action="alert_handed_back").count() == 1


def test_a_manager_hands_back_what_somebody_left_and_a_nurse_does_not(world: World, staff: Staff) -> None:
    alert = an_alert(world)
    take_alert(alert, by=world.nurse, at=timezone.now())
    nurse, manager = staff(Role.NURSE), staff(Role.MANAGER)
    assert "Hand it back" not in words(nurse.get(url(alert)))
    response = nurse.post(url(alert, "hand-back"))
    assert response.status_code == 409 and "Somebody else has this alert." in words(response)
    assert manager.post(url(alert, "hand-back")).status_code == 303
    assert state(alert) == OPEN


# Calls.


@pytest.mark.parametrize("role", list(Role))
def test_anybody_writes_a_call_down_with_who_and_when(world: World, staff: Staff, role: Role) -> None:
    alert, browser = an_alert(world), staff(role)
    response = browser.post(url(alert, "call"), call(), follow=True)
    text = words(response)
    assert "The call is on record." in text and "Reached the patient" in text and "Feels better." in text
    row = CallLog.objects.get()
    assert (row.tried, row.said, row.by_id) == (Tried.REACHED, "Feels better.", browser.member.pk)


def test_a_call_tapped_twice_is_one_call_and_the_page_brings_a_new_key_each_time(world: World, staff: Staff) -> None:
    alert, browser, form = an_alert(world), staff(), call()
    assert [browser.post(url(alert, "call"), form).status_code for _ in range(2)] == [303, 303]
    assert CallLog.objects.count() == 1
    keys = {
        match
        for _ in range(2)
        for match in re.findall(r'name="key" value="([\w-]+)"', browser.get(url(alert)).content.decode())
    }
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tried": ""}, "Pick what came of the call."),
        ({"tried": "maybe"}, "Pick what came of the call."),
        ({"said": "x" * 1001}, "Make it shorter: 1000 characters at most."),
        ({"said": "a\u202eb"}, "This holds a character that can't be shown."),
        ({"said": "a\0b"}, "Null characters are not allowed."),
        ({"key": ""}, "This page lost its place."),
        ({"key": "nonsense"}, "This page lost its place."),
    ],
)
def test_what_is_wrong_with_a_call_is_told_and_the_words_are_kept(
    world: World, staff: Staff, wrong: dict[str, str], said: str
) -> None:
    alert, form = an_alert(world), call(**wrong)
    response = staff().post(url(alert, "call"), form)
    assert (response.status_code, title(response)) == (422, "Error: Alert")
    assert said in words(response)
    if "said" not in wrong:
        assert "Feels better.</textarea>" in response.content.decode()
    assert CallLog.objects.count() == 0


@pytest.mark.parametrize("text", ["x" * 1000, "a\r\n" * 400, "🌿 ok", "<script>alert(1)</script>"])
def test_a_call_takes_what_fits(world: World, staff: Staff, text: str) -> None:
    alert, browser = an_alert(world), staff()
    assert browser.post(url(alert, "call"), call(said=text)).status_code == 303
    assert CallLog.objects.get().said == text.replace("\r\n", "\n").strip()
    assert "<script>alert(1)" not in browser.get(url(alert)).content.decode()


def test_a_call_about_a_closed_alert_is_not_lost(world: World, staff: Staff) -> None:
    alert, browser = an_alert(world), staff()
    browser.post(url(alert, "close"), closing())
    assert browser.post(url(alert, "call"), call()).status_code == 303
    assert CallLog.objects.count() == 1


# Closing it.


@pytest.mark.parametrize("role", ANSWERS)
@pytest.mark.parametrize(("reported", "kept"), [("yes", True), ("no", False), ("none", None)])
def test_it_is_closed_with_how_it_ended_and_what_was_done(
    world: World, staff: Staff, role: Role, reported: str, kept: bool | None
) -> None:
    alert, browser = an_alert(world), staff(role)
    response = browser.post(url(alert, "close"), closing(reported=reported), follow=True)
    text = words(response)
    assert "The alert is closed." in text and "Safe at home" in text and "Jo stays with her." in text
    row = Alert.objects.get(pk=alert.pk)
    assert (row.state, row.closing, row.done, row.is_reported) == (CLOSED, Closing.SAFE_AT_HOME, DONE, kept)
    assert row.closed_by_id == browser.member.pk
    assert "Close it" not in text and "Take it" not in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"closing": None}, "Pick how it ended."),
        ({"closing": "magic"}, "Pick how it ended."),
        ({"done": ""}, "Write what was done, in a line or two."),
        ({"done": " \n "}, "Write what was done, in a line or two."),
        ({"done": "x" * 1001}, "Make it shorter: 1000 characters at most."),
        ({"reported": None}, "Say whether it was reported, or that this does not apply."),
        ({"reported": "perhaps"}, "Pick one of these answers."),
        ({"closing": "cannot_reach"}, "Write down the call that you tried first."),
    ],
)
def test_what_closing_needs_is_told_and_what_was_typed_is_kept(
    world: World, staff: Staff, wrong: dict[str, Any], said: str
) -> None:
    alert, form = an_alert(world), closing(**wrong)
    response = staff().post(url(alert, "close"), form)
    content = response.content.decode()
    assert (response.status_code, title(response)) == (422, "Error: Alert")
    assert said in words(response)
    assert '<details class="card more closing" open>' in content
    if "done" not in wrong:
        assert "helped.\nJo stays with her.</textarea>" in content
    if "closing" not in wrong:
        assert "safe_at_home" in ticked(response)
    assert state(alert) == OPEN


def test_whether_it_was_reported_is_asked_only_of_a_red_one(world: World, staff: Staff) -> None:
    alert = an_alert(world, Level.CALL_TODAY)
    assert staff().post(url(alert, "close"), closing(reported=None)).status_code == 303
    assert Alert.objects.get(pk=alert.pk).is_reported is None


def test_after_a_call_it_may_be_closed_as_not_reached(world: World, staff: Staff) -> None:
    alert, browser = an_alert(world), staff()
    browser.post(url(alert, "call"), call(tried="tried"))
    assert browser.post(url(alert, "close"), closing(closing="cannot_reach")).status_code == 303


@pytest.mark.parametrize("level", [Level.URGENT, Level.EMERGENCY])
def test_what_was_told_after_the_page_was_opened_is_not_closed_with_it(
    world: World, staff: Staff, level: Level
) -> None:
    alert, browser = an_alert(world), staff()
    cause = AlertCause(
        world.patient, None, Cause.CHECK_IN, alert.source, level, ("Chest pain, or hard to breathe",), ("E1",)
    )
    raise_alert(cause, at=timezone.now())
    response = browser.post(url(alert, "close"), closing())
    text = words(response)
    assert (response.status_code, state(alert)) == (422, OPEN)
    assert "The patient has told more since you opened this page." in text and "Chest pain" in text
    assert "Jo stays with her." in response.content.decode()
    seen = re.search(r'name="seen" value="([\d.]+)"', response.content.decode())
    assert seen and browser.post(url(alert, "close"), closing(seen=seen[1])).status_code == 303
    assert state(alert) == CLOSED


def test_closing_tapped_twice_is_closed_once_and_saying_something_else_is_a_conflict(
    world: World, staff: Staff
) -> None:
    alert, browser = an_alert(world), staff()
    assert [browser.post(url(alert, "close"), closing()).status_code for _ in range(2)] == [303, 303]
    assert acts().filter(action="alert_closed").count() == 1
    response = browser.post(url(alert, "close"), closing(done="Something else."))
    assert response.status_code == 409 and "What you typed Something else." in words(response)


def test_who_closes_second_reads_who_was_first_and_keeps_what_was_typed(world: World, staff: Staff) -> None:
    alert = an_alert(world)
    staff(Role.NURSE).post(url(alert, "close"), closing())
    response = staff(Role.CLINICIAN).post(url(alert, "close"), closing(done="Sent a car."))
    text = words(response)
    assert (response.status_code, title(response)) == (409, "Error: Alert")
    assert re.search(rf"Sam Lindqvist closed this alert\. {WHEN}", text)
    assert "What you typed Sent a car." in text and "Jo stays with her." in text


def test_taking_a_closed_one_says_who_closed_it(world: World, staff: Staff) -> None:
    alert = an_alert(world)
    staff(Role.NURSE).post(url(alert, "close"), closing())
    response = staff(Role.CLINICIAN).post(url(alert, "take"))
    assert response.status_code == 409 and "closed this alert." in words(response)


# Who may, and what it costs.


def test_another_clinic_finds_no_such_alert(world: World, other_world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        alert = an_alert(world)
    stranger = staff(Role.MANAGER, at=other_world)
    assert stranger.get(url(alert)).status_code == 404
    for act in ("take", "promise", "call", "hand-back", "close"):
        assert stranger.post(url(alert, act), {**closing(), **call(), "promise": "5"}).status_code == 404
    with tenant(world.clinic.pk):
        assert state(alert) == OPEN and CallLog.objects.count() == 0


def test_a_visit_that_is_closed_leaves_the_alert_to_be_answered(world: World, staff: Staff) -> None:
    treatment = under_way(world)
    alert, browser = an_alert(world, treatment=treatment), staff()
    treatment.state, treatment.closed_at = TreatmentState.CLOSED, timezone.now()
    treatment.save()
    assert browser.post(url(alert, "take")).status_code == 303
    assert browser.post(url(alert, "close"), closing()).status_code == 303


def test_a_page_with_much_costs_as_many_queries_as_one_with_little(world: World, staff: Staff) -> None:
    alert, browser = an_alert(world, treatment=under_way(world)), staff()
    counts: list[int] = []
    for _ in range(3):
        log_call(alert, tried=Tried.TRIED, said="", by=world.nurse, at=timezone.now(), key=uuid4())
        with CaptureQueriesContext(connection) as queries:
            browser.get(url(alert))
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[0] <= 14


def test_what_was_said_stands_on_no_other_staff_page_and_in_no_audit_line(world: World, staff: Staff) -> None:
    alert = an_alert(world)
    close_alert(alert, closing=Closing.SAFE_AT_HOME, done=DONE, is_reported=None, by=world.nurse, at=timezone.now())
    assert DONE.split(".", maxsplit=1)[0] + "." not in words(staff(Role.FRONT_DESK).get("/staff/patients/"))
    assert "pain reliever" not in "".join(str(event.facts) for event in acts())
    assert TAKEN == "taken"
