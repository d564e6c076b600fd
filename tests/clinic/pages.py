"""What the tests of staff pages share: the words of a page, its errors, and a form that is right."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from tests.world import World


def words(response: Any) -> str:
    """What a person reads of a page: no tags, one space between words."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def title(response: Any) -> str:
    match = re.search(r"<title>(.*?)</title>", response.content.decode())
    assert match
    return str(match[1])


def local(moment: datetime, world: World) -> str:
    """A moment as a browser sends it, on the clinic's clock."""
    return f"{moment.astimezone(ZoneInfo(world.clinic.zone)):%Y-%m-%dT%H:%M}"


def new_patient(world: World, **other: Any) -> dict[str, Any]:
    """The form of a new patient, right unless `other` says otherwise; None leaves a field out."""
    form = {
        "first_name": "Nia",
        "last_name": "Bell",
        "record_number": "N-1",
        "born_on": "1990-05-17",
        "phone": "212-555-0142",
        "texts_agreed": "on",
        "version": str(world.version.pk),
        "planned_for": local(timezone.now() + timedelta(hours=1), world),
        "zone": world.clinic.zone,
        **other,
    }
    return {name: value for name, value in form.items() if value is not None}
