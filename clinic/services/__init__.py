"""What staff do in one go to more than one app, and what they note after a visit."""

from clinic.services.care import (
    ITEM_UNTICKED,
    ItemUnknown,
    MeasuredTooLittle,
    StayNotOver,
    TickedAlready,
    tick_item,
    untick_item,
)
from clinic.services.contacts import log_contact, note_form_sent
from clinic.services.discharge import (
    Decision,
    NotAClinician,
    NothingOpen,
    StillOpen,
    complete_discharge,
    end_visit_badly,
)
from clinic.services.door import NobodyNamed, change_driver, meet_escort, offer_link
from clinic.services.downtime import forget_packs, make_pack, make_pack_at_opening, make_pack_on_demand, note_opened
from clinic.services.settings import write_visit_settings
from clinic.services.visits import add_patient_with_visit, cancel_visit, start_assessed, write_procedures

__all__ = [
    "ITEM_UNTICKED",
    "Decision",
    "ItemUnknown",
    "MeasuredTooLittle",
    "NobodyNamed",
    "NotAClinician",
    "NothingOpen",
    "StayNotOver",
    "StillOpen",
    "TickedAlready",
    "add_patient_with_visit",
    "cancel_visit",
    "change_driver",
    "complete_discharge",
    "end_visit_badly",
    "forget_packs",
    "log_contact",
    "make_pack",
    "make_pack_at_opening",
    "make_pack_on_demand",
    "meet_escort",
    "note_form_sent",
    "note_opened",
    "offer_link",
    "start_assessed",
    "tick_item",
    "untick_item",
    "write_procedures",
    "write_visit_settings",
]
