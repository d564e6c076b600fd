"""Where in the 24 hours somebody is, by hours since hour 0, and whether it is night, by their own clock."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from timeline.document import Card, Driving, Phase, ProtocolDocument, QuietHours, Step

HOURS, LONGEST_QUIET_HOURS = 24, 14
NOON, MIDNIGHT = time(12), time(0)
# A morning card speaks of the night that was: nobody has slept through one sooner than this after hour 0.
SHORTEST_NIGHT = timedelta(hours=5)


def hours_since(hour_zero: datetime, *, at: datetime) -> float:
    """Hours since hour 0 as they passed, whatever the clock did meanwhile. Negative before it."""
    return _passed(hour_zero, at).total_seconds() / 3600


def _passed(since: datetime, until: datetime) -> timedelta:
    """Time that passed. Of two moments on one local clock, Python's own difference is the one on the wall."""
    return until.astimezone(UTC) - since.astimezone(UTC)


def hour_number(hour_zero: datetime, *, at: datetime) -> int:
    """Which hour of the 24 this is. The first hour is 1; never below 1, never above 24."""
    return min(max(math.floor(hours_since(hour_zero, at=at)) + 1, 1), HOURS)


def phase_at(phases: Sequence[Phase], *, hour_zero: datetime, at: datetime) -> Phase | None:
    """The phase [from_hour, to_hour) of this moment; None before hour 0 and after the last phase."""
    hours = hours_since(hour_zero, at=at)
    return next((phase for phase in phases if phase.from_hour <= hours < phase.to_hour), None)


def next_phase(phases: Sequence[Phase], *, hour_zero: datetime, at: datetime) -> Phase | None:
    """The phase that begins next; None in the last one."""
    hours = hours_since(hour_zero, at=at)
    return next((phase for phase in phases if phase.from_hour > hours), None)


def is_night(at: datetime, zone: ZoneInfo, quiet: QuietHours) -> bool:
    """Whether it is inside quiet hours [starts_at, ends_at) by the clock of `zone`. They may cross midnight."""
    now = at.astimezone(zone).time()
    if quiet.starts_at <= quiet.ends_at:
        return quiet.starts_at <= now < quiet.ends_at
    return now >= quiet.starts_at or now < quiet.ends_at


# When nobody but the patient is texted, and staff look at no list: by the clock of the visit.
_LATE = QuietHours(time(21), time(8))


def is_late(at: datetime, zone: ZoneInfo) -> bool:
    """Whether it is too late or too early for a text to an escort: [21:00, 08:00) on the clock of `zone`."""
    return is_night(at, zone, _LATE)


def quiet_minutes(starts_at: time, ends_at: time) -> int:
    """How long quiet hours are by the clock; they may cross midnight. 0 where they begin when they end."""
    starts, ends = (moment.hour * 60 + moment.minute for moment in (starts_at, ends_at))
    return (ends - starts) % (HOURS * 60)


def is_morning(at: datetime, *, hour_zero: datetime, zone: ZoneInfo, quiet: QuietHours) -> bool:
    """Whether this is the morning after: from the end of the quiet hours to noon, with a night since hour 0."""
    local = at.astimezone(zone)
    if not quiet.ends_at <= local.time() < NOON or is_night(at, zone, quiet):
        return False
    night_ended_at = datetime.combine(local.date(), quiet.ends_at, tzinfo=zone)
    return hour_zero < night_ended_at and _passed(hour_zero, at) >= SHORTEST_NIGHT


LOOKS_BACK_HOURS = 18


def looks_back_from(hour_zero: datetime, *, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """From when on a patient may look back at the night: hour 18, or the end of the quiet hours after a night if it is sooner.

    Source: clinical.md 2.3, the next morning (hours 18 to 24), and by the patient's clock as in is_morning().
    """
    latest = hour_zero.astimezone(UTC) + timedelta(hours=LOOKS_BACK_HOURS)
    day = hour_zero.astimezone(zone).date()
    mornings = (
        datetime.combine(day + timedelta(days=later), quiet.ends_at, tzinfo=zone).astimezone(UTC) for later in (0, 1)
    )
    nights_over = [end for end in mornings if is_morning(end, hour_zero=hour_zero, zone=zone, quiet=quiet)]
    return min([latest, *nights_over])


def night_ends_after(moment: datetime, *, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """When the quiet hours end next, by the clock of `zone`."""
    day = moment.astimezone(zone).date()
    ends = (datetime.combine(day + timedelta(days=later), quiet.ends_at, tzinfo=zone) for later in (0, 1))
    return next(end for end in ends if end > moment)


def card_now(
    document: ProtocolDocument, *, hour_zero: datetime, at: datetime, zone: ZoneInfo, quiet: QuietHours
) -> Card:
    """What to read now. The patient's clock comes first: night and morning have their own cards, whatever the phase."""
    if is_night(at, zone, quiet):
        return document.night
    if is_morning(at, hour_zero=hour_zero, zone=zone, quiet=quiet):
        return document.morning
    phase = phase_at(document.phases, hour_zero=hour_zero, at=at)
    if phase:
        return phase.card
    return document.phases[0 if at < hour_zero else -1].card


# One thing at a time: after an answer nothing new is asked for this long.
STEP_RESTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StepNow:
    """The one small step to show: waiting for an answer ("" as `answer`), or just answered and open to undo."""

    step: Step
    answer: str


def step_now(steps: Sequence[Step], *, answers: Mapping[str, tuple[str, datetime]], at: datetime) -> StepNow | None:
    """The step just answered; else the first without an answer; else the one put off longest ago; else None.

    `answers` maps a step's key to its answer ("done" or "not_now") and when it came.
    """
    given = sorted((answers[step.key][1], step.key, step) for step in steps if step.key in answers)
    if given and at - given[-1][0] < STEP_RESTS:
        latest = given[-1][2]
        return StepNow(latest, answers[latest.key][0])
    open_steps = [step for step in steps if step.key not in answers]
    put_off = [step for _, key, step in given if answers[key][0] != "done"]
    return StepNow((open_steps + put_off)[0], "") if open_steps or put_off else None


def driving_holds(driving: Driving, *, hour_zero: datetime, at: datetime, zone: ZoneInfo) -> bool:
    """Whether driving is certainly off: the hours are not over, or the next local day has not begun.

    False never means that somebody may drive: that depends on sleep and on the clinic (docs/clinical.md, 2).
    """
    same_day = at.astimezone(zone).date() <= hour_zero.astimezone(zone).date()
    return same_day or _passed(hour_zero, at) < timedelta(hours=driving.hours)


# A flat part of a circle over a box of 358 by 132: from (30, 116) up to y = 40 and down to (328, 116).
_LEFT, _BASE, _MIDDLE, _RADIUS = 30.0, 116.0, 179.0, 184.1
_HALF = math.asin((_MIDDLE - _LEFT) / _RADIUS)
_CENTRE_Y = _BASE + _RADIUS * math.cos(_HALF)
_GAP = math.radians(1.9)


@dataclass(frozen=True, slots=True)
class ArcPart:
    """One stroke of the arc: an SVG path, the number of its phase (from 1), and whether it is still to come."""

    path: str
    phase: int
    is_later: bool


@dataclass(frozen=True, slots=True)
class Arc:
    """The 24 hours as a sky: strokes in the order of time, and where the sun stands."""

    parts: tuple[ArcPart, ...]
    x: float
    y: float


def arc(phases: Sequence[Phase], *, hours: float) -> Arc:
    """The picture `hours` after hour 0 (kept within the 24)."""
    hours = min(max(hours, 0.0), float(HOURS))
    parts: list[ArcPart] = []
    for number, phase in enumerate(phases, start=1):
        starts = _angle(phase.from_hour) + (_GAP if number > 1 else 0.0)
        ends = _angle(phase.to_hour) - (_GAP if number < len(phases) else 0.0)
        sun = min(max(_angle(hours), starts), ends)
        if sun > starts:
            parts.append(ArcPart(path=_stroke(starts, sun), phase=number, is_later=False))
        if sun < ends:
            parts.append(ArcPart(path=_stroke(sun, ends), phase=number, is_later=True))
    x, y = _point(_angle(hours))
    return Arc(parts=tuple(parts), x=x, y=y)


def _angle(hours: float) -> float:
    """From the top of the circle, in radians; negative on the left."""
    return -_HALF + 2 * _HALF * hours / HOURS


def _point(angle: float) -> tuple[float, float]:
    return round(_MIDDLE + _RADIUS * math.sin(angle), 1), round(_CENTRE_Y - _RADIUS * math.cos(angle), 1)


def _stroke(starts: float, ends: float) -> str:
    (x1, y1), (x2, y2) = _point(starts), _point(ends)
    return f"M{x1} {y1}A{_RADIUS} {_RADIUS} 0 0 1 {x2} {y2}"


def clock_words(moment: datetime, *, zone: ZoneInfo, today: datetime) -> str:
    """ "11 am", "4:30 pm", "8:10 am tomorrow", "9 am on Fri, Nov 27": on the clock of `zone`, seen from `today`.

    Midnight belongs to the day that it ends: said in the evening, "midnight" is the one that comes.
    """
    return " ".join(_time_and_day(moment, zone=zone, today=today)).rstrip()


def clock_words_es(moment: datetime, *, zone: ZoneInfo, today: datetime) -> str:
    """The same in Spanish: "3:40 p. m.", "8:10 a. m. de mañana", "9 a. m. del viernes 27 de noviembre"."""
    local, day = _minute_and_date(moment, zone)
    if local in {NOON, MIDNIGHT}:
        words = "mediodía" if local == NOON else "medianoche"
    else:
        minutes = f":{local.minute:02}" if local.minute else ""
        words = f"{local.hour % 12 or 12}{minutes} {'a' if local.hour < 12 else 'p'}.\N{NO-BREAK SPACE}m."
    return f"{words} {_day_words_es(day, seen_from=today.astimezone(zone).date())}".rstrip()


def visit_words(moment: datetime, *, zone: ZoneInfo, today: datetime) -> str:
    """The words of clock_words() with the day first, and always: "Today at midnight", "On Fri, Nov 27 at 9 am"."""
    clock, day = _time_and_day(moment, zone=zone, today=today)
    day = day or "today"
    return f"{day[0].upper()}{day[1:]} at {clock}"


def span_words(starts: datetime, ends: datetime, *, zone: ZoneInfo, today: datetime) -> str:
    """ "2 pm to 11 pm", "11 pm to 5 am tomorrow", "5 am to 11 am tomorrow": a day is said once."""
    first, last = starts.astimezone(zone), ends.astimezone(zone)
    if first.date() == last.date():
        return f"{time_words(_minute(first))} to {clock_words(ends, zone=zone, today=today)}"
    return f"{clock_words(starts, zone=zone, today=today)} to {clock_words(ends, zone=zone, today=today)}"


def _time_and_day(moment: datetime, *, zone: ZoneInfo, today: datetime) -> tuple[str, str]:
    """The day is "" for today's."""
    local, day = _minute_and_date(moment, zone)
    return time_words(local), day_words(day, seen_from=today.astimezone(zone).date())


def _minute_and_date(moment: datetime, zone: ZoneInfo) -> tuple[time, date]:
    """On the clock of `zone`; midnight belongs to the day that it ends."""
    local = moment.astimezone(zone)
    day = (local - timedelta(days=1)).date() if _minute(local) == MIDNIGHT else local.date()
    return _minute(local), day


def _minute(local: datetime) -> time:
    return time(local.hour, local.minute)


def time_words(moment: time) -> str:
    """ "9 pm", "8:30 am", "noon", "midnight": a time on the clock, of no day."""
    if moment in {NOON, MIDNIGHT}:
        return "noon" if moment == NOON else "midnight"
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes} {'am' if moment.hour < 12 else 'pm'}"


def day_words(day: date, *, seen_from: date) -> str:
    """ "tomorrow", "yesterday", "on Fri, Nov 27"; "" for the day itself."""
    away = (day - seen_from).days
    if away in {-1, 0, 1}:
        return ("", "tomorrow", "yesterday")[away]
    year = f", {day.year}" if day.year != seen_from.year else ""
    return f"on {day:%a}, {day:%b} {day.day}{year}"


_WEEK_ES = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_YEAR_ES = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


def _day_words_es(day: date, *, seen_from: date) -> str:
    away = (day - seen_from).days
    if away in {-1, 0, 1}:
        return ("", "de mañana", "de ayer")[away]
    year = f" de {day.year}" if day.year != seen_from.year else ""
    return f"del {_WEEK_ES[day.weekday()]} {day.day} de {_YEAR_ES[day.month - 1]}{year}"
