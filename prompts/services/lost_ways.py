"""Ways that take nothing any more, whatever is sent: wrong numbers, landlines, mailboxes that are gone, a carrier's STOP."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import Channel, StaffMember
from accounts.services import record, stop_texts
from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.channels.push import GONE
from prompts.channels.sending import Sending
from prompts.refusals import CARRIER_STOP, is_dead
from prompts.services.planning import place_waiting
from prompts.services.rows import Letter
from prompts.services.subscriptions import drop_gone
from prompts.states import Outcome

log = logging.getLogger(__name__)
# What the audit trail calls it.
_FAILED = {ChannelKind.SMS: "texts_failed", ChannelKind.EMAIL: "emails_failed"}


def note_lost(flight: Sequence[Letter], sendings: Sequence[Sending], *, at: datetime) -> None:
    """After a flight that began `at`: ends what its providers refused for good. One short transaction a clinic.

    Never raises: the messages have had their end, and the next one that is refused tells it again."""
    refused = [
        (letter, sending.code)
        for letter, sending in zip(flight, sendings, strict=True)
        if sending.outcome is Outcome.REFUSED
    ]
    try:
        drop_gone([(letter.prompt.clinic_id, letter.to) for letter, code in refused if code == GONE], at=at)
    except Exception:
        log.exception("Browsers that are gone could not be dropped")
    lost: dict[UUID, list[tuple[str, str, str]]] = defaultdict(list)
    for letter, code in refused:
        if is_dead(letter.prompt.channel, code):
            lost[letter.prompt.clinic_id].append((letter.prompt.channel, letter.to, code))
    for clinic_id, ways in lost.items():
        try:
            for way, address, code in ways:
                end_way(clinic_id, way, address, code=code, at=at)
        except Exception:
            log.exception("A way that takes nothing could not be ended", extra={"clinic": clinic_id})


def end_way(clinic_id: UUID, way: str, address: str, *, code: str, at: datetime, by: StaffMember | None = None) -> int:
    """Nothing of this clinic's is sent to `address` by `way` any more, until it changes or somebody says yes to it anew.

    A yes that is newer than the try, which began `at`, stands. What waits takes the ways that are left. The carrier's own
    STOP counts as one that we heard: at every clinic. `by` is who says so where no provider does. Returns how many channels
    ended.
    """
    if code == CARRIER_STOP:
        return stop_texts(address, at=at)
    with tenant(clinic_id):
        channels = Channel.objects.select_for_update().filter(kind=way, address=address, consented_at__lte=at)
        return sum(_end(channel, code=code, at=at, by=by) for channel in channels.filter(failed_at=None))


def _end(channel: Channel, *, code: str, at: datetime, by: StaffMember | None) -> int:
    channel.failed_at, channel.failed_code = at, code
    channel.save(update_fields=["failed_at", "failed_code"])
    record(_FAILED[ChannelKind(channel.kind)], on=channel, at=at, by=by, facts={"code": code})
    if channel.patient_id:
        place_waiting(channel.patient_id)
    return 1
