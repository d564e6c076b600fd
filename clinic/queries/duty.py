"""Who is on duty for alerts, now and in the next days, and where nobody is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import AuditEvent, Clinic, StaffMember
from accounts.phones import show_phone
from accounts.queries import last_change
from alerts.models import OnCallShift
from alerts.queries import duty_at, reachable_managers
from clinic.queries.alert_words import LEVELS, LevelWords
from clinic.queries.asks import Ask
from clinic.roles import ANSWERS
from timeline.phases import clock_words, span_words

LOOKS_AHEAD = timedelta(days=7)
SEATS = ("First", "Second")
PROCEDURES_SET = "procedures_set"
_NOBODY = "Nobody"


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody who gets alerts now."""

    name: str
    phone: str
    phone_to_call: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when until when the same people are on duty. `is_gap`: nobody is."""

    day: str
    when: str
    first: str
    second: str
    is_gap: bool


@dataclass(frozen=True, slots=True)
class Day:
    """What begins on one day of the clinic's calendar."""

    name: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift that is not over. `why_not` says why it does not count."""

    shift_id: UUID
    who: str
    seat: str
    when: str
    is_now: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class OnCall:
    """The page of who is on duty. `falls_to` names who gets alerts where nobody is; "" for nobody at all."""

    first: OnDuty | None
    second: OnDuty | None
    until: str
    is_fallback: bool
    falls_to: str
    days: tuple[Day, ...]
    shifts: tuple[Shift, ...]

    @property
    def gaps(self) -> int:
        return sum(stretch.is_gap for day in self.days for stretch in day.stretches)

    @property
    def has_useless(self) -> bool:
        """Whether a shift is on the list that counts for nothing."""
        return any(shift.why_not for shift in self.shifts)


def on_call(clinic: Clinic, at: datetime) -> OnCall:
    """Now and the next seven days, on the clinic's clock. At most four queries."""
    zone, duty = ZoneInfo(clinic.zone), duty_at(clinic, at)
    shifts = list(OnCallShift.objects.filter(ends_at__gt=at).select_related("staff").order_by("starts_at", "seat"))
    managers, counted = reachable_managers(clinic), [shift for shift in shifts if not _why_not(shift.staff)]
    stretches = _stretches(counted, managers, zone=zone, at=at)
    return OnCall(
        first=_on_duty(duty.first),
        second=_on_duty(duty.second),
        until=clock_words(duty.until, zone=zone, today=at) if duty.until else "",
        is_fallback=duty.is_fallback,
        falls_to=" and ".join(str(manager) for manager in managers[:2]),
        days=tuple(Day(name, tuple(group)) for name, group in groupby(stretches, key=lambda stretch: stretch.day)),
        shifts=tuple(_shift(shift, zone=zone, at=at) for shift in shifts),
    )


def who_may_be_on_duty(clinic: Clinic) -> tuple[list[StaffMember], list[StaffMember]]:
    """Who answers alerts and is still here: those with a number, and those without. One query."""
    members = StaffMember.objects.filter(clinic=clinic, is_active=True, role__in=ANSWERS).order_by("name", "pk")
    both = list(members.select_related("clinic"))
    return [member for member in both if member.phone], [member for member in both if not member.phone]


def shift_or_none(shift_id: UUID) -> OnCallShift | None:
    return OnCallShift.objects.select_related("staff").filter(pk=shift_id).first()


def has_shift(member: StaffMember, *, seat: int, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether exactly this shift is on the list: the same form came twice."""
    return OnCallShift.objects.filter(staff=member, seat=seat, starts_at=starts_at, ends_at=ends_at).exists()


def was_ended(shift_id: UUID) -> bool:
    """Whether there was such a shift at this clinic, and somebody ended it."""
    return AuditEvent.objects.filter(object=str(shift_id), action="shift_ended").exists()


def ask_end_shift(shift: OnCallShift, *, clinic: Clinic, at: datetime) -> Ask:
    """What the page says before a shift ends early."""
    zone, has_begun = ZoneInfo(clinic.zone), shift.starts_at < at
    when = span_words(shift.starts_at, shift.ends_at, zone=zone, today=at)
    return Ask(
        url="clinic:end_shift",
        heading=f"End the shift of {shift.staff}?" if has_begun else f"Take away the shift of {shift.staff}?",
        points=(
            f"{SEATS[shift.seat]} on duty, {when}.",
            "Alerts from now on go to whoever is on duty then." if has_begun else "It has not begun yet.",
            "Where nobody is on duty, alerts go to the managers.",
        ),
        button="End the shift" if has_begun else "Take it away",
    )


def procedures_of(clinic: Clinic) -> tuple[tuple[LevelWords, str], ...]:
    """What the clinic does at each level, the worst first; "" where nothing is written yet."""
    return tuple((words, clinic.procedures.get(level, "")) for level, words in LEVELS.items())


def procedures_seen(clinic: Clinic) -> int:
    """The id of the last time that they were written, 0 for never."""
    change = last_change(clinic, PROCEDURES_SET)
    return change.id if change else 0


def _on_duty(member: StaffMember | None) -> OnDuty | None:
    return OnDuty(str(member), show_phone(member.phone), member.phone) if member else None


def _why_not(member: StaffMember) -> str:
    """As alerts.queries.duty_at reads the list."""
    if not member.is_active or member.role not in ANSWERS:
        return "can’t take alerts any more"
    return "" if member.phone else "has no number for alerts"


def _shift(shift: OnCallShift, *, zone: ZoneInfo, at: datetime) -> Shift:
    return Shift(
        shift_id=shift.pk,
        who=str(shift.staff),
        seat=SEATS[shift.seat],
        when=f"{_day(shift.starts_at, zone=zone, at=at)}, {_hours(shift.starts_at, shift.ends_at, zone=zone)}",
        is_now=shift.starts_at <= at,
        why_not=_why_not(shift.staff),
    )


def _stretches(
    shifts: Sequence[OnCallShift], managers: Sequence[StaffMember], *, zone: ZoneInfo, at: datetime
) -> tuple[Stretch, ...]:
    """One for each change of who is on duty, from now on."""
    moments = sorted({moment for shift in shifts for moment in (shift.starts_at, shift.ends_at) if moment > at})
    end = at + LOOKS_AHEAD
    # Who is on duty then is on duty until the next change.
    if any(shift.starts_at < end < shift.ends_at for shift in shifts):
        end = min(moment for moment in moments if moment >= end)
    edges = [at, *(moment for moment in moments if moment < end), end]
    found: list[tuple[datetime, datetime, tuple[StaffMember | None, StaffMember | None]]] = []
    for begins, ends in pairwise(edges):
        who = _who(shift for shift in shifts if shift.starts_at <= begins < shift.ends_at)
        is_same = bool(found) and found[-1][2] == who
        found.append((found.pop()[0] if is_same else begins, ends, who))
    return tuple(
        Stretch(
            day=_day(begins, zone=zone, at=at),
            when=_hours(begins, ends, zone=zone) if begins > at else f"Now to {_end(begins, ends, zone=zone)}",
            first=str(first or _falls_to(managers)),
            second=str(second or _falls_to([manager for manager in managers if manager != first][not first :])),
            is_gap=first is None,
        )
        for begins, ends, (first, second) in found
    )


def _day(moment: datetime, *, zone: ZoneInfo, at: datetime) -> str:
    """ "Today", "Tomorrow", "Sun, Nov 29"."""
    day, today = moment.astimezone(zone).date(), at.astimezone(zone).date()
    near = {today: "Today", today + timedelta(days=1): "Tomorrow"}
    return near.get(day, f"{day:%a, %b} {day.day}")


def _hours(begins: datetime, ends: datetime, *, zone: ZoneInfo) -> str:
    """ "8 am to 8 pm", "8 pm to 8 am next day", "8 pm to 8 am on Fri, Dec 4"."""
    # Midnight, as a beginning, belongs to the day that it opens.
    first = clock_words(begins, zone=zone, today=begins).removesuffix(" yesterday")
    return f"{first} to {_end(begins, ends, zone=zone)}"


def _end(begins: datetime, ends: datetime, *, zone: ZoneInfo) -> str:
    return clock_words(ends, zone=zone, today=begins).replace("tomorrow", "next day")


def _who(shifts: Iterable[OnCallShift]) -> tuple[StaffMember | None, StaffMember | None]:
    """As alerts.queries.duty_at: where nobody is first, the second is told first."""
    on_list = sorted(shifts, key=lambda shift: (shift.seat, shift.starts_at, shift.added_at))
    if not on_list:
        return None, None
    first = on_list[0].staff
    others = (shift.staff for shift in on_list if shift.seat == 1 and shift.staff != first)
    return first, next(others, None)


def _falls_to(managers: Sequence[StaffMember]) -> str:
    return f"{_NOBODY}: falls to {managers[0]}" if managers else _NOBODY
