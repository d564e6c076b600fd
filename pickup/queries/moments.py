"""When a patient is ready to be picked up, and when an escort's link ends: on the clinic's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from timeline.models import Treatment
from timeline.phases import clock_words, clock_words_es
from timeline.queries import shortest_stay


def zone_of(treatment: Treatment) -> ZoneInfo:
    """The clock at the door: an escort comes to the clinic."""
    return ZoneInfo(treatment.patient.clinic.zone)


def ready_at(treatment: Treatment) -> datetime | None:
    """As staff last said it; else the shortest stay after hour 0, or after the planned begin; None where no stay is set."""
    if treatment.ready_at:
        return treatment.ready_at
    begins: datetime = treatment.hour_zero or treatment.planned_for
    stay = shortest_stay(treatment, treatment.patient.clinic)
    return begins + timedelta(minutes=stay) if stay else None


def clock(moment: datetime, treatment: Treatment, at: datetime) -> str:
    """ "3:40 pm", "9 am on Fri, Nov 27": seen from `at`, in the language of the page."""
    words = clock_words_es if language_now() == "es" else clock_words
    return words(moment, zone=zone_of(treatment), today=at)


def language_now() -> str:
    """ "en" or "es": the language of the page that is made."""
    return (get_language() or "en")[:2]
