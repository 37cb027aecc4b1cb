"""How many messages left for a person on a day, and what people chose for theirs."""

from __future__ import annotations

from sqlalchemy import Table

from engine.store.schema.base import flag, metadata, number, words

#: Messages counted to a person on a local day by channel; channel "" = all of them, the row that is locked.
message_day = Table(
    "message_day",
    metadata,
    words("person", primary_key=True),
    #: ISO
    words("day", primary_key=True),
    words("channel", primary_key=True),
    number("sent"),
    #: those of them that were urgent
    number("urgent"),
    sqlite_with_rowid=False,
)

#: What a person chose for messages to them.
message_wish = Table(
    "message_wish",
    metadata,
    words("person", primary_key=True),
    flag("digest_only"),
    #: own quiet hours as local times of day; "" = those of the place
    words("quiet_from"),
    words("quiet_until"),
    sqlite_with_rowid=False,
)
