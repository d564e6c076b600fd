"""What holds for every visit of a clinic, and who said so last."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Clinic
from accounts.queries import last_change

VISIT_SETTINGS_SET = "visit_settings_set"


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """What is on record, in words."""

    before_visit: str
    reminders: str
    stay: str


def visit_settings_seen(clinic: Clinic) -> int:
    """The id of the last time that they were written, 0 for never."""
    change = last_change(clinic, VISIT_SETTINGS_SET)
    return change.id if change else 0


def visit_settings_of(clinic: Clinic) -> VisitSettings:
    hours = ", ".join(str(each) for each in clinic.reminder_hours)
    stay = clinic.minimum_stay_minutes
    return VisitSettings(
        before_visit=clinic.before_visit or "Nothing",
        reminders=f"{hours} hours before" if hours else "None",
        stay=f"{stay} minutes" if stay else "None of your own",
    )
