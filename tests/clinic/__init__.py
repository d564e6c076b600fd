"""The staff's pages, each by what it shows, who must not open it, and what two people at once get."""
