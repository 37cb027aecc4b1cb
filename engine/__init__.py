"""The workflow engine: knows no domain, only definitions."""
