"""Who held what: the difference two states of a case make to it, and what a whole record says of any instant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.audit.entry import parse_entry
from engine.core import event as ev
from engine.core.case import Case
from engine.core.upcast import decode_events
from engine.store.records import HeldRow


def held_rows(before: Case | None, after: Case, seq: int, at: int, recorded_at: int) -> tuple[HeldRow, ...]:
    """Who came to hold which task, and who holds it no longer; nothing where nobody's hands changed."""
    if before is not None and before.tasks is after.tasks:
        return ()
    was = {task.n: task for task in before.tasks} if before else {}
    now = {task.n: task for task in after.tasks}
    rows: list[HeldRow] = []
    for n, task in {**was, **now}.items():
        former, present = (found.holder.persons if (found := some.get(n)) else () for some in (was, now))
        if former == present:
            continue
        for persons, others, change in ((former, present, -1), (present, former, 1)):
            rows += [
                HeldRow(
                    person=one,
                    case=after.id,
                    task=n,
                    seq=seq,
                    change=change,
                    kind=task.kind,
                    state=task.state,
                    at=at,
                    recorded_at=recorded_at,
                )
                for one in persons
                if one not in others
            ]
    return tuple(rows)


def held_at(entries: Iterable[bytes], at: datetime) -> dict[int, tuple[str, ...]]:
    """Task -> who held it at an instant, told by nothing but the entries of one case, in their order."""
    held: dict[int, tuple[str, ...]] = {}
    for data in entries:
        entry = parse_entry(data)
        if datetime.fromisoformat(entry.occurred_at) > at:
            continue
        for event in decode_events(entry.events):
            match event:
                case ev.TaskOpened(task=task, holder=holder) | ev.HolderChanged(task=task, holder=holder):
                    held[task] = holder.persons
                case ev.TaskEnded(task=task):
                    held.pop(task, None)
                case _:
                    pass
    return {task: persons for task, persons in held.items() if persons}
