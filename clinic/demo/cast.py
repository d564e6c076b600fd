"""Who is made up: the staff and the patients of the demo's two clinics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.states import Role

CEDAR, HARBOR = UUID("00000000-0000-4000-8000-00000000ceda"), UUID("00000000-0000-4000-8000-0000000ab0a1")
HOME_ZONE, ASSESSOR = "America/New_York", "Ana Ruiz, MD"


@dataclass(frozen=True, slots=True)
class Colleague:
    """One made-up member of the staff. `phone` is where alerts reach them."""

    key: str
    clinic: UUID
    role: Role
    name: str
    credentials: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up patient. The number is of the range that is kept free for stories.

    `history` is what staff know of the past (timeline/facts.py), None where nobody has asked yet.
    """

    key: str
    clinic: UUID
    first_name: str
    last_name: str
    record_number: str
    born_on: date
    phone: str = ""
    texts: str = "on"
    history: tuple[str, ...] | None = ()
    is_assessed: bool = True
    email: str = ""


STAFF = (
    Colleague("nurse", CEDAR, Role.NURSE, "Dana Reyes", "RN", "+12125550131"),
    Colleague("front_desk", CEDAR, Role.FRONT_DESK, "Kofi Mensah"),
    Colleague("clinician", CEDAR, Role.CLINICIAN, "Ana Ruiz", "MD", "+12125550132"),
    Colleague("manager", CEDAR, Role.MANAGER, "Priya Nair", phone="+12125550133"),
    Colleague("other_nurse", HARBOR, Role.NURSE, "Jo Lindqvist", "RN", "+12125550134"),
    Colleague("other_manager", HARBOR, Role.MANAGER, "Tomas Silva", phone="+12125550135"),
)
_PRESSURE, _HEART = ("high_blood_pressure",), ("blood_thinner", "heart_or_kidney", "limits_salt")
PATIENTS = (
    Person("hour_1", CEDAR, "Maya", "Torres", "CS-1041", date(1988, 3, 14), "+12125550111", email="maya@example.org"),
    Person("hour_5", CEDAR, "Luis", "Park", "CS-1017", date(1979, 11, 2), "+12125550112", history=_PRESSURE),
    Person("night", CEDAR, "Ruth", "Okafor", "CS-0988", date(1964, 6, 27), "+12125550113", history=_HEART),
    Person("hour_20", CEDAR, "Sam", "Whitlow", "CS-1032", date(1995, 1, 19), "+12125550114"),
    Person(
        "planned", CEDAR, "Ada", "Klein", "CS-1044", date(1971, 9, 8), "+12125550115", history=None, is_assessed=False
    ),
    Person(
        "in_treatment",
        CEDAR,
        "Noor",
        "Haddad",
        "CS-1025",
        date(1991, 12, 30),
        "+12125550116",
        "declined",
        email="noor@example.org",
    ),
    Person("closed", CEDAR, "Theo", "Brandt", "CS-0973", date(1958, 4, 5), "+12125550117", texts="stopped"),
    Person("weeks", CEDAR, "Lena", "Fischer", "CS-1030", date(1981, 2, 3), "+12125550123"),
    Person("badly", CEDAR, "Iris", "Nakamura", "CS-1038", date(1983, 7, 21)),
    Person("wrap_up", CEDAR, "Mei", "Tanaka", "CS-1029", date(1977, 10, 11), "+12125550120", email="mei@example.org"),
    Person("headache", CEDAR, "Grace", "Adeyemi", "CS-1040", date(1986, 1, 25), "+12125550121", history=_PRESSURE),
    Person("call_back", CEDAR, "Ines", "Duarte", "CS-1036", date(1993, 8, 3), "+12125550122"),
    Person("cancelled", CEDAR, "Omar", "Reed", "CS-1045", date(1969, 5, 16)),
    Person("new", CEDAR, "Eli", "Abara", "CS-1046", date(2000, 2, 11), "+12125550118", history=None, is_assessed=False),
    Person("harbor", HARBOR, "Wren", "Castillo", "HL-0007", date(1986, 8, 16), "+12125550119"),
)
# What opens the private pages of those whom a newcomer can be, once they have a day behind them.
DEMO_PIN, HAVE_PIN = "480913", ("hour_1", "hour_5", "night", "hour_20", "wrap_up")
# Whom a newcomer can be: in the 24 hours, and around them.
CAN_BE = ("hour_1", "hour_5", "night", "hour_20")
# The one before the visit once more, on a phone that an invitation opened for the set-up alone.
SET_UP, ON_A_SET_UP_PHONE = "set_up", "planned"
AROUND = (SET_UP, "planned", "in_treatment", "wrap_up", "closed", "weeks", "badly", "cancelled", "new")
