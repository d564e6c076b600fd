"""When each prompt of a treatment leaves: by hours since hour 0 and the patient's clock, inside the budget. No Django."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from timeline.document import Budget, PromptKind, PromptTemplate, QuietHours
from timeline.phases import SHORTEST_NIGHT, is_night

# Somebody who has only now ended treatment is with the nurse: nothing comes sooner than this after hour 0.
SETTLES = timedelta(hours=1)
# A prompt has at least this long to leave in. One that would have less before the night counts as inside it.
SHORTEST_WINDOW = timedelta(minutes=10)
# A prompt that is moved out of the night to the evening leaves this long before it begins (docs/clinical.md, 4).
BEFORE_NIGHT = timedelta(minutes=15)
_A_DAY = 24 * 60 * 60
# How long nothing comes after somebody asked for a pause.
PAUSE_LASTS = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class PlannedPrompt:
    """One prompt with its moment: it leaves in [due_at, window_ends_at) or not at all."""

    step: str
    kind: PromptKind
    title: str
    due_at: datetime
    window_ends_at: datetime
    asks: bool
    by_text: bool


@dataclass(frozen=True, slots=True)
class SentPrompt:
    """A prompt that was sent, or may have been: it stays where it was, and counts."""

    step: str
    at: datetime
    asks: bool
    by_text: bool


@dataclass(frozen=True, slots=True)
class DayReminder:
    """The reminder of a day of the patient's, in no plan: it leaves in [due_at, window_ends_at), in UTC, or not at all."""

    asked_on: date
    due_at: datetime
    window_ends_at: datetime


@dataclass(frozen=True, slots=True)
class Night:
    """One stretch in which nothing leaves, [starts_at, ends_at), in UTC: quiet hours, or a pause."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class _Wish:
    """When a prompt would like to leave. `moment` is its place in the order, before the night moved it."""

    template: PromptTemplate
    moment: datetime
    due_at: datetime
    window_ends_at: datetime

    @property
    def order(self) -> tuple[bool, datetime]:
        """The wrap-up comes last, whatever the hour."""
        return self.template.kind == "wrap_up", self.moment


def plan_prompts(
    prompts: Sequence[PromptTemplate],
    *,
    hour_zero: datetime,
    zone: ZoneInfo,
    quiet_hours: QuietHours,
    budget: Budget,
    sent: Sequence[SentPrompt] = (),
    not_before: datetime | None = None,
    pauses: Sequence[Night] = (),
) -> list[PlannedPrompt]:
    """The prompts still to send, in due order (docs/clinical.md, 4).

    Each is due after hour 0 and before its window ends, which is cut where quiet hours or a pause begin. Two notices,
    `sent` ones included, are the budget's gap apart. What does not fit is left out, low priority first; a text too many
    stays in the app. `not_before` is the moment of planning: what is due earlier leaves then, if its window is still open.
    `pauses` are what the patient asked for: a prompt that would leave in one moves or is left out as it would at night.
    """
    hour_zero = hour_zero.astimezone(UTC)  # hours pass; on a local clock a sum would follow the wall
    nights = quiet_nights(quiet_hours, zone, starts=hour_zero - timedelta(days=1), ends=hour_zero + timedelta(days=3))
    earliest = max(hour_zero + SETTLES, not_before or hour_zero)
    done = {prompt.step for prompt in sent}
    wishes = [
        wish
        for template in prompts
        if template.key not in done
        and (wish := _wish(template, hour_zero=hour_zero, nights=nights, pauses=pauses, earliest=earliest))
    ]
    placed: list[tuple[_Wish, PlannedPrompt]] = []
    for wish in sorted(wishes, key=lambda wish: (wish.template.priority, wish.moment)):
        counted: list[SentPrompt | PlannedPrompt] = [*sent, *(prompt for _, prompt in placed)]
        due_at = _free_moment(wish, placed, sent=sent, earliest=earliest, gap=timedelta(minutes=budget.gap_minutes))
        if due_at and _fits(wish.template, counted, budget=budget):
            placed.append((wish, _planned(wish, due_at, counted, budget=budget)))
    return _apart(sorted((prompt for _, prompt in placed), key=lambda prompt: prompt.due_at))


def _apart(planned: list[PlannedPrompt]) -> list[PlannedPrompt]:
    """No window reaches into the next prompt's: after an outage two never leave at once."""
    ends = [*(prompt.due_at for prompt in planned[1:]), datetime.max.replace(tzinfo=UTC)]
    return [
        replace(prompt, window_ends_at=min(prompt.window_ends_at, end))
        for prompt, end in zip(planned, ends, strict=False)
    ]


def _wish(
    template: PromptTemplate,
    *,
    hour_zero: datetime,
    nights: Sequence[Night],
    pauses: Sequence[Night],
    earliest: datetime,
) -> _Wish | None:
    moment = _moment(template, hour_zero=hour_zero, nights=nights)
    if moment is None or (due_at := _out_of_night(moment, template, nights=nights)) is None:
        return None
    for pause in pauses:
        moved = _out_of_pause(due_at, template, pause=pause, nights=nights, earliest=earliest)
        if moved is None:
            return None
        due_at = moved
    return _Wish(template, moment, due_at, _window_end(due_at, template, quiet=[*nights, *pauses]))


def _window_end(due_at: datetime, template: PromptTemplate, *, quiet: Sequence[Night]) -> datetime:
    """Where its window ends, at the latest where it becomes quiet."""
    begins = (stretch.starts_at for stretch in quiet if stretch.starts_at > due_at)
    return min([due_at + timedelta(minutes=template.window_minutes), *begins])


def _moment(template: PromptTemplate, *, hour_zero: datetime, nights: Sequence[Night]) -> datetime | None:
    """What the document asks for. Bedtime and morning are those of the first night; None where there is none."""
    if template.at_hours is not None:
        return hour_zero + timedelta(hours=template.at_hours)
    offset = timedelta(minutes=template.offset_minutes)
    if template.clock == "morning":
        ends = next((night.ends_at for night in nights if night.ends_at - hour_zero >= SHORTEST_NIGHT), None)
        return ends + offset if ends else None
    night = next((night for night in nights if night.ends_at > hour_zero), None)
    return night.starts_at + offset if night and night.starts_at > hour_zero else None


def _out_of_night(moment: datetime, template: PromptTemplate, *, nights: Sequence[Night]) -> datetime | None:
    night = next((n for n in nights if n.starts_at - SHORTEST_WINDOW < moment < n.ends_at), None)
    if night is None:
        return moment
    moved = {"skip": None, "earlier": night.starts_at - BEFORE_NIGHT, "later": night.ends_at}[template.when_quiet]
    # Where an hour comes twice, two stretches of one night lie side by side: on to the end of both.
    return _out_of_night(moved, template, nights=nights) if moved else None


def _out_of_pause(
    due_at: datetime, template: PromptTemplate, *, pause: Night, nights: Sequence[Night], earliest: datetime
) -> datetime | None:
    """A pause begins when it is asked for, so nothing moves to before it: `earlier` comes right after it, where that is
    not in the night, and `later` after both. What was over when it began stays over."""
    leaves_at = max(due_at, min(earliest, pause.starts_at))
    is_over = _window_end(due_at, template, quiet=nights) <= pause.starts_at
    if is_over or not pause.starts_at - SHORTEST_WINDOW < leaves_at < pause.ends_at:
        return due_at
    after = None if template.when_quiet == "skip" else pause.ends_at
    if after is None or (moved := _out_of_night(after, template, nights=nights)) is None or moved < after:
        return None
    return moved


def pause_starts(last_from: datetime | None, last_until: datetime | None, *, at: datetime) -> datetime:
    """Where a pause asked for at `at` begins: with the last one, where that ended so lately that what it moved may wait
    still. Taken for one pause, they move it once more."""
    return last_from if last_from and last_until and at < last_until + PAUSE_LASTS else at


def _free_moment(
    wish: _Wish,
    placed: Sequence[tuple[_Wish, PlannedPrompt]],
    *,
    sent: Sequence[SentPrompt],
    earliest: datetime,
    gap: timedelta,
) -> datetime | None:
    """The first moment of the wish's window that keeps the gap and the order; None when there is none."""
    due_at = max(wish.due_at, earliest)
    for taken in sorted([*(prompt.at for prompt in sent), *(prompt.due_at for _, prompt in placed)]):
        if abs(due_at - taken) < gap:
            due_at = taken + gap
    in_order = all((due_at > prompt.due_at) == (wish.order > other.order) for other, prompt in placed)
    return due_at if in_order and due_at + SHORTEST_WINDOW <= wish.window_ends_at else None


def _fits(template: PromptTemplate, counted: Sequence[SentPrompt | PlannedPrompt], *, budget: Budget) -> bool:
    asking = sum(prompt.asks for prompt in counted)
    return len(counted) < budget.notices and not (template.asks and asking >= budget.asking)


def _planned(
    wish: _Wish, due_at: datetime, counted: Sequence[SentPrompt | PlannedPrompt], *, budget: Budget
) -> PlannedPrompt:
    template = wish.template
    has_text_left = sum(prompt.by_text for prompt in counted) < budget.texts
    return PlannedPrompt(
        step=template.key,
        kind=template.kind,
        title=template.title,
        due_at=due_at,
        window_ends_at=wish.window_ends_at,
        asks=template.asks,
        by_text=template.by_text and has_text_left,
    )


def quiet_nights(quiet: QuietHours, zone: ZoneInfo, *, starts: datetime, ends: datetime) -> list[Night]:
    """Every stretch of [starts, ends) that is quiet by the clock of `zone`, oldest first.

    The clock on the wall decides, also on a day on which it jumps: an hour that comes twice is quiet twice.
    """
    nights: list[Night] = []
    for begins, stops in pairwise(sorted(_edges(quiet, zone, starts=starts, ends=ends))):
        if not is_night(begins, zone, quiet):
            continue
        if nights and nights[-1].ends_at == begins:
            nights[-1] = Night(nights[-1].starts_at, stops)
        else:
            nights.append(Night(begins, stops))
    return nights


def after_night(at: datetime, *, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """`at` itself, or when the quiet hours that it falls into are over."""
    nights = quiet_nights(quiet, zone, starts=at, ends=at + timedelta(days=1))
    return nights[0].ends_at if nights and nights[0].starts_at == at else at


def before_night(ends_at: datetime, *, since: datetime, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """`ends_at`, at the latest when the first quiet hours after `since` begin."""
    return min([ends_at, *(night.starts_at for night in quiet_nights(quiet, zone, starts=since, ends=ends_at))])


def _edges(quiet: QuietHours, zone: ZoneInfo, *, starts: datetime, ends: datetime) -> set[datetime]:
    """All moments at which it may become quiet or stop being so."""
    found: Iterable[datetime] = (
        *_on_the_clock(quiet.starts_at, zone, starts=starts, ends=ends),
        *_on_the_clock(quiet.ends_at, zone, starts=starts, ends=ends),
        *_clock_changes(zone, starts=starts, ends=ends),
    )
    first, last = starts.astimezone(UTC), ends.astimezone(UTC)
    return {first, last, *(moment for moment in found if first < moment < last)}


def _on_the_clock(wall: time, zone: ZoneInfo, *, starts: datetime, ends: datetime) -> Iterator[datetime]:
    day, last = starts.astimezone(zone).date(), ends.astimezone(zone).date()
    while day <= last:
        for fold in (0, 1):
            yield datetime.combine(day, wall.replace(fold=fold), tzinfo=zone).astimezone(UTC)
        day += timedelta(days=1)


def _clock_changes(zone: ZoneInfo, *, starts: datetime, ends: datetime) -> Iterator[datetime]:
    """Looked for day by day: since 1970 no zone has changed its clock twice within three days."""
    moment = starts.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    offset = _offset(zone, moment, 0)
    while moment < ends:
        was, offset = offset, _offset(zone, moment, _A_DAY)
        if was != offset:
            yield moment + timedelta(seconds=_second_of_change(zone, moment))
        moment += timedelta(seconds=_A_DAY)


def _second_of_change(zone: ZoneInfo, moment: datetime) -> int:
    before = _offset(zone, moment, 0)

    def has_changed(second: int) -> bool:
        return _offset(zone, moment, second) != before

    return bisect_left(range(_A_DAY), True, key=has_changed)


def _offset(zone: ZoneInfo, moment: datetime, second: int) -> timedelta | None:
    return (moment + timedelta(seconds=second)).astimezone(zone).utcoffset()
