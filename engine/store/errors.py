"""What the store says when a write cannot be made; driver errors are translated here and nowhere else."""

from __future__ import annotations

import re

import psycopg
import sqlalchemy.exc
from pysqlite3 import dbapi2 as sqlite

from engine.core.command import Stream
from engine.errors import BadInput, Broken, Busy, Conflict, ZhibenError


class StaleWrite(Busy):
    """The stream is no longer as it was when the write was decided: load it and decide again."""

    def __init__(self, stream: Stream) -> None:
        super().__init__("stale_write", stream=str(stream))
        self.stream = stream


class DuplicateCommand(Conflict):
    """A command of this id has been carried out: `answered` tells what it was answered."""

    def __init__(self, command_id: str) -> None:
        super().__init__("duplicate_command", command=command_id)
        self.command_id = command_id


class NoRoom(Busy):
    """No connection became free in time: nothing was begun."""


class CommitUnknown(Busy):
    """The connection broke during the commit: ask `answered` for the command's id, or send it again."""


#: What a caught error of either driver, bare or wrapped by SQLAlchemy, is an instance of.
DRIVER_ERRORS = (sqlite.Error, psycopg.Error, sqlalchemy.exc.DBAPIError)

_DETAIL = re.compile(r"\((?P<columns>.*?)\)=\((?P<values>.*)\)", re.DOTALL)


def translate(error: BaseException) -> ZhibenError:
    """The error of ours for an error of a driver; raise it `from` the other."""
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.orig is not None:
        error = error.orig
    if isinstance(error, sqlite.Error):
        return _sqlite(error)
    if isinstance(error, psycopg.Error):
        return _postgres(error)
    return Broken("database", reason=str(error))


def _sqlite(error: sqlite.Error) -> ZhibenError:
    code = getattr(error, "sqlite_errorname", "") or ""
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_INTERRUPT")) or "locked" in str(error):
        return Busy("database_busy", reason=code or str(error))
    if isinstance(error, sqlite.IntegrityError):
        return broken_rule(str(error).rpartition(": ")[2])
    return Broken("database", reason=str(error), name=code)


def _postgres(error: psycopg.Error) -> ZhibenError:
    state = error.sqlstate or ""
    if isinstance(error, psycopg.errors.UniqueViolation):
        table = error.diag.table_name or ""
        found = _DETAIL.search(error.diag.message_detail or "")
        columns = found["columns"].replace('"', "") if found else ""
        rule = ", ".join(f"{table}.{column.strip()}" for column in columns.split(","))
        if rule == "entry.command_id" and found:
            return DuplicateCommand(found["values"])
        return broken_rule(rule)
    # 08 connection, 40 rollback, 53 resources, 55P03 lock, 57 operator: try again, nothing was written
    if isinstance(error, psycopg.DataError) and not state:
        return BadInput("not_an_id")  # psycopg itself refused it: a text with NUL
    broke_off = not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    if state[:2] in ("08", "40", "53", "57") or state == "55P03" or broke_off:
        return Busy("database_busy", reason=state or str(error))
    return Broken("database", reason=str(error), name=state)


def broken_rule(columns: str) -> ZhibenError:
    """The error for a unique rule, told as "table.column, table.column"."""
    if columns == "stream.procedure, stream.number":
        return Conflict("number_taken")
    if columns == "account.login":
        return Conflict("login_taken")
    if columns == "account.person":
        return Conflict("account_exists")
    return Broken("rule_broken", rule=columns)
