"""One message as its own page shows it, where the link in a text, an e-mail or a notice leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import Patient
from prompts.models import Prompt
from prompts.queries.clock import running_visit, zone_of_messages
from prompts.queries.hand import Hand, hand_of
from prompts.queries.messages import CAME, Message, message_of, of_last_try, tried
from prompts.states import PromptState, Reason
from prompts.taps import NUDGE, RUNS, SOON, TIP, Act, act_of


@dataclass(frozen=True, slots=True)
class PromptPage:
    """`asks`: a check-in of a visit that runs. `act` fits a drink or a rest of one, while it would change anything; else it
    is None.

    `next_tip` is the tip that the act leaves out, 0 where none comes soon; `left_out` is one that it left out and that may
    come back. `is_done`: a drink or a rest was said already.
    """

    prompt_id: int
    asks: bool
    message: Message
    act: Act | None
    next_tip: int
    left_out: int
    is_done: bool
    hand: Hand
    zone: str  # by which messages leave


def prompt_page(patient: Patient, prompt_id: int, at: datetime) -> PromptPage | None:
    """None for somebody else's, one that is not there, and one that was never tried. One that waits for its next try has left.

    A nudge belongs to the visit that runs. Three queries, and a fourth for a drink, a rest or a nudge. One more when a
    protocol version is read for the first time, or for hand_on.
    """
    zone = ZoneInfo(patient.zone)
    row = (
        # It has begun to leave: who reads its link may have it, though what was reported is that it did not come.
        Prompt.objects.filter(Q(treatment__isnull=False) | Q(kind=NUDGE), pk=prompt_id, patient=patient)
        .annotate(report=of_last_try("report"), tried_by=of_last_try("channel"), tried_at=of_last_try("began_at"))
        .filter(Q(state__in=CAME) | Q(tried_at__isnull=False))
        .select_related("treatment__protocol_version")
        .defer("treatment__protocol_version__content")
        .first()
    )
    if row is None:
        return None
    visit = row.treatment or running_visit(patient)
    runs = visit is not None and visit.state in RUNS
    if row.state in CAME:
        message = message_of(row, row.sent_at or row.tried_at or row.due_at, zone, at)
    else:
        message = tried(row, way=row.tried_by, began_at=row.tried_at, zone=zone, at=at)
    act = act_of(message.icon) if runs and row.kind == TIP else None
    tips = _tips_beside(row, at) if act else []
    next_tip = next((tip.pk for tip in tips if _comes_soon(tip, at)), 0)
    left_out = next((tip.pk for tip in tips if _was_left_out(tip)), 0)
    is_open = row.window_ends_at > at
    return PromptPage(
        prompt_id=row.pk,
        asks=runs and row.kind in {"check_in", NUDGE},
        message=message,
        act=act if is_open or next_tip or left_out else None,
        next_tip=next_tip,
        left_out=left_out,
        is_done=bool(left_out) or (is_open and row.reason == Reason.ALREADY_DONE),
        hand=hand_of(patient, at),
        zone=zone_of_messages(patient, visit),
    )


def _tips_beside(row: Prompt, at: datetime) -> Sequence[Prompt]:
    """The other tips of the visit whose window is still open, in due order."""
    others = Prompt.objects.filter(treatment=row.treatment_id, kind=TIP, window_ends_at__gt=at).exclude(pk=row.pk)
    return list(others.order_by("due_at"))


def _comes_soon(tip: Prompt, at: datetime) -> bool:
    return tip.state == PromptState.WAITING and tip.begun_at is None and tip.due_at <= at + SOON


def _was_left_out(tip: Prompt) -> bool:
    return tip.state == PromptState.CANCELLED and tip.reason == Reason.ALREADY_DONE
