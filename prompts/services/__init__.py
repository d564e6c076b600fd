"""What changes prompts: planning them with hour 0, and sending what is due."""

from prompts.services.delivery import Delivery, deliver_due, is_from_provider, sweep
from prompts.services.planning import back_to_texts, plan_treatment_prompts, stop_prompts, to_app_only

__all__ = [
    "Delivery",
    "back_to_texts",
    "deliver_due",
    "is_from_provider",
    "plan_treatment_prompts",
    "stop_prompts",
    "sweep",
    "to_app_only",
]
