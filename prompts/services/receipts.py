"""What a provider says later of a text that it took, or may have taken: once or twice, in any order, or when it is asked.

That a message arrived is never taken back. That it certainly did not arrive sends the same prompt on by its next way, once,
while its window is open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.states import ChannelKind
from aftercare.tenancy import as_sender, tenant
from prompts.models import Attempt, Prompt
from prompts.receipts import says_more
from prompts.refusals import is_dead
from prompts.services.letters import ways_behind
from prompts.services.lost_ways import end_way
from prompts.services.rows import claimed, doubt_lost
from prompts.states import GOES_NO_FURTHER, LOST, PromptState, Report

NOT_DELIVERED = "not delivered"
_KEY = re.compile(r"p([0-9]{1,18})\.([0-9]{1,5})")
_ARRIVED = (Report.SENT, Report.DELIVERED)


# The try that was lost is the prompt's last, by the channel that the prompt still has.
_LOST_TRY = (
    "FROM prompts_attempt a WHERE p.id = %(id)s AND a.prompt_id = p.id AND a.number = %(number)s "
    "AND p.tries = a.number AND p.channel = a.channel AND a.report = ANY(%(lost)s) "
)
_GO_ON = (
    "UPDATE prompts_prompt p SET channel = %(way)s, begun_at = NULL, lease_until = NULL, reason = '', "  # noqa: S608
    "state = CASE WHEN %(way)s = %(in_app)s THEN %(sent)s ELSE %(waiting)s END, "
    "sent_at = CASE WHEN %(way)s = %(in_app)s THEN now() END, "
    f"ended_at = CASE WHEN %(way)s = %(in_app)s THEN now() END {_LOST_TRY}"
    "AND %(way)s NOT IN ('', p.channel) "
    "AND p.window_ends_at > now() AND p.state IN (%(unknown)s, %(sent)s) AND p.reason <> ALL(%(over)s)"
)
# What was sent keeps when: doubt_lost leaves that.
_FAIL = (
    "UPDATE prompts_prompt p SET ended_at = now(), begun_at = NULL, "  # noqa: S608
    "state = CASE WHEN p.sent_at IS NULL THEN %(failed)s ELSE %(sent)s END, "
    f"reason = CASE WHEN p.sent_at IS NULL THEN %(reason)s ELSE p.reason END {_LOST_TRY}"
    "AND p.state = %(unknown)s"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider says of one try: the state, its own id of the message, where it went, and why it did not arrive."""

    report: Report
    provider_id: str = ""
    to: str = ""
    code: str = ""


def key_of(prompt_id: int, number: int) -> str:
    """What the provider knows one try by."""
    return f"p{prompt_id}.{number}"


def take_receipt(key: str, told: Told, *, at: datetime) -> bool:
    """A report that names one of our tries. Returns whether it did, however often it comes."""
    if (named := _KEY.fullmatch(key)) is None:
        return False
    note_receipt(int(named[1]), int(named[2]), told, at=at)
    return True


def note_receipt(prompt_id: int, number: int, told: Told, *, at: datetime) -> None:
    """Keeps what says more than what was known, and has the prompt follow it: also one that was kept before a kill, whose
    prompt is unknown until then."""
    if (attempt := _noted(prompt_id, number, told, at=at)) is None:
        return
    settle(prompt_id, number, at=at)
    if attempt.report in LOST and told.to and is_dead(attempt.channel, attempt.report_code):
        end_way(attempt.clinic_id, attempt.channel, told.to, code=attempt.report_code, at=attempt.began_at)


def settle(prompt_id: int, number: int, *, at: datetime) -> None:
    """Has a prompt follow what was reported of its try. Said again, it changes nothing."""
    with as_sender():
        report = Attempt.objects.filter(prompt_id=prompt_id, number=number).values_list("report", flat=True).first()
        if report in _ARRIVED:
            _arrived(prompt_id, number)
            return
        prompt = claimed([prompt_id]).get(prompt_id) if report in LOST else None
    if prompt is not None:
        with tenant(prompt.clinic_id):
            ways = ways_behind(prompt, at=at)
        _lost(prompt_id, number, way=ways[0] if ways else "")


def _noted(prompt_id: int, number: int, told: Told, *, at: datetime) -> Attempt | None:
    """The try, with the report that says the most of it; None where there is no such try."""
    with as_sender():
        if told.report in LOST:
            # The prompt before its try, as at the end of a flight: of two that hold both, one waits.
            Prompt.objects.select_for_update(no_key=True).filter(pk=prompt_id).values_list("pk").first()
        attempt = Attempt.objects.select_for_update().filter(prompt_id=prompt_id, number=number).first()
        if attempt is None or not says_more(told.report, before=attempt.report):
            return attempt
        attempt.report, attempt.report_code, attempt.reported_at = told.report, told.code, at
        attempt.provider_id = attempt.provider_id or told.provider_id
        attempt.save(update_fields=["report", "report_code", "reported_at", "provider_id"])
        if told.report in LOST:
            doubt_lost([prompt_id])
        return attempt


def _arrived(prompt_id: int, number: int) -> None:
    """What was not known is sent. What is there need not go by a next way, now or in a later plan, unless it leaves already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prompts_prompt p SET state = %(sent)s, channel = a.channel, sent_at = a.began_at, ended_at = now(), "
            "reason = CASE WHEN p.reason = ANY(%(over)s) THEN p.reason ELSE '' END, begun_at = NULL, lease_until = NULL "
            "FROM prompts_attempt a "
            "WHERE p.id = %(id)s AND a.prompt_id = p.id AND a.number = %(number)s AND a.report = ANY(%(arrived)s) "
            "AND ((p.state = %(unknown)s AND p.tries = a.number) OR (a.report = %(delivered)s AND p.state <> %(sent)s "
            "AND (p.state <> %(waiting)s OR p.begun_at IS NULL)))",
            _values(prompt_id, number, arrived=[*_ARRIVED], delivered=Report.DELIVERED),
        )


def _lost(prompt_id: int, number: int, *, way: str) -> None:
    """It goes on by `way`, once: from then on the prompt is of another channel than this try. The app shows it at once.

    Without a way, when its window is over, or where it goes no further (GOES_NO_FURTHER), what was not known has failed; what
    was sent says so in its try alone.
    """
    values = _values(prompt_id, number, lost=[*LOST], way=way, in_app=ChannelKind.IN_APP.value)
    with as_sender(), connection.cursor() as cursor:
        cursor.execute(_GO_ON, values)
        if not cursor.rowcount:
            cursor.execute(_FAIL, values)


def _values(prompt_id: int, number: int, **others: Any) -> dict[str, Any]:
    states = {state.name.lower(): int(state) for state in PromptState}
    return {"id": prompt_id, "number": number, "reason": NOT_DELIVERED, "over": [*GOES_NO_FURTHER], **states, **others}
