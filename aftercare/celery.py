"""Celery's wiring: queues, limits, and the beat that wakes the delivery each second."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.db import connection

from aftercare.roles import refuse_owner

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aftercare.settings")

app = Celery("aftercare")
app.conf.update(
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
    worker_cancel_long_running_tasks_on_connection_loss=True,
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
        # The message is only a wake-up: it holds nothing, and one that waited longer than a tick is thrown away.
        "deliver-due": {"task": "prompts.tasks.deliver_due", "schedule": 1.0, "options": {"expires": 1}},
        "sweep": {"task": "prompts.tasks.sweep", "schedule": 60.0, "options": {"expires": 30}},
        "tidy-up": {"task": "accounts.tasks.tidy_up", "schedule": 3600.0, "options": {"expires": 1800}},
        "close-days": {"task": "timeline.tasks.close_days", "schedule": 600.0, "options": {"expires": 300}},
    },
)
app.autodiscover_tasks()


@worker_init.connect
def check_role(**_: Any) -> None:
    """The worker starts only as a role that can't bypass the clinics' walls."""
    refuse_owner(connection)
