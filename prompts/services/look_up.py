"""Asks the provider for texts that it may have taken. What it does not have stays unknown: it is never sent again."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import Channel
from accounts.states import ChannelKind
from aftercare.tenancy import as_sender, tenant
from prompts.channels.sms import Found, SmsChannel
from prompts.models import Attempt, Prompt
from prompts.services.letters import write_letters
from prompts.services.receipts import Told, note_receipt, settle
from prompts.services.rows import Claimed, Letter, claimed, is_held
from prompts.services.ways import has_provider, refuse_inside_transaction, texts
from prompts.states import GOES_NO_FURTHER, PromptState, Report

log = logging.getLogger(__name__)

NOT_THERE = "not at the provider"
# A provider's list lags a little; and what nobody knows after an hour, nobody will.
AFTER, UNTIL = timedelta(minutes=1), timedelta(hours=1)
# Asked each minute until so long after the try; then it is not there.
GIVES_UP_AFTER = timedelta(minutes=5)
# Two clocks differ, and a busy provider makes its row late. Two messages of one plan are further apart than this.
_EARLY, _LATE = timedelta(seconds=30), timedelta(minutes=3)
MOST = 50
# No request of a run begins later than this after its first one.
LASTS = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Lost:
    """A try whose end nobody knows: where it went and with which words, as it would be written now."""

    prompt: Claimed
    began_at: datetime
    to: str
    text: str


def look_up(*, at: datetime, lasts: timedelta = LASTS) -> int:
    """Once over what has been unknown for a while, MOST at a time and for as long as `lasts`. Returns how many the provider
    knew. It ends with the first answer that is none, and the next one goes on behind it."""
    if not has_provider(ChannelKind.SMS):
        return 0
    lost = [each for clinic_id, tries in _unknown(at).items() for each in _written(clinic_id, tries, at=at)]
    if not lost:
        return 0
    refuse_inside_transaction()
    with closing(texts()) as way:
        return _looked_up(lost, way, at=at, lasts=lasts)


def _unknown(at: datetime) -> dict[UUID, list[tuple[Claimed, datetime]]]:
    """By clinic: the rows, each with when its last try began. What a report came for meanwhile follows it at once. None
    while the provider wants quiet."""
    with as_sender():
        rows = Prompt.objects.filter(state=PromptState.UNKNOWN, ended_at__gt=at - UNTIL, ended_at__lt=at - AFTER)
        # What goes no further is asked of for as long as any, and keeps saying so.
        rows = rows.exclude(reason__in=GOES_NO_FURTHER, ended_at__lt=at - GIVES_UP_AFTER)
        texts_lost = rows.exclude(reason=NOT_THERE).filter(channel=ChannelKind.SMS)
        # The lease of what is unknown says when it had its turn: nobody else has a use for it.
        asked_last = texts_lost.order_by(F("lease_until").asc(nulls_first=True), "ended_at")[:MOST]
        ids = list(asked_last.values_list("pk", flat=True))
        prompts, is_quiet = claimed(ids), is_held(ChannelKind.SMS)
        attempts = sorted(Attempt.objects.filter(prompt_id__in=prompts), key=lambda each: ids.index(each.prompt_id))
        tries = [each for each in attempts if _is_last(each, prompts)]
    for each in tries:
        if each.report:
            settle(each.prompt_id, each.number, at=at)
    found: dict[UUID, list[tuple[Claimed, datetime]]] = defaultdict(list)
    if is_quiet:
        return found
    for each in tries:
        if not each.report:
            found[each.clinic_id].append((prompts[each.prompt_id], each.began_at))
    return found


def _is_last(attempt: Attempt, prompts: dict[int, Claimed]) -> bool:
    return bool(attempt.number == prompts[attempt.prompt_id].tries)


def _written(clinic_id: UUID, tries: Sequence[tuple[Claimed, datetime]], *, at: datetime) -> list[Lost]:
    """The words once more, as if for a first try. What may not leave any more has none, stays unknown, and has had its turn;
    so has what can't be written, which holds up no other."""
    found = []
    with tenant(clinic_id):
        for prompt, began_at in tries:
            if (letter := _letter(prompt, began_at)) is not None:
                found.append(Lost(prompt, began_at, letter.to, letter.message.text))
            else:
                _note_turn(prompt, at=at)
    return found


def _letter(prompt: Claimed, began_at: datetime) -> Letter | None:
    try:
        with transaction.atomic():
            (item,) = write_letters(prompt.clinic_id, [prompt._replace(tries=1)], at=began_at)
    except Exception:
        log.exception("A text could not be written once more", extra={"prompts": [prompt.id]})
        return None
    return item if isinstance(item, Letter) else None


def _looked_up(lost: Sequence[Lost], way: SmsChannel, *, at: datetime, lasts: timedelta) -> int:
    """One after the other: a provider that is away or hangs is asked once."""
    count, ends_at = 0, time.monotonic() + lasts.total_seconds()
    for each in lost:
        with as_sender():
            is_unknown = _note_turn(each.prompt, at=at)
        if not is_unknown:
            continue
        if (found := way.look_up(to=each.to, since=each.began_at)) is None:
            break
        count += _followed(each, found, at=at)
        if time.monotonic() > ends_at:
            break
    return count


def _note_turn(prompt: Claimed, *, at: datetime) -> bool:
    """Also where no answer comes: then what is behind it is next. False when it is unknown no more."""
    return _still_unknown(prompt).update(lease_until=at) > 0


def _still_unknown(prompt: Claimed) -> QuerySet[Prompt]:
    return Prompt.objects.filter(pk=prompt.id, state=PromptState.UNKNOWN, tries=prompt.tries)


def _followed(lost: Lost, found: Sequence[Found], *, at: datetime) -> bool:
    fits = [each for each in found if _is_same(each, lost) and not _is_of_another(each, lost)]
    if len(fits) == 1:
        (text,) = fits
        told = Told(_report(text.status), provider_id=text.provider_id, to=lost.to, code=text.code)
        note_receipt(lost.prompt.id, lost.prompt.tries, told, at=at)
        return True
    if not fits and at - lost.began_at > GIVES_UP_AFTER:
        with as_sender():
            _still_unknown(lost.prompt).exclude(reason__in=GOES_NO_FURTHER).update(reason=NOT_THERE)
    return False


def _is_same(found: Found, lost: Lost) -> bool:
    """A provider may put words of its own before ours."""
    return found.body.endswith(lost.text) and -_EARLY <= found.made_at - lost.began_at <= _LATE


def _is_of_another(found: Found, lost: Lost) -> bool:
    """Whether it is known as another message of ours to this number."""
    with tenant(lost.prompt.clinic_id):
        patients = Channel.objects.filter(address=lost.to, patient_id__isnull=False).values("patient_id")
        known = Attempt.objects.filter(prompt__patient_id__in=patients, provider_id=found.provider_id)
        return known.exclude(prompt_id=lost.prompt.id, number=lost.prompt.tries).exists()


def _report(status: str) -> Report:
    """It has it: that is all that "queued" or "sending" say."""
    known = {Report.DELIVERED, Report.UNDELIVERED, Report.FAILED}
    return next((report for report in known if report == status), Report.SENT)
