"""The control's web: the app as it is, and a receiver that queues a text for each red alert after its commit."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save

from aftercare.wsgi import application
from tests.chaos.figures import RED
from tests.chaos.naive import page

__all__ = ["application"]


def queue(instance: Any, *, created: bool, **_: Any) -> None:
    if created and instance.level in RED:
        # As most would write it; robust, for the answer is saved by then and is no error.
        transaction.on_commit(lambda: page.delay(str(instance.pk)), robust=True)


post_save.connect(queue, sender="alerts.Alert", dispatch_uid="naive")
