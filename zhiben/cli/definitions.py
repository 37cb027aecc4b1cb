"""Looking at definitions: what is wrong with them, and whether their scenarios hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiben.cli.speaking import command, note, option, show, told
from zhiben.composition import Application
from zhiben.settings import Settings

if TYPE_CHECKING:
    from engine.core.calendar import Calendar
    from engine.proof.check import Finding

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@command(None, "check")
@click.argument("path", required=False, type=FOLDER)
def check_command(path: Path | None) -> int:
    """Findings of all definitions, and what plans leave open; exit code 1 if there is an error."""
    from engine.proof.check import findings

    with _definitions(path) as made, _definitions(None) as own:
        today = own.calendar.local_day(own.clock.now())
        seen = partial(_calendars, made, own)
        found = [*_elsewhere(made), *findings(made.library, today=today, calendars=seen)]
    errors = sum(1 for one in found if one.level == "error")
    counts = {level: sum(1 for one in found if one.level == level) for level in ("error", "open", "notice")}
    lines = [told(f"check.{one.level}", place=str(one.place or ""), sentence=_sentence(one)) for one in found]
    show(
        {"findings": [_plain(one) for one in found], "counts": counts},
        *lines,
        told("check.done", **counts),
    )
    return 1 if errors else 0


def _calendars(made: Application, own: Application, place: str) -> Mapping[str, Calendar] | None:
    """The calendars a place sees; our own for definitions without any, None where they cannot be read."""
    from engine.errors import DefinitionError

    try:
        return made.calendars_of(place) or own.calendars
    except DefinitionError:
        return None  # told by what looks at the files themselves


def _elsewhere(made: Application) -> list[Finding]:
    """What is wrong with definitions that the core does not read: calendars, mappings of spreadsheets, stories."""
    from engine.errors import DefinitionError
    from engine.proof.check import Finding
    from engine.runtime.calendars import load_calendars
    from zhiben.importing import load_kind
    from zhiben.story.script import load_script

    folder = made.settings.workflows
    reads: list[tuple[Callable[[Path], object], Path]] = [
        (load_calendars, one) for at in ("library", "plans/*") for one in folder.glob(f"{at}/calendars") if one.is_dir()
    ]
    reads += [(load_kind, one) for one in sorted(folder.glob("library/imports/*.yaml"))]
    reads += [(load_script, one) for one in sorted(folder.glob("plans/*/story.yaml"))]
    found = []
    for read, path in reads:
        try:
            read(path)
        except DefinitionError as error:
            data = {"expected": error.expected, "got": error.got, **error.data}
            found.append(Finding(level="error", code=error.code, place=error.place, data=data))
    return found


def _sentence(finding: Finding) -> str:
    from web.catalogues import tell_problem

    return tell_problem(finding.code, finding.data)


def _plain(finding: Finding) -> dict[str, Any]:
    place = finding.place
    where = {"file": place.file, "line": place.line, "column": place.column, "path": place.path} if place else None
    told_as = {"level": finding.level, "code": finding.code, "place": where, "data": finding.data}
    return {**told_as, "sentence": _sentence(finding)}


def _definitions(path: Path | None) -> Application:
    settings = Settings()
    return Application(settings if path is None else settings.model_copy(update={"workflows": path}), what="check")


@command(None, "test")
@click.argument("path", required=False, type=FOLDER)
@option("--place", "place", type=str, default=None)
def test_command(path: Path | None, place: str | None) -> int:
    """Play all scenarios, or those of one place; exit code 1 if one does not hold."""
    from engine.core.resolve import resolve
    from engine.proof.scenarios import run_scenarios

    with _definitions(path) as made:
        names = [place] if place else sorted(made.library.places)
        results = [
            one
            for name in names
            for one in run_scenarios(resolve(made.library, name), made.calendar, made.calendars_of(name))
        ]
    for one in results:
        note(told("test.holds" if one.passed else "test.fails", title=one.scenario))
        for unlike in one.differences:
            where, expected, found = unlike.where, str(unlike.expected), str(unlike.got)
            note(told("test.difference", where=where, expected=expected, found=found))
    failed = sum(1 for one in results if not one.passed)
    show({"scenarios": results, "failed": failed}, told("test.done", count=len(results), failed=failed))
    return 1 if failed else 0


@command(None, "schema")
@click.argument("kind", required=False)
def schema_command(kind: str | None) -> None:
    """The JSON Schema of one kind of document, or of all, for editors."""
    from engine.core.language.documents import DOCUMENTS
    from engine.errors import NotFound
    from zhiben.cli.speaking import encoded

    if kind is not None and kind not in DOCUMENTS:
        raise NotFound("document_kind_unknown", got=kind, accepted=list(DOCUMENTS))
    schemas = {name: model.model_json_schema() for name, model in DOCUMENTS.items() if kind in (None, name)}
    click.echo(encoded(schemas[kind] if kind else schemas))
