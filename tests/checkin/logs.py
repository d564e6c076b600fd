"""Logs that were kept, for tests of what comes after."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils import timezone

from checkin.models import DailyLog
from checkin.pace import day_of
from tests.world import World


def log(world: World, ago: int, mood: int, sleep: int = 5, worry: int = 5, **other: Any) -> DailyLog:
    """One log of the world's patient, of the day that was so many days ago."""
    numbers = {"mood": mood, "sleep": sleep, "worry": worry}
    values = {"logged_at": noon(world, ago), **numbers, **other}
    return DailyLog.objects.create(
        clinic=world.clinic, patient=world.patient, key=uuid4(), day=day(world, ago), **values
    )


def day(world: World, ago: int) -> date:
    """By the patient's clock."""
    return day_of(timezone.now(), ZoneInfo(world.patient.zone)) - timedelta(days=ago)


def noon(world: World, ago: int) -> datetime:
    """The middle of that day, whatever the hour is now."""
    return datetime.combine(day(world, ago), time(12), ZoneInfo(world.patient.zone))
