"""Windows open and end by the database's clock, whatever that of a host says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.channels.inbox import Inbox
from prompts.models import Prompt
from prompts.services import deliver_due
from prompts.states import PromptState
from tests.prompts.conftest import ago
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_host_whose_clock_is_wrong_sends_skips_and_waits_as_any_other(
    world: World, mail: Inbox, due: Callable[..., list[Prompt]], monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    due(2, channel=ChannelKind.SMS, window_ends_at=ago(minutes=-5))
    due(channel=ChannelKind.SMS, steps=["over"], due_at=ago(minutes=12), window_ends_at=ago(minutes=1))
    mail.answers.append({"status": 429})
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    assert str(deliver_due()) == "sent 1, skipped 1, waiting 1"
    with tenant(world.clinic.pk):
        again_at = Prompt.objects.get(state=PromptState.WAITING).lease_until
    assert again_at
    assert timedelta(seconds=2) < again_at - datetime.now(UTC) < timedelta(seconds=6)
