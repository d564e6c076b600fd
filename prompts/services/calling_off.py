"""Prompts that are wanted no more, in a plan or not: those of a plan, codes, and notes that somebody asked for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from prompts.models import Prompt
from prompts.states import PromptState


def call_off(prompts: QuerySet[Prompt], *, reason: str, at: datetime) -> int:
    """Inside a clinic: these leave no more. One that is on its way can't be called back, but goes on by no next try and no
    next way. Returns how many ended now."""
    with transaction.atomic():
        held = Prompt.objects.filter(pk__in=list(prompts.select_for_update().values_list("pk", flat=True)))
        held.filter(state=PromptState.WAITING, begun_at__isnull=False).update(reason=reason)
        return held.filter(begun_at=None).move(to=PromptState.CANCELLED, reason=reason, ended_at=at)
