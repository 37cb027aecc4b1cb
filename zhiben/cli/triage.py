"""Triage of cases that were taken over: where their ladders start is said once, for one or for many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from engine.core import command as cmd
from engine.errors import BadInput
from zhiben.cli.cases import register
from zhiben.cli.common import application, as_person, find_case, rows_option
from zhiben.cli.speaking import command, group, note, option, show, told

if TYPE_CHECKING:
    from engine.store.views import CaseView
    from zhiben.composition import Application


@group("triage")
def triage_command() -> None:
    """Cases that were taken over and not triaged."""


@command(triage_command, "triage.list")
@option("--overdue/--not-overdue", "overdue", default=None)
@rows_option
@as_person
def list_claimed(rows: int, after: str, overdue: bool | None, person: str) -> None:
    """Open cases as they were taken over, by the deadline that their record claims."""
    from web.api.telling import case_row

    with application() as made:
        views = [view for view in claimed(made, person) if overdue is None or _late(made, view) == overdue]
        late = sum(1 for view in views if _late(made, view))
        now = made.clock.now()
        shown = [case_row(view, made.calendar, now) for view in views[:rows]]
        lines = register(made, shown)
    show(
        {"items": [row.model_dump(mode="json") for row in shown], "count": len(views), "overdue": late},
        lines,
        told("triage.count", count=len(views), late=late),
    )


def claimed(made: Application, person: str) -> Iterator[CaseView]:
    """All open cases that are claimed and not triaged, as far as this person may see them."""
    from engine.store.queries import CaseFilter

    return made.operating.every(person, CaseFilter(claim="claimed", closed=False))


def _late(made: Application, view: CaseView) -> bool:
    from engine.runtime.projection import micros

    due_at = view.register.due_at
    return due_at is not None and due_at <= micros(made.clock.now())


@command(triage_command, "triage.decide")
@click.argument("cases", nargs=-1)
@option("--start", "start", type=click.Choice(["now", "deadline", "until"]), required=True)
@option("--until", "until", type=click.DateTime(["%Y-%m-%d"]), default=None)
@option("--reason", "reason", type=str, required=True)
@option("--all", "everything", is_flag=True)
@option("--overdue/--not-overdue", "overdue", default=None)
@as_person
def decide(
    cases: tuple[str, ...],
    start: Any,
    until: Any,
    reason: str,
    everything: bool,
    overdue: bool | None,
    person: str,
) -> int:
    """Say where the ladders of these cases start: one bulk operation, resumable like any other."""
    from engine.runtime.bulk import open_bulk, results, run_bulk
    from engine.runtime.triage import requests_of
    from web.catalogues import tell_problem

    if bool(cases) == everything:
        raise BadInput("triage_which", field="cases")
    day = until.date().isoformat() if until else ""
    act = cmd.TriageCase(start=start, until=day, reason=reason)
    with application("triage") as made:
        chosen = [find_case(made, person, name) for name in cases] or [
            view.id for view in claimed(made, person) if overdue is None or _late(made, view) == overdue
        ]
        requests = requests_of(chosen, act, person)
        if not requests:
            show({"done": 0, "failed": 0}, told("triage.nothing"))
            return 0
        begun = open_bulk(made.door, purpose="triage", requests=requests, person=person, reason=reason)
        row = run_bulk(made.door, begun.id)
        failed = list(results(made.door, row.id, status="failed")) if row.failed else []
    for one in failed[:20]:
        note("  " + told("import.failed", n=one.n + 1, sentence=tell_problem(one.code, one.data)))
    show(
        {"bulk": row.id, "done": row.done, "failed": row.failed},
        told("triage.done", done=row.done, failed=row.failed),
    )
    return 1 if row.failed else 0
