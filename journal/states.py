"""The words that a journal's rows may hold."""

from __future__ import annotations

from enum import StrEnum


class EntryKind(StrEnum):
    ENTRY = "entry"
    INTENTION = "intention"  # the line written before a visit
    NOTE = "note"  # the private note of a daily log
    THEMES = "themes"  # up to three, picked or written on the morning after
    SUMMARY = "summary"  # the page that the patient put together to share


# What can be changed as it is read. Themes and pages are changed where they are made, until the next visit.
READ_AGAIN = (EntryKind.ENTRY, EntryKind.INTENTION, EntryKind.NOTE)
# What the list of old writing shows, and where one can be taken away.
LISTED = (*READ_AGAIN, EntryKind.THEMES, EntryKind.SUMMARY)
# What can be shared. Themes go by a page alone.
SHARED = (*READ_AGAIN, EntryKind.SUMMARY)


class KeyActor(StrEnum):
    """Who did something with a patient's key."""

    PATIENT = "patient"
    GUEST = "guest"  # somebody with a link and its code
    SERVICE = "service"  # a command of those who run it


class KeyDeed(StrEnum):
    """What was done with a patient's key."""

    MADE = "made"
    RENEWED = "renewed"
    REWRAPPED = "rewrapped"
    OPENED = "opened"
    LISTED = "listed"
    COPIED = "copied"  # into the copy of all that is the patient's
    SHARED = "shared"
    SHARE_OPENED = "share_opened"
    SHARE_MISSED = "share_missed"  # a wrong code
    SHARE_ENDED = "share_ended"
    REFUSED = "refused"  # a record that could not be opened
    REMOVED = "removed"
    DESTROYED = "destroyed"


class UrgeAnswer(StrEnum):
    """What became of a thing that waited a day. What is let go is deleted, and has none."""

    KEPT = "kept"
    ASKED = "asked"
