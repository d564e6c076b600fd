"""What the escort's pages show, and what others may know of a pickup."""

from pickup.queries.met import met_link
from pickup.queries.rides import Ride, RideStatus, rides

__all__ = ["Ride", "RideStatus", "met_link", "rides"]
