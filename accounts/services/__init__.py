"""What changes people: adding patients, binding phones, stopping channels, and the record of who did what."""

from accounts.services.audit import record
from accounts.services.cards import (
    Card,
    CardRefused,
    change_pin,
    make_card,
    replace_pin,
    throttle_cards_from,
    throttle_cards_of,
)
from accounts.services.channels import address_mark, set_emails, set_texts, stop_emails, stop_texts
from accounts.services.history import record_assessment, record_history
from accounts.services.housekeeping import forget_what_is_over
from accounts.services.invitations import (
    VisitOver,
    accept_invitation,
    invitation_code,
    invitation_link,
    invitation_state,
    invitation_with,
    invite,
    open_invitation,
    send_invitation,
    withdraw_invitations,
)
from accounts.services.numbers import change_number
from accounts.services.people import RecordNumberTaken, add_patient
from accounts.services.phones import (
    Binding,
    bind_phone,
    end_other_phones,
    end_phone,
    end_phones,
    offer_binding,
    other_phones,
)
from accounts.services.pins import PinRefused, PinWrong, check_pin, set_pin
from accounts.services.throttles import TooManyTries, forgive, throttle
from accounts.services.tokens import LinkExpired, consume, find_code, find_token
from accounts.services.way_back import (
    CodeWrong,
    ask_code,
    come_back_by_card,
    come_back_with_card,
    come_back_with_pin,
    throttle_codes,
    use_code,
    way_back_code,
    who_proved,
)

__all__ = [
    "Binding",
    "Card",
    "CardRefused",
    "CodeWrong",
    "LinkExpired",
    "PinRefused",
    "PinWrong",
    "RecordNumberTaken",
    "TooManyTries",
    "VisitOver",
    "accept_invitation",
    "add_patient",
    "address_mark",
    "ask_code",
    "bind_phone",
    "change_number",
    "change_pin",
    "check_pin",
    "come_back_by_card",
    "come_back_with_card",
    "come_back_with_pin",
    "consume",
    "end_other_phones",
    "end_phone",
    "end_phones",
    "find_code",
    "find_token",
    "forget_what_is_over",
    "forgive",
    "invitation_code",
    "invitation_link",
    "invitation_state",
    "invitation_with",
    "invite",
    "make_card",
    "offer_binding",
    "open_invitation",
    "other_phones",
    "record",
    "record_assessment",
    "record_history",
    "replace_pin",
    "send_invitation",
    "set_emails",
    "set_pin",
    "set_texts",
    "stop_emails",
    "stop_texts",
    "throttle",
    "throttle_cards_from",
    "throttle_cards_of",
    "throttle_codes",
    "use_code",
    "way_back_code",
    "who_proved",
    "withdraw_invitations",
]
