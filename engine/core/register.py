"""The neutral form of a register: which cases, which columns, how it is filtered, sorted, counted and lit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.core.conditions import ALL, Condition
from engine.core.definition import FieldKind, Record

#: What kind of thing a column shows; fields have their own kinds.
ColumnKind = Literal["name", "entity", "area", "stage", "people", "light", "instant", "count", "mark"] | FieldKind
Total = Literal["open", "soon", "overdue", "escalated", "ended"]

#: What every case has, by the word that registers use for it, and what kind of thing it is.
CASE_COLUMNS: Mapping[str, ColumnKind] = {
    "number": "name",
    "title": "name",
    "unit": "entity",
    "place": "entity",
    "region": "area",
    "industry": "area",
    "state": "stage",
    "procedure": "stage",
    "ended": "stage",
    "holder": "people",
    "light": "light",
    "due": "instant",
    "opened": "instant",
    "closed": "instant",
    "expiries": "count",
    "reopened": "count",
    "open": "mark",
    "overdue": "mark",
    "escalated": "mark",
    "was_escalated": "mark",
}
#: Which of them readers may filter by, and sort by.
CASE_FILTERS = frozenset(
    ("unit", "region", "industry", "state", "procedure", "ended", "holder", "light", "due", "opened", "closed",
     "reopened", "open", "escalated", "was_escalated")
)  # fmt: skip
CASE_SORTS = ("number", "opened", "due", "closed")
#: Kinds of fields that texts in order put in order.
SORTED_KINDS = frozenset(("text", "choice", "date", "flag"))
#: Kinds of declared filters of which there are few values: counted ahead.
COUNTED_KINDS = frozenset(("choice", "flag"))


class Column(Record, frozen=True, kw_only=True):
    """One column, or one filter, of a register."""

    #: as the register names it
    id: str
    #: what every case has; "" = the field of that id
    case: str = ""
    kind: ColumnKind
    #: the title of the field; "" = what the engine calls it
    title: str = ""
    #: field of kind choice: (id, title) in the order shown
    options: tuple[tuple[str, str], ...] = ()
    many: bool = False

    @property
    def key(self) -> str:
        """The column's name in conditions."""
        return self.case or f"field:{self.id}"


#: What lights are put in order by.
DUE = Column(id="due", case="due", kind="instant")


class Source(Record, frozen=True, kw_only=True):
    """Cases of one procedure for which a condition holds."""

    procedure: str
    where: Condition = ALL
    #: the condition as it was written
    text: str = ""


class Register(Record, frozen=True, kw_only=True):
    """A register, resolved for one place."""

    id: str
    title: str
    of: tuple[Source, ...]
    columns: tuple[Column, ...]
    filters: tuple[Column, ...] = ()
    totals: tuple[Total, ...] = ()
    sort: Column
    down: bool = False
    #: span phrase: so long before its deadline a case is yellow
    yellow: str
    basis: tuple[str, ...] = ()

    def filter(self, name: str) -> Column | None:
        """The filter of that id."""
        return next((one for one in self.filters if one.id == name), None)

    def sortable(self, name: str) -> Column | None:
        """The column of that id, if the register can be sorted by it."""
        filtered = any(one.id == name for one in self.filters)
        known = [one for one in (self.sort, *self.columns, *self.filters) if one.id == name]
        if name == DUE.id and not known and any(one.case == "light" for one in self.columns):
            return DUE
        return next((one for one in known if one == self.sort or can_sort(one, filtered=filtered)), None)


def can_sort(column: Column, *, filtered: bool) -> bool:
    """Whether a store can put cases in the order of the column; of fields only those that are filters."""
    if column.case:
        return column.case in CASE_SORTS
    return filtered and not column.many and column.kind in SORTED_KINDS
