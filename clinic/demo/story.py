"""What happens to the demo's people: visits at hours that fit the moment of the start, told by the real services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F

from accounts.models import Patient, StaffMember
from accounts.states import ChannelKind
from alerts.models import Alert
from alerts.services import AlertCause, close_alert, raise_alert, take_alert
from alerts.states import Cause, Closing
from checkin.models import SilentStep
from checkin.silence import moments
from checkin.states import WATCHED, SilentStage
from clinic.demo import care
from clinic.demo.before import get_half_set
from clinic.demo.cast import HOME_ZONE
from clinic.demo.check_ins import answer_for
from clinic.demo.fates import tell_of_fates
from clinic.demo.messages import tell_of_messages
from clinic.demo.people import move_to
from clinic.demo.rides import tell_of_rides
from clinic.demo.weeks import VISITS, tell_of_weeks
from clinic.services import end_visit_badly, note_form_sent
from pickup.services import say_home
from prompts.models import Prompt
from prompts.states import PromptState
from timeline.document import QuietHours
from timeline.levels import Level
from timeline.models import ProtocolVersion, Treatment
from timeline.phases import is_night
from timeline.services import (
    answer_step,
    cancel_treatment,
    close_finished,
    end_treatment,
    plan_treatment,
    record_tonight,
    start_treatment,
)
from timeline.states import Answer, BadEnding

IV, SPRAVATO = "iv-ketamine", "spravato"

# Near the clinic first. At any moment each stretch of three hours holds the time of day in one of them.
ZONES = (
    *(HOME_ZONE, "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu"),
    *("America/Halifax", "America/Sao_Paulo", "Atlantic/Cape_Verde", "Europe/London", "Europe/Berlin"),
    *("Africa/Nairobi", "Asia/Dubai", "Asia/Kolkata", "Asia/Bangkok", "Asia/Tokyo", "Australia/Sydney"),
    *("Pacific/Auckland",),
)
# Hour 1 and hour 5 by day, hour 20 in the morning, and one deep in the night: by the clock of each one's own zone.
BY_DAY, AFTERNOON = QuietHours(time(10), time(17)), QuietHours(time(13), time(19))
MORNING, LATE = QuietHours(time(8, 30), time(11, 30)), QuietHours(time(23), time(3))

# A newcomer sees this one arrive: long enough to find the phone page, short enough to wait for.
FIRST_TEXT_IN = timedelta(seconds=75)
DRIP, SPRAY = timedelta(minutes=40), timedelta(minutes=10)
STAYS, DRIVE = timedelta(hours=2), timedelta(minutes=25)


@dataclass(frozen=True, slots=True)
class Story:
    """The moment of the start, and who and what the demo has."""

    at: datetime
    nurse: StaffMember
    people: Mapping[str, Patient]
    versions: Mapping[str, ProtocolVersion]


def tell_cedar(story: Story) -> None:
    at, people = story.at, story.people
    for key, pack, days in (("hour_1", IV, 9), ("hour_5", SPRAVATO, 15), ("hour_5", SPRAVATO, 8), ("hour_20", IV, 22)):
        _past_visit(story, people[key], pack, days=days)
    _past_visit(story, people["closed"], SPRAVATO, days=9)
    for days in VISITS:
        _past_visit(story, people["weeks"], IV, days=days)

    maya = move_to(people["hour_1"], zone_where(at, BY_DAY))
    _bring_a_text(_visit(story, maya, IV, hour_zero=at - timedelta(minutes=40), has_left=False), at=at)
    luis = move_to(people["hour_5"], zone_where(at, AFTERNOON))
    at_home = _visit(story, luis, SPRAVATO, hour_zero=at - timedelta(hours=4, minutes=35))
    _settle(at_home, at=at)
    _know_the_night(at_home, at="12 Mill Lane", who="Ana Park", phone="+12125550143", by=story.nurse, when=at)
    ruth = move_to(people["night"], zone_where(at, LATE, but=HOME_ZONE))
    _settle(_visit(story, ruth, IV, hour_zero=at - timedelta(hours=8, minutes=30)), at=at)
    sam = move_to(people["hour_20"], zone_where(at, MORNING))
    tell_of_fates(_visit(story, sam, IV, hour_zero=at - timedelta(hours=19, minutes=20)))

    started_at = at - timedelta(minutes=20)
    begun = start_treatment(_plan(story, people["in_treatment"], IV, begins=started_at), by=story.nurse, at=started_at)
    care.begins(begun, by=story.nurse, began_at=started_at)
    stopped = start_treatment(_plan(story, people["badly"], IV, begins=at - DRIP * 2), by=story.nurse, at=at - DRIP * 2)
    end_visit_badly(
        stopped,
        reason=BadEnding.STOPPED_EARLY,
        said="Very anxious after 20 minutes. Drip stopped, calm again after half an hour.",
        went_to="Home, with her sister",
        is_escort_told=True,
        next_contact_at=at + timedelta(hours=3),
        by=story.nurse,
        at=at - DRIP,
    )
    _visit(story, people["wrap_up"], IV, hour_zero=at - timedelta(hours=25, minutes=30))
    _tell_of_alerts(story)
    tell_of_rides(people, by=story.nurse, at=at)
    tell_of_weeks(people, at=at)
    off = _plan(story, people["cancelled"], IV, begins=_next_half_hour(at + timedelta(hours=20)))
    cancel_treatment(off, by=story.nurse, at=at - timedelta(hours=1))
    get_half_set(_plan(story, people["planned"], SPRAVATO, begins=_next_half_hour(at + timedelta(hours=2))), at=at)
    _plan(story, people["closed"], SPRAVATO, begins=_next_half_hour(at + timedelta(days=5)))


def _tell_of_alerts(story: Story) -> None:
    """One that nobody has, one that was taken, one that is over; of people whom a newcomer can't be."""
    at, nurse = story.at, story.nurse
    grace = _visit(story, story.people["headache"], IV, hour_zero=at - timedelta(hours=5, minutes=20))
    _know_the_night(grace, at="310 Birch Street, flat 2", who="Jo Adeyemi", phone="+12125550141", by=nurse, when=at)
    answer_for(grace, at=at - timedelta(minutes=4))
    ines = _visit(story, story.people["call_back"], SPRAVATO, hour_zero=at - timedelta(hours=7, minutes=10))
    _know_the_night(ines, at="88 Canal Street", who="Leo Duarte", phone="+12125550142", by=nurse, when=at)
    asked = _alert(
        ines,
        Level.CALL_TODAY,
        "Wants a call: still a bit sick",
        rule="V4",
        at=at - timedelta(minutes=50),
        kind=Cause.CALL_BACK,
    )
    take_alert(asked, by=nurse, at=at - timedelta(minutes=40), promised_for=at + timedelta(minutes=25))
    mei = story.people["wrap_up"]
    quiet = Treatment.objects.filter(patient=mei).order_by("-planned_for").first()
    if quiet:
        tell_of_messages(quiet, at=at)
        over = _alert(
            quiet, Level.CALL_TODAY, "No answer this morning", rule="", at=at - timedelta(hours=3), kind=Cause.SILENCE
        )
        done = "Called. Slept late, feels fine, back at work on Monday."
        close_alert(
            over, closing=Closing.SAFE_AT_HOME, done=done, is_reported=None, by=nurse, at=at - timedelta(hours=2)
        )


def _alert(
    visit: Treatment, level: Level, reason: str, *, rule: str, at: datetime, kind: Cause = Cause.CHECK_IN
) -> Alert:
    source, rules = f"demo:{visit.pk}", (rule,) if rule else ()
    cause = AlertCause(visit.patient, visit, kind, source=source, level=level, reasons=(reason,), rules=rules)
    return raise_alert(cause, at=at)


def _know_the_night(visit: Treatment, *, at: str, who: str, phone: str, by: StaffMember, when: datetime) -> None:
    """Where they are (`at`) and who is there, as it was asked before the visit."""
    record_tonight(
        visit,
        tonight_at=at,
        second_contact=who,
        second_phone=phone,
        is_alone_tonight=False,
        has_cuff=True,
        seen=0,
        by=by,
        at=when,
    )


def tell_harbor(story: Story) -> None:
    _visit(story, story.people["harbor"], IV, hour_zero=story.at - timedelta(hours=6))


def _visit(story: Story, patient: Patient, key: str, *, hour_zero: datetime, has_left: bool = True) -> Treatment:
    """A visit by the real services, with the moments at which it would have happened; its plan comes with it."""
    is_end = story.versions[key].document.hour_zero == "treatment_end"
    started_at, ended_at = (hour_zero - DRIP, hour_zero) if is_end else (hour_zero, hour_zero + SPRAY)
    visit = start_treatment(_plan(story, patient, key, begins=started_at), by=story.nurse, at=started_at)
    visit = end_treatment(visit, by=story.nurse, at=ended_at, given=["anti_nausea"])
    if has_left:
        at = started_at + STAYS
        care.measured(visit, by=story.nurse, began_at=started_at, until=at)
        visit = care.left(visit, by=story.nurse, began_at=started_at, at=at, now=story.at)
        # And came home, so that nobody asks where they are.
        say_home(visit, by=patient, at=started_at + STAYS + DRIVE)
    else:
        care.recovers(visit, by=story.nurse, began_at=started_at, at=story.at)
    _as_if_sent(visit, at=story.at)
    return visit


def _past_visit(story: Story, patient: Patient, key: str, *, days: int) -> None:
    day = (story.at - timedelta(days=days)).astimezone(ZoneInfo(HOME_ZONE))
    hour_zero = day.replace(hour=11, minute=5, second=0, microsecond=0)
    visit = _visit(story, patient, key, hour_zero=hour_zero)
    if visit.document.route == "spravato":
        note_form_sent(visit, by=story.nurse, at=visit.changed_at + timedelta(days=1))
    close_finished(at=visit.changed_at + timedelta(days=2), patient=patient)


def _plan(story: Story, patient: Patient, key: str, *, begins: datetime) -> Treatment:
    planned_at, version = min(begins - timedelta(days=6), story.at), story.versions[key]
    return plan_treatment(patient, version=version, planned_for=_on_five(begins), by=story.nurse, at=planned_at)


def _as_if_sent(visit: Treatment, *, at: datetime) -> None:
    """What was due before the demo began was shown in the app: nothing old leaves as a text."""
    due = Prompt.objects.filter(treatment=visit, due_at__lte=at)
    due_steps = list(due.values_list("step", flat=True))
    due.move(to=PromptState.SENT, sent_at=F("due_at"), ended_at=F("due_at"), channel=ChannelKind.IN_APP)
    # And somebody looked after those who did not answer: the demo's day begins with no silence.
    listened_for = moments(visit.document.prompts)
    for step in due_steps:
        if listened_for.get(step) in WATCHED:
            SilentStep.objects.create(
                clinic_id=visit.clinic_id,
                treatment=visit,
                moment=listened_for[step],
                stage=SilentStage.STAFF,
                taken_at=at,
            )


def _bring_a_text(visit: Treatment, *, at: datetime) -> None:
    """The next text of the plan comes early, so that a newcomer sees the real worker deliver one."""
    waiting = Prompt.objects.filter(treatment=visit, state=PromptState.WAITING, channel=ChannelKind.SMS)
    if text := waiting.order_by("due_at").first():
        Prompt.objects.filter(pk=text.pk).update(due_at=at + FIRST_TEXT_IN)


def _settle(visit: Treatment, *, at: datetime) -> None:
    """The first small step of being at home is done, long enough ago for the next one to show."""
    step = visit.document.phases[1].card.steps[0]
    answer_step(visit, step=step.key, answer=Answer.DONE, at=at - timedelta(minutes=70))


def _next_half_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=30 if moment.minute < 30 else 60)


def _on_five(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)


def zone_where(at: datetime, span: QuietHours, *, but: str = "") -> str:
    """The nearest zone, other than `but`, in which it is within `span` at this moment."""
    return next(name for name in ZONES if name != but and is_night(at, ZoneInfo(name), span))
