"""Keeps prompts in step with treatments, channels and what was asked for, inside the transaction that changed them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.copies import Section
from accounts.models import Channel, Device, Patient, Token
from accounts.states import ChannelKind
from prompts.kept import sections
from prompts.queries import foreseen_line
from prompts.queries.hand import choice_for
from prompts.services import (
    Kind,
    come_back,
    keep_stop,
    keep_subscriptions,
    leave,
    log_step,
    place_waiting,
    plan_treatment_prompts,
    send_asked_for,
    stop_asked_for,
    stop_day_reminders,
    stop_escort_notes,
    stop_notes,
    stop_prompts,
)
from prompts.taps import makes_up_for_a_tip
from timeline.models import Treatment
from timeline.queries import icon_of_step


def on_hour_zero_set(sender: Any, *, treatment: Treatment, at: datetime, **_: Any) -> None:
    plan_treatment_prompts(treatment, at=at)
    stop_day_reminders(treatment.patient_id, at=at)


def on_step_done(sender: Any, *, treatment: Treatment, step: str, is_done: bool, at: datetime, **_: Any) -> None:
    """A drink or a rest on the day page makes up for the next tip."""
    if makes_up_for_a_tip(icon_of_step(treatment, step)):
        log_step(treatment, is_done=is_done, at=at)


def on_treatment_stopped(sender: Any, *, treatment: Treatment, at: datetime, **_: Any) -> None:
    stop_prompts(treatment, at=at)


def on_channel_stopped(sender: Any, *, channel: Channel, at: datetime, **_: Any) -> None:
    if channel.patient_id:
        stop_asked_for(channel.patient_id, by=ChannelKind(channel.kind), at=at)
        stop_day_reminders(channel.patient_id, by=channel.kind, at=at)
        place_waiting(channel.patient_id, without=channel.kind)
    elif channel.escort_id:
        stop_escort_notes(channel.escort_id, at=at)


def on_address_stopped(sender: Any, *, kind: ChannelKind, address: str, at: datetime, **_: Any) -> None:
    stop_notes(address, by=kind, at=at)
    if kind == ChannelKind.SMS:
        keep_stop(address, at=at)


def on_channel_started(sender: Any, *, channel: Channel, **_: Any) -> None:
    if channel.patient_id:
        place_waiting(channel.patient_id)


def on_app_consent_changed(sender: Any, *, patient: Patient, given: bool, at: datetime, **_: Any) -> None:
    (come_back if given else leave)(patient, at=at)


def on_phone_replaced(sender: Any, *, before: Device, now: Device, **_: Any) -> None:
    keep_subscriptions(before=before, now=now)


def on_message_wanted(
    sender: Any,
    *,
    patient: Patient,
    token: Token,
    kind: Kind,
    channel: Channel,
    at: datetime,
    to: str = "",
    **_: Any,
) -> None:
    send_asked_for(patient, token=token, kind=kind, channel=channel, at=at, to=to)


def on_copy_wanted(sender: Any, *, patient: Patient, at: datetime, **_: Any) -> list[Section]:
    return sections(patient, at)


def on_reminder_wanted(sender: Any, *, patient: Patient, **_: Any) -> bool:
    """Whoever chose the app alone gets nothing out of it but what they ask for, and a second word of a check-in."""
    return choice_for(patient).first_way != ChannelKind.IN_APP


def on_messages_foreseen(sender: Any, *, treatment: Treatment, patient: Patient, **_: Any) -> str:
    return foreseen_line(treatment, patient)
