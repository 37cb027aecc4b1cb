"""Importing spreadsheets: read, checked row by row, carried out with progress, resumable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhiben.cli.common import application, as_person
from zhiben.cli.speaking import asked_for_json, command, note, option, show, told

if TYPE_CHECKING:
    from engine.store.views import BulkRow
    from zhiben.composition import Application
    from zhiben.importing import Sheet

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
#: Problems told on the screen; the error workbook has all.
MOST_TOLD = 20


@command(None, "import")
@click.argument("kind")
@click.argument("file", type=FILE)
@option("--dry-run", "dry_run", is_flag=True)
@option("--resume", "resume", is_flag=True)
@option("--strict", "strict", is_flag=True)
@option("--errors", "errors", type=click.Path(dir_okay=False, path_type=Path))
@as_person
def import_command(
    kind: str, file: Path, dry_run: bool, resume: bool, strict: bool, errors: Path | None, person: str
) -> int:
    """Import a spreadsheet of that kind; exit code 1 if a row was refused."""
    with application("import") as made:
        if resume:
            row = made.imports.unfinished(kind, file)
            note(told("import.resumed", done=row.done + row.failed, items=row.items))
            return _carried_out(made, _run(made, row.id), refused=0)
        sheet = made.imports.read(kind, file, person=person)
        _tell_sheet(sheet, errors)
        refused = len({one.row for one in sheet.problems})
        if dry_run or (strict and refused):
            show(_summary(sheet, dry_run=True), told("import.dry" if dry_run else "import.strict"))
            return 1 if refused else 0
        begun = made.imports.begin(sheet)
        if begun is None:
            show(_summary(sheet), told("import.nothing"))
            return 1 if refused else 0
        return _carried_out(made, _run(made, begun.id), refused=refused, sheet=sheet)


def _tell_sheet(sheet: Sheet, errors: Path | None) -> None:
    from web.catalogues import tell_row

    refused = len({one.row for one in sheet.problems})
    note(
        told(
            "import.read",
            title=sheet.kind.mapping.title,
            rows=len(sheet.result.rows),
            fresh=sheet.plan.rows,
            known=len(sheet.plan.known),
            refused=refused,
        )
    )
    for problem in sheet.problems[:MOST_TOLD]:
        note("  " + tell_row(problem))
    if len(sheet.problems) > MOST_TOLD:
        note("  " + told("import.more", count=len(sheet.problems) - MOST_TOLD))
    if errors is not None and sheet.problems:
        write_errors(sheet, errors)
        note(told("import.errors", file=str(errors)))


def write_errors(sheet: Sheet, path: Path) -> None:
    """The refused rows as they were typed, each with what is wrong, to be mended and imported again."""
    from dataclasses import replace

    from adapters.spreadsheets import write_error_workbook
    from web.catalogues import tell_row

    told_by_row = {row.number: [one for one in sheet.problems if one.row == row.number] for row in sheet.result.rows}
    rows = tuple(replace(row, problems=tuple(told_by_row[row.number])) for row in sheet.result.rows)
    write_error_workbook(
        path,
        replace(sheet.result, rows=rows),
        render=tell_row,
        column_title=told("import.column"),
        only_bad=True,
    )


def _summary(sheet: Sheet, *, dry_run: bool = False) -> dict[str, object]:
    from web.catalogues import tell_row

    problems = [
        {"row": one.row, "column": one.column, "header": one.header, "code": one.code, "sentence": tell_row(one)}
        for one in sheet.problems
    ]
    return {
        "dry_run": dry_run,
        "rows": len(sheet.result.rows),
        "fresh": sheet.plan.rows,
        "known": len(sheet.plan.known),
        "refused": len({one.row for one in sheet.problems}),
        "problems": problems,
    }


def _run(made: Application, bulk: str) -> BulkRow:
    row = made.imports.run(bulk, None if asked_for_json() else _told_progress)
    if not asked_for_json():
        click.echo("", err=True)
    return row


def _told_progress(row: BulkRow) -> None:
    told_so_far = told("import.progress", done=row.done + row.failed, items=row.items)
    click.echo(f"\r{told_so_far}", nl=False, err=True)


def _carried_out(made: Application, row: BulkRow, *, refused: int, sheet: Sheet | None = None) -> int:
    from web.catalogues import tell_problem

    failed = made.imports.failed(row.id) if row.failed else []
    for one in failed[:MOST_TOLD]:
        note("  " + told("import.failed", n=one.n + 1, sentence=tell_problem(one.code, one.data)))
    summary = _summary(sheet) if sheet else {}
    show(
        {**summary, "bulk": row.id, "status": row.status, "items": row.items, "done": row.done, "failed": row.failed},
        told("import.done", bulk=row.id, done=row.done, failed=row.failed),
    )
    return 1 if refused or row.failed else 0
