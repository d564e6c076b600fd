"""Keeps prompts in step with treatments and channels, inside the transaction that changed them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import Channel
from accounts.states import ChannelKind
from prompts.services import plan_treatment_prompts, stop_prompts, to_app_only
from timeline.models import Treatment


def on_hour_zero_set(sender: Any, *, treatment: Treatment, at: datetime, **_: Any) -> None:
    plan_treatment_prompts(treatment, at=at)


def on_treatment_stopped(sender: Any, *, treatment: Treatment, at: datetime, **_: Any) -> None:
    stop_prompts(treatment, at=at)


def on_channel_stopped(sender: Any, *, channel: Channel, **_: Any) -> None:
    if channel.kind == ChannelKind.SMS and channel.patient_id:
        to_app_only(channel.patient_id)
