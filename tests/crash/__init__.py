"""Killing a serving process: what was acknowledged must stand, once, whatever the moment."""
