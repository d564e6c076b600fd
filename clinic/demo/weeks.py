"""The demo's logs: somebody in the third week, who shares the charts, and somebody who took the yes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

from accounts.models import Patient
from checkin.models import DailyLog
from checkin.services import choose_pace, record_questionnaire
from checkin.services.sharing import share_charts
from checkin.states import LogPace

# How many days ago their visits were.
VISITS = (20, 13)
_HOUR = 20


class Day(NamedTuple):
    """One day's log: how many days ago, mood, sleep, worry, hours slept, and a line for the clinic."""

    ago: int
    mood: int
    sleep: int
    worry: int
    hours: float | None = None
    told: str = ""


_THIRD_WEEK = (
    Day(27, 3, 4, 7, 5.5), Day(26, 3, 3, 7, 5), Day(25, 4, 4, 6), Day(23, 3, 5, 7, 6), Day(22, 4, 4, 8, 5.5),
    Day(21, 3, 4, 7, 6), Day(20, 5, 6, 5, 7), Day(19, 6, 6, 4, 7.5), Day(18, 6, 5, 4), Day(17, 5, 6, 5, 6.5),
    Day(15, 5, 5, 5, 6), Day(14, 4, 5, 6), Day(13, 6, 6, 4, 7), Day(12, 7, 7, 3, 7.5), Day(11, 7, 6, 3, 7),
    Day(10, 6, 7, 4, 7.5, "The walks help. Can I walk on the day itself?"), Day(6, 6, 6, 4, 7), Day(5, 7, 7, 3),
    Day(4, 6, 7, 3, 7.5), Day(2, 5, 5, 5, 6, "A bad night. Too much coffee, I think."), Day(1, 6, 7, 4, 7.5),
)  # fmt: skip
_SOME_DAYS = (Day(12, 4, 5, 6), Day(11, 5, 5, 5), Day(8, 6, 6, 4), Day(7, 6, 5, 4), Day(6, 5, 6, 5), Day(3, 6, 6, 4))
_BEFORE = {"phq9": (2, 2, 2, 2, 1, 2, 1, 1, 0), "gad7": (2, 2, 2, 1, 1, 1, 2)}
_SINCE = {"phq9": (1, 1, 1, 1, 1, 1, 1, 0, 0), "gad7": (1, 1, 1, 1, 0, 1, 1)}


# When two of them are reminded of it. For one the night begins by now at the hour that was picked.
_REMINDED_AT, _EARLY_NIGHT = {"hour_20": time(18), "weeks": time(20)}, (time(20), time(7))


def tell_of_weeks(people: Mapping[str, Patient], *, at: datetime) -> None:
    """By the rows alone: what somebody logged weeks ago brings no alert today."""
    lena, theo = people["weeks"], people["closed"]
    _log(lena, _THIRD_WEEK, at=at)
    _log(theo, _SOME_DAYS, at=at)
    for answers, days in ((_BEFORE, 23), (_SINCE, 6)):
        for kind, given in answers.items():
            when = _evening(lena, days, at)
            record_questionnaire(lena, key=uuid4(), kind=kind, answers=given, treatment=None, at=when)
    share_charts(lena, on=True, at=at - timedelta(days=19))
    share_charts(theo, on=True, at=at - timedelta(days=8))
    share_charts(theo, on=False, at=at - timedelta(days=4))
    for key, hour in _REMINDED_AT.items():
        # As if they had just said so: nothing of before the start leaves.
        choose_pace(people[key], LogPace.PLAN, reminds_at=hour, at=at)
    lena.quiet_starts_at, lena.quiet_ends_at = _EARLY_NIGHT
    lena.save(update_fields=["quiet_starts_at", "quiet_ends_at"])


def _log(patient: Patient, days: tuple[Day, ...], *, at: datetime) -> None:
    DailyLog.objects.bulk_create(_row(patient, day, at) for day in days)


def _evening(patient: Patient, ago: int, at: datetime) -> datetime:
    day = at.astimezone(ZoneInfo(patient.zone)) - timedelta(days=ago)
    return day.replace(hour=_HOUR, minute=5, second=0)


def _row(patient: Patient, day: Day, at: datetime) -> DailyLog:
    logged_at = _evening(patient, day.ago, at)
    return DailyLog(
        clinic_id=patient.clinic_id,
        key=uuid4(),
        patient=patient,
        day=logged_at.date(),
        mood=day.mood,
        sleep=day.sleep,
        worry=day.worry,
        slept_minutes=None if day.hours is None else round(day.hours * 60),
        for_clinic=day.told,
        logged_at=logged_at,
    )
