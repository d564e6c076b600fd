"""Makes a treatment's prompts from its document, moves them when hour 0 moves, and stops them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Channel
from accounts.states import ChannelKind
from prompts.models import Prompt
from prompts.schedule import PlannedPrompt, SentPrompt, plan_prompts
from prompts.states import PromptState
from timeline.document import QuietHours
from timeline.models import Treatment

_REPLANNED = (
    "due_at",
    "window_ends_at",
    "channel",
    "plan_number",
    "state",
    "reason",
    "lease_until",
    "ended_at",
)
# Never sent, so a new hour 0 may bring them back.
_MAY_RETURN = frozenset({PromptState.WAITING, PromptState.CANCELLED, PromptState.SKIPPED})


def plan_treatment_prompts(treatment: Treatment, *, at: datetime) -> list[Prompt]:
    """The treatment's prompts after its hour 0 was set or corrected, in due order.

    What was sent, or may have been, stays as it is and is never sent again; it counts in the budget and in the gaps. The
    rest moves. Runs inside the caller's transaction.
    """
    with transaction.atomic():
        rows = {row.step: row for row in Prompt.objects.select_for_update().filter(treatment=treatment)}
        sent = [row for row in rows.values() if row.begun_at or row.state not in _MAY_RETURN]
        planned = {plan.step: plan for plan in _plan(treatment, sent=sent, at=at)}
        has_texts = Channel.objects.filter(
            patient_id=treatment.patient_id, kind=ChannelKind.SMS, consented_at__isnull=False, stopped_at=None
        ).exists()
        placed = [_as_row(plan, treatment, row=rows.get(step), has_texts=has_texts) for step, plan in planned.items()]
        dropped = [row for row in rows.values() if row not in sent and row.step not in planned]
        for row in dropped:
            row.state, row.reason, row.ended_at = PromptState.CANCELLED, "not in the plan", at
            row.plan_number = treatment.plan_number
        Prompt.objects.bulk_create(row for row in placed if row.pk is None)
        Prompt.objects.bulk_update([*(row for row in placed if row.step in rows), *dropped], _REPLANNED)
    return sorted([*placed, *sent], key=lambda row: row.due_at)


def stop_prompts(treatment: Treatment, *, at: datetime) -> int:
    """Nothing more of this treatment leaves. What is already with the provider can't be called back.

    Returns how many were stopped.
    """
    return Prompt.objects.filter(treatment=treatment, begun_at=None).move(
        to=PromptState.CANCELLED, reason="visit stopped", ended_at=at
    )


def to_app_only(patient_id: UUID) -> int:
    """No text leaves any more: what is waiting as a text waits in the app instead. Returns how many changed."""
    waiting = Prompt.objects.filter(
        patient_id=patient_id, state=PromptState.WAITING, begun_at=None, channel=ChannelKind.SMS
    )
    return waiting.update(channel=ChannelKind.IN_APP)


def back_to_texts(patient_id: UUID) -> int:
    """Texts are on again: what waits and is meant as a text leaves as one, within the budget. Returns how many changed."""
    waiting = Prompt.objects.filter(patient_id=patient_id, state=PromptState.WAITING, begun_at=None)
    changed = 0
    for treatment in Treatment.objects.filter(pk__in=waiting.values("treatment")).select_related("protocol_version"):
        texts = Prompt.objects.filter(treatment=treatment, channel=ChannelKind.SMS)
        used = texts.exclude(state__in=(PromptState.CANCELLED, PromptState.SKIPPED)).count()
        left = max(treatment.document.budget.texts - used, 0)
        meant = [template.key for template in treatment.document.prompts if template.by_text]
        rows = waiting.filter(treatment=treatment, step__in=meant, channel=ChannelKind.IN_APP).order_by("due_at")
        changed += Prompt.objects.filter(pk__in=[row.pk for row in rows[:left]]).update(channel=ChannelKind.SMS)
    return changed


def _plan(treatment: Treatment, *, sent: Sequence[Prompt], at: datetime) -> list[PlannedPrompt]:
    if treatment.hour_zero is None:
        return []
    document = treatment.document
    return plan_prompts(
        document.prompts,
        hour_zero=treatment.hour_zero,
        zone=ZoneInfo(treatment.zone),
        quiet_hours=QuietHours(treatment.quiet_starts_at, treatment.quiet_ends_at),
        budget=document.budget,
        sent=[_sent(row) for row in sent],
        not_before=at,
    )


def _sent(row: Prompt) -> SentPrompt:
    return SentPrompt(
        step=row.step,
        at=row.sent_at or row.begun_at or row.ended_at or row.due_at,
        asks=row.asks,
        by_text=row.channel == ChannelKind.SMS,
    )


def _as_row(plan: PlannedPrompt, treatment: Treatment, *, row: Prompt | None, has_texts: bool) -> Prompt:
    row = row or Prompt(
        clinic_id=treatment.clinic_id, patient_id=treatment.patient_id, treatment=treatment, step=plan.step
    )
    row.kind, row.asks = plan.kind, plan.asks
    row.channel = ChannelKind.SMS if plan.by_text and has_texts else ChannelKind.IN_APP
    row.plan_number = treatment.plan_number
    row.due_at, row.window_ends_at = plan.due_at, plan.window_ends_at
    # `tries` goes on counting: each try has a number of its own.
    row.state, row.reason, row.lease_until, row.ended_at = PromptState.WAITING, "", None, None
    return row
