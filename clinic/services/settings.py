"""What holds for every visit of the clinic: one person after the other says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Clinic, StaffMember
from accounts.queries import last_change
from accounts.services import record
from aftercare.state import AlreadyMoved
from clinic.queries.settings import VISIT_SETTINGS_SET
from timeline.services import ask_part_anew


def write_visit_settings(clinic: Clinic, *, seen: int, by: StaffMember, at: datetime, **values: Any) -> Clinic:
    """What holds before each visit and after it: `before_visit`, `reminder_hours`, `minimum_stay_minutes`.

    New words for food, drink and pills have to be read anew by whoever comes. `seen` is the id of the last change that the
    person saw, 0 for none; somebody else's since then raises AlreadyMoved.
    """
    with transaction.atomic():
        locked: Clinic = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        change = last_change(clinic, VISIT_SETTINGS_SET)
        if change and change.id != seen:
            raise AlreadyMoved(f"{change.who} changed this meanwhile.", happened_at=change.at, by=change.by)
        changed = [name for name, value in values.items() if getattr(locked, name) != value]
        if "before_visit" in changed:
            ask_part_anew("before")
        if changed:
            # The words themselves are the clinic's page; the trail says that they changed.
            facts = {name: values[name] for name in changed if name != "before_visit"}
            record(VISIT_SETTINGS_SET, on=clinic, at=at, by=by, facts={"changed": changed, **facts})
            Clinic.objects.filter(pk=clinic.pk).update(**values)
    for name, value in values.items():
        setattr(clinic, name, value)
    return clinic
