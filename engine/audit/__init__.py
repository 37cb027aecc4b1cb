"""Exact bytes and chains; usable without the rest."""
