"""Our own work for one text, as a task of another system: a team that keeps our rules, with somebody else's scheduling.

The product's own steps, for one prompt in place of a batch. It is the best case of such a task: connections stay open,
statements stay prepared, what is loaded is shared, and a flight of one needs no threads.
"""

from __future__ import annotations

import gc

from celery.signals import task_postrun, task_prerun, worker_init
from django.utils import timezone

from aftercare.celery import check_role, drop_old_connection, forget_task, name_task
from aftercare.prepared import prepared
from aftercare.tenancy import as_sender
from prompts.services.delivery import Outs, _completed, _ending, _prepared
from prompts.services.receipts import key_of
from prompts.services.rows import _OF_ROW, LEASE, Claimed, Ending, begin, complete
from prompts.services.ways import refuse_inside_transaction
from prompts.states import PromptState
from tests.bench.way import record_texts

# Ours takes what is due; this takes what it is told, with the same lease and number of the try. A message for a row that was
# moved since finds nothing; some schedulers are a second early.
_CLAIM = (
    f"UPDATE prompts_prompt p SET lease_until = now() + interval '{LEASE.total_seconds()} s', tries = tries + 1 "
    f"WHERE id = %s AND state = {int(PromptState.WAITING)} AND due_at <= now() + interval '2 s' AND begun_at IS NULL "
    f"AND (lease_until IS NULL OR lease_until < now()) RETURNING {', '.join(_OF_ROW)}, "
    "EXISTS (SELECT FROM prompts_wayhold h WHERE h.until > now() AND h.kind = p.channel)"
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
    """Claims, reads what it hangs on, decides and writes, begins, sends, completes. What waits again, nobody takes: here each
    text is taken by its provider."""
    batch = _claimed(pk)
    for item in _prepared(batch, now=timezone.now):
        if isinstance(item, Ending):
            complete([item], begun=False)
        elif begin([item]):
            refuse_inside_transaction()
            prompt, at = item.prompt, timezone.now()
            sending = _outs.way(prompt.channel).send(
                to=item.to,
                message=item.message,
                key=key_of(prompt.id, prompt.tries),
                lasts=prompt.window_ends_at - at,
            )
            _completed([_ending(item, sending, at=timezone.now())], [sending])


def _claimed(pk: int) -> list[Claimed]:
    with as_sender(), prepared() as cursor:
        cursor.execute(_CLAIM, [pk])
        return [Claimed(*row) for row in cursor.fetchall()]
