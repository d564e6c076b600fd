"""What changes alerts: raising them, taking and closing them, who is on duty, and sending their notices."""

from alerts.services.beats import beat
from alerts.services.coverage import (
    ShiftNotPossible,
    add_shift,
    end_shift,
    set_procedures,
    set_staff_phone,
)
from alerts.services.raising import AlertCause, raise_alert
from alerts.services.receipts import hurry_unheard, note_delivery
from alerts.services.replies import tell_reply
from alerts.services.running import Senders, send_all_due
from alerts.services.sending import send_next
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
from alerts.services.texts import take_by_text
from alerts.services.watching import Watchdog, look

__all__ = [
    "AlertAlreadyTaken",
    "AlertCause",
    "CloseNotPossible",
    "NotYours",
    "Senders",
    "ShiftNotPossible",
    "TimeNotPossible",
    "Watchdog",
    "add_shift",
    "beat",
    "close_alert",
    "end_shift",
    "hand_back_alert",
    "hurry_unheard",
    "log_call",
    "look",
    "note_delivery",
    "promise_call",
    "raise_alert",
    "send_all_due",
    "send_next",
    "set_procedures",
    "set_staff_phone",
    "take_alert",
    "take_by_text",
    "tell_reply",
]
