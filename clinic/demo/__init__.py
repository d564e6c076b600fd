"""The demo's made-up clinics: the same people at each start, with hours that fit the moment at which it is started."""

from clinic.demo.cast import AROUND, CAN_BE, CEDAR, HARBOR, HOME_ZONE, PATIENTS, STAFF, Colleague
from clinic.demo.filling import NotADemo, refresh_demo
from clinic.demo.people import bind_demo_phone, patient_of, staff_of
from clinic.demo.rides import ESCORTS, link_of

__all__ = [
    "AROUND",
    "CAN_BE",
    "CEDAR",
    "ESCORTS",
    "HARBOR",
    "HOME_ZONE",
    "PATIENTS",
    "STAFF",
    "Colleague",
    "NotADemo",
    "bind_demo_phone",
    "link_of",
    "patient_of",
    "refresh_demo",
    "staff_of",
]
