"""What single commands look up besides their stream: files, numbers, cases that are the same; compiled once to text.

Run by SQLAlchemy each of them costs as much as everything else that a command does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, ColumnElement, Text, and_, bindparam, cast, exists, func, literal_column, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

from engine.store.schema import CASES, OPEN, case_value, counter, evidence, stream
from engine.store.statements import listed


class Lookup(NamedTuple):
    """A statement as text and the names of its parameters in order."""

    text: str
    order: tuple[str, ...]

    def filled(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The parameters in order."""
        return tuple(values[name] for name in self.order)


class Lookups:
    """The statements as one of the databases takes them."""

    def __init__(self, dialect_name: str) -> None:
        self._dialect: Any = (
            postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
            if dialect_name == "postgresql"
            else sqlite.dialect(paramstyle="qmark")
        )
        self.same = cache(self._same)
        insert: Any = postgresql.insert if dialect_name == "postgresql" else sqlite.insert
        first = insert(counter).values(series=bindparam("series"), value=literal_column("1"))
        again = first.on_conflict_do_update(
            index_elements=["series"], set_={"value": counter.c.value + literal_column("1")}
        )
        #: the next number of a series
        self.number = self._lookup(again.returning(counter.c.value))
        columns = select(evidence.c.sha256, evidence.c.size, evidence.c.media_type, evidence.c.stored_at)
        #: the files of an array: PostgreSQL's own, or one of JSON
        self.files = self._lookup(
            columns.where(evidence.c.sha256 == func.any(cast(bindparam("names"), ARRAY(Text))))
            if dialect_name == "postgresql"
            else columns.where(evidence.c.sha256.in_(listed("names")))
        )

    def _same(self, fields: tuple[str, ...]) -> Lookup:
        """Cases of a `procedure` other than `exclude`, open or `closed_since`, that agree in the fields; at `most`."""
        agree = [_has(name) for name in fields]
        wanted = and_(
            CASES,
            stream.c.procedure == bindparam("procedure"),
            stream.c.id != bindparam("exclude"),
            or_(OPEN, stream.c.closed_at >= bindparam("closed_since")),
            *agree,
        )
        found = select(stream.c.id).where(wanted).order_by(stream.c.opened_at.desc(), stream.c.id)
        return self._lookup(found.limit(bindparam("most")).offset(literal_column("0")))

    def _lookup(self, statement: ClauseElement) -> Lookup:
        compiled: Any = statement.compile(dialect=self._dialect)
        return Lookup(text=str(compiled), order=tuple(compiled.positiontup or ()))


@cache
def lookups(dialect_name: str) -> Lookups:
    """The statements for `sqlite` or `postgresql`."""
    return Lookups(dialect_name)


def _has(field: str) -> ColumnElement[bool]:
    named = case_value.c.field == bindparam(f"field_{field}")
    return exists().where(case_value.c.case == stream.c.id, named, case_value.c.value == bindparam(f"is_{field}"))
