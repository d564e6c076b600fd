"""Asks the provider for texts that it may have taken. What it does not have stays unknown: it is never sent again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import Channel
from accounts.states import ChannelKind
from aftercare.tenancy import as_sender, tenant
from prompts.channels.sms import Found, SmsChannel
from prompts.models import Attempt, Prompt
from prompts.services.letters import write_letters
from prompts.services.receipts import Told, note_receipt, settle
from prompts.services.rows import Claimed, Letter, claimed
from prompts.services.ways import has_provider, refuse_inside_transaction, texts
from prompts.states import GOES_NO_FURTHER, PromptState, Report

NOT_THERE = "not at the provider"
# A provider's list lags a little; and what nobody knows after an hour, nobody will.
AFTER, UNTIL = timedelta(minutes=1), timedelta(hours=1)
# Asked each minute until so long after the try; then it is not there.
GIVES_UP_AFTER = timedelta(minutes=5)
# Two clocks differ, and a busy provider makes its row late. Two messages of one plan are further apart than this.
_EARLY, _LATE = timedelta(seconds=30), timedelta(minutes=3)
MOST = 50


@dataclass(frozen=True, slots=True)
class Lost:
    """A try whose end nobody knows: where it went and with which words, as it would be written now."""

    prompt: Claimed
    began_at: datetime
    to: str
    text: str


def look_up(*, at: datetime) -> int:
    """Once over what has been unknown for a while, MOST at a time. Returns how many the provider knew."""
    if not has_provider(ChannelKind.SMS):
        return 0
    lost = [each for clinic_id, tries in _unknown(at).items() for each in _written(clinic_id, tries)]
    if not lost:
        return 0
    refuse_inside_transaction()
    with closing(texts()) as way:
        return sum(_looked_up(each, way, at=at) for each in lost)


def _unknown(at: datetime) -> dict[UUID, list[tuple[Claimed, datetime]]]:
    """By clinic: the rows, each with when its last try began. What a report came for meanwhile follows it at once."""
    with as_sender():
        rows = Prompt.objects.filter(state=PromptState.UNKNOWN, ended_at__gt=at - UNTIL, ended_at__lt=at - AFTER)
        # What goes no further is asked of for as long as any, and keeps saying so.
        rows = rows.exclude(reason__in=GOES_NO_FURTHER, ended_at__lt=at - GIVES_UP_AFTER)
        ids = rows.exclude(reason=NOT_THERE).filter(channel=ChannelKind.SMS).order_by("ended_at")[:MOST]
        prompts = claimed(list(ids.values_list("pk", flat=True)))
        tries = [each for each in Attempt.objects.filter(prompt_id__in=prompts) if _is_last(each, prompts)]
    for each in tries:
        if each.report:
            settle(each.prompt_id, each.number, at=at)
    found: dict[UUID, list[tuple[Claimed, datetime]]] = defaultdict(list)
    for each in tries:
        if not each.report:
            found[each.clinic_id].append((prompts[each.prompt_id], each.began_at))
    return found


def _is_last(attempt: Attempt, prompts: dict[int, Claimed]) -> bool:
    return bool(attempt.number == prompts[attempt.prompt_id].tries)


def _written(clinic_id: UUID, tries: Sequence[tuple[Claimed, datetime]]) -> list[Lost]:
    """The words once more, as if for a first try. What may not leave any more has none, and stays unknown."""
    found = []
    with tenant(clinic_id):
        for prompt, began_at in tries:
            (letter,) = write_letters(clinic_id, [prompt._replace(tries=1)], at=began_at)
            if isinstance(letter, Letter):
                found.append(Lost(prompt, began_at, letter.to, letter.message.text))
    return found


def _looked_up(lost: Lost, way: SmsChannel, *, at: datetime) -> bool:
    found = way.look_up(to=lost.to, since=lost.began_at)
    if found is None:
        return False
    fits = [each for each in found if _is_same(each, lost) and not _is_of_another(each, lost)]
    if len(fits) == 1:
        (text,) = fits
        told = Told(_report(text.status), provider_id=text.provider_id, to=lost.to, code=text.code)
        note_receipt(lost.prompt.id, lost.prompt.tries, told, at=at)
        return True
    if not fits and at - lost.began_at > GIVES_UP_AFTER:
        with as_sender():
            unknown = Prompt.objects.filter(pk=lost.prompt.id, state=PromptState.UNKNOWN, tries=lost.prompt.tries)
            unknown.exclude(reason__in=GOES_NO_FURTHER).update(reason=NOT_THERE)
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
