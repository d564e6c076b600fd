"""Pages of messages, and the addresses that providers call."""
