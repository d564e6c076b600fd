"""Which check-in somebody is asked for at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Patient
from checkin.models import CheckIn, Reading
from checkin.silence import moments
from checkin.states import Moment
from prompts.models import Prompt
from prompts.states import PromptState
from timeline.levels import Level, rank, worst
from timeline.models import Treatment
from timeline.queries import current_treatment

# A check-in of the plan can be answered for this long; later it is how somebody feels now.
OPEN_FOR = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Asked:
    """A check-in to begin: of which visit, for which moment, and the prompt's step ("" where there is none)."""

    treatment: Treatment | None
    moment: Moment
    step: str


def asked_now(patient: Patient, at: datetime, *, step: str = "") -> Asked:
    """The newest check-in of the plan that was asked for and not begun; else how the person feels now.

    `step` is the one that a page was shown for: it still holds when the answer comes a little later.
    """
    treatment = current_treatment(patient, at)
    if treatment is None or treatment.hour_zero is None:
        return Asked(treatment, Moment.NOW, "")
    rows = Prompt.objects.filter(
        treatment=treatment, kind="check_in", state=PromptState.SENT, sent_at__gt=at - OPEN_FOR
    )
    begun = CheckIn.objects.filter(treatment=treatment).exclude(step="").values_list("step", flat=True)
    steps = list(rows.exclude(step__in=begun).order_by("-sent_at").values_list("step", flat=True))
    found = step if step in steps else next(iter(steps), "")
    return Asked(treatment, moments(treatment.document.prompts).get(found, Moment.NOW), found)


def asked_after_log(patient: Patient, at: datetime) -> Asked:
    """The direct question, after a low day of the log."""
    return Asked(current_treatment(patient, at), Moment.LOG, "")


def check_in_or_none(check_in_id: UUID, patient: Patient) -> CheckIn | None:
    """One of the patient's own, with all that the rules need."""
    rows = CheckIn.objects.select_related("patient__clinic__country", "treatment__protocol_version")
    return rows.filter(pk=check_in_id, patient=patient).first()


def level_of(check_in: CheckIn) -> Level:
    """The worst that the rules made of it: no later tap in a check-in lowers it."""
    return _worst(Reading.objects.filter(check_in=check_in))


def told_of_crisis(check_in: CheckIn) -> bool:
    """Whether it ever asked for the crisis line: a correction does not take the line away."""
    return Reading.objects.filter(check_in=check_in, has_crisis=True).exists()


def got_worse(reading: Reading) -> bool:
    """Whether it is above all readings before it in its check-in: so also when the same tap is sent a second time."""
    before = Reading.objects.filter(check_in=reading.check_in_id, number__lt=reading.number)
    return rank(Level(reading.level)) > rank(_worst(before))


def _worst(readings: QuerySet[Reading]) -> Level:
    return worst(Level(level) for level in readings.values_list("level", flat=True))
