"""What changes prompts, and all that leaves the building or comes back: what is due, pages to staff, answers, reports."""

from prompts.channels.sending import Sending
from prompts.services.arrived import keep_stop
from prompts.services.asked import Kind, send_asked_for, stop_asked_for, stop_escort_notes, stop_notes
from prompts.services.day_reminders import send_day_reminders, stop_day_reminders
from prompts.services.delivery import Delivery, deliver_due, sweep
from prompts.services.escort_texts import can_text_escort, text_escort
from prompts.services.hooks import is_from_provider, take_report, take_text
from prompts.services.letters import read_stop_link
from prompts.services.pager import Credentials, Pager, pager
from prompts.services.planning import place_waiting, plan_treatment_prompts, stop_prompts
from prompts.states import Outcome

__all__ = [
    "Credentials",
    "Delivery",
    "Kind",
    "Outcome",
    "Pager",
    "Sending",
    "can_text_escort",
    "deliver_due",
    "is_from_provider",
    "keep_stop",
    "pager",
    "place_waiting",
    "plan_treatment_prompts",
    "read_stop_link",
    "send_asked_for",
    "send_day_reminders",
    "stop_asked_for",
    "stop_day_reminders",
    "stop_escort_notes",
    "stop_notes",
    "stop_prompts",
    "sweep",
    "take_report",
    "take_text",
    "text_escort",
]
