"""Makes a treatment's prompts from its document, moves them when hour 0 moves, and stops them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Channel
from accounts.states import ChannelKind
from prompts.models import Prompt
from prompts.routes import ways_for
from prompts.schedule import PlannedPrompt, SentPrompt, plan_prompts
from prompts.services.choices import choice_of
from prompts.services.plan_rows import MAY_RETURN, write_plan
from prompts.states import PromptState
from timeline.document import QuietHours
from timeline.models import Treatment


def plan_treatment_prompts(treatment: Treatment, *, at: datetime) -> list[Prompt]:
    """The treatment's prompts after its hour 0 was set or corrected, in due order.

    What was sent, or may have been, stays as it is and is never sent again; it counts in the budget and in the gaps. The
    rest moves. Runs inside the caller's transaction.
    """
    with transaction.atomic():
        rows = {row.step: row for row in Prompt.objects.select_for_update().filter(treatment=treatment)}
        sent = [row for row in rows.values() if row.begun_at or row.state not in MAY_RETURN]
        planned = {plan.step: plan for plan in _plan(treatment, sent=sent, at=at)}
        ways, first = _open_ways(treatment.patient_id), _first_way(treatment.patient_id, treatment.clinic_id)
        placed = [
            _as_row(plan, treatment, row=rows.get(step), ways=ways, first=first) for step, plan in planned.items()
        ]
        dropped = [row for row in rows.values() if row not in sent and row.step not in planned]
        for row in dropped:
            row.state, row.reason, row.ended_at = PromptState.CANCELLED, "not in the plan", at
            row.plan_number = treatment.plan_number
        written = write_plan(placed, dropped)
    return sorted([*written, *sent], key=lambda row: row.due_at)


def stop_prompts(treatment: Treatment, *, at: datetime) -> int:
    """Nothing more of this treatment leaves. What is already with the provider can't be called back.

    Returns how many were stopped.
    """
    return Prompt.objects.filter(treatment=treatment, begun_at=None).move(
        to=PromptState.CANCELLED, reason="visit stopped", ended_at=at
    )


def place_waiting(patient_id: UUID, *, without: str = "") -> int:
    """After a way to reach the patient was stopped or started: what waits goes by the ways that are open now.

    A text within the budget, else an e-mail, else in the app. What is on its way stays. `without` is the kind of channel
    that is being stopped. Returns how many changed.
    """
    waiting = Prompt.objects.filter(patient_id=patient_id, token=None, state=PromptState.WAITING, begun_at=None)
    rows, ways = list(waiting.select_for_update().order_by("due_at")), _open_ways(patient_id) - {without}
    changed: list[Prompt] = []
    treatments = Treatment.objects.filter(pk__in={row.treatment_id for row in rows}).select_related("protocol_version")
    for treatment in treatments:
        first = _first_way(patient_id, treatment.clinic_id)
        left = _texts_left(treatment, but=rows)
        for row in (row for row in rows if row.treatment_id == treatment.pk):
            is_meant = row.step in _meant_as_texts(treatment)
            channel = _channel(ways, first=first, by_text=is_meant and left > 0, is_meant=is_meant)
            left -= channel == ChannelKind.SMS
            if channel != row.channel:
                row.channel = channel
                changed.append(row)
    return Prompt.objects.bulk_update(changed, ["channel"])


def _open_ways(patient_id: UUID) -> frozenset[str]:
    return frozenset(Channel.objects.filter(Channel.OPEN, patient_id=patient_id).values_list("kind", flat=True))


def _first_way(patient_id: UUID, clinic_id: UUID) -> str:
    return choice_of(patient_id, clinic_id=clinic_id).first_way


def _meant_as_texts(treatment: Treatment) -> frozenset[str]:
    """The steps that go out to the patient, where a way is open; the others are shown in the app alone."""
    return frozenset(template.key for template in treatment.document.prompts if template.by_text)


def _texts_left(treatment: Treatment, *, but: Sequence[Prompt]) -> int:
    """How many texts of the budget are left, `but` for these that wait to be placed."""
    used = Prompt.objects.filter(treatment=treatment, channel=ChannelKind.SMS)
    spent = used.exclude(pk__in=[row.pk for row in but]).exclude(state__in=(PromptState.CANCELLED, PromptState.SKIPPED))
    return max(treatment.document.budget.texts - spent.count(), 0)


def _channel(ways: Collection[str], *, first: str, by_text: bool, is_meant: bool) -> str:
    """`by_text`: it may be one of the budget's texts; `is_meant`: the document wants it to go out."""
    return ways_for(ways, first=first, goes_out=is_meant, has_text_left=by_text)[0]


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


def _as_row(
    plan: PlannedPrompt, treatment: Treatment, *, row: Prompt | None, ways: Collection[str], first: str
) -> Prompt:
    row = row or Prompt(
        clinic_id=treatment.clinic_id, patient_id=treatment.patient_id, treatment=treatment, step=plan.step
    )
    row.kind, row.asks = plan.kind, plan.asks
    is_meant = plan.step in _meant_as_texts(treatment)
    row.channel = _channel(ways, first=first, by_text=plan.by_text, is_meant=is_meant)
    row.plan_number = treatment.plan_number
    row.due_at, row.window_ends_at = plan.due_at, plan.window_ends_at
    # `tries` goes on counting: each try has a number of its own.
    row.state, row.reason, row.lease_until, row.ended_at = PromptState.WAITING, "", None, None
    return row
