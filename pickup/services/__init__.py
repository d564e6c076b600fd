"""What changes a pickup: its links, how far an escort is, what they tick, and that the patient is home."""

from pickup.services.door import WrongDoorWord, meet
from pickup.services.home import say_home, take_home_back
from pickup.services.home_watch import follow_home
from pickup.services.joining import change_consents, join, stop_helping
from pickup.services.links import NotNamed, follow_hour_zero, make_link, withdraw_link, withdraw_links
from pickup.services.people import People, name_people
from pickup.services.steps import arrive, say_can_come, say_cant_come, set_out, take_back
from pickup.services.ticks import save_list

__all__ = [
    "NotNamed",
    "People",
    "WrongDoorWord",
    "arrive",
    "change_consents",
    "follow_home",
    "follow_hour_zero",
    "join",
    "make_link",
    "meet",
    "name_people",
    "save_list",
    "say_can_come",
    "say_cant_come",
    "say_home",
    "set_out",
    "stop_helping",
    "take_back",
    "take_home_back",
    "withdraw_link",
    "withdraw_links",
]
