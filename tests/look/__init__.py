"""Looks at every page as a person would: pictures, contrast and structure, reading grade, weight."""
