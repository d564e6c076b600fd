"""What changes prompts, and all that leaves the building or comes back: what is due, pages to staff, answers, reports."""

from prompts.channels.sending import Sending
from prompts.services.arrived import keep_stop
from prompts.services.asked import (
    WAITS_FOR_MORNING,
    Kind,
    send_asked_for,
    stop_asked_for,
    stop_escort_notes,
    stop_notes,
)
from prompts.services.choices import is_paused
from prompts.services.day_reminders import send_day_reminders, stop_day_reminders
from prompts.services.delivery import Delivery, deliver_due, sweep
from prompts.services.escort_texts import can_text_escort, text_escort
from prompts.services.hand import (
    already_done,
    call_us,
    log_step,
    not_done,
    pause_messages,
    reach_first,
    stop_messages,
    take_fewer,
    undo_stop,
)
from prompts.services.heard import forget_heard
from prompts.services.hook_count import MANY_REFUSED, note_accepted, note_refused
from prompts.services.hooks import is_from_provider, take_report, take_text
from prompts.services.leaving import come_back, leave
from prompts.services.look_up import look_up
from prompts.services.lost_ways import end_way
from prompts.services.pager import Credentials, Pager, pager
from prompts.services.planning import place_waiting, plan_treatment_prompts, stop_prompts
from prompts.services.stop_links import read_stop_link
from prompts.services.subscriptions import (
    SubscriptionRefused,
    keep_subscriptions,
    renew_subscription,
    subscribe,
    unsubscribe,
)
from prompts.services.travel import travel
from prompts.services.ways import has_push, new_push_key, push_public_key
from prompts.states import Outcome

__all__ = [
    "MANY_REFUSED",
    "WAITS_FOR_MORNING",
    "Credentials",
    "Delivery",
    "Kind",
    "Outcome",
    "Pager",
    "Sending",
    "SubscriptionRefused",
    "already_done",
    "call_us",
    "can_text_escort",
    "come_back",
    "deliver_due",
    "end_way",
    "forget_heard",
    "has_push",
    "is_from_provider",
    "is_paused",
    "keep_stop",
    "keep_subscriptions",
    "leave",
    "log_step",
    "look_up",
    "new_push_key",
    "not_done",
    "note_accepted",
    "note_refused",
    "pager",
    "pause_messages",
    "place_waiting",
    "plan_treatment_prompts",
    "push_public_key",
    "reach_first",
    "read_stop_link",
    "renew_subscription",
    "send_asked_for",
    "send_day_reminders",
    "stop_asked_for",
    "stop_day_reminders",
    "stop_escort_notes",
    "stop_messages",
    "stop_notes",
    "stop_prompts",
    "subscribe",
    "sweep",
    "take_fewer",
    "take_report",
    "take_text",
    "text_escort",
    "travel",
    "undo_stop",
    "unsubscribe",
]
