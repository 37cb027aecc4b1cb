"""Thin implementations of engine.core.ports, none aware of another."""
