"""Who is asking, and whom a clinic's pages name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Model, OuterRef, QuerySet, Subquery

from accounts.models import AuditEvent, Channel, Consent, Country, Device, Escort, Patient, StaffMember
from accounts.states import ActorKind, ChannelKind, ConsentKind
from accounts.wordings import wording_in
from aftercare.tenancy import tenant

HISTORY_RECORDED, ASSESSMENT_RECORDED = "history_recorded", "assessment_recorded"
TEST_SENT, TEST_ANSWERED = "test_sent", "test_answered"
DELETION_ASKED, DELETION_SEEN = "deletion_asked", "deletion_seen"
TEST_ASKS = timedelta(hours=1)


def bound_device(device_id: UUID, *, clinic_id: UUID) -> Device | None:
    """A phone that is still bound, with its patient, clinic and country: one query, inside tenant(clinic_id)."""
    return (
        Device.objects.filter(pk=device_id, clinic_id=clinic_id, revoked_at=None)
        .select_related("patient", "patient__clinic", "patient__clinic__country")
        .first()
    )


def patient_of_clinic(patient_id: UUID, clinic_id: UUID) -> Patient | None:
    """Somebody whom a token or a session names, with clinic and country; opens tenant() itself."""
    with tenant(clinic_id):
        return Patient.objects.select_related("clinic__country").filter(pk=patient_id).first()


@dataclass(frozen=True, slots=True)
class Escorts:
    """Who picks a patient up and who stays the night: two people, one who does both, or nobody."""

    driver: Escort | None
    stayer: Escort | None


def escorts_of(patient: Patient) -> Escorts:
    """Those who are named now. One query, inside the clinic."""
    named = {escort.task: escort for escort in Escort.objects.filter(patient=patient, ended_at=None)}
    driver, stayer = named.get(Escort.Task.DRIVES), named.get(Escort.Task.STAYS)
    return Escorts(driver=driver, stayer=stayer or (driver if driver and driver.stays_too else None))


@dataclass(frozen=True, slots=True)
class Texter:
    """Somebody who may have sent a text: a patient, or an escort of theirs. `gets_texts`: they are on for them now."""

    patient: Patient
    escort: Escort | None
    gets_texts: bool


def texters(number: str) -> list[Texter]:
    """Who of this clinic has this number, patients first. An escort is asked for no more, and may still tell of a patient.

    Two queries, inside the clinic.
    """
    channels = Channel.objects.filter(address=number, kind=ChannelKind.SMS).select_related("patient", "escort__patient")
    found = {(channel.patient_id, channel.escort_id): channel for channel in channels.order_by("pk")}
    people = [Texter(channel.patient, None, channel.may_send) for channel in found.values() if channel.patient]
    people += [Texter(one.escort.patient, one.escort, one.may_send) for one in found.values() if one.escort]
    others = Escort.objects.filter(phone=number).exclude(pk__in=[escort for _, escort in found if escort])
    return people + [Texter(escort.patient, escort, gets_texts=False) for escort in others.select_related("patient")]


_last_known: dict[str, Country] = {}


def default_country() -> Country | None:
    """Whose numbers a page shows before anybody is known. With the database away: as this process read them last."""
    try:
        country = Country.objects.filter(pk=settings.DEFAULT_COUNTRY).first()
    except (OperationalError, InterfaceError):
        return _last_known.get(settings.DEFAULT_COUNTRY)
    if country:
        _last_known[country.pk] = country
    return country


@dataclass(frozen=True, slots=True)
class Change:
    """The last time that something was put on record: the id of its line in the audit trail, when, and by whom."""

    id: int
    at: datetime
    by: UUID | None
    who: str

    @property
    def they(self) -> str:
        """Who it was, at the beginning of a sentence."""
        return f"{self.who[:1].upper()}{self.who[1:]}"


def last_change(row: Model, action: str) -> Change | None:
    """When this was last done to the row, inside its clinic; None when it never was. One query."""
    who = StaffMember.objects.filter(pk=OuterRef("actor"))
    events = AuditEvent.objects.filter(object=str(row.pk), action=action).order_by("-pk")
    named = events.annotate(name=Subquery(who.values("name")), credentials=Subquery(who.values("credentials")))
    event = named.first()
    if event is None:
        return None
    somebody = StaffMember(
        name=event.name or _OTHERS.get(event.actor_kind, "Somebody"), credentials=event.credentials or ""
    )
    return Change(id=event.pk, at=event.at, by=event.actor, who=str(somebody))


@dataclass(frozen=True, slots=True)
class Wish:
    """The last time that a patient asked the clinic to delete what it keeps, and when somebody there was done with it.

    `number` counts the times that they asked, from 1.
    """

    asked_at: datetime
    seen_at: datetime | None
    number: int


def deletion_wish(patient: Patient) -> Wish | None:
    """None when they never asked. One query, inside the clinic."""
    events = AuditEvent.objects.filter(object=str(patient.pk), action__in=(DELETION_ASKED, DELETION_SEEN))
    lines = list(events.order_by("pk").values_list("action", "at"))
    asked = [at for action, at in lines if action == DELETION_ASKED]
    if not asked:
        return None
    action, at = lines[-1]
    return Wish(asked_at=asked[-1], seen_at=at if action == DELETION_SEEN else None, number=len(asked))


# Who did it when it was nobody of the staff.
_OTHERS = {ActorKind.PATIENT.value: "the patient", ActorKind.ESCORT.value: "the escort"}


def consent_words(kind: ConsentKind, *, patient: Patient, language: str = "") -> str:
    """What a page asks to say yes or no to, with the names filled in."""
    return wording_in(language, kind).text.format(sender=patient.clinic.sender_name, patient=patient.name_for_escorts)


def said_no_to_app(patient_id: UUID) -> bool:
    """Whether their last word about the app is a no; not so where they said nothing yet. One query."""
    return said_about(ConsentKind.APP, patient_id=patient_id).values_list("given", flat=True).first() is False


def last_consent(kind: ConsentKind, *, patient: Patient, escort: Escort | None = None) -> Consent | None:
    """The last word about it, a yes or a no. One query."""
    return said_about(kind, patient_id=patient.pk, escort=escort).first()


def said_about(kind: ConsentKind, *, patient_id: UUID, escort: Escort | None = None) -> QuerySet[Consent]:
    """Each word about it, the last one first."""
    return Consent.objects.filter(patient=patient_id, escort=escort, kind=kind).order_by("-pk")


@dataclass(frozen=True, slots=True)
class LastTest:
    """The last test message of a patient: when it was sent, by which way, and whether it came (None: not said yet)."""

    sent_at: datetime
    channel: str
    came: bool | None


def last_test(patient: Patient, at: datetime) -> LastTest | None:
    """None when none was sent of late. One query."""
    events = AuditEvent.objects.filter(object=str(patient.pk), action__in=(TEST_SENT, TEST_ANSWERED))
    newest = list(events.filter(at__gt=at - TEST_ASKS).order_by("-pk")[: 2 * 3])
    sent = next((event for event in newest if event.action == TEST_SENT), None)
    if sent is None:
        return None
    answer = newest[0].facts.get("came") if newest[0].action == TEST_ANSWERED else None
    return LastTest(sent_at=sent.at, channel=sent.facts.get("channel", ""), came=answer)
