"""What a patient does about messages, in one tap each: fewer, a pause, none at all, the next one not needed; and back.

Said twice, each is done once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Channel, Patient
from accounts.services import record, set_emails, set_push, set_texts
from accounts.states import ChannelKind
from prompts.models import MessageChoice, Prompt
from prompts.routes import PUSH
from prompts.schedule import PAUSE_LASTS
from prompts.services.choices import held_choice
from prompts.services.planning import place_waiting, replan
from prompts.services.rows import call_off
from prompts.services.subscriptions import takes_push
from prompts.states import PromptState, Reason
from prompts.taps import RUNS, SOON, STOP_UNDO, TIP
from timeline.models import Treatment

_SWITCHES: Mapping[str, Callable[..., None]] = {
    ChannelKind.SMS: set_texts,
    ChannelKind.EMAIL: set_emails,
    ChannelKind.PUSH: set_push,
}


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
        if (choice.paused_until is not None and at < choice.paused_until) != on:
            until = at + PAUSE_LASTS if on else None
            _choose(choice, patient, "messages_paused" if on else "messages_go_on", at=at, paused_until=until)
            replan(patient, at=at)


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

    Whether it was left out now. One that has begun to leave goes on by no next try and no next way; somebody else's stays.
    """
    tip = Prompt.objects.filter(pk=tip_id, patient=patient, kind=TIP, treatment__state__in=RUNS)
    soon = tip.filter(due_at__lte=at + SOON, window_ends_at__gt=at)
    return bool(call_off(soon, reason=Reason.ALREADY_DONE, at=at))


def log_step(treatment: Treatment, *, is_done: bool, at: datetime) -> None:
    """A drink or a rest that was done on the day page, or was not after all: the next tip, likewise."""
    tips = Prompt.objects.filter(treatment=treatment, kind=TIP, window_ends_at__gt=at).order_by("due_at")
    wanted: dict[str, Any] = (
        {"state": PromptState.WAITING, "begun_at": None} if is_done else {"reason": Reason.ALREADY_DONE}
    )
    tip_id = tips.filter(**wanted).values_list("pk", flat=True).first()
    if tip_id:
        (already_done if is_done else not_done)(treatment.patient, tip_id=tip_id, at=at)


def not_done(patient: Patient, *, tip_id: int, at: datetime) -> None:
    """The tip comes after all, where its window is still open."""
    with transaction.atomic():
        tip = Prompt.objects.filter(pk=tip_id, patient=patient, reason=Reason.ALREADY_DONE)
        if not tip.filter(state=PromptState.WAITING).update(reason="") and tip.update(reason=Reason.NOT_IN_PLAN):
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
