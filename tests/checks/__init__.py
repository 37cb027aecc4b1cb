"""Checks of the repository itself: what it may say, where, and that the docs tell the truth."""
