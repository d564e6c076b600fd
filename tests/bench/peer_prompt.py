"""Our own work for one text, as a task of another system: a team that keeps our rules, with somebody else's scheduling.

The product's own steps, for one prompt in place of a batch, and the cheapest way to take them: whose job it is its queue has
decided, so nothing is claimed; connections stay open, statements stay prepared, what is loaded is shared, and a flight of
one needs no threads.
"""

from __future__ import annotations

import gc

from celery.signals import task_postrun, task_prerun, worker_init
from django.utils import timezone

from aftercare.celery import check_role, drop_old_connection, forget_task, name_task
from aftercare.prepared import prepared
from aftercare.tenancy import as_sender
from prompts.services.delivery import Outs, _completed, _ending
from prompts.services.preparing import prepare
from prompts.services.receipts import key_of
from prompts.services.rows import _OF_ROW, _STILL_WAITS, LOST_AFTER, Claimed, Ending, complete
from prompts.services.ways import refuse_inside_transaction
from tests.bench.way import record_texts

# Its queue gives it to one worker: it is read, as the try that it becomes when it begins. A message for a row that was moved
# since finds nothing; some schedulers are a second early.
_READ = (
    f"SELECT {', '.join('p.tries + 1' if name == 'tries' else f'p.{name}' for name in _OF_ROW)}, "
    "EXISTS (SELECT FROM prompts_wayhold h WHERE h.until > now() AND h.kind = p.channel) FROM prompts_prompt p "
    f"WHERE p.id = %s AND {_STILL_WAITS} AND p.due_at <= now() + interval '2 s' AND p.begun_at IS NULL"
)
# A flight of one, and its try: the product's own, of a row that no claim has counted.
_BEGIN = (
    f"WITH begun AS (UPDATE prompts_prompt p SET begun_at = now(), tries = tries + 1, "
    f"lease_until = now() + interval '{LOST_AFTER.total_seconds()} s' "
    "WHERE p.id = %s AND p.plan_number = %s AND p.tries = %s - 1 AND p.channel = %s "
    f"AND {_STILL_WAITS} AND p.begun_at IS NULL AND p.window_ends_at > now() "
    "RETURNING p.clinic_id, p.id, p.tries, p.channel, p.begun_at) "
    "INSERT INTO prompts_attempt "
    "(clinic_id, prompt_id, number, channel, began_at, outcome, provider_id, code, report, report_code) "
    "SELECT *, '', '', '', '', '' FROM begun RETURNING prompt_id"
)
# What our worker does around each task would be done for each text here, and has it look whether its connection holds.
worker_init.disconnect(check_role)
task_prerun.disconnect(name_task)
task_prerun.disconnect(drop_old_connection)
task_postrun.disconnect(forget_task)
record_texts()
_outs = Outs()
gc.freeze()


def send(pk: int) -> None:
    """Reads it and what it hangs on, decides and writes, begins, sends, completes. What waits again, nobody takes: here each
    text is taken by its provider."""
    for item in prepare(_read(pk), now=timezone.now):
        if isinstance(item, Ending):
            complete([item], begun=False)
        elif _begun(item.prompt):
            refuse_inside_transaction()
            prompt, at = item.prompt, timezone.now()
            sending = _outs.way(prompt.channel).send(
                to=item.to,
                message=item.message,
                key=key_of(prompt.id, prompt.tries),
                lasts=prompt.window_ends_at - at,
            )
            _completed([_ending(item, sending, at=timezone.now())], [sending])


def _read(pk: int) -> list[Claimed]:
    with as_sender(), prepared() as cursor:
        cursor.execute(_READ, [pk])
        return [Claimed(*row) for row in cursor.fetchall()]


def _begun(prompt: Claimed) -> bool:
    with as_sender(), prepared() as cursor:
        cursor.execute(_BEGIN, [prompt.id, prompt.plan_number, prompt.tries, prompt.channel])
        return bool(cursor.fetchall())
