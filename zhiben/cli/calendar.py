"""The working calendar: its years, what a yearly file would move, publishing it, finishing what was interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiben.cli.common import application, as_person
from zhiben.cli.speaking import command, group, note, option, show, told

if TYPE_CHECKING:
    from engine.runtime.calendar_notice import Preview
    from engine.runtime.calendar_runs import NoticeRuns
    from zhiben.composition import Application

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group("calendar")
def calendar_command() -> None:
    """Years of the working calendar."""


@command(calendar_command, "calendar.list")
@as_person
def list_years(person: str) -> None:
    """Every year that is in force or was put in, the latest first."""
    with application() as made:
        calendar, rows = made.notices.years(person)
    years = [
        {"year": one.year, "version": one.version, "status": one.status, "title": one.title, "source": one.source}
        for one in reversed(calendar.years.values())
    ]
    waiting = [row.version for row in rows if row.seq and not row.closed_at]
    lines = [told("calendar.row", **{**one, "status": told(f"calendar.status.{one['status']}")}) for one in years[:6]]
    show({"items": years, "following": waiting}, *lines, *(told("calendar.following", version=one) for one in waiting))


@command(calendar_command, "calendar.preview")
@click.argument("file", type=FILE, metavar="FILE")
@option("--rows", "rows", type=click.IntRange(0, 100_000), default=20, show_default=True)
@as_person
def preview(file: Path, rows: int, person: str) -> None:
    """What a yearly file would move; writes nothing."""
    with application() as made:
        found = made.notices.preview(person, made.notices.proposal(person, file.read_bytes(), name=file.name))
        lines = [_line(one, found) for one in found.moves[:rows]]
    show({**_counts(found), "items": _items(found)[:rows]}, *_told(found), *lines)


@command(calendar_command, "calendar.publish")
@click.argument("file", type=FILE, metavar="FILE")
@as_person
def publish(file: Path, person: str) -> int:
    """Put a year in force and lead every open deadline after it; resumable like any other bulk operation."""
    with application("calendar") as made:
        runs = _runs(made)
        row = runs.propose(made.notices.proposal(person, file.read_bytes(), name=file.name))
        bulk = runs.begin(person, row, medium="cli")
        settled = made.notices.row(person, row.id).closed_at > 0
    data = {"version": row.version, "done": bulk.done, "failed": bulk.failed, "settled": settled}
    show(data, told("calendar.published", title=row.title, done=bulk.done, failed=bulk.failed))
    if not settled:
        note(told("calendar.following", version=row.version))
    return 0 if settled and not bulk.failed else 1


@command(calendar_command, "calendar.settle")
def settle() -> int:
    """Finish what was interrupted: deadlines that do not follow a published year yet."""
    with application("calendar") as made:
        runs = _runs(made)
        waiting = [row for row in made.notices.unsettled() if not runs.settle(row)]
    show({"waiting": [row.version for row in waiting]}, told("calendar.settled", count=len(waiting)))
    return 1 if waiting else 0


def _runs(made: Application) -> NoticeRuns:
    """Runs that end before the command does."""
    from engine.runtime.calendar_runs import NoticeRuns

    return NoticeRuns(made.door, made.notices, batch=made.settings.bulk_batch)


def _counts(found: Preview) -> dict[str, Any]:
    moved = found.moved()
    return {
        "version": found.row.version,
        "open": found.open,
        "moved": len(moved),
        "cases": len({one.case for one in moved}),
        "people": len({holder for one in moved for holder in one.holders}),
        "late": sum(1 for one in found.moves if one.late),
        "stays": {"outside": found.open - found.read, **found.stays},
    }


def _items(found: Preview) -> list[dict[str, Any]]:
    return [
        {
            "case": one.case,
            "number": one.number,
            "task": one.task,
            "from": one.was.derivation.due_on.isoformat(),
            "to": one.now.derivation.due_on.isoformat(),
            "how": one.how,
            "holders": one.holders,
        }
        for one in found.moves
    ]


def _told(found: Preview) -> list[str]:
    counts = _counts(found)
    lines = [told("calendar.moved", **{name: counts[name] for name in ("moved", "cases", "people", "open")})]
    return [*lines, *([told("calendar.late", count=counts["late"])] if counts["late"] else [])]


def _line(one: Any, found: Preview) -> str:
    people = [found.names.get(holder, holder) for holder in one.holders]
    due = [day.derivation.due_on.isoformat() for day in (one.was, one.now)]
    return told("calendar.move", number=one.number or one.case, before=due[0], after=due[1], people=people)
