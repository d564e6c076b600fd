"""What the beat wakes. The messages hold nothing: the rows are the queue."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from aftercare.outbox import database_now
from aftercare.tenancy import CheckedTask
from prompts import services

log = logging.getLogger(__name__)


@shared_task(base=CheckedTask, name="prompts.tasks.deliver_due")
def deliver_due() -> None:
    """Sends all that is due. Where that is more than a batch, another worker is woken, which may wake the next."""
    done = services.deliver_due(when_full=_wake_another)
    if done.total:
        log.info("Delivered", extra={"counts": done.counts})


def _wake_another() -> None:
    try:
        deliver_due.apply_async(expires=1)
    except OperationalError:
        log.info("Nobody could be woken")


@shared_task(base=CheckedTask, name="prompts.tasks.sweep")
def sweep() -> None:
    """Looks at rows due long ago, and gives up flights that nobody finished."""
    done = services.sweep()
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
