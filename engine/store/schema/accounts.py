"""Who may sign in, and who has: accounts of persons, the sessions of their browsers, whom a shared device remembers."""

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

#: One PIN a person who chose one, for devices that several share; of it only a slow hash.
pin = Table(
    "pin",
    metadata,
    words("person", primary_key=True),
    words("hash"),
    number("set_at"),
)

#: One row a person who signed in on a device with their password: their session there, in force or put aside.
remembered = Table(
    "remembered",
    metadata,
    #: SHA-256 of the device's token, which only its browser knows
    octets("device", primary_key=True),
    words("person", primary_key=True),
    #: of the last session of the person there
    octets("session", unique=True),
    number("signed_in_at"),
    #: no PIN is taken from this instant on
    number("expires_at"),
    #: when another person took over; 0 = nobody did
    number("parked_at"),
    #: whether the PIN is asked for before the next change
    flag("asks"),
    #: wrong PINs since the last right one or the password
    number("failed"),
    #: what forms of the session carry, also after it was taken up again
    words("csrf"),
    words("agent"),
)
Index("ix_remembered_person", remembered.c.person)
Index("ix_remembered_expires_at", remembered.c.expires_at)
