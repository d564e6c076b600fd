"""What the beat wakes. The messages hold nothing: the rows are the queue."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from aftercare.outbox import database_now
from aftercare.tenancy import CheckedTask
from prompts import services

log = logging.getLogger(__name__)
# Seconds. A run begins no flight after 40 (RUN_LASTS); what is on its way then has its answer, and that is written, long
# before either: a run that is cut short leaves messages of unknown fate. Less than the broker's visibility timeout.
SOFT_LIMIT, LIMIT = 165, 170


@shared_task(base=CheckedTask, name="prompts.tasks.deliver_due", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def deliver_due() -> None:
    """Sends all that is due. Where that is more than a batch, another worker is woken, which may wake the next."""
    done = services.deliver_due(when_full=lambda: _wake(deliver_due))
    if done.total:
        log.info("Delivered", extra={"counts": done.counts})


def _wake(task: CheckedTask) -> None:
    try:
        task.apply_async(expires=10)
    except OperationalError:
        log.info("Nobody could be woken")


@shared_task(base=CheckedTask, name="prompts.tasks.sweep", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def sweep() -> None:
    """Looks at rows due long ago, and gives up flights that nobody finished. More than a batch of them wakes another."""
    done = services.sweep(when_full=lambda: _wake(sweep))
    if done.total:
        log.info("Swept", extra={"counts": done.counts})


@shared_task(base=CheckedTask, name="prompts.tasks.look_up")
def look_up() -> None:
    """Asks the provider about texts of which nobody knows whether it took them."""
    if found := services.look_up(at=database_now()):
        log.info("Found at the provider", extra={"count": found})


@shared_task(base=CheckedTask, name="prompts.tasks.forget_heard")
def forget_heard() -> None:
    """Deletes the ids of texts that came long ago."""
    services.forget_heard(at=database_now())
