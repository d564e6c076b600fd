"""What changes people: adding patients, binding phones, stopping channels, and the record of who did what."""

from accounts.services.audit import record
from accounts.services.channels import set_texts, stop_texts
from accounts.services.housekeeping import forget_what_is_over
from accounts.services.people import RecordNumberTaken, add_patient
from accounts.services.phones import Binding, bind_phone, end_phones, offer_binding
from accounts.services.pins import set_pin
from accounts.services.throttles import TooManyTries, throttle
from accounts.services.tokens import LinkExpired, consume, find_token

__all__ = [
    "Binding",
    "LinkExpired",
    "RecordNumberTaken",
    "TooManyTries",
    "add_patient",
    "bind_phone",
    "consume",
    "end_phones",
    "find_token",
    "forget_what_is_over",
    "offer_binding",
    "record",
    "set_pin",
    "set_texts",
    "stop_texts",
    "throttle",
]
