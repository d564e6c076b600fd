"""What changes alerts: raising them, taking and closing them, who is on duty, and sending their notices."""

from alerts.services.coverage import (
    ShiftNotPossible,
    add_shift,
    end_shift,
    set_procedures,
    set_staff_phone,
)
from alerts.services.raising import AlertCause, raise_alert
from alerts.services.taking import (
    AlertAlreadyTaken,
    CloseNotPossible,
    NotYours,
    TimeNotPossible,
    close_alert,
    hand_back_alert,
    log_call,
    promise_call,
    take_alert,
)

__all__ = [
    "AlertAlreadyTaken",
    "AlertCause",
    "CloseNotPossible",
    "NotYours",
    "ShiftNotPossible",
    "TimeNotPossible",
    "add_shift",
    "close_alert",
    "end_shift",
    "hand_back_alert",
    "log_call",
    "promise_call",
    "raise_alert",
    "set_procedures",
    "set_staff_phone",
    "take_alert",
]
