"""Windows open and end by the database's clock, whatever that of a host says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.channels.inbox import Inbox
from prompts.models import Attempt, Prompt
from prompts.services import deliver_due
from prompts.states import PromptState
from prompts.tasks import look_up
from tests.prompts.conftest import ago, row
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")


Due = Callable[..., list[Prompt]]


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_host_whose_clock_is_wrong_sends_skips_and_waits_as_any_other(
    world: World, mail: Inbox, due: Due, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    due(2, channel=ChannelKind.SMS, window_ends_at=ago(minutes=-5))
    due(channel=ChannelKind.SMS, steps=["over"], due_at=ago(minutes=12), window_ends_at=ago(minutes=1))
    mail.answers.append({"status": 429})
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    assert str(deliver_due()) == "sent 1, skipped 1, waiting 1"
    with tenant(world.clinic.pk):
        again_at = Prompt.objects.get(state=PromptState.WAITING).lease_until
    assert again_at
    assert abs(again_at - datetime.now(UTC)) < timedelta(minutes=1)  # of a clock that is ten away


def test_a_host_that_is_ahead_gives_no_text_up_before_its_time(
    world: World, mail: Inbox, due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prompt,) = due(channel=ChannelKind.SMS)
    mail.answers.append({"status": 500})
    assert str(deliver_due()) == "unknown 1"
    with tenant(world.clinic.pk):
        Prompt.objects.update(ended_at=ago(minutes=2))
        Attempt.objects.update(began_at=ago(minutes=2))
    ahead = timedelta(minutes=10)
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + ahead)
    look_up()
    assert row(world, prompt).reason == "no clear answer"
    ahead = timedelta(0)
    with tenant(world.clinic.pk):
        Attempt.objects.update(began_at=ago(minutes=6))
    look_up()
    assert row(world, prompt).reason == "not at the provider"
