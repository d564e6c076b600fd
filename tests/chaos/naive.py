"""The control: staff are told the usual way, by a Celery task that the web queues after the commit. It must lose messages.

`celery -A tests.chaos.naive worker` is its worker; naive_wsgi is its web. Celery's defaults throughout: a message counts as
done before it is worked on. The task tries again when the provider fails, so that what is lost was lost with the broker or
with a worker.
"""

from __future__ import annotations

import os

import httpx
from celery import Celery

ON_DUTY = "+15550100001"
app = Celery("naive", broker=os.environ.get("REDIS_URL"), set_as_current=False)


@app.task(name="naive.page", autoretry_for=(httpx.HTTPError,), max_retries=8, default_retry_delay=2)
def page(alert: str) -> None:
    """Texts whoever is on duty. `alert` is the provider's idempotency key too."""
    account = os.environ["SMS_ACCOUNT_SID"]
    httpx.post(
        f"{os.environ['SMS_BASE_URL']}/2010-04-01/Accounts/{account}/Messages.json",
        data={"To": ON_DUTY, "From": os.environ["SMS_FROM"], "Body": "Somebody needs you now."},
        headers={"Idempotency-Key": alert},
        auth=(account, os.environ["SMS_AUTH_TOKEN"]),
        timeout=10,
    ).raise_for_status()
