"""The watchdog: looks at the senders, at what waits for them and at what is refused from outside, pages the platform's own
people, and pings who watches over it.

It needs neither the web nor Valkey nor Celery, and no database to say that the database is gone. It uses no account, and
where it is told so no login, of what it watches.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import httpx
import psycopg
from django.conf import settings
from psycopg import sql

from alerts.queries import SENDER
from alerts.states import NoticeState
from alerts.watch import MESSAGE_MAY_WAIT, Act, Seen, Watch
from alerts.words import ALL_WELL, UNHEARD, watchdog_text
from prompts.services import MANY_REFUSED, WAITS_FOR_MORNING, Credentials, Outcome, pager
from prompts.states import PromptState
from prompts.words import plain_message
from timeline.levels import Level, rank

log = logging.getLogger(__name__)

# A database that does not answer within this time does not answer.
ANSWERS_WITHIN = 8.0
# Of the alerts that reached nobody, those of the last minutes: later ones are known.
_UNTOLD_SINCE = timedelta(minutes=10)
# What a page is about.
_OUT, _HEARD = "what goes out", "what is heard"
# Of messages to patients: what no provider was asked to take yet, and what could be tried again since so long ago. What is
# reported as lost and goes on by its next way was due long before, and waits for the next look alone: it does not count. Nor
# does what was put back until quiet hours are over.
_LOOK = """
SELECT (SELECT now() - min(due_at) FROM alerts_alertnotice
         WHERE state = %(waiting)s AND due_at <= now() AND need %% 10 >= %(red)s),
       (SELECT count(DISTINCT f.alert_id) FROM alerts_alertnotice f
         WHERE f.state = %(failed)s AND f.ended_at > now() - %(since)s AND f.need %% 10 >= %(red)s AND NOT EXISTS (
           SELECT FROM alerts_alertnotice s WHERE s.alert_id = f.alert_id AND s.lift = f.lift
              AND (s.sent_at IS NOT NULL OR s.reason IN ('taken', 'closed', 'lifted')))),
       (SELECT now() - p.due_at FROM prompts_prompt p
         WHERE p.state = %(planned)s AND p.due_at < now() - %(late)s AND p.begun_at IS NULL AND p.window_ends_at > now()
           AND NOT EXISTS (SELECT FROM prompts_wayhold h WHERE h.kind = p.channel AND h.until > now() - %(late)s)
           AND (p.lease_until < now() - %(late)s OR NOT EXISTS (
             SELECT FROM prompts_attempt a WHERE a.clinic_id = p.clinic_id AND a.prompt_id = p.id)
             AND (p.lease_until IS NULL OR NOT p.kind = ANY(%(night)s)))
         ORDER BY p.due_at LIMIT 1),
       (SELECT refused_at - refused_from FROM prompts_hookcount WHERE refused >= %(many)s)
"""


class Watchdog:
    """Looks, and does what the rule says. Who could not be paged is tried again at each look."""

    def __init__(self) -> None:
        self._watch = Watch()
        # What is not told yet, by what it is about: newer words take the place of older ones. Keys by number.
        self._waiting: dict[str, tuple[str, dict[str, str]]] = {}

    def look(self, *, at: datetime) -> Seen:
        seen = look()
        for act in self._watch.look(seen, at=at):
            match act:
                case Act.PING | Act.PING_FAIL:
                    ping(is_well=act is Act.PING)
                case Act.PAGE:
                    log.error("Something does not go out", extra={"state": list(seen.troubles)})
                    self._tell(_OUT, watchdog_text(seen.troubles))
                case Act.PAGE_ALL_WELL:
                    log.warning("All goes out again")
                    self._tell(_OUT, ALL_WELL)
                case Act.PAGE_UNHEARD:
                    log.error("Hooks are refused: SMS_AUTH_TOKEN or PUBLIC_URL is wrong, and no STOP is heard")
                    self._tell(_HEARD, UNHEARD)
        if seen.database_answers and not seen.is_unheard:
            self._waiting.pop(_HEARD, None)
        told = {about: (words, page(words, keys)) for about, (words, keys) in self._waiting.items() if keys}
        self._waiting = {about: (words, left) for about, (words, left) in told.items() if left}
        return seen

    def _tell(self, about: str, words: str) -> None:
        """A key for each number and page: tried twice, it arrives once where the provider honours keys."""
        self._waiting[about] = (words, {number: str(uuid.uuid4()) for number in settings.PLATFORM_ON_CALL})


def look() -> Seen:
    """What is there now. Never raises: what can't be asked does not answer."""
    found: list[Seen] = []
    asking = threading.Thread(target=_answer_into(found), daemon=True)
    asking.start()
    # A server that was stopped in the middle of an answer keeps its client waiting for ever.
    asking.join(ANSWERS_WITHIN)
    return found[0] if found else Seen(database_answers=False)


def page(words: str, keys: dict[str, str]) -> dict[str, str]:
    """A text to each number, side by side. Returns those that have to be tried again."""
    with pager(_credentials()) as provider, ThreadPoolExecutor(max_workers=8) as threads:
        message = plain_message(words)
        sendings = list(
            threads.map(lambda item: provider.page(kind="sms", to=item[0], message=message, key=item[1]), keys.items())
        )
    outcomes = dict(zip(keys, (sending.outcome for sending in sendings), strict=True))
    if missed := sum(outcome is not Outcome.ACCEPTED for outcome in outcomes.values()):
        log.error("The people on call could not be paged", extra={"count": missed})
    return {number: key for number, key in keys.items() if outcomes[number] not in (Outcome.ACCEPTED, Outcome.REFUSED)}


def ping(*, is_well: bool) -> None:
    """Who watches over the watchdog (Healthchecks, or anything that speaks like it): silence is the alarm."""
    if not settings.DEADMAN_URL:
        return
    try:
        httpx.get(settings.DEADMAN_URL if is_well else f"{settings.DEADMAN_URL}/fail", timeout=5).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL):
        log.warning("The dead man's switch did not answer")


def _answer_into(found: list[Seen]) -> Callable[[], None]:
    def ask() -> None:
        with suppress(psycopg.Error):
            found.append(_ask())

    return ask


def _ask() -> Seen:
    values = {
        "waiting": NoticeState.WAITING,
        "failed": NoticeState.FAILED,
        "red": rank(Level.URGENT),
        "since": _UNTOLD_SINCE,
        "planned": PromptState.WAITING,
        "night": [*WAITS_FOR_MORNING],
        "late": MESSAGE_MAY_WAIT,
        "many": MANY_REFUSED,
    }
    with psycopg.connect(settings.WATCHDOG_DATABASE_URL, connect_timeout=3) as connection:
        connection.execute("SET LOCAL statement_timeout = 5000")
        beat = connection.execute("SELECT now() - beat_at FROM alerts_heartbeat WHERE name = %s", [SENDER]).fetchone()
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(settings.SENDER_ROLE)))
        row = connection.execute(_LOOK, values).fetchone()
    waiting, untold, overdue, refused = row or (None, 0, None, None)
    return Seen(
        database_answers=True,
        beat_age=beat[0] if beat else None,
        waiting=waiting,
        untold=untold,
        overdue=overdue,
        refused=refused,
    )


def _credentials() -> Credentials:
    return Credentials(
        base_url=settings.WATCHDOG_SMS_BASE_URL,
        account=settings.WATCHDOG_SMS_ACCOUNT_SID,
        secret=settings.WATCHDOG_SMS_AUTH_TOKEN,
        sender=settings.WATCHDOG_SMS_FROM,
    )
