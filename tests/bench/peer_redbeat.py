"""celery-redbeat with an entry for each prompt, which fires once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime

from redbeat import RedBeatSchedulerEntry
from redbeat.schedules import rrule

from tests.bench.peer_celery import app
from tests.bench.peer_work import tell


def schedule(ids: Sequence[int], at: datetime) -> None:
    for pk in ids:
        RedBeatSchedulerEntry(f"p{pk}", "peer.send", rrule("SECONDLY", dtstart=at, count=1), args=[pk], app=app).save()


if __name__ == "__main__":
    assert sys.argv[1:] == ["tell"]
    tell(schedule)
