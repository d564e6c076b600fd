"""Makes a treatment's prompts from its document, moves them when hour 0 moves, and stops them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from accounts.models import Channel, Patient
from accounts.queries import said_no_to_app
from accounts.services import record
from accounts.states import ChannelKind
from prompts.models import MessageChoice, Prompt
from prompts.routes import ways_for
from prompts.schedule import Night, PlannedPrompt, SentPrompt, plan_prompts
from prompts.services.choices import choice_of
from prompts.services.plan_rows import MAY_RETURN, stop_rows, write_plan
from prompts.services.rows import Claimed
from prompts.states import PromptState, Reason
from prompts.taps import RUNS, TIP
from timeline.document import QuietHours
from timeline.models import Treatment
from timeline.services import PLAN_CHANGED


def plan_treatment_prompts(treatment: Treatment, *, at: datetime) -> list[Prompt]:
    """The treatment's prompts after its hour 0 was set or corrected, in due order.

    What was sent, or may have been, stays as it is and is never sent again; it counts in the budget and in the gaps. The
    rest moves; there is none for whoever took back their yes to the app. Runs inside the caller's transaction.
    """
    with transaction.atomic():
        rows = {row.step: row for row in Prompt.objects.select_for_update().filter(treatment=treatment)}
        choice = choice_of(treatment.patient_id, clinic_id=treatment.clinic_id)
        sent = [row for row in rows.values() if row.begun_at or row.state not in MAY_RETURN]
        has_left = said_no_to_app(treatment.patient_id)
        plans = [] if has_left else _plan(treatment, choice, rows=rows.values(), sent=sent, at=at)
        planned = {plan.step: plan for plan in plans}
        ways = _open_ways(treatment.patient_id)
        placed = [
            _as_row(plan, treatment, row=rows.get(step), ways=ways, first=choice.first_way)
            for step, plan in planned.items()
        ]
        waited = [row for row in rows.values() if row.state == PromptState.WAITING and row not in sent]
        dropped = [row for row in waited if row.step not in planned]
        for row in dropped:
            row.reason = Reason.WITHDRAWN if has_left else _reason(row, choice, at=at)
            row.state, row.ended_at = PromptState.CANCELLED, at
            row.plan_number = treatment.plan_number
        written = write_plan(placed, dropped)
    return sorted([*written, *sent], key=lambda row: row.due_at)


def replan(patient: Patient, *, at: datetime, **clock: object) -> Treatment | None:
    """Plans what waits of the visit that runs anew, after the patient chose something: what is claimed by the plan before
    and has not begun completes nothing. `clock` are values of the visit that change with it. None where no visit runs."""
    with transaction.atomic():
        running = Treatment.objects.filter(patient=patient, state__in=RUNS, hour_zero__isnull=False)
        treatment: Treatment | None = running.select_for_update().first()
        if treatment is None:
            return None
        _plan_anew(treatment, at=at, by=patient, **clock)
        return treatment


def plan_returned(prompts: Sequence[Claimed], *, at: datetime) -> list[Claimed]:
    """Inside the clinic's transaction: claimed prompts, without those whose plan changed while they were in flight.

    They were not taken, and would go again by the clock of before: from now on they are where the plan has them. One query
    where something was tried before; none else.
    """
    again = [prompt for prompt in prompts if prompt.treatment_id and prompt.tries > 1]
    if not again:
        return list(prompts)
    running = Treatment.objects.filter(pk__in={prompt.treatment_id for prompt in again}, state__in=RUNS)
    numbers = dict(running.values_list("pk", "plan_number"))
    changed = {p.treatment_id for p in again if numbers.get(p.treatment_id, p.plan_number) != p.plan_number}
    if changed:
        for treatment in running.filter(pk__in=changed).select_for_update().order_by("pk"):
            _plan_anew(treatment, at=at, by=None)
    return [prompt for prompt in prompts if prompt.treatment_id not in changed]


def _plan_anew(treatment: Treatment, *, at: datetime, by: Patient | None, **clock: object) -> None:
    """The row of the treatment is locked. A new number: what was claimed by the plan before completes nothing."""
    changed = Treatment.objects.filter(pk=treatment.pk)
    changed.update(plan_number=F("plan_number") + 1, changed_at=at, **clock)
    treatment.refresh_from_db()
    record(PLAN_CHANGED, on=treatment, at=at, by=by)
    plan_treatment_prompts(treatment, at=at)


def stop_prompts(treatment: Treatment, *, at: datetime) -> int:
    """Nothing more of this treatment leaves. What is already with the provider can't be called back.

    Returns how many were stopped.
    """
    return stop_rows(treatment.pk, at=at)


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


def _plan(
    treatment: Treatment, choice: MessageChoice, *, rows: Collection[Prompt], sent: Sequence[Prompt], at: datetime
) -> list[PlannedPrompt]:
    if treatment.hour_zero is None:
        return []
    document = treatment.document
    done = {row.step for row in rows if row.reason == Reason.ALREADY_DONE}
    return plan_prompts(
        [each for each in document.prompts if each.key not in done and not (choice.is_fewer and each.kind == TIP)],
        hour_zero=treatment.hour_zero,
        zone=ZoneInfo(treatment.zone),
        quiet_hours=QuietHours(treatment.quiet_starts_at, treatment.quiet_ends_at),
        budget=document.budget,
        sent=[_sent(row) for row in sent],
        not_before=at,
        pauses=_pauses(choice),
    )


def _pauses(choice: MessageChoice) -> list[Night]:
    """Also one that is over: what it moved stays where it is."""
    return [Night(choice.paused_from, choice.paused_until)] if choice.paused_from and choice.paused_until else []


def _reason(row: Prompt, choice: MessageChoice, *, at: datetime) -> Reason:
    """Why a prompt that waited leaves the plan."""
    if choice.is_fewer and row.kind == TIP:
        return Reason.FEWER
    is_paused = choice.paused_until is not None and at < choice.paused_until
    return Reason.PAUSED if is_paused else Reason.NOT_IN_PLAN


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
