"""`celery -A tests.bench.app worker`: the product's own worker, whose texts end as lines in a file."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_process_init
from django.utils.module_loading import import_string

from aftercare.celery import app

__all__ = ["app"]


@worker_process_init.connect
def record(**_: Any) -> None:
    import_string("tests.bench.way.record_texts")()  # by name: models exist only now
