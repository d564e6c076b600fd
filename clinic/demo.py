"""The demo's made-up clinics: the same people at each start, with hours that fit the moment at which it is started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet

from accounts.models import Channel, Clinic, Device, Patient, StaffMember, Token, User
from accounts.services import add_patient, set_texts
from accounts.states import ChannelKind, Role
from aftercare.tenancy import tenant
from prompts.models import Prompt
from prompts.states import PromptState
from timeline.document import QuietHours
from timeline.models import ProtocolVersion, Treatment
from timeline.packs import pack_keys, read_pack
from timeline.phases import is_night
from timeline.protocol import digest
from timeline.services import (
    answer_step,
    cancel_treatment,
    close_finished,
    discharge_treatment,
    draft_version,
    end_badly,
    end_treatment,
    plan_treatment,
    publish_version,
    start_treatment,
)
from timeline.states import Answer, BadEnding, VersionState

CEDAR, HARBOR = UUID("00000000-0000-4000-8000-00000000ceda"), UUID("00000000-0000-4000-8000-0000000ab0a1")
HOME_ZONE = "America/New_York"
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
STAYS = timedelta(hours=2)


class NotADemo(Exception):
    """Made-up people may not stand among real ones."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """One made-up member of the staff."""

    key: str
    clinic: UUID
    role: Role
    name: str
    credentials: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up patient. The number is of the range that is kept free for stories."""

    key: str
    clinic: UUID
    first_name: str
    last_name: str
    record_number: str
    born_on: date
    phone: str = ""
    texts: str = "on"


STAFF = (
    Colleague("nurse", CEDAR, Role.NURSE, "Dana Reyes", "RN"),
    Colleague("front_desk", CEDAR, Role.FRONT_DESK, "Kofi Mensah"),
    Colleague("clinician", CEDAR, Role.CLINICIAN, "Ana Ruiz", "MD"),
    Colleague("manager", CEDAR, Role.MANAGER, "Priya Nair"),
    Colleague("other_nurse", HARBOR, Role.NURSE, "Jo Lindqvist", "RN"),
    Colleague("other_manager", HARBOR, Role.MANAGER, "Tomas Silva"),
)
PATIENTS = (
    Person("hour_1", CEDAR, "Maya", "Torres", "CS-1041", date(1988, 3, 14), "+12125550111"),
    Person("hour_5", CEDAR, "Luis", "Park", "CS-1017", date(1979, 11, 2), "+12125550112"),
    Person("night", CEDAR, "Ruth", "Okafor", "CS-0988", date(1964, 6, 27), "+12125550113"),
    Person("hour_20", CEDAR, "Sam", "Whitlow", "CS-1032", date(1995, 1, 19), "+12125550114"),
    Person("planned", CEDAR, "Ada", "Klein", "CS-1044", date(1971, 9, 8), "+12125550115"),
    Person("in_treatment", CEDAR, "Noor", "Haddad", "CS-1025", date(1991, 12, 30), "+12125550116", texts="declined"),
    Person("closed", CEDAR, "Theo", "Brandt", "CS-0973", date(1958, 4, 5), "+12125550117", texts="stopped"),
    Person("badly", CEDAR, "Iris", "Nakamura", "CS-1038", date(1983, 7, 21)),
    Person("wrap_up", CEDAR, "Mei", "Tanaka", "CS-1029", date(1977, 10, 11), "+12125550120"),
    Person("cancelled", CEDAR, "Omar", "Reed", "CS-1045", date(1969, 5, 16)),
    Person("new", CEDAR, "Eli", "Abara", "CS-1046", date(2000, 2, 11), "+12125550118"),
    Person("harbor", HARBOR, "Wren", "Castillo", "HL-0007", date(1986, 8, 16), "+12125550119"),
)
# Whom a newcomer can be: in the 24 hours, and around them.
CAN_BE = ("hour_1", "hour_5", "night", "hour_20")
AROUND = ("planned", "in_treatment", "wrap_up", "closed", "badly", "cancelled", "new")


def staff_of(key: str) -> StaffMember | None:
    """The made-up member of the staff with this key, when the demo has been filled."""
    colleague = next((colleague for colleague in STAFF if colleague.key == key), None)
    return StaffMember.objects.filter(user__email=_email(colleague)).first() if colleague else None


def patient_of(key: str) -> Patient | None:
    """The made-up patient with this key; inside tenant(CEDAR)."""
    person = next((person for person in PATIENTS if person.key == key), None)
    return Patient.objects.filter(record_number=person.record_number).first() if person else None


def bind_demo_phone(patient: Patient, *, at: datetime) -> Device:
    """A phone for a newcomer's browser, as if the nurse had bound it."""
    return Device.objects.create(clinic_id=patient.clinic_id, patient=patient, bound_at=at)


def refresh_demo(*, at: datetime, reset: bool = False) -> None:
    """Makes the demo's people where they are missing, and begins their visits anew, so that the hours fit `at`.

    `reset` also takes away what newcomers added. Raises NotADemo outside demo mode.
    """
    if not settings.DEMO:
        raise NotADemo("The demo’s people are only for a demo. Set DEMO=1.")
    for clinic_id, tell in ((CEDAR, _tell_cedar), (HARBOR, _tell_harbor)):
        with tenant(clinic_id):
            _one_at_a_time()
            _ensure_clinic(clinic_id)
            staff = {member.role: member for member in _ensure_staff(clinic_id)}
            if reset:
                _take_away(Patient.objects.exclude(record_number__in=[person.record_number for person in PATIENTS]))
            versions = {key: _ensure_version(key, by=staff[Role.MANAGER], at=at, anew=reset) for key in pack_keys()}
            nurse = staff[Role.NURSE]
            people = {p.key: _ensure_patient(p, by=nurse, at=at) for p in PATIENTS if p.clinic == clinic_id}
            _forget_visits(Patient.objects.filter(pk__in=[patient.pk for patient in people.values()]))
            tell(_Story(at=at, nurse=nurse, people=people, versions=versions))


def zone_where(at: datetime, span: QuietHours, *, but: str = "") -> str:
    """The nearest zone, other than `but`, in which it is within `span` at this moment."""
    return next(name for name in ZONES if name != but and is_night(at, ZoneInfo(name), span))


# The story ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Story:
    at: datetime
    nurse: StaffMember
    people: Mapping[str, Patient]
    versions: Mapping[str, ProtocolVersion]


def _tell_cedar(story: _Story) -> None:
    at, people = story.at, story.people
    for key, pack, days in (("hour_1", IV, 9), ("hour_5", SPRAVATO, 15), ("hour_5", SPRAVATO, 8), ("hour_20", IV, 22)):
        _past_visit(story, people[key], pack, days=days)
    _past_visit(story, people["closed"], SPRAVATO, days=9)

    maya = _move_to(people["hour_1"], zone_where(at, BY_DAY))
    _bring_a_text(_visit(story, maya, IV, hour_zero=at - timedelta(minutes=40), has_left=False), at=at)
    luis = _move_to(people["hour_5"], zone_where(at, AFTERNOON))
    _settle(_visit(story, luis, SPRAVATO, hour_zero=at - timedelta(hours=4, minutes=35)), at=at)
    ruth = _move_to(people["night"], zone_where(at, LATE, but=HOME_ZONE))
    _settle(_visit(story, ruth, IV, hour_zero=at - timedelta(hours=8, minutes=30)), at=at)
    sam = _move_to(people["hour_20"], zone_where(at, MORNING))
    _visit(story, sam, IV, hour_zero=at - timedelta(hours=19, minutes=20))

    started_at = at - timedelta(minutes=20)
    start_treatment(_plan(story, people["in_treatment"], IV, begins=started_at), by=story.nurse, at=started_at)
    stopped = start_treatment(_plan(story, people["badly"], IV, begins=at - DRIP * 2), by=story.nurse, at=at - DRIP * 2)
    end_badly(stopped, reason=BadEnding.STOPPED_EARLY, by=story.nurse, at=at - DRIP)
    _visit(story, people["wrap_up"], IV, hour_zero=at - timedelta(hours=25, minutes=30))
    off = _plan(story, people["cancelled"], IV, begins=_next_half_hour(at + timedelta(hours=20)))
    cancel_treatment(off, by=story.nurse, at=at - timedelta(hours=1))
    _plan(story, people["planned"], SPRAVATO, begins=_next_half_hour(at + timedelta(hours=2)))
    _plan(story, people["closed"], SPRAVATO, begins=_next_half_hour(at + timedelta(days=5)))


def _tell_harbor(story: _Story) -> None:
    _visit(story, story.people["harbor"], IV, hour_zero=story.at - timedelta(hours=6))


def _visit(story: _Story, patient: Patient, key: str, *, hour_zero: datetime, has_left: bool = True) -> Treatment:
    """A visit by the real services, with the moments at which it would have happened; its plan comes with it."""
    is_end = story.versions[key].document.hour_zero == "treatment_end"
    started_at, ended_at = (hour_zero - DRIP, hour_zero) if is_end else (hour_zero, hour_zero + SPRAY)
    visit = start_treatment(_plan(story, patient, key, begins=started_at), by=story.nurse, at=started_at)
    visit = end_treatment(visit, by=story.nurse, at=ended_at)
    if has_left:
        visit = discharge_treatment(visit, by=story.nurse, at=started_at + STAYS)
    _as_if_sent(visit, at=story.at)
    return visit


def _past_visit(story: _Story, patient: Patient, key: str, *, days: int) -> None:
    day = (story.at - timedelta(days=days)).astimezone(ZoneInfo(HOME_ZONE))
    hour_zero = day.replace(hour=11, minute=5, second=0, microsecond=0)
    visit = _visit(story, patient, key, hour_zero=hour_zero)
    close_finished(at=visit.changed_at + timedelta(days=2), patient=patient)


def _plan(story: _Story, patient: Patient, key: str, *, begins: datetime) -> Treatment:
    planned_at, version = min(begins - timedelta(days=6), story.at), story.versions[key]
    return plan_treatment(patient, version=version, planned_for=_on_five(begins), by=story.nurse, at=planned_at)


def _as_if_sent(visit: Treatment, *, at: datetime) -> None:
    """What was due before the demo began was shown in the app: nothing old leaves as a text."""
    due = Prompt.objects.filter(treatment=visit, due_at__lte=at)
    due.move(to=PromptState.SENT, sent_at=F("due_at"), ended_at=F("due_at"), channel=ChannelKind.IN_APP)


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


# The people -----------------------------------------------------------------------------------------------------------


def _one_at_a_time() -> None:
    """Two starts at once: the second waits for the first, then begins anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('demo'))")


def _ensure_clinic(clinic_id: UUID) -> None:
    week = {day: ["08:00", "18:00"] for day in ("mon", "tue", "wed", "thu", "fri")} | {"sat": ["09:00", "13:00"]}
    shared = {"zone": HOME_ZONE, "country_id": "US", "opening_hours": week, "is_demo": True}
    own = {
        CEDAR: {
            "name": "Cedar Street Clinic",
            "sender_name": "Cedar Street",
            "address": "18 Cedar Street, 2nd floor",
            "phone": "+12125550101",
            "after_hours_phone": "+12125550102",
            "instructions": "What your nurse told you comes first. Call us before you take anything new.",
        },
        HARBOR: {
            "name": "Harbor Lane Clinic",
            "sender_name": "Harbor Lane",
            "address": "4 Harbor Lane",
            "phone": "+12125550103",
        },
    }
    Clinic.objects.update_or_create(pk=clinic_id, defaults=shared | own[clinic_id])


def _ensure_staff(clinic_id: UUID) -> Iterable[StaffMember]:
    for colleague in STAFF:
        if colleague.clinic == clinic_id:
            email = _email(colleague)
            user = User.objects.filter(email=email).first() or User.objects.create_user(email)
            member, _ = StaffMember.objects.update_or_create(
                user=user,
                defaults={
                    "clinic_id": clinic_id,
                    "name": colleague.name,
                    "credentials": colleague.credentials,
                    "role": colleague.role,
                    "is_active": True,
                },
            )
            yield member


def _email(colleague: Colleague) -> str:
    """An address that can't exist. The user has no password: only the start page signs in."""
    return f"{colleague.key.replace('_', '.')}@demo.invalid"


def _ensure_version(key: str, *, by: StaffMember, at: datetime, anew: bool) -> ProtocolVersion:
    """The version in use; the shipped pack where there is none, or `anew` where it is another."""
    in_use = ProtocolVersion.objects.filter(protocol__key=key, state=VersionState.PUBLISHED)
    used: ProtocolVersion | None = in_use.first()
    document = read_pack(key)
    if used and not (anew and used.digest != digest(document)):
        return used
    draft = draft_version(document, by=by, at=at, clinic_id=by.clinic_id)
    return publish_version(draft, by=by, at=at)


def _ensure_patient(person: Person, *, by: StaffMember, at: datetime) -> Patient:
    patient = Patient.objects.filter(record_number=person.record_number).first()
    if patient is None:
        patient = add_patient(
            by=by,
            at=at - timedelta(days=30),
            first_name=person.first_name,
            last_name=person.last_name,
            record_number=person.record_number,
            born_on=person.born_on,
            zone=HOME_ZONE,
            phone=person.phone,
            texts_agreed=person.texts != "declined",
        )
    if person.texts == "stopped":
        set_texts(patient, on=False, at=at)
    elif person.texts == "on":
        Channel.objects.filter(patient=patient, kind=ChannelKind.SMS).update(consented_at=at, stopped_at=None)
    return _move_to(patient, HOME_ZONE)


def _move_to(patient: Patient, zone: str) -> Patient:
    patient.zone = zone
    patient.save(update_fields=["zone"])
    return patient


def _forget_visits(patients: QuerySet[Patient]) -> None:
    """The visits of an earlier start go, with their prompts: the hundredth start looks like the first."""
    prompts = Prompt.objects.filter(patient__in=patients)
    # A worker may be about to send one: what is locked here it can't begin.
    list(prompts.select_for_update().values_list("pk", flat=True))
    Treatment.objects.filter(patient__in=patients).delete()


def _take_away(patients: QuerySet[Patient]) -> None:
    _forget_visits(patients)
    Token.objects.filter(subject__in=[patient.pk for patient in patients]).delete()
    for rows in (Device, Channel):
        rows.objects.filter(patient__in=patients).delete()
    patients.delete()
