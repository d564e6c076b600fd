"""When prompts leave: worked days by table, and over all zones, days and hours what must never happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from prompts.schedule import Night, PlannedPrompt, SentPrompt, plan_prompts, quiet_nights
from timeline.document import ProtocolDocument, QuietHours
from timeline.packs import pack_keys, read_pack
from timeline.phases import is_night

NEW_YORK = ZoneInfo("America/New_York")
EVENING_TO_EIGHT = QuietHours(time(21), time(8))
PACKS = {key: read_pack(key) for key in pack_keys()}
IV = PACKS["iv-ketamine"]
ZONES = sorted(available_timezones() - {"Factory", "localtime"})
# Days on which a clock jumps somewhere, and one day on which none does.
DAYS = [
    *(date(2027, 3, day) for day in (12, 13, 14, 15, 27, 28, 29)),
    *(date(2027, 4, day) for day in (2, 3, 4, 5)),
    *(date(2027, 9, day) for day in (4, 5, 25, 26)),
    *(date(2026, 10, day) for day in (3, 4, 24, 25, 31)),
    date(2026, 11, 1),
    date(2026, 11, 24),
]


def plan(
    hour_zero: datetime,
    *,
    zone: ZoneInfo = NEW_YORK,
    document: ProtocolDocument = IV,
    quiet: QuietHours = EVENING_TO_EIGHT,
    sent: Sequence[SentPrompt] = (),
    not_before: datetime | None = None,
    pauses: Sequence[Night] = (),
) -> list[PlannedPrompt]:
    return plan_prompts(
        document.prompts,
        hour_zero=hour_zero,
        zone=zone,
        quiet_hours=quiet,
        budget=document.budget,
        sent=sent,
        not_before=not_before,
        pauses=pauses,
    )


def local(words: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=zone).astimezone(UTC)


def times(planned: Sequence[PlannedPrompt], zone: ZoneInfo = NEW_YORK) -> dict[str, str]:
    return {prompt.step: f"{prompt.due_at.astimezone(zone):%a %H:%M}" for prompt in planned}


hours_zero = st.builds(
    lambda day, minute, zone: (
        datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone).astimezone(UTC),
        zone,
    ),
    st.sampled_from(DAYS),
    st.integers(0, 24 * 60 - 1),
    st.sampled_from(ZONES).map(ZoneInfo),
)
quiet_hours = st.one_of(
    st.just(EVENING_TO_EIGHT),
    st.builds(
        lambda start, length: QuietHours(
            time(start // 60, start % 60), time((start + length) % 1440 // 60, (start + length) % 60)
        ),
        st.integers(0, 1439),
        st.integers(60, 14 * 60),
    ),
)
documents = st.sampled_from(sorted(PACKS)).map(PACKS.__getitem__)
EVERY_WHERE = settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def assert_is_lawful(
    planned: Sequence[PlannedPrompt],
    *,
    hour_zero: datetime,
    zone: ZoneInfo,
    document: ProtocolDocument,
    quiet: QuietHours,
    sent: Sequence[SentPrompt] = (),
) -> None:
    budget, templates = document.budget, {template.key: template for template in document.prompts}
    for prompt in planned:
        assert hour_zero < prompt.due_at < prompt.window_ends_at
        assert not is_night(prompt.due_at, zone, quiet)
        assert not is_night(prompt.window_ends_at - timedelta(seconds=1), zone, quiet)
        assert prompt.window_ends_at - prompt.due_at <= timedelta(minutes=templates[prompt.step].window_minutes)
    assert all(a.window_ends_at <= b.due_at for a, b in pairwise(planned))
    moments = sorted([prompt.due_at for prompt in planned] + [prompt.at for prompt in sent])
    assert all(b - a >= timedelta(minutes=budget.gap_minutes) for a, b in pairwise(moments))
    assert len({prompt.step for prompt in planned} | {prompt.step for prompt in sent}) == len(planned) + len(sent)
    everything: list[PlannedPrompt | SentPrompt] = [*planned, *sent]
    assert len(everything) <= budget.notices
    assert sum(prompt.asks for prompt in everything) <= budget.asking
    assert sum(prompt.by_text for prompt in everything) <= budget.texts
    by_hours = [prompt for prompt in planned if templates[prompt.step].at_hours is not None]
    assert by_hours == sorted(by_hours, key=lambda prompt: templates[prompt.step].at_hours or 0)


@EVERY_WHERE
@given(hours_zero, quiet_hours, documents)
def test_a_plan_keeps_every_limit_in_every_zone_on_every_day(
    moment: tuple[datetime, ZoneInfo], quiet: QuietHours, document: ProtocolDocument
) -> None:
    hour_zero, zone = moment
    planned = plan(hour_zero, zone=zone, document=document, quiet=quiet)
    assert_is_lawful(planned, hour_zero=hour_zero, zone=zone, document=document, quiet=quiet)


@pytest.mark.parametrize("key", sorted(PACKS))
def test_no_zone_is_left_out(key: str) -> None:
    """Each zone by name, on days on which clocks jump somewhere, from an afternoon, an evening and a night."""
    for name in ZONES:
        zone = ZoneInfo(name)
        for wall in ("2027-03-13 16:30", "2026-10-31 20:10", "2027-04-04 00:40"):
            hour_zero = local(wall, zone)
            planned = plan(hour_zero, zone=zone, document=PACKS[key])
            assert_is_lawful(planned, hour_zero=hour_zero, zone=zone, document=PACKS[key], quiet=EVENING_TO_EIGHT)
            assert "morning" in times(planned, zone), (name, wall)


@EVERY_WHERE
@given(hours_zero, quiet_hours, documents, st.integers(-240, 240), st.integers(0, 6))
def test_a_correction_keeps_every_limit_together_with_what_was_sent(
    moment: tuple[datetime, ZoneInfo], quiet: QuietHours, document: ProtocolDocument, minutes: int, count: int
) -> None:
    hour_zero, zone = moment
    before = plan(hour_zero, zone=zone, document=document, quiet=quiet)
    sent = [SentPrompt(p.step, p.due_at, p.asks, p.by_text) for p in before[:count]]
    at = max([hour_zero + timedelta(hours=1), *(prompt.at for prompt in sent)])
    corrected = min(hour_zero + timedelta(minutes=minutes), at)
    after = plan(corrected, zone=zone, document=document, quiet=quiet, sent=sent, not_before=at)
    assert all(prompt.due_at >= at for prompt in after)
    assert_is_lawful(after, hour_zero=corrected, zone=zone, document=document, quiet=quiet, sent=sent)


@EVERY_WHERE
@given(st.sampled_from(DAYS), st.integers(0, 7 * 60), st.sampled_from(ZONES).map(ZoneInfo), documents)
def test_an_end_from_seven_to_two_still_gives_the_morning_check_in(
    day: date, minutes: int, zone: ZoneInfo, document: ProtocolDocument
) -> None:
    wall = datetime.combine(day, time(19)) + timedelta(minutes=minutes)
    hour_zero = wall.replace(tzinfo=zone).astimezone(UTC)
    assume(hour_zero.astimezone(zone).replace(tzinfo=None) == wall)  # else the clocks jumped over it
    morning = next(prompt for prompt in plan(hour_zero, zone=zone, document=document) if prompt.step == "morning")
    due = morning.due_at.astimezone(zone)
    assert morning.asks
    assert time(8) <= due.time() < time(12)
    assert due.date() == day + timedelta(days=1)


@EVERY_WHERE
@given(hours_zero, quiet_hours)
def test_quiet_nights_are_what_the_clock_on_the_wall_says(moment: tuple[datetime, ZoneInfo], quiet: QuietHours) -> None:
    starts, zone = moment
    ends = starts + timedelta(days=2)
    nights = quiet_nights(quiet, zone, starts=starts, ends=ends)
    assert all(a.ends_at < b.starts_at for a, b in pairwise(nights))
    for minutes in range(0, 48 * 60, 11):
        at = starts + timedelta(minutes=minutes)
        assert is_night(at, zone, quiet) == any(night.starts_at <= at < night.ends_at for night in nights)


def test_a_morning_treatment_gives_the_worked_day() -> None:
    assert times(plan(local("2026-11-24 10:30"))) == {
        "home": "Tue 12:30",
        "check_1": "Tue 14:30",
        "snack": "Tue 17:30",
        "bed": "Tue 20:30",
        "morning": "Wed 08:30",
        "wrap_up": "Wed 10:30",
    }


def test_a_late_afternoon_treatment_merges_the_check_in_with_bedtime() -> None:
    assert times(plan(local("2026-11-24 16:30"))) == {
        "home": "Tue 18:30",
        "check_1": "Tue 20:30",
        "morning": "Wed 08:30",
        "food": "Wed 12:30",
        "wrap_up": "Wed 16:30",
    }


def test_nothing_is_sent_while_the_patient_is_still_with_the_nurse() -> None:
    planned = plan(local("2026-11-24 19:51"))
    assert planned[0].due_at >= local("2026-11-25 08:00")
    assert "check_1" in times(plan(local("2026-11-24 19:30")))


def test_the_wrap_up_comes_last_also_when_the_next_morning_is_later() -> None:
    assert list(times(plan(local("2026-11-24 08:00"))).items())[-2:] == [
        ("morning", "Wed 08:30"),
        ("wrap_up", "Wed 10:00"),
    ]


def test_the_hour_that_is_skipped_moves_no_prompt_into_the_night() -> None:
    planned = plan(local("2027-03-13 16:30"))
    assert times(planned)["morning"] == "Sun 08:30"
    wrap_up = next(prompt for prompt in planned if prompt.step == "wrap_up")
    assert wrap_up.due_at - local("2027-03-13 16:30") == timedelta(hours=24)
    assert times(planned)["wrap_up"] == "Sun 17:30"  # 24 hours that passed, on a day of 23


def test_an_hour_that_comes_twice_is_one_night_for_who_is_moved_out_of_it() -> None:
    adak, short_night = ZoneInfo("America/Adak"), QuietHours(time(0), time(1, 46))
    planned = plan(datetime(2026, 11, 1, 7, 45, tzinfo=UTC), zone=adak, quiet=short_night)
    assert times(planned, adak)["check_1"] == "Sat 23:45"


def test_it_is_all_the_same_in_which_zone_hour_zero_is_said() -> None:
    hour_zero = local("2027-03-13 16:30")
    assert plan(hour_zero.astimezone(NEW_YORK)) == plan(hour_zero)


def test_what_was_sent_is_not_planned_again_and_its_gap_is_kept() -> None:
    hour_zero = local("2026-11-24 10:30")
    sent = [SentPrompt("home", local("2026-11-24 12:30"), asks=False, by_text=False)]
    after = plan(hour_zero - timedelta(minutes=75), sent=sent, not_before=local("2026-11-24 12:40"))
    assert "home" not in times(after)
    assert times(after)["check_1"] == "Tue 14:00"


def test_a_prompt_whose_window_is_over_at_planning_is_left_out() -> None:
    hour_zero = local("2026-11-24 10:30")
    assert "home" not in times(plan(hour_zero, not_before=local("2026-11-24 16:00")))


def test_a_text_too_many_stays_in_the_app() -> None:
    loud = replace(IV, prompts=tuple(replace(template, by_text=True) for template in IV.prompts))
    planned = plan(local("2026-11-24 10:30"), document=loud)
    assert sum(prompt.by_text for prompt in planned) == IV.budget.texts
    assert len(planned) == len(plan(local("2026-11-24 10:30")))


@pytest.mark.parametrize("key", sorted(PACKS))
def test_plans_do_not_depend_on_the_order_of_the_document(key: str) -> None:
    document = PACKS[key]
    turned = replace(document, prompts=tuple(reversed(document.prompts)))
    hour_zero = local("2026-11-24 13:10")
    assert plan(hour_zero, document=document) == plan(hour_zero, document=turned)


# How long after hour 0 it begins, how long it is, how many prompts left before it, and whether the plan knows it beforehand.
pauses = st.tuples(
    st.integers(-2 * 60, 27 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    st.sampled_from([1, 20, 180, 600]).map(lambda minutes: timedelta(minutes=minutes)),
    st.integers(0, 6),
    st.booleans(),
)


@settings(EVERY_WHERE, max_examples=400)
@given(hours_zero, quiet_hours, documents, pauses)
def test_in_a_pause_nothing_leaves_and_every_other_limit_is_kept(
    moment: tuple[datetime, ZoneInfo],
    quiet: QuietHours,
    document: ProtocolDocument,
    pause: tuple[timedelta, timedelta, int, bool],
) -> None:
    hour_zero, zone = moment
    after_hour_zero, length, count, is_foreseen = pause
    starts_at = hour_zero + after_hour_zero
    stretch = Night(starts_at, starts_at + length)
    before = plan(hour_zero, zone=zone, document=document, quiet=quiet)
    sent = [SentPrompt(p.step, p.due_at, p.asks, p.by_text) for p in before[:count] if p.due_at < starts_at]
    at = None if is_foreseen else max([hour_zero, starts_at, *(prompt.at for prompt in sent)])
    after = plan(hour_zero, zone=zone, document=document, quiet=quiet, sent=sent, not_before=at, pauses=[stretch])
    assert all(p.window_ends_at <= stretch.starts_at or p.due_at >= stretch.ends_at for p in after)
    assert_is_lawful(after, hour_zero=hour_zero, zone=zone, document=document, quiet=quiet, sent=sent)


@pytest.mark.parametrize(
    ("start", "end", "changes"),
    [
        # the check-in of 2:30 pm comes right after the pause; a tip in it is left out, and so is one too close behind
        ("14:00", "17:00", {"check_1": "Tue 17:00", "snack": None}),
        ("11:40", "14:40", {"home": None, "check_1": "Tue 14:40"}),
        # its window was open when the pause began, and it had not left
        ("14:32", "17:32", {"check_1": "Tue 17:32", "snack": None}),
        # where less than ten minutes are left before the night, there is no place for a check-in that comes before it
        ("14:00", "20:45", {"check_1": "Tue 20:45", "snack": None, "bed": None}),
        ("14:00", "20:55", {"check_1": None, "snack": None, "bed": None}),
        # it runs into the night, and what waits for the end of the night still comes then
        ("19:00", "22:00", {"bed": None}),
        ("07:00+1", "10:00+1", {"morning": "Wed 10:00", "wrap_up": "Wed 11:30"}),
    ],
)
def test_a_pause_moves_or_leaves_out_by_the_prompts_own_rule(
    start: str, end: str, changes: dict[str, str | None]
) -> None:
    hour_zero = local("2026-11-24 10:30")
    pause = Night(*(local(f"2026-11-{25 if '+1' in wall else 24} {wall[:5]}") for wall in (start, end)))
    usual = plan(hour_zero)
    long_ago = pause.starts_at - timedelta(minutes=5)
    sent = [SentPrompt(p.step, p.due_at, p.asks, p.by_text) for p in usual if p.due_at < long_ago]
    after = times(plan(hour_zero, sent=sent, not_before=pause.starts_at, pauses=[pause]))
    wanted = {**times([p for p in usual if p.due_at >= long_ago]), **changes}
    assert after == {step: when for step, when in wanted.items() if when}


def test_planned_again_in_the_pause_and_after_it_the_plan_stays() -> None:
    """A correction in a pause, or one after it, finds the same place for what the pause had moved."""
    hour_zero = local("2026-11-24 10:30")
    pause = Night(local("2026-11-24 14:10"), local("2026-11-24 17:10"))
    sent = [SentPrompt("home", local("2026-11-24 12:30"), asks=False, by_text=False)]
    plans = [
        times(plan(hour_zero, sent=sent, not_before=local(f"2026-11-24 {at}"), pauses=[pause]))
        for at in ("14:10", "16:40", "17:10", "17:20")
    ]
    assert [each["check_1"] for each in plans] == ["Tue 17:10", "Tue 17:10", "Tue 17:10", "Tue 17:20"]


def test_what_was_over_when_a_pause_began_does_not_come_after_it() -> None:
    hour_zero = local("2026-11-24 10:30")
    pause = Night(local("2026-11-25 11:00"), local("2026-11-25 14:00"))
    after = plan(hour_zero, not_before=pause.starts_at, pauses=[pause])
    assert "morning" not in times(after)
