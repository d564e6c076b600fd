"""Fills the pages of the weeks: three charts from the log, the visits in them, and who may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from accounts.models import Patient
from accounts.queries import consent_words, last_consent
from accounts.states import ConsentKind
from checkin.charts import COURSE, LONGEST, MONTH, WEEK, Gap, Picture, Point, Span, draw, span_of, with_gaps, within
from checkin.course import Change, change_cell, change_words, changes, line_words
from checkin.models import DailyLog, Questionnaire
from checkin.pace import day_of
from checkin.queries.logs import told_on
from timeline.models import Treatment

SPANS: Mapping[str, str] = {WEEK: "Week", MONTH: "Month", COURSE: "All"}
_VISIT = "Visit"
# How many dates of the two-week questions are named, and how many rows those may be.
_DATES, _KINDS = 6, 4


@dataclass(frozen=True, slots=True)
class Series:
    """What one chart is of. `high` and `low` name the ends of its scale, in place of numbers."""

    key: str
    name: str
    high: str
    low: str


SERIES = (
    Series("mood", "Mood", high="High", low="Low"),
    Series("sleep", "Sleep", high="Good", low="Poor"),
    Series("worry", "Worry", high="A lot", low="None"),
)


@dataclass(frozen=True, slots=True)
class LogRow:
    """A line of the table beside a chart, or of the staff's: a day with (name, value), or days without a log and a value."""

    day: str
    values: tuple[tuple[str, int], ...]
    slept: str = ""
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """`label` is the picture in one sentence; `change` what the days around the last visit say, "" before any."""

    series: Series
    label: str
    picture: Picture
    change: str
    rows: tuple[LogRow, ...]
    has_slept: bool


@dataclass(frozen=True, slots=True)
class VisitChanges:
    """One visit, and for each series a sentence, and for a table its name and the same in brief."""

    day: str
    words: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Weeks:
    """Both the patient's page and the staff's. `logged`: how many days were, `shown`: how many of them are in the span."""

    which: str
    charts: tuple[Chart, ...]
    rows: tuple[LogRow, ...]
    changes: tuple[VisitChanges, ...]
    last_visit: str
    logged: int
    shown: int
    has_marks: bool

    @property
    def spans(self) -> tuple[tuple[str, str, bool], ...]:
        """The key of each span, its word, and whether it is the one that is shown."""
        return tuple((key, word, key == self.which) for key, word in SPANS.items())


@dataclass(frozen=True, slots=True)
class WeeksPage:
    """The patient's. `answered`: the days of the two-week questions, newest first, and never a sum of them."""

    weeks: Weeks
    answered: tuple[str, ...]
    sharing: SharingNow


@dataclass(frozen=True, slots=True)
class SharingNow:
    """Whether the clinic sees the charts; since when, "" where nothing was ever said; and the words of the question."""

    is_on: bool
    since: str
    words: str


@dataclass(frozen=True, slots=True)
class _Past:
    """What the charts are made of: the logs of each day, of which the last counts, the days of visits, and those to show."""

    kept: Mapping[date, Sequence[DailyLog]]
    visits: Sequence[date]
    span: Span

    @property
    def logs(self) -> Mapping[date, DailyLog]:
        return {day: logs[-1] for day, logs in self.kept.items()}

    @property
    def today(self) -> date:
        return self.span.last

    def values(self, series: Series) -> dict[date, int]:
        return {day: getattr(log, series.key) for day, log in self.logs.items()}

    def points(self, series: Series) -> tuple[Point, ...]:
        return within(self.span, self.values(series))


def weeks_page(patient: Patient, which: str, at: datetime) -> WeeksPage:
    """Four queries, for one log and for hundreds."""
    today = today_of(patient, at)
    return WeeksPage(
        weeks=weeks_of(patient, which, visits=visit_days(patient, at), at=at, whose="Your"),
        answered=tuple(weekday_words(day, today) for day in _answered_on(patient)),
        sharing=sharing_now(patient, at),
    )


def weeks_of(patient: Patient, which: str, *, visits: Sequence[date], at: datetime, whose: str = "") -> Weeks:
    """By the patient's own days. `which` as in SPANS, anything else is the week; `whose` begins sentences. One query."""
    which, today = which if which in SPANS else WEEK, today_of(patient, at)
    logs = _logs(patient, today)
    past = _Past(logs, visits, span_of(which, today=today, visits=visits, logged=logs))
    subjects = [f"{whose} {series.name.lower()}" if whose else series.name for series in SERIES]
    around = [changes(past.values(series), visits=visits, today=today) for series in SERIES]
    return Weeks(
        which=which,
        charts=tuple(map(_chart, SERIES, subjects, around, [past] * len(SERIES))),
        rows=_rows(past, SERIES),
        changes=tuple(_visit_changes(subjects, found, today) for found in reversed(list(zip(*around, strict=True)))),
        last_visit=weekday_words(max(visits), today) if visits else "",
        logged=len(logs),
        shown=len(past.points(SERIES[0])),
        has_marks=any(past.span.first <= day <= today for day in visits),
    )


def today_of(patient: Patient, at: datetime) -> date:
    """The patient's day: it ends when they sleep, as that of the log does."""
    return day_of(at, ZoneInfo(patient.zone))


def _logs(patient: Patient, today: date) -> Mapping[date, Sequence[DailyLog]]:
    """All of each day, the one that counts last. One query."""
    rows = DailyLog.objects.filter(patient=patient, day__gt=today - timedelta(days=LONGEST), day__lte=today)
    return {day: list(logs) for day, logs in groupby(rows.order_by("day", "logged_at", "pk"), lambda log: log.day)}


def visit_days(patient: Patient, at: datetime) -> list[date]:
    """The local days of hour 0, oldest first. One query."""
    visits = Treatment.objects.filter(patient=patient, hour_zero__lte=at).order_by("hour_zero")
    return [moment.astimezone(ZoneInfo(zone)).date() for moment, zone in visits.values_list("hour_zero", "zone")]


def _chart(series: Series, subject: str, around: Sequence[Change], past: _Past) -> Chart:
    points, rows = past.points(series), _rows(past, (series,))
    return Chart(
        series=series,
        label=line_words(subject, points, name_day=lambda day: _on(day, past.today)),
        picture=draw(
            past.span,
            points,
            visits=past.visits,
            visit_word=_VISIT,
            name_day=lambda day: "Today" if day == past.today else short_day(day, past.today),
        ),
        change=change_words(subject, around[-1]) if around else "",
        rows=rows,
        has_slept=series.key == "sleep" and any(row.slept for row in rows),
    )


def _visit_changes(subjects: Sequence[str], found: Sequence[Change], today: date) -> VisitChanges:
    return VisitChanges(
        weekday_words(found[0].visit, today),
        words=tuple(map(change_words, subjects, found)),
        cells=tuple((series.name, change_cell(change)) for series, change in zip(SERIES, found, strict=True)),
    )


def _rows(past: _Past, series: Iterable[Series]) -> tuple[LogRow, ...]:
    """Newest first: each logged day, and each gap."""
    each = with_gaps(past.span, past.points(SERIES[0]))
    return tuple(
        _gap_row(one, past.today) if isinstance(one, Gap) else _log_row(past, one.day, series) for one in each
    )[::-1]


def _gap_row(gap: Gap, today: date) -> LogRow:
    first, last = weekday_words(gap.first, today), weekday_words(gap.last, today)
    return LogRow(first if first == last else f"{first} to {last}", ())


def _log_row(past: _Past, day: date, series: Iterable[Series]) -> LogRow:
    log = past.kept[day][-1]
    return LogRow(
        weekday_words(day, past.today),
        tuple((one.name, getattr(log, one.key)) for one in series),
        slept=hours_words(log.slept_minutes),
        told=told_on(past.kept[day]),
    )


def _on(day: date, today: date) -> str:
    return "today" if day == today else f"on {short_day(day, today)}"


def hours_words(minutes: int | None) -> str:
    """ "7.5"; "" where it was not said."""
    return "" if minutes is None else f"{round(minutes / 60, 1):g}"


def short_day(day: date, today: date) -> str:
    """ "Nov 22"; with its year where that is another."""
    return f"{day:%b} {day.day}" + (f", {day.year}" if day.year != today.year else "")


def weekday_words(day: date, today: date) -> str:
    """ "Sun, Nov 22"; "Today"."""
    return "Today" if day == today else f"{day:%a}, {short_day(day, today)}"


def _answered_on(patient: Patient) -> list[date]:
    """Newest first, each day once. One query."""
    rows = Questionnaire.objects.filter(patient=patient).order_by("-answered_at")[: _DATES * _KINDS]
    return list(dict.fromkeys(today_of(patient, row.answered_at) for row in rows))[:_DATES]


def sharing_now(patient: Patient, at: datetime) -> SharingNow:
    """One query."""
    consent = last_consent(ConsentKind.CHARTS, patient=patient)
    since = weekday_words(today_of(patient, consent.at), today_of(patient, at)) if consent else ""
    return SharingNow(bool(consent and consent.given), since, consent_words(ConsentKind.CHARTS, patient=patient))
