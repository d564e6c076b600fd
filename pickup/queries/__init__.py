"""What the escort's pages show, and what others may know of a pickup."""

from pickup.queries.rides import Ride, RideStatus, rides

__all__ = ["Ride", "RideStatus", "rides"]
