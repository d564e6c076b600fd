"""What follows when a patient takes back their yes to the app, or says yes anew: in that very transaction (decision 40)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import Patient
from prompts.models import Prompt
from prompts.services.asked import UNASKED
from prompts.services.calling_off import call_off
from prompts.services.planning import replan
from prompts.states import PromptState, Reason

# What we send by ourselves; not a code, an invitation or a test, which somebody waits for.
_OURS = Q(token=None) | Q(kind__in=UNASKED)


def leave(patient: Patient, *, at: datetime) -> None:
    """Nothing that we send by ourselves leaves any more. What is on its way can't be called back; like what has left, it goes
    on by no next try and no next way."""
    with transaction.atomic():
        replan(patient, at=at)  # without a yes there is no plan
        rows = Prompt.objects.filter(_OURS, patient=patient, window_ends_at__gt=at)
        held = Prompt.objects.filter(pk__in=list(rows.select_for_update().order_by("pk").values_list("pk", flat=True)))
        goes_on = held.exclude(reason=Reason.ALREADY_DONE)
        call_off(goes_on, reason=Reason.WITHDRAWN, at=at)
        goes_on.filter(state__in=(PromptState.SENT, PromptState.UNKNOWN)).update(reason=Reason.WITHDRAWN)


def come_back(patient: Patient, *, at: datetime) -> None:
    """What is still ahead of the visit that runs is planned anew; a reminder of a day comes with the next look."""
    with transaction.atomic():
        replan(patient, at=at)
        left = Prompt.objects.filter(patient=patient, reason=Reason.WITHDRAWN)
        left.exclude(state=PromptState.CANCELLED).update(reason="")
