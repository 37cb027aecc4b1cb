"""Checks that need more than one cell: references, order of dates, repeated rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from adapters.spreadsheets.mapping import Reference, TableMapping
from adapters.spreadsheets.table import Row, RowProblem
from adapters.spreadsheets.text import normal
from adapters.spreadsheets.values import Value

# (reference, field, value as typed) → ids of what bears that value; names are to be compared by `text.normal`.
Lookup = Callable[[str, str, str], Sequence[str]]
Problem = Callable[[int, str, str, Mapping[str, Any]], RowProblem]  # (row, field, code, data)


def check_rows(rows: Iterable[Row], mapping: TableMapping, lookup: Lookup | None, problem: Problem) -> tuple[Row, ...]:
    """The rows with what they refer to and with the problems that show only when cells are seen together."""
    checked = (_referred(row, mapping, lookup, problem) for row in rows)
    return tuple(_unrepeated((_ordered(row, mapping, problem) for row in checked), mapping, problem))


def _worse(row: Row, problems: Sequence[RowProblem]) -> Row:
    return replace(row, problems=(*row.problems, *problems)) if problems else row


def _referred(row: Row, mapping: TableMapping, lookup: Lookup | None, problem: Problem) -> Row:
    broken = {told.field for told in row.problems}
    found: dict[str, str] = {}
    problems: list[RowProblem] = []
    for reference in mapping.references:
        given = [field for field in reference.by if row.values.get(field) is not None]
        if not given:
            if reference.required and not broken & set(reference.by):
                problems.append(problem(row.number, reference.by[0], "value_missing", {"one_of": reference.by}))
        elif lookup is not None and not broken & set(reference.by):
            code, data = _look_up(row, reference, given, lookup, found)
            if code:
                problems.append(problem(row.number, given[0], code, data))
    return replace(_worse(row, problems), references=found)


def _look_up(
    row: Row, reference: Reference, given: Sequence[str], lookup: Lookup, found: dict[str, str]
) -> tuple[str, dict[str, Any]]:
    first, *others = given
    ids = lookup(reference.name, first, str(row.values[first]))
    told = {"reference": reference.name, "got": str(row.values[first])}
    if len(ids) != 1:
        return ("reference_ambiguous", {**told, "count": len(ids)}) if ids else ("reference_unknown", told)
    for other in others:
        also = lookup(reference.name, other, str(row.values[other]))
        if also and ids[0] not in also:  # an unknown name beside a known number is an old or a short name
            return "reference_conflict", {**told, "other": other, "other_got": str(row.values[other])}
    found[reference.name] = ids[0]
    return "", {}


def _ordered(row: Row, mapping: TableMapping, problem: Problem) -> Row:
    problems = []
    for earlier, later in mapping.order:
        first, second = row.values.get(earlier), row.values.get(later)
        if isinstance(first, date) and isinstance(second, date) and second < first:
            data = {"earlier": earlier, "earlier_on": first.isoformat(), "got": second.isoformat()}
            problems.append(problem(row.number, later, "dates_out_of_order", data))
    return _worse(row, problems)


def _unrepeated(rows: Iterable[Row], mapping: TableMapping, problem: Problem) -> Iterable[Row]:
    first_rows: dict[tuple[object, ...], int] = {}
    for row in rows:
        key = next((key for key in mapping.unique if all(_part(row, mapping, name) for name in key)), None)
        if key is not None:
            seen = first_rows.setdefault((key, *(_part(row, mapping, name) for name in key)), row.number)
            if seen != row.number:
                shown = mapping.reference_fields(key[0])[0]
                row = _worse(row, [problem(row.number, shown, "row_repeated", {"key": key, "first_row": seen})])
        yield row


def _part(row: Row, mapping: TableMapping, name: str) -> str:
    """One part of a key as compared; a reference that was not looked up counts by what the row says."""
    if name in row.references:
        return row.references[name]
    for field in mapping.reference_fields(name):
        value: Value = row.values.get(field)
        if value is not None:
            return normal(str(value))
    return ""
