"""What is missing of the set-up before a visit, for the front desk and for reminders."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, When

from accounts.models import Consent, Escort
from accounts.states import ConsentKind
from timeline.models import SetUpStep, Treatment
from timeline.set_up import PARTS, SetUpPart


def with_set_up(visits: QuerySet[Treatment]) -> QuerySet[Treatment]:
    """The visits with what of their set-up is done, in the same query. Needs the patient beside each."""
    steps = SetUpStep.objects.filter(treatment=OuterRef("pk")).values("key")
    drivers = Escort.objects.filter(patient=OuterRef("patient"), task=Escort.Task.DRIVES, ended_at=None)
    words = Consent.objects.filter(patient=OuterRef("patient"), kind=ConsentKind.APP).order_by("-pk")
    # When the app was said no to, as long as that is the last word about it.
    no_at = Subquery(words.annotate(no_at=Case(When(given=False, then=F("at")))).values("no_at")[:1])
    return visits.annotate(steps_done=ArraySubquery(steps), has_driver=Exists(drivers), app_no_at=no_at)


def needed_parts() -> tuple[SetUpPart, ...]:
    """What the front desk asks for."""
    return tuple(part for part in PARTS if part.is_needed)


def missing_parts(treatment: Treatment) -> tuple[SetUpPart, ...]:
    """The needed parts that nobody has done: neither the patient, nor staff who noted the same. After with_set_up()."""
    return tuple(part for part in needed_parts() if part.key not in _done(treatment))


def _done(treatment: Treatment) -> frozenset[str]:
    noted = {
        "people": treatment.has_driver,  # type: ignore[attr-defined]
        "tonight": bool(treatment.tonight_at) or treatment.is_alone_tonight is not None,
        "about_you": treatment.patient.history is not None,
    }
    return frozenset(treatment.steps_done) | {key for key, is_noted in noted.items() if is_noted}  # type: ignore[attr-defined]
