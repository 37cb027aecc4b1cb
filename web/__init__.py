"""FastAPI faces of the one door."""
