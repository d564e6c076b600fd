"""What is kept of the daily log, and what its pages say: whether today's is there, when the next one is, who sees what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.models import Channel, Patient
from accounts.services import has_agreed
from accounts.states import ChannelKind, ConsentKind
from checkin.models import DailyLog, LogChoice
from checkin.pace import day_of, next_log_on, rests_until
from checkin.reminders import hour_that_holds, hours_to_pick, is_quiet
from checkin.states import PACES, LogPace
from checkin.trends import opens_help
from prompts.queries.hand import choice_for
from timeline.document import QuietHours
from timeline.models import Treatment
from timeline.phases import clock_words, day_words, time_words
from timeline.states import TreatmentState

DAY = timedelta(days=1)


def standing_logs(patient: Patient) -> QuerySet[DailyLog]:
    """Of each day the log that counts, the last one; oldest day first."""
    return DailyLog.objects.filter(patient=patient).order_by("day", "-logged_at", "-pk").distinct("day")


def told_on(logs: Iterable[DailyLog]) -> tuple[str, ...]:
    """Each line for the clinic, once, in the order of the logs. One that was told stays, whatever is kept after it."""
    return tuple(dict.fromkeys(log.for_clinic for log in logs if log.for_clinic))


def log_of(patient: Patient, day: date) -> DailyLog | None:
    """The one of this day that counts."""
    return standing_logs(patient).filter(day=day).first()


def hour_zeros_of(patient: Patient) -> list[datetime]:
    """Hour 0 of each treatment that has one, oldest first."""
    rows = Treatment.objects.filter(patient=patient, hour_zero__isnull=False).order_by("hour_zero")
    return [hour_zero for hour_zero in rows.values_list("hour_zero", flat=True) if hour_zero]


def log_choice(patient: Patient) -> LogChoice:
    """What the patient chose; unsaved, and as planned, where they never did. One query."""
    return LogChoice.objects.filter(patient=patient).first() or LogChoice(patient=patient, pace=LogPace.PLAN)


@dataclass(frozen=True, slots=True)
class LogPacePage:
    """The pace that holds. `remind`: the hour that holds, as a form has it, "" for none; `hours` are those that can be picked.

    `moved`: why another hour than the one that was picked holds by now, and which, else "". `has_way`: a message can go out
    at all.
    """

    pace: LogPace
    remind: str
    moved: str
    hours: tuple[time, ...]
    has_way: bool


def log_pace_page(patient: Patient) -> LogPacePage:
    """Three queries."""
    choice, quiet = log_choice(patient), _quiet(patient)
    picked = choice.reminds_at
    return LogPacePage(
        pace=LogPace(choice.pace),
        remind=f"{hour_that_holds(picked, quiet):%H:%M}" if picked else "",
        moved=_moved_to(picked, quiet) if picked else "",
        hours=tuple(hours_to_pick(quiet, picked=picked)),
        has_way=_has_way(patient),
    )


@dataclass(frozen=True, slots=True)
class LogReminder:
    """The reminder of the log that comes next, by its hour; `moved`: why that is not the one that was picked, else ""."""

    hour: str
    moved: str


def log_reminder(patient: Patient, at: datetime) -> LogReminder | None:
    """None for who asked for none, while nothing can go out, and once no log is asked for. Five queries; one for most."""
    choice, quiet = log_choice(patient), _quiet(patient)
    picked = choice.reminds_at
    if (
        not picked
        or not _has_way(patient)
        or not _next_on(patient, LogPace(choice.pace), hour_zeros_of(patient), at=at)
    ):
        return None
    return LogReminder(time_words(hour_that_holds(picked, quiet)), _moved(picked, quiet))


def _quiet(patient: Patient) -> QuietHours:
    return QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)


def _moved(picked: time, quiet: QuietHours) -> str:
    """ "You picked 10 pm. That is in your quiet hours now."; "" where the hour that was picked holds."""
    if hour_that_holds(picked, quiet) == picked:
        return ""
    why = (
        "That is in your quiet hours now."
        if is_quiet(picked, quiet)
        else "Your quiet hours begin right after that now."
    )
    return f"You picked {time_words(picked)}. {why}"


def _moved_to(picked: time, quiet: QuietHours) -> str:
    moved = _moved(picked, quiet)
    return f"{moved} So it comes at {time_words(hour_that_holds(picked, quiet))}." if moved else ""


def _has_way(patient: Patient) -> bool:
    """Out of the app, which some chose to stay in."""
    ways = Channel.objects.filter(Channel.OPEN, patient=patient).exclude(kind=ChannelKind.IN_APP)
    return ways.exists() and choice_for(patient).first_way != ChannelKind.IN_APP


@dataclass(frozen=True, slots=True)
class LogPage:
    """`opens`: from when, while the log rests: "" when it is open, "later" when nobody knows yet. `kept`: that day's, if any.

    `on` is the day that it is of, `day` its name. `told`: the lines that the clinic was told on it. `next_on` says when the
    next one is asked for, "" where none is, or today's is. `pace` is how often, in words, with the hour of the reminder.
    `shares`: the clinic sees the numbers.
    """

    opens: str
    on: date
    day: str
    kept: DailyLog | None
    told: tuple[str, ...]
    next_on: str
    pace: str
    shares: bool


def log_day(patient: Patient, at: datetime) -> date:
    """The patient's day: it ends when they sleep."""
    return day_of(at, ZoneInfo(patient.zone))


def log_page(patient: Patient, at: datetime, *, day: date) -> LogPage:
    """Five queries; up to two more for who picked a reminder."""
    zeros, choice = hour_zeros_of(patient), log_choice(patient)
    rows = list(DailyLog.objects.filter(patient=patient, day=day).order_by("logged_at", "pk"))
    return LogPage(
        opens=_opens(patient, zeros, at=at),
        on=day,
        day=f"{day:%A}",
        kept=rows[-1] if rows else None,
        told=told_on(rows),
        next_on=_next_words(patient, LogPace(choice.pace), zeros, at=at),
        pace=_pace_words(choice, _quiet(patient), comes=bool(choice.reminds_at) and _has_way(patient)),
        shares=has_agreed(ConsentKind.CHARTS, patient=patient),
    )


def _opens(patient: Patient, zeros: Sequence[datetime], *, at: datetime) -> str:
    """While a treatment goes on, its end is not known, and so not the hour at which the log opens."""
    until = rests_until(zeros, at=at)
    if until:
        return clock_words(until, zone=ZoneInfo(patient.zone), today=at)
    goes_on = Treatment.objects.filter(patient=patient, state=TreatmentState.IN_TREATMENT, hour_zero=None)
    return "later" if goes_on.exists() else ""


def _pace_words(choice: LogChoice, quiet: QuietHours, *, comes: bool) -> str:
    """ "once a week, with a reminder at 5 pm", where one `comes`."""
    hour = hour_that_holds(choice.reminds_at, quiet) if comes and choice.reminds_at else None
    reminder = f", with a reminder at {time_words(hour)}" if hour else ""
    return f"{PACES[LogPace(choice.pace)].lower()}{reminder}"


def _next_words(patient: Patient, pace: LogPace, zeros: Sequence[datetime], *, at: datetime) -> str:
    """ "tomorrow", "on Fri, Dec 4"; "" where none is asked for, or today's is."""
    next_on = _next_on(patient, pace, zeros, at=at)
    return day_words(next_on, seen_from=log_day(patient, at)) if next_on else ""


def _next_on(patient: Patient, pace: LogPace, zeros: Sequence[datetime], *, at: datetime) -> date | None:
    today = log_day(patient, at)
    days = DailyLog.objects.filter(patient=patient).order_by("-day").values_list("day", flat=True)
    return next_log_on(pace, last_visit=max(zeros, default=None), last_day=days.first(), today=today, at=at)


@dataclass(frozen=True, slots=True)
class LogKeptPage:
    """`day`: its name where it is not today's, else "". `is_changed`: it took the place of an earlier one of that day.

    `is_low`: help stands on the page.
    """

    day: str
    is_changed: bool
    is_low: bool
    next_on: str


def kept_today(patient: Patient, at: datetime) -> DailyLog | None:
    """The last one, where it was written today: of today, or of the day before on a page that was still open. One query."""
    last = DailyLog.objects.filter(patient=patient, day__gte=log_day(patient, at) - DAY).order_by("-logged_at", "-pk")
    return next((log for log in last[:1] if log_day(patient, log.logged_at) == log_day(patient, at)), None)


def is_low_today(patient: Patient, at: datetime) -> bool:
    """Whether the last log that was written today opens help. One query."""
    log = kept_today(patient, at)
    return log is not None and opens_help(log.mood)


def log_kept_page(patient: Patient, at: datetime) -> LogKeptPage | None:
    """None while no log was written today. Five queries."""
    log = kept_today(patient, at)
    if log is None:
        return None
    return LogKeptPage(
        day="" if log.day == log_day(patient, at) else f"{log.day:%A}",
        is_changed=DailyLog.objects.filter(patient=patient, day=log.day).count() > 1,
        is_low=opens_help(log.mood),
        next_on=_next_words(patient, LogPace(log_choice(patient).pace), hour_zeros_of(patient), at=at),
    )
