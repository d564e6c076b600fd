"""The alert board: who waits, who has whom, and which calls are due today."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Channel, Clinic
from accounts.phones import show_phone
from accounts.states import ChannelKind
from alerts.models import Alert
from alerts.queries import open_alerts
from alerts.states import AlertState, Closing
from clinic.alert_forms import CLOSINGS
from clinic.queries.alert_words import (
    LevelWords,
    is_promise_late,
    level_words,
    promise_words,
    reasons_of,
    wait_words,
)
from clinic.queries.words import hour_words
from timeline.levels import Level
from timeline.models import Treatment
from timeline.phases import HOURS, clock_words
from timeline.states import TreatmentState

CLOSED_SHOWS, CLOSED_AT_MOST = timedelta(hours=24), 50
