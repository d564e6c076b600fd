"""What the escort's pages show, and what others may know of a pickup."""

from pickup.queries.consents import switches_of, words_for
from pickup.queries.duties import duty_keys
from pickup.queries.links import address_of, open_link
from pickup.queries.list_page import ListPage, list_page
from pickup.queries.met import met_link
from pickup.queries.moments import language_now
from pickup.queries.people import people_page, people_said, visit_to_pick_up_from, visit_to_say_home
from pickup.queries.rides import Ride, RideStatus, rides
from pickup.queries.tonight import TonightPage, tonight_page

__all__ = [
    "ListPage",
    "Ride",
    "RideStatus",
    "TonightPage",
    "address_of",
    "duty_keys",
    "language_now",
    "list_page",
    "met_link",
    "open_link",
    "people_page",
    "people_said",
    "rides",
    "switches_of",
    "tonight_page",
    "visit_to_pick_up_from",
    "visit_to_say_home",
    "words_for",
]
