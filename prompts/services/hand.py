"""What a patient does about messages, in one tap each: fewer, a pause, none at all, the next one not needed; and back.

Said twice, each is done once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from accounts.models import Channel, Patient
from accounts.queries import said_no_to_app
from accounts.services import record, set_emails, set_push, set_texts
from accounts.states import ChannelKind
from prompts.models import MessageChoice, Prompt
from prompts.queries.push import takes_push
from prompts.routes import PUSH
from prompts.schedule import PAUSE_LASTS, pause_starts
from prompts.services.calling_off import call_off
from prompts.services.choices import held_choice
from prompts.services.day_reminders import stop_day_reminders
from prompts.services.planning import place_waiting, replan
from prompts.services.receipts import settle
from prompts.states import LOST, PromptState, Reason
from prompts.taps import RUNS, SOON, STOP_UNDO, TIP
from timeline.models import Treatment

_SWITCHES: Mapping[str, Callable[..., None]] = {
    ChannelKind.SMS: set_texts,
    ChannelKind.EMAIL: set_emails,
    ChannelKind.PUSH: set_push,
}
# It is on its way, or was taken or may have been.
_LEFT = Q(begun_at__isnull=False) | Q(state__in=(PromptState.SENT, PromptState.UNKNOWN))


def take_fewer(patient: Patient, *, on: bool, at: datetime) -> None:
    """Tips leave the plan of the visit that runs, and of later ones; or come back where their window is still open."""
    with transaction.atomic():
        choice = held_choice(patient)
        if choice.is_fewer != on:
            _choose(choice, patient, "messages_fewer" if on else "messages_usual", at=at, is_fewer=on)
            replan(patient, at=at)


def pause_messages(patient: Patient, *, on: bool, at: datetime) -> None:
    """Nothing leaves and nothing shows for PAUSE_LASTS. A pause that holds is not made longer."""
    with transaction.atomic():
        choice = held_choice(patient)
        if (choice.paused_until is not None and at < choice.paused_until) == on:
            return
        if on:
            starts = pause_starts(choice.paused_from, choice.paused_until, at=at)
            _choose(choice, patient, "messages_paused", at=at, paused_from=starts, paused_until=at + PAUSE_LASTS)
            stop_day_reminders(patient.pk, at=at)
            replan(patient, at=at)
        else:
            _choose(choice, patient, "messages_go_on", at=at, paused_from=None, paused_until=None)
            _say_paused(replan(patient, at=at), at=at)


def _say_paused(treatment: Treatment | None, *, at: datetime) -> None:
    """What finds no place any more as a pause ends before its time was left out by the pause."""
    if treatment:
        left = Prompt.objects.filter(treatment=treatment, reason=Reason.NOT_IN_PLAN, ended_at=at)
        left.update(reason=Reason.PAUSED)


def stop_messages(patient: Patient, *, at: datetime) -> None:
    """Every way out ends at once, with the yes that it stood on, one that took nothing of late too; what waits stays in
    the app."""
    with transaction.atomic():
        choice = held_choice(patient)
        agreed = Channel.objects.filter(Channel.AGREED, patient=patient, kind__in=_SWITCHES)
        kinds = list(agreed.values_list("kind", flat=True))
        if kinds:
            _choose(choice, patient, "messages_stopped", at=at, stopped_at=at)
        for kind in kinds:
            _SWITCHES[kind](patient, on=False, at=at)


def undo_stop(patient: Patient, *, at: datetime) -> None:
    """Brings back exactly the ways that the stop ended, within STOP_UNDO; not one that was stopped or failed besides, nor
    notices that no phone takes any more."""
    with transaction.atomic():
        choice = held_choice(patient)
        if choice.stopped_at is None or at >= choice.stopped_at + STOP_UNDO:
            return
        ended = Channel.objects.filter(patient=patient, stopped_at=choice.stopped_at, failed_at=None)
        kinds = [kind for kind in ended.values_list("kind", flat=True) if kind != PUSH or takes_push(patient.pk)]
        _choose(choice, patient, "messages_stop_undone", at=at, stopped_at=None)
        for kind in kinds:
            _SWITCHES[kind](patient, on=True, at=at)


def already_done(patient: Patient, *, tip_id: int, at: datetime) -> bool:
    """A drink or a rest: the tip `tip_id`, which comes soon, is not needed, and comes back in no later plan.

    Whether it was left out now. What has begun to leave, or has left, goes on by no next try and no next way, and
    somebody else's stays. None of their tips is 0.
    """
    tips = Prompt.objects.filter(patient=patient, kind=TIP, treatment__state__in=RUNS, window_ends_at__gt=at)
    with transaction.atomic():
        tips.filter(_LEFT).update(reason=Reason.ALREADY_DONE)
        return bool(call_off(tips.filter(pk=tip_id, due_at__lte=at + SOON), reason=Reason.ALREADY_DONE, at=at))


def log_step(treatment: Treatment, *, is_done: bool, at: datetime) -> None:
    """A drink or a rest that was done on the day page, or was not after all: the next tip, likewise. One that is on its way
    at that moment is not the next: it may be what they followed."""
    tips = Prompt.objects.filter(treatment=treatment, kind=TIP, window_ends_at__gt=at)
    wanted: dict[str, Any] = (
        {"state": PromptState.WAITING, "begun_at": None}
        if is_done
        else {"state": PromptState.CANCELLED, "reason": Reason.ALREADY_DONE}
    )
    # Of several that were left out, the last one was by this step.
    tip_id = tips.filter(**wanted).order_by("due_at" if is_done else "-due_at").values_list("pk", flat=True).first()
    (already_done if is_done else not_done)(treatment.patient, tip_id=tip_id or 0, at=at)


def not_done(patient: Patient, *, tip_id: int, at: datetime) -> None:
    """The tip comes after all, where its window is still open; and what has left may go on: at once, if it was lost."""
    done = Prompt.objects.filter(patient=patient, kind=TIP, treatment__state__in=RUNS, reason=Reason.ALREADY_DONE)
    with transaction.atomic():
        # A report of one comes before this, and is read here, or after it, and sends it on itself.
        held = list(done.filter(_LEFT).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        left = Prompt.objects.filter(pk__in=held)
        # Whoever took back their yes meanwhile said so under the same lock: it is read after it.
        left.update(reason=Reason.WITHDRAWN if said_no_to_app(patient.pk) else "")
        lost = left.filter(attempts__number=F("tries"), attempts__report__in=LOST).order_by("pk")
        for prompt_id, number in list(lost.values_list("pk", "tries")):
            settle(prompt_id, number, at=at)
        if done.filter(pk=tip_id, state=PromptState.CANCELLED).update(reason=Reason.NOT_IN_PLAN):
            replan(patient, at=at)


def reach_first(patient: Patient, *, way: str, at: datetime) -> None:
    """What waits goes by this way from now on, where it may; "" for the usual order."""
    with transaction.atomic():
        choice = held_choice(patient)
        if choice.first_way != way:
            _choose(choice, patient, "first_way_set", at=at, first_way=way)
            place_waiting(patient.pk)


def call_us(patient: Patient, *, alias: str, at: datetime) -> None:
    """Messages say that they are from `alias`; "" for the clinic's own neutral name."""
    with transaction.atomic():
        choice = held_choice(patient)
        if choice.alias != alias:
            _choose(choice, patient, "alias_set", at=at, alias=alias)


def _choose(choice: MessageChoice, patient: Patient, action: str, *, at: datetime, **values: object) -> None:
    for name, value in values.items():
        setattr(choice, name, value)
    choice.save(update_fields=list(values))
    record(action, on=patient, at=at, by=patient)
