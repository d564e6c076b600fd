"""What the journal's pages show without opening anything."""

from journal.queries.intention import IntentionPage, intention_page

__all__ = ["IntentionPage", "intention_page"]
