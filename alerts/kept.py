"""What a patient's copy tells of alerts: why the clinic was told, and when somebody answered. No note of the staff's own."""

from __future__ import annotations

from datetime import datetime

from accounts.copies import Section
from accounts.models import Patient
from alerts.models import Alert, CallLog
from alerts.states import Cause, Tried
from timeline.levels import Level

_LEVELS = {
    Level.CALL_TODAY: "To call you that day",
    Level.URGENT: "To call you at once",
    Level.CRISIS: "To call you at once, for your safety",
    Level.EMERGENCY: "To act at once",
}
_TRIED = {Tried.TRIED: "Nobody picked up", Tried.REACHED: "You spoke", Tried.OTHER: "Somebody else picked up"}
_ABOUT = "When the clinic was told to call you. What staff wrote about a call is in their record. You can ask for it."


def sections(patient: Patient, at: datetime) -> list[Section]:
    """Two queries."""
    alerts = Alert.objects.filter(patient=patient).order_by("opened_at", "pk").prefetch_related("calls")
    rows = [
        {
            "When": alert.opened_at,
            "What for": _LEVELS.get(Level(alert.level)),
            "Why": _why(alert),
            "Somebody took it": alert.taken_at,
            "Calls": [_call(call) for call in alert.calls.all()] or None,
            "Over": alert.closed_at,
        }
        for alert in alerts
    ]
    return [Section("alerts", "When the clinic was told", _ABOUT, rows, order=38)]


def _why(alert: Alert) -> list[str] | None:
    """Who texted, and whether it was an escort, was told to the clinic alone."""
    if alert.cause == Cause.REPLY:
        return ["A text came."]
    return [str(reason) for reason in alert.reasons] or None


def _call(call: CallLog) -> dict[str, object]:
    return {"What came of it": _TRIED[Tried(call.tried)], "When": call.at}
