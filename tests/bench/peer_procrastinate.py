"""procrastinate with ten jobs at a time, told in one statement."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime

import procrastinate

from tests.bench.peer_work import send, tell

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ["PEER_DATABASE"]))


@app.task(name="peer.send")  # type: ignore[untyped-decorator]
def send_one(pk: int) -> None:
    send(pk)


def schedule(ids: Sequence[int], at: datetime) -> None:
    send_one.configure(schedule_at=at).batch_defer(*({"pk": pk} for pk in ids))


def work() -> None:
    with app.open():
        if not app.check_connection():
            app.schema_manager.apply_schema()
    app.run_worker(concurrency=10, fetch_job_polling_interval=1.0, install_signal_handlers=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["tell"]:
        with app.open():
            while not app.check_connection():  # its worker is about to make the tables
                time.sleep(0.1)
            tell(schedule)
    else:
        work()
