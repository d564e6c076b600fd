"""What the journal's pages show without opening anything."""

from journal.queries.intention import IntentionPage, intention_page
from journal.queries.shares import SharedRow, SharesPage, shares_page

__all__ = ["IntentionPage", "SharedRow", "SharesPage", "intention_page", "shares_page"]
