"""Celery's wiring: queues, limits, and the beat that wakes the delivery."""

from __future__ import annotations

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun, worker_init, worker_process_init
from django.db import close_old_connections, connection

from aftercare.logs import asked_by
from aftercare.roles import refuse_owner
from aftercare.starting import refuse_wrong_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aftercare.settings")

app = Celery("aftercare")
# Seconds between two looks at what is due (decision 42).
TICK = 0.5
# Two tasks come each second: opened for each, connections would cost more than most tasks do. Django looks after their age.
KEEPS_SECONDS = 600
app.conf.update(
    CELERY_DB_REUSE_MAX=1_000_000,
    broker_url=os.environ.get("REDIS_URL", "redis://localhost:6379/0"),
    task_ignore_result=True,
    result_backend=None,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=120,
    task_soft_time_limit=90,
    task_default_queue="housekeeping",
    task_routes={"prompts.tasks.*": {"queue": "prompts"}},
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=2000,
    # A flight goes on without its broker: what comes of it stands in PostgreSQL, and a wake-up that comes twice finds
    # nothing to do (decision 44).
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_soft_shutdown_timeout=20,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 180,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    timezone="UTC",
    beat_schedule={
        # The message is only a wake-up: it holds nothing, and one that waited for long is thrown away. By the clock of
        # another host: a worker whose own is a few seconds ahead still takes it.
        "deliver-due": {"task": "prompts.tasks.deliver_due", "schedule": TICK, "options": {"expires": 10}},
        "sweep": {"task": "prompts.tasks.sweep", "schedule": 60.0, "options": {"expires": 30}},
        "look-up": {"task": "prompts.tasks.look_up", "schedule": 60.0, "options": {"expires": 30}},
        "forget-heard": {"task": "prompts.tasks.forget_heard", "schedule": 3600.0, "options": {"expires": 1800}},
        "tidy-up": {"task": "accounts.tasks.tidy_up", "schedule": 3600.0, "options": {"expires": 1800}},
        "look-after": {"task": "checkin.tasks.look_after", "schedule": 60.0, "options": {"expires": 30}},
        "keep-packs": {"task": "clinic.tasks.keep_packs", "schedule": 180.0, "options": {"expires": 120}},
        "see-home": {"task": "pickup.tasks.see_home", "schedule": 60.0, "options": {"expires": 30}},
        "remind-set-up": {"task": "timeline.tasks.remind_set_up", "schedule": 300.0, "options": {"expires": 240}},
        "remind-logs": {"task": "checkin.tasks.remind_logs", "schedule": 300.0, "options": {"expires": 240}},
        "end-copies": {"task": "journal.tasks.end_copies", "schedule": 300.0, "options": {"expires": 240}},
        "close-days": {"task": "timeline.tasks.close_days", "schedule": 600.0, "options": {"expires": 300}},
    },
)
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_handlers(**_: Any) -> None:
    """With a receiver Celery leaves logging as the settings made it: its own format would print what was raised."""


@task_prerun.connect
def name_task(task_id: str, task: Any, **_: Any) -> None:
    """Each line of the log of this task names it."""
    asked_by.set((task.name, task_id))


@worker_process_init.connect
def keep_what_stays(**_: Any) -> None:
    """From one task to the next, and asked before each whether it still holds: the database may have been restarted.

    What was there before the first task stays: nobody looks through it for what could be thrown away.
    """
    gc.freeze()
    if not connection.settings_dict["OPTIONS"].get("pool"):
        connection.settings_dict |= {"CONN_MAX_AGE": KEEPS_SECONDS, "CONN_HEALTH_CHECKS": True}


@task_prerun.connect
def drop_old_connection(task: Any, **_: Any) -> None:
    if not task.request.is_eager:
        close_old_connections()


@task_postrun.connect
def forget_task(**_: Any) -> None:
    asked_by.set(None)


@worker_init.connect
def check_role(**_: Any) -> None:
    """The worker starts only with settings that can be used, as a role that can't bypass the clinics' walls."""
    refuse_wrong_settings()
    refuse_owner(connection)
