"""The patient's check-in, and what a phone keeps for when there is no network."""
