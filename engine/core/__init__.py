"""PURE: definitions, deciding and folding; no I/O, no clock, no dice."""
