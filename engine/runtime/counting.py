"""Counts of a register from cells, cases that agree in what is counted: one pass for all its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.conditions import Condition, Either, Every, Same, Under
from engine.core.register import Column
from engine.store.records import ESCALATED
from engine.store.tallies import Cell

Test = Callable[[Cell], bool]
#: What a cell says of a column, by its name in conditions; several values where a case has several.
Values = Callable[[Cell], Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Numbers of a register: how many cases match, and by filter how many there would be of each value."""

    total: int = 0
    by: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)


def values_of(column: str, fields: Collection[str]) -> Values | None:
    """How to read a column of a cell; None for what cells do not say. `fields` are those that are counted."""
    match column:
        case "procedure":
            return lambda cell: (cell.procedure,)
        case "region":
            return lambda cell: (cell.region,)
        case "industry":
            return lambda cell: (cell.industry,)
        case "ended":
            return lambda cell: (cell.closed,)
        case "open":
            return lambda cell: ("false" if cell.closed else "true",)
        case "escalated":
            return lambda cell: ("true" if cell.values.get(ESCALATED) else "false",)
        case "state":
            return lambda cell: _states(cell.state)
    name = column.removeprefix("field:")
    if name == column or name not in fields:
        return None
    return lambda cell: cell.values.get(name, ())


def _states(told: str) -> tuple[str, ...]:
    """The leaves and what lies above each."""
    found: dict[str, None] = {}
    for leaf in told.split(" "):
        parts = leaf.split(".")
        found.update(dict.fromkeys(".".join(parts[: at + 1]) for at in range(len(parts))))
    return tuple(found)


def test_of(condition: Condition, fields: Collection[str]) -> Test | None:
    """Whether cells tell if the condition holds, and how; None where cases have to be looked at."""
    match condition:
        case Every(parts=parts) | Either(parts=parts):
            tests = [test_of(part, fields) for part in parts]
            if any(test is None for test in tests):
                return None
            return _joined([test for test in tests if test is not None], all_of=isinstance(condition, Every))
        case Same(column=column, values=wanted, negative=negative):
            values = values_of(column, fields)
            if values is None:
                return None
            some = frozenset(wanted)
            return lambda cell: some.isdisjoint(values(cell)) == negative
        case Under(prefix=prefix):
            return lambda cell: cell.region.startswith(prefix)
        case _:
            return None


def partly(condition: Condition, fields: Collection[str]) -> Test:
    """Whether cells leave it open that the condition holds: what they cannot tell may hold."""
    whole = test_of(condition, fields)
    if whole is not None:
        return whole
    if isinstance(condition, Every):
        return _joined([partly(part, fields) for part in condition.parts], all_of=True)
    if isinstance(condition, Either):
        return _joined([partly(part, fields) for part in condition.parts], all_of=False)
    return lambda cell: True


def _joined(tests: list[Test], *, all_of: bool) -> Test:
    if len(tests) == 1:
        return tests[0]
    if all_of:
        return lambda cell: all(test(cell) for test in tests)
    return lambda cell: any(test(cell) for test in tests)


def count(
    cells: Iterable[Cell],
    listed: Test,
    filters: Mapping[str, Test],
    columns: Mapping[str, Values],
    totals: Mapping[str, Test],
) -> Counted:
    """Count cells that the register lists.

    `columns` are the filters whose values are counted: each as if the reader had not filtered by it, so that the
    numbers say what another choice would give. `totals` count what matches all filters.
    """
    by: dict[str, Counter[str]] = {name: Counter() for name in columns}
    found: Counter[str] = Counter()
    total = 0
    for cell in cells:
        if not listed(cell):
            continue
        failed = [name for name, test in filters.items() if not test(cell)]
        if not failed:
            total += cell.count
            for name, test in totals.items():
                if test(cell):
                    found[name] += cell.count
        if len(failed) > 1:
            continue
        for name in columns if not failed else [name for name in failed if name in columns]:
            for value in columns[name](cell):
                by[name][value] += cell.count
    return Counted(total=total, by={name: dict(told) for name, told in by.items()}, totals=dict(found))


def countable(columns: Iterable[Column], fields: Collection[str]) -> dict[str, Values]:
    """The filters whose values can be counted."""
    found: dict[str, Values] = {}
    for column in columns:
        values = values_of(column.key, fields)
        if values is not None:
            found[column.id] = values
    return found
