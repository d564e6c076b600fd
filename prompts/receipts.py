"""What a provider's report means for a message that it took, whatever the order in which reports come. No Django."""

from __future__ import annotations

from prompts.states import Report

# The more a report says, the later it stands. That it arrived is never taken back by one that says less.
_ORDER = (
    Report.SENT,
    Report.BUSY,
    Report.NO_ANSWER,
    Report.FAILED,
    Report.UNDELIVERED,
    Report.ANSWERED,
    Report.COMPLETED,
    Report.DELIVERED,
)


def says_more(report: Report, *, before: str) -> bool:
    """Whether `report` says more than what was reported `before`; "" for nothing."""
    return not before or _ORDER.index(report) > _ORDER.index(Report(before))
