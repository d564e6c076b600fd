"""What somebody said yes or no to. A row is only ever added; the last one counts."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Consent, Escort, Patient, StaffMember
from accounts.queries import consent_words, said_about, said_no_to_app
from accounts.services.audit import actor_kind, record
from accounts.signals import app_consent_changed
from accounts.states import ConsentKind, ConsentWay
from accounts.wordings import wording_in


def record_consent(
    kind: ConsentKind,
    *,
    given: bool,
    patient: Patient,
    way: ConsentWay,
    by: StaffMember | Patient | Escort,
    at: datetime,
    escort: Escort | None = None,
) -> Consent:
    """Yes or no, in the words of now, and in the escort's language. Inside the caller's transaction. The wording is kept as
    it was read.
    """
    language = escort.language if escort else ""
    changes_app = kind == ConsentKind.APP and said_no_to_app(patient.pk) == given
    consent = Consent.objects.create(
        clinic_id=patient.clinic_id,
        patient=patient,
        escort=escort,
        kind=kind,
        version=wording_in(language, kind).version,
        wording=consent_words(kind, patient=patient, language=language),
        given=given,
        at=at,
        way=way,
        by_kind=actor_kind(by),
        by=by.pk,
    )
    record("consent_given" if given else "consent_taken_back", on=consent, at=at, by=by, facts={"kind": kind})
    if changes_app:
        app_consent_changed.send(Consent, patient=patient, given=given, at=at)
    return consent


def has_agreed(kind: ConsentKind, *, patient: Patient, escort: Escort | None = None) -> bool:
    """Whether the last word about it was a yes. One query."""
    return bool(said_about(kind, patient_id=patient.pk, escort=escort).values_list("given", flat=True).first())
