"""PURE: checks and scenarios over definitions."""
