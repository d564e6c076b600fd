"""The alert board: who waits comes first, nothing old looks new, and nobody of another clinic is on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Patient
from accounts.states import Role
from aftercare.processes import ROOT
from aftercare.tenancy import tenant
from alerts.models import Alert, AlertNotice
from alerts.services import close_alert, hand_back_alert, take_alert
from alerts.states import Cause, Closing, NoticeState
from clinic.queries.alert_words import SAID_BY, reasons_of
from clinic.queries.alerts import alert_board
from tests.clinic.alerts import BOARD, HEADACHE, HTMX, an_alert, another_patient, beat, give_number, under_way
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import NEW_YORK, World, make_staff
from timeline.levels import Level
from timeline.packs import read_triage
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
WAITING, TAKEN, CLOSED, CALLS = (
    "Nobody has these yet", "Somebody has these", "Closed in the last 24 hours", "Calls due today",
)  # fmt: skip


def mark(browser: Any, address: str = BOARD) -> str:
    match = re.search(r"seen=(\w+)", browser.get(address).content.decode())
    assert match
    return match[1]


def part(text: str, heading: str) -> str:
    """What stands below a heading of the board, up to the next one."""
    after = text.partition(f" {heading}")[2]
    return re.split("|".join(map(re.escape, {WAITING, TAKEN, CLOSED, CALLS} - {heading})), after)[0]


def close(alert: Alert, world: World, *, at: datetime | None = None) -> None:
    close_alert(
        alert, closing=Closing.SAFE_AT_HOME, done="Spoke.", is_reported=None, by=world.nurse, at=at or timezone.now()
    )


def test_what_nobody_has_comes_first_then_what_somebody_has_then_what_is_over(world: World, staff: Staff) -> None:
    taken = an_alert(world, patient=another_patient(world, "Luis"))
    take_alert(taken, by=world.nurse, at=timezone.now())
    close(an_alert(world, patient=another_patient(world, "Ruth")), world)
    an_alert(world)
    text = words(staff().get(BOARD))
    assert [text.index(heading) for heading in (WAITING, TAKEN, CLOSED)] == sorted(
        text.index(heading) for heading in (WAITING, TAKEN, CLOSED)
    )
    assert "Maya Torres" in part(text, WAITING)
    assert "Luis Vale" in part(text, TAKEN) and "Dana Reyes, since" in part(text, TAKEN)
    assert "Ruth Vale" in part(text, CLOSED) and "Safe at home" in part(text, CLOSED)


def test_the_worst_need_comes_before_the_longest_wait(world: World, staff: Staff) -> None:
    at = timezone.now()
    for name, level, minutes in (("Ada", Level.CALL_TODAY, 90), ("Bo", Level.URGENT, 40), ("Cy", Level.EMERGENCY, 1)):
        an_alert(world, level, patient=another_patient(world, name), at=at - timedelta(minutes=minutes))
    text = part(words(staff().get(BOARD)), WAITING)
    assert text.index("Cy Vale") < text.index("Bo Vale") < text.index("Ada Vale")


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        (Level.EMERGENCY, ("emerg", "triangle-alert", "Emergency")),
        (Level.CRISIS, ("urgent", "life-buoy", "Crisis line")),
        (Level.URGENT, ("urgent", "circle-alert", "Urgent now")),
        (Level.CALL_TODAY, ("warn", "phone", "Call today")),
    ],
)
def test_a_level_is_a_word_an_icon_and_a_colour(
    world: World, staff: Staff, level: Level, shown: tuple[str, ...]
) -> None:
    an_alert(world, level)
    content = staff().get(BOARD).content.decode()
    tag = re.search(r'<header><span class="tag tag--(\w+)">.*?#([\w-]+)"/></svg>\s*([\w ]+)</span>', content, re.DOTALL)
    assert tag and tag.groups() == shown


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=20), "Waits under 1 min"),
        (timedelta(minutes=4), "Waits 4 min"),
        (timedelta(hours=1), "Waits 1 h"),
        (timedelta(hours=1, minutes=20), "Waits 1 h 20 min"),
        (timedelta(hours=50), "Waits 2 days"),
    ],
)
def test_a_card_says_how_long_somebody_has_waited(world: World, ago: timedelta, said: str) -> None:
    at = timezone.now()
    an_alert(world, at=at - ago)
    assert alert_board(world.clinic, at).waiting[0].wait == said


def test_a_card_holds_what_is_needed_to_call(world: World, staff: Staff) -> None:
    give_number(world.patient)
    an_alert(world, treatment=under_way(world))
    response = staff().get(BOARD)
    for said in ("Maya Torres", HEADACHE, "Hour 5", "212-555-0177", "Take it"):
        assert said in words(response)
    assert 'href="tel:+12125550177"' in response.content.decode()


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        (("U1", "E13b"), ("U1", "E13b")),  # "burning with fever" is one of three things there
        (("E1", "M7b"), ("E1", "M7b")),
        (("H1", "H4"), ("H1", "H4")),
        (("E3", "E5", "E6"), ("E3",)),
        (("H2", "H2b", "H4"), ("H2",)),
        (("B7", "B8"), ("B7",)),
    ],
)
def test_a_reason_is_left_out_only_where_another_is_the_same_and_more(
    rules: tuple[str, ...], left: tuple[str, ...]
) -> None:
    reasons = {rule.id: rule.reason for rule in read_triage().rules}
    assert {*SAID_BY, *chain.from_iterable(SAID_BY.values())} <= {*reasons.values()}
    alert = Alert(cause=Cause.CHECK_IN, reasons=[reasons[rule] for rule in rules])
    assert reasons_of(alert) == tuple(reasons[rule] for rule in left)


def test_a_promised_call_is_shown_and_late_when_it_is(world: World) -> None:
    at = timezone.now()
    alert = an_alert(world)
    take_alert(alert, by=world.nurse, at=at, promised_for=at + timedelta(minutes=15))
    [card] = alert_board(world.clinic, at).taken
    assert re.fullmatch(r"Call promised by (\d.* [ap]m|noon|midnight).*", card.due) and not card.is_late
    [late] = alert_board(world.clinic, at + timedelta(minutes=21)).taken
    assert late.due.endswith(": 6 min late") and late.is_late


@pytest.mark.parametrize(
    ("states", "said", "is_untold"),
    [
        ([], "The first message is leaving", False),
        ([NoticeState.SENT], "1 message to the people on duty", False),
        ([NoticeState.SENT, NoticeState.FAILED, NoticeState.SENT], "2 messages to the people on duty", False),
        ([NoticeState.FAILED], "No message got through", True),
    ],
)
def test_a_card_says_whether_anybody_was_told(
    world: World, states: list[NoticeState], said: str, is_untold: bool
) -> None:
    at = timezone.now()
    alert = an_alert(world)
    for notice, became in zip(AlertNotice.objects.filter(alert=alert).order_by("due_at", "pk"), states, strict=False):
        AlertNotice.objects.filter(pk=notice.pk).update(state=became, sent_at=at if became == 1 else None, ended_at=at)
    [card] = alert_board(world.clinic, at).waiting
    assert card.told.startswith(said) and card.is_untold is is_untold


def test_messages_of_before_it_got_worse_are_not_counted(world: World) -> None:
    at = timezone.now()
    alert = an_alert(world)
    AlertNotice.objects.filter(alert=alert, step=0).update(state=NoticeState.SENT, sent_at=at)
    take_alert(alert, by=world.nurse, at=at)
    hand_back_alert(alert, by=world.nurse, at=at)
    assert alert_board(world.clinic, at).waiting[0].told == "The first message is leaving"


def test_closed_ones_go_after_a_day(world: World) -> None:
    at = timezone.now()
    close(an_alert(world, at=at - timedelta(hours=30)), world, at=at - timedelta(hours=24, seconds=1))
    close(an_alert(world, at=at - timedelta(hours=30)), world, at=at - timedelta(hours=23))
    assert len(alert_board(world.clinic, at).closed) == 1


def test_calls_due_today_are_the_promised_ones_the_calls_today_and_those_after_24_hours(world: World) -> None:
    at = datetime(2026, 11, 24, 15, tzinfo=NEW_YORK)
    one, two, three, red = (another_patient(world, name) for name in ("Ada", "Bo", "Cy", "Di"))
    promised = an_alert(world, patient=one, at=at - timedelta(minutes=30))
    take_alert(promised, by=world.nurse, at=at, promised_for=at + timedelta(minutes=60))
    an_alert(world, Level.CALL_TODAY, patient=two, kind=Cause.CALL_BACK, reasons=(), at=at - timedelta(hours=3))
    an_alert(world, Level.CALL_TODAY, patient=three, at=at + timedelta(hours=20))  # due tomorrow
    an_alert(world, patient=red, at=at)  # due at once: it stands above
    world.treatment(TreatmentState.DISCHARGED, hour_zero=at - timedelta(hours=20))
    calls = alert_board(world.clinic, at).calls
    assert [(call.patient_name, call.why, call.late) for call in calls] == [
        ("Bo Vale", "Asks for a call back", "1 h late"),
        ("Ada Vale", "Call back, promised", ""),
        ("Maya Torres", "24 hours are over", ""),
    ]
    assert calls[1].who == "Dana Reyes" and calls[2].alert_id is None


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("2026-11-23T00:00", ["12 h late"]),
        ("2026-11-22T23:59", ["12 h 1 min late"]),
        ("2026-11-16T11:59", []),
        ("2026-11-23T23:59", [""]),
        ("2026-11-24T00:00", []),
    ],
)
def test_hour_24_is_today_by_the_clinics_clock_and_stays_a_week_when_nobody_calls(
    world: World, hours: str, said: list[str]
) -> None:
    zero = datetime.fromisoformat(hours).replace(tzinfo=NEW_YORK)
    world.treatment(TreatmentState.DISCHARGED, hour_zero=zero)
    at = datetime(2026, 11, 24, 12, tzinfo=NEW_YORK)
    assert [call.late for call in alert_board(world.clinic, at).calls] == said


@pytest.mark.parametrize("zero", ["2026-10-31T00:30", "2026-10-31T12:00", "2026-10-31T23:30", "2026-11-01T00:10"])
def test_on_the_day_of_25_hours_no_call_is_lost(world: World, zero: str) -> None:
    """The clocks go back on November 1: 24 hours after ten past midnight it is still that day."""
    world.treatment(TreatmentState.DISCHARGED, hour_zero=datetime.fromisoformat(zero).replace(tzinfo=NEW_YORK))
    days = [datetime(2026, 11, day, 12, tzinfo=NEW_YORK) for day in (1, 2)]
    assert [len(alert_board(world.clinic, at).calls) for at in days] == [1, 1]


def test_a_visit_that_ended_badly_is_not_called_after_24_hours(world: World) -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=NEW_YORK)
    ends: dict[str, Any] = {"ended_badly_at": at, "ended_badly_by": world.nurse, "ended_badly_reason": "hospital"}
    world.treatment(TreatmentState.ENDED_BADLY, hour_zero=at - timedelta(hours=23), **ends)
    assert alert_board(world.clinic, at).calls == ()


def test_a_visit_that_was_closed_keeps_its_call_until_somebody_was_reached(world: World) -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=NEW_YORK)
    world.treatment(TreatmentState.CLOSED, hour_zero=at - timedelta(hours=23), closed_at=at)
    assert len(alert_board(world.clinic, at).calls) == 1


def test_an_empty_board_says_so_only_while_it_is_fresh(world: World, staff: Staff) -> None:
    content = staff().get(BOARD).content.decode()
    assert re.search(r'<div class="when-fresh"><div class="empty">.*?<h2>No alerts wait</h2>', content, re.DOTALL)
    assert re.search(r'<div class="when-stale">.*?Not up to date since', content, re.DOTALL)
    assert "Alerts may wait that this page does not show. Reload it, and phone who is on call." in content


def test_the_style_turns_it_stale_after_30_seconds_whatever_a_script_does() -> None:
    css = (ROOT / "static/css/app.css").read_text("utf-8")
    assert re.search(r"\.when-stale \{[^}]*visibility: hidden;[^}]*animation: shows 1ms 30s forwards", css)
    assert re.search(r"\.when-fresh \{[^}]*animation: hides 1ms 30s forwards", css)


def test_without_javascript_it_loads_itself_and_has_a_link(world: World, staff: Staff) -> None:
    an_alert(world)
    content = staff().get(BOARD).content.decode()
    assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in content
    assert f'<a href="{BOARD}">' in content
    assert re.search(r"As of (\d+(:\d\d)? [ap]m|noon|midnight)\.", content)
    assert re.search(r'<form class="alert__take" method="post" action="/staff/alerts/[\w-]+/take/">', content)


def test_htmx_gets_nothing_while_nothing_changed_and_the_board_when_an_alert_came(world: World, staff: Staff) -> None:
    browser = staff()
    for _ in range(2):  # a minute may pass in between
        seen = mark(browser)
        same = browser.get(BOARD, {"seen": seen}, headers=HTMX)
        if same.status_code == 204:
            break
    assert (same.status_code, same.content) == (204, b"")
    alert = an_alert(world)
    changed = browser.get(BOARD, {"seen": seen}, headers=HTMX)
    assert changed.status_code == 200
    assert changed.content.startswith(b'<div class="stack stack--l" id="alerts"')
    assert f'data-alerts="{alert.pk}:0"' in changed.content.decode()


def test_an_alert_that_is_raised_again_is_new_to_the_sound(world: World) -> None:
    at = timezone.now()
    alert = an_alert(world)
    take_alert(alert, by=world.nurse, at=at)
    assert alert_board(world.clinic, at).keys == ""
    hand_back_alert(alert, by=world.nurse, at=at)
    assert alert_board(world.clinic, at).keys == f"{alert.pk}:1"


def test_the_title_tells_nothing_and_no_script_is_inline(world: World, staff: Staff) -> None:
    an_alert(world)
    response = staff().get(BOARD)
    assert title(response) == "Alerts"
    assert 'src="/static/js/alerts' in response.content.decode()
    assert "Sound is off." in words(response)


@pytest.mark.parametrize("role", list(Role))
def test_all_staff_see_the_board_and_who_does_not_answer_has_no_button(world: World, staff: Staff, role: Role) -> None:
    an_alert(world)
    text = words(staff(role).get(BOARD))
    assert HEADACHE in text
    assert ("Take it" in text) is (role != Role.FRONT_DESK)
    assert ("Procedures" in text) is (role in {Role.CLINICIAN, Role.MANAGER})


def test_the_board_of_another_clinic_shows_none_of_ours(world: World, other_world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        an_alert(world, treatment=under_way(world))
    text = words(staff(at=other_world).get(BOARD))
    assert "Maya" not in text and "No alerts wait" in text


def test_one_alert_costs_as_many_queries_as_three(world: World, staff: Staff) -> None:
    browser = staff()
    counts: list[int] = []
    for name in ("Ada", "Luis", "Ruth"):
        patient = another_patient(world, name)
        give_number(patient, f"+1212555019{len(counts)}")
        an_alert(world, patient=patient)
        taken = an_alert(world, Level.CALL_TODAY, patient=patient)
        take_alert(taken, by=make_staff(world.clinic, Role.NURSE), at=timezone.now())
        close(an_alert(world, patient=patient), world)
        with CaptureQueriesContext(connection) as queries:
            browser.get(BOARD)
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[0] <= 17


# On every staff page: how many wait, and whether alerts go out at all.


@pytest.mark.parametrize("page", ["/staff/", "/staff/patients/", "/staff/protocols/", "/staff/me/"])
def test_every_staff_page_counts_those_that_nobody_has(world: World, staff: Staff, page: str) -> None:
    beat()
    an_alert(world)
    take_alert(an_alert(world), by=world.nurse, at=timezone.now())
    content = staff().get(page).content.decode()
    assert '<span class="count count--hot num">1<span class="vh"> waiting</span></span>' in content
    assert "Alerts may not go out" not in content


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (None, "the sender has not started"),
        (timedelta(seconds=45), "nothing was heard of the sender for under 1 min"),
        (timedelta(minutes=7), "nothing was heard of the sender for 7 min"),
    ],
)
def test_every_staff_page_says_when_alerts_may_not_go_out(
    world: World, staff: Staff, ago: timedelta | None, said: str
) -> None:
    if ago:
        beat(timezone.now() - ago)
    response = staff().get("/staff/patients/")
    assert f"Alerts may not go out: {said}. Phone your on-call yourself." in words(response)


def test_a_page_without_alerts_shows_no_count(world: World, staff: Staff) -> None:
    assert "count--hot" not in staff().get("/staff/patients/").content.decode()


def test_a_patients_page_knows_nothing_of_it(world: World, phone: Any) -> None:
    an_alert(world)
    content = phone.get("/").content.decode()
    assert "Alerts may not go out" not in content and "count--hot" not in content


def test_todays_board_begins_with_what_nobody_has(world: World, staff: Staff) -> None:
    treatment = under_way(world)
    an_alert(world, treatment=treatment)
    take_alert(an_alert(world, patient=another_patient(world, "Luis")), by=world.nurse, at=timezone.now())
    text = words(staff().get("/staff/"))
    assert text.index("Alerts that nobody has") < text.index(HEADACHE) < text.index("in care")
    assert "1 taken." in text
    assert "Luis" not in text.partition("in care")[0]


def test_todays_board_changes_its_mark_when_an_alert_comes(world: World, staff: Staff) -> None:
    browser = staff()
    before = mark(browser, "/staff/")
    an_alert(world)
    assert mark(browser, "/staff/") != before


def test_todays_board_costs_as_many_queries_for_one_alert_as_for_three(world: World, staff: Staff) -> None:
    browser = staff()
    counts: list[int] = []
    for name in ("Ada", "Luis", "Ruth"):
        an_alert(world, patient=another_patient(world, name))
        with CaptureQueriesContext(connection) as queries:
            browser.get("/staff/")
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[0] <= 15


def test_a_long_board_stays_light(world: World, staff: Staff) -> None:
    for number in range(30):
        an_alert(world, patient=another_patient(world, f"P{number}"))
    assert len(staff().get(BOARD).content) < 150_000
    assert Patient.objects.count() == 31


def test_times_are_on_the_clinics_clock(world: World) -> None:
    at = datetime(2026, 11, 24, 15, 5, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert alert_board(world.clinic, at).as_of == "1:05 am"
