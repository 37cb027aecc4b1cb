"""Whoever leaves: what lies with them, as a table to be edited, and giving it to others by such a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import BadInput
from zhiben.cli.common import application, as_person, find_case
from zhiben.cli.speaking import command, group, note, option, show, told

if TYPE_CHECKING:
    from engine.runtime.leavers import Given
    from zhiben.composition import Application

#: Columns of the table that are read: id or number of a case, number of a task, person.
COLUMNS = ("case", "task", "to")
#: Columns for whoever edits it.
TOLD = ("number", "title")


@group("leaver")
def leaver_command() -> None:
    """Tasks of whoever leaves."""


@command(leaver_command, "leaver.list")
@click.argument("leaver", metavar="PERSON")
@option("--table", "table", type=click.Path(dir_okay=False, path_type=Path), default=None)
@as_person
def list_held(leaver: str, table: Path | None, person: str) -> None:
    """Everything that lies with somebody, each with a successor; `--table` writes it to be edited."""
    with application() as made:
        found = made.leavers.held(person, leaver)
    rows = [(one.case.id, str(one.task.n), one.suggested, one.case.number, one.case.title) for one in found.tasks]
    if table is not None:
        # The mark at its head tells spreadsheets how it is written.
        with table.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(((*COLUMNS, *TOLD), *rows))
    lines = [
        told("leaver.row", number=number, task=task, to=found.names.get(to, to) if to else told("leaver.nobody"))
        for _, task, to, number, _ in rows
    ]
    items = [dict(zip((*COLUMNS, *TOLD), row, strict=True)) for row in rows]
    show({"items": items}, *lines, told("leaver.count", count=len(rows)))


@command(leaver_command, "leaver.give")
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="TABLE")
@option("--reason", "reason", type=str, required=True)
@as_person
def give(table: Path, reason: str, person: str) -> int:
    """Give each task to whom the table names: one bulk operation, resumable like any other."""
    from engine.runtime.bulk import open_bulk, results, run_bulk
    from engine.runtime.leavers import LEAVER, requests_of
    from web.catalogues import tell_problem

    with application("leaver") as made:
        requests = requests_of(_given(made, person, _rows(table)), reason, person)
        if not requests:
            raise BadInput("leavers_none_chosen", field="table")
        begun = open_bulk(made.door, purpose=LEAVER, requests=requests, person=person, reason=reason)
        row = run_bulk(made.door, begun.id)
        failed = list(results(made.door, row.id, status="failed")) if row.failed else []
    for one in failed[:20]:
        note("  " + told("import.failed", n=one.n + 1, sentence=tell_problem(one.code, one.data)))
    show(
        {"bulk": row.id, "done": row.done, "failed": row.failed},
        told("leaver.done", done=row.done, failed=row.failed),
    )
    return 1 if row.failed else 0


def _rows(table: Path) -> list[dict[str, str]]:
    """The lines of the table that name a person."""
    with table.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        if not set(COLUMNS) <= set(lines.fieldnames or ()):
            raise BadInput("leavers_columns", field="table", columns=", ".join(COLUMNS))
        return [row for row in lines if (row["to"] or "").strip()]


def _given(made: Application, person: str, rows: Sequence[dict[str, str]]) -> list[Given]:
    from engine.runtime.leavers import Given

    found: list[Given] = []
    for n, row in enumerate(rows, 2):
        number = (row["task"] or "").strip()
        if not number.isdecimal():
            raise BadInput("leavers_task", field="table", line=n, got=number)
        case = find_case(made, person, (row["case"] or "").strip())
        found.append(Given(case=case, task=int(number), to=row["to"].strip()))
    return found
