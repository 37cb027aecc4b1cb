"""The story in words: what came in, the months, one case day by day, and whether the record holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.core.command import SYSTEM
from web.catalogues import tell_derivation, tell_problem, titles_of
from web.timeline import tell_entries, with_names

if TYPE_CHECKING:
    from engine.runtime.reading import SeenCase
    from zhiben.composition import Application
    from zhiben.story.demo import Imported, Told


def told_imports(imported: tuple[Imported, ...], say: Any) -> Iterator[str]:
    """Each spreadsheet, and why rows were refused, most frequent reasons first."""
    for one in imported:
        refused = len({problem.row for problem in one.problems})
        yield say("demo.import", title=one.title, rows=one.rows, good=one.good, refused=refused)
        first = {problem.code: problem for problem in reversed(one.problems)}
        for code, count in Counter(problem.code for problem in one.problems).most_common():
            example = first[code]
            sentence = tell_problem(code, dict(example.data))
            yield say("demo.refused", count=count, row=example.row, header=example.header, sentence=sentence)


def months_table(told: Told, say: Any) -> tuple[list[str], list[list[object]]]:
    """Headers and rows of the totals by month, with a last row of sums; one column for each kind of closing."""
    months = list(told.tally.months.values())
    kinds = sorted({kind for month in months for kind in month.closed}, key=lambda kind: -_closed(months, kind))
    names = ("reported", "reopened", "expired", "rungs", "issued", "declined", "extended", "late_entries")
    headers = [
        say("demo.column.month"),
        say("demo.column.reported"),
        *kinds,
        *(say(f"demo.column.{name}") for name in names[1:]),
    ]
    rows: list[list[object]] = [
        [
            month.month,
            month.reported,
            *(month.closed.get(kind, 0) for kind in kinds),
            *(getattr(month, name) for name in names[1:]),
        ]
        for month in months
    ]
    sums: list[object] = [sum(int(str(row[column])) for row in rows) for column in range(1, len(headers))]
    return headers, [*rows, [say("demo.column.sum"), *sums]]


def _closed(months: Any, kind: str) -> int:
    return sum(month.closed.get(kind, 0) for month in months)


def told_case(made: Application, case: str, say: Any) -> Iterator[str]:
    """One case from its first entry to its last: what happened when, why a deadline is what it is, both times."""
    from engine.core import event as ev

    seen: SeenCase = made.operating.case(SYSTEM, case)
    entries = list(made.operating.whole(SYSTEM, case))
    titles = titles_of(seen.machine, persons=_names(made), roles=_roles(made))
    titles = with_names(titles, entries, made.operating.names)
    unit = _title(made, seen.case.unit)
    yield say("demo.case", number=seen.case.number, unit=unit, title=seen.case.title)
    for told in tell_entries(entries, titles):
        yield f"  {told.line}"
        for event in told.events:
            if not isinstance(event, ev.TaskOpened | ev.DeadlineMoved | ev.DeadlineRedated | ev.ClockResumed):
                continue
            if (deadline := event.deadline) is not None:
                yield say("demo.derivation", sentence=tell_derivation(deadline.derivation, seen.calendar))


def _roles(made: Application) -> dict[str, str]:
    return {role.id: role.title for role in made.place.roles.values()}


def _names(made: Application) -> dict[str, str]:
    """Names of everybody: the story is about people who do not exist."""
    with made.store.read() as reader:
        persons = [row.id for row in reader.directory.rows("person")]
    return made.operating.names(persons)


def _title(made: Application, unit: str) -> str:
    with made.store.read() as reader:
        rows = reader.directory.rows("unit", [unit])
    return rows[0].columns["title"] if rows else unit


def plain(told: Told) -> dict[str, Any]:
    """Everything for programs."""
    return {
        "seed": told.script.seed,
        "imported": [
            {
                "title": one.title,
                "rows": one.rows,
                "good": one.good,
                "refused": dict(Counter(problem.code for problem in one.problems)),
            }
            for one in told.imported
        ],
        "triaged": told.triaged,
        "months": list(told.tally.months.values()),
        "claimed": told.tally.claimed,
        "entries": told.tally.entries,
        "rungs": told.tally.rungs,
        "open": told.still_open,
        "overdue": told.overdue,
        "refused": told.refused,
        "case": told.tally.best.case if told.tally.best else "",
        "verified": told.verified,
    }
