"""What a patient's copy tells of accounts: who they are here, how they are reached, what they agreed to, who did what."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.copies import Section
from accounts.models import AuditEvent, Channel, Consent, Device, Escort, Patient, StaffMember
from accounts.phones import show_phone
from accounts.states import ActorKind, ChannelKind, ConsentKind, ConsentWay, Role


def sections(patient: Patient, at: datetime) -> list[Section]:
    """Six queries."""
    return [_person(patient), _ways(patient), _consents(patient), _phones(patient), _people(patient), _deeds(patient)]


def _person(patient: Patient) -> Section:
    row = {
        "First name": patient.first_name,
        "Last name": patient.last_name,
        "Born on": patient.born_on,
        "Number at the clinic": patient.record_number,
        "Clinic": patient.clinic.name,
        "Time zone": patient.zone,
        "Quiet from": patient.quiet_starts_at,
        "Quiet until": patient.quiet_ends_at,
        "Name on pages for helpers": patient.name_for_escorts,
        "Assessed on": patient.assessed_on,
        "Assessed by": patient.assessed_by or None,
        "A PIN is set": bool(patient.pin_hash),
        "Here since": patient.created_at,
    }
    return Section("you", "You", "How the clinic knows you here.", [row], order=10)


def _ways(patient: Patient) -> Section:
    rows = [
        {
            "Way": ChannelKind(channel.kind).label,
            "Address": show_phone(channel.address) if channel.kind == ChannelKind.SMS else channel.address or None,
            "Agreed": channel.consented_at,
            "Stopped": channel.stopped_at,
        }
        for channel in Channel.objects.filter(patient=patient).order_by("kind")
    ]
    return Section("ways", "How we reach you", "Your number, your e-mail, and what is on or off.", rows, order=12)


def _consents(patient: Patient) -> Section:
    rows = [
        {
            "When": consent.at,
            "About": ConsentKind(consent.kind).label,
            "Said": "Yes" if consent.given else "No",
            "In these words": consent.wording,
            "How": ConsentWay(consent.way).label,
            "Of a helper": bool(consent.escort_id) or None,
        }
        for consent in Consent.objects.filter(patient=patient).order_by("pk")
    ]
    return Section("consents", "What you said yes or no to", "The words as you read them then.", rows, order=14)


def _phones(patient: Patient) -> Section:
    rows = [
        {"Signed in": device.bound_at, "For": device.get_scope_display(), "Signed out": device.revoked_at}
        for device in Device.objects.filter(patient=patient).order_by("bound_at")
    ]
    return Section("phones", "Your phones", "Each phone that was signed in for you.", rows, order=16)


def _people(patient: Patient) -> Section:
    rows = [
        {
            "Name": escort.name,
            "For": escort.get_task_display(),
            "Stays the night too": escort.stays_too or None,
            "Phone": show_phone(escort.phone) if escort.phone else None,
            "Until": escort.ended_at,
        }
        for escort in Escort.objects.filter(patient=patient).order_by("name", "pk")
    ]
    return Section("people", "People you named", "Who drives you and who stays with you.", rows, order=18)


def _deeds(patient: Patient) -> Section:
    events = list(AuditEvent.objects.filter(object=str(patient.pk)).order_by("pk"))
    members = StaffMember.objects.filter(pk__in={event.actor for event in events if event.actor})
    roles: dict[UUID | None, str] = {member.pk: Role(member.role).label for member in members}
    rows = [
        {
            "When": event.at,
            "What": event.action.replace("_", " ").capitalize(),
            "Who": roles.get(event.actor) or _WHO.get(event.actor_kind, "The app"),
        }
        for event in events
    ]
    about = "What was done with your record here, when, and by whom."
    return Section("deeds", "Who did what", about, rows, order=95)


_WHO = {ActorKind.PATIENT.value: "You", ActorKind.ESCORT.value: "A helper", ActorKind.STAFF.value: "Staff"}
