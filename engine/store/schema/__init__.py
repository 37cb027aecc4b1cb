"""The tables, as SQLAlchemy knows them; migrations make the same, and a test says so."""

from engine.store.schema.accounts import account, pin, remembered, session
from engine.store.schema.base import FOREVER, metadata
from engine.store.schema.budgets import message_day, message_wish
from engine.store.schema.deeds import LIT, deed, deed_photo, finding, undeeded
from engine.store.schema.directory import TABLES as DIRECTORY
from engine.store.schema.held import held
from engine.store.schema.keeping import api_token, calendar_year, definition, evidence, vault, vault_key
from engine.store.schema.links import link
from engine.store.schema.obligations import obligation
from engine.store.schema.streams import CASES, CLAIMED, CLOSED, OPEN, case_value, counter, entry, stream
from engine.store.schema.tallies import saved_view, tallied, tally, tally_field, uncounted
from engine.store.schema.work import (
    HELD_BACK,
    LOOSE,
    PENDING,
    UNSENT,
    bulk,
    bulk_item,
    incident,
    message,
    rehold,
    signal,
    task,
    timer,
)

__all__ = [
    "CASES",
    "CLAIMED",
    "CLOSED",
    "DIRECTORY",
    "FOREVER",
    "HELD_BACK",
    "LIT",
    "LOOSE",
    "OPEN",
    "PENDING",
    "UNSENT",
    "account",
    "api_token",
    "bulk",
    "bulk_item",
    "calendar_year",
    "case_value",
    "counter",
    "deed",
    "deed_photo",
    "definition",
    "entry",
    "evidence",
    "finding",
    "held",
    "incident",
    "link",
    "message",
    "message_day",
    "message_wish",
    "metadata",
    "obligation",
    "pin",
    "rehold",
    "remembered",
    "saved_view",
    "session",
    "signal",
    "stream",
    "tallied",
    "tally",
    "tally_field",
    "task",
    "timer",
    "uncounted",
    "undeeded",
    "vault",
    "vault_key",
]
