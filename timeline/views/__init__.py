"""The patient's day, and what comes before a visit."""
