"""How a visit's ride stands, in words: always a word, an icon and a tone, and whom to phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.phones import show_phone
from pickup.queries import Ride, RideStatus
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.states import TreatmentState

# (word, icon, tone); without a tone it is said quietly.
_WORDS = {
    RideStatus.NONE: ("No ride yet", "car", ""),
    RideStatus.NOBODY: ("Has nobody", "triangle-alert", "urgent"),
    RideStatus.NAMED: ("Named, not asked", "user", ""),
    RideStatus.ASKED: ("Asked", "send", ""),
    RideStatus.CONFIRMED: ("Confirmed", "check", "good"),
    RideStatus.ON_THE_WAY: ("On the way", "car", "now"),
    RideStatus.OUTSIDE: ("Waits outside", "bell", "emerg"),
    RideStatus.MET: ("Met", "heart-handshake", "good"),
    RideStatus.HOME_SAFE: ("Home safe", "house", "good"),
    RideStatus.CANT_COME: ("Can’t come", "triangle-alert", "urgent"),
}
# Before the patient has left, these ask somebody to act.
_ACT_NOW = frozenset({RideStatus.NOBODY, RideStatus.OUTSIDE, RideStatus.CANT_COME})
_BEFORE_LEAVING = frozenset({TreatmentState.PLANNED, TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING})


@dataclass(frozen=True, slots=True)
class RideMark:
    """A ride by word, icon and tone, never by colour alone. `since` is on the clinic's clock, or "".

    `stands_out`: somebody waits, or nobody comes. `name` and the numbers are of the one who drives.
    """

    status: RideStatus
    word: str
    icon: str
    tone: str
    since: str
    name: str
    phone: str
    phone_to_call: str
    stands_out: bool


def ride_mark(ride: Ride, treatment: Treatment, *, zone: ZoneInfo, at: datetime) -> RideMark:
    """Of a visit of today: before the patient has left, no ride is a warning, and one outside or lost stands out."""
    word, icon, tone = _WORDS[ride.status]
    is_open = treatment.state in _BEFORE_LEAVING
    if ride.status == RideStatus.NONE:
        word, tone = (word, "warn") if is_open else ("None on record", "")
    stands_out = is_open and ride.status in _ACT_NOW
    if ride.status in _ACT_NOW and not stands_out:
        tone = ""
    return RideMark(
        status=ride.status,
        word=word,
        icon=icon,
        tone=tone,
        since=clock_words(ride.since, zone=zone, today=at) if ride.since else "",
        name=ride.name,
        phone=show_phone(ride.phone) if ride.phone else "",
        phone_to_call=ride.phone,
        stands_out=stands_out,
    )
