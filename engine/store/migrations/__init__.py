"""The history of the schema; HEAD is what this program needs."""

#: Last revision of versions/; a test says that it is.
HEAD = "0018"
