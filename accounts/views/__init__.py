"""Pages of anybody, about themselves."""
