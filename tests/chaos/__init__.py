"""Breaks the running app on purpose, and checks that nothing which was acknowledged is lost (docs/decisions/0015)."""
