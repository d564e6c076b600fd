"""What the journal's pages show without opening anything."""

from journal.queries.intention import IntentionPage, intention_page
from journal.queries.writing import WritePage, write_page

__all__ = ["IntentionPage", "WritePage", "intention_page", "write_page"]
