"""Who may sign in, and who has: accounts of persons and the sessions of their browsers."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.schema.base import flag, metadata, number, octets, words

#: One account a person; of the password only a slow hash.
account = Table(
    "account",
    metadata,
    words("person", primary_key=True),
    #: as it is compared: one case, one width
    words("login", unique=True),
    words("hash"),
    #: active, disabled
    words("state"),
    #: wrong passwords in a row
    number("failed"),
    #: no password is taken before this instant; 0 = it is not locked
    number("locked_until"),
    flag("must_change"),
    number("changed_at"),
    #: 0 = never
    number("signed_in_at"),
)

#: One row a browser that is signed in; without its row a cookie is worth nothing.
session = Table(
    "session",
    metadata,
    #: SHA-256 of the token, which only the browser knows
    octets("digest", primary_key=True),
    words("person"),
    number("created_at"),
    number("seen_at"),
    #: ends whatever is done
    number("expires_at"),
    #: microseconds without a request after which it ends
    number("idle"),
    #: family of the browser, no version
    words("agent"),
    #: what forms of this session carry
    words("csrf"),
)
Index("ix_session_person", session.c.person, session.c.created_at)
Index("ix_session_expires_at", session.c.expires_at)
