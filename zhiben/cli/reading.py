"""Open tasks of a person, and the entries of a case told as a timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zhiben.cli.common import application, as_person, rows_option, seen_case
from zhiben.cli.speaking import command, note, option, show, table, told

if TYPE_CHECKING:
    from engine.runtime.reading import SeenCase
    from zhiben.composition import Application


@command(None, "tasks")
@option("--drafts", "drafts", is_flag=True)
@rows_option
@as_person
def tasks_command(drafts: bool, rows: int, after: str, person: str) -> None:
    """Open tasks this person holds, the earliest deadline first."""
    from engine.runtime.reading import PageAsk
    from web.api.telling import task_row

    with application() as made:
        page = made.operating.tasks(person, PageAsk(limit=rows, after=after), drafts=drafts)
        found = [task_row(view, made.calendar, made.clock.now()) for view in page.items]
    headers = [told(f"tasks.column.{name}") for name in ("number", "task", "kind", "title", "deadline")]
    lines = [[row.number, row.task, told(f"cases.kind.{row.kind}"), row.title[:24], row.told] for row in found]
    show({"items": [row.model_dump(mode="json") for row in found], "after": page.after}, table(headers, lines))
    if page.after:
        note(told("more", after=page.after))


@command(None, "entries")
@click.argument("case")
@as_person
def entries_command(case: str, person: str) -> None:
    """The entries of a case in order."""
    with application() as made:
        seen = seen_case(made, person, case)
        lines = told_entries(made, person, seen)
        show(plain_entries(made, person, seen), *lines)


def told_entries(made: Application, person: str, seen: SeenCase) -> list[str]:
    """The timeline of a case, one line an entry, both times where they differ."""
    from web.catalogues import titles_of
    from web.timeline import tell_entries, with_names

    entries = list(made.operating.whole(person, seen.case.id))
    titles = with_names(titles_of(seen.machine, persons=seen.names), entries, made.operating.names)
    return [one.line for one in tell_entries(entries, titles)]


def plain_entries(made: Application, person: str, seen: SeenCase) -> list[dict[str, Any]]:
    """The entries as data; protected values left out."""
    from engine.core.upcast import decode_events
    from engine.runtime.personal import personal_fields
    from web.api.telling import event_data

    protected = personal_fields(seen.machine)
    return [
        {
            "seq": entry.seq,
            "command": entry.command.id,
            "act": entry.command.act,
            "acted_by": entry.acted_by,
            "entered_by": entry.entered_by,
            "occurred_at": entry.occurred_at,
            "recorded_at": entry.recorded_at,
            "late_entry": entry.late,
            "medium": entry.medium,
            "caused_by": entry.caused_by,
            "events": [event_data(event, protected) for event in decode_events(entry.events)],
        }
        for entry in made.operating.whole(person, seen.case.id)
    ]
