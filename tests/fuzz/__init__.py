"""Requests that nobody would send by hand, over every address there is."""
