"""What changes prompts: planning them with hour 0, placing what was asked for, and sending what is due."""

from prompts.services.asked import Kind, send_asked_for, stop_asked_for, stop_notes
from prompts.services.delivery import Delivery, deliver_due, is_from_provider, sweep
from prompts.services.letters import read_stop_link
from prompts.services.planning import place_waiting, plan_treatment_prompts, stop_prompts

__all__ = [
    "Delivery",
    "Kind",
    "deliver_due",
    "is_from_provider",
    "place_waiting",
    "plan_treatment_prompts",
    "read_stop_link",
    "send_asked_for",
    "stop_asked_for",
    "stop_notes",
    "stop_prompts",
    "sweep",
]
