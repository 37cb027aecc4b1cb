"""What a scenario says must be true, compared with what is; differences are data, told in words at the edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from engine.core import event as ev
from engine.core.case import Case, Task
from engine.core.deadlines import due_day
from engine.core.definition import FieldSpec
from engine.core.language.scenario import CaseThen, DraftThen, Then
from engine.core.seals import Recorded, told_before_opening
from engine.proof.comparison_people import acted_for, holders, late, urged, voices
from engine.proof.comparison_watches import unlike
from engine.proof.play import World
from engine.proof.steps_duties import unlike_obligation
from engine.proof.steps_people import state_matches

Read = Callable[[FieldSpec | None, Any], Any]
_Event = TypeVar("_Event")


class Difference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is not as the scenario says.

    Codes: differs, case_missing · refused, not_refused, refused_otherwise (of a step) · unknown_title, unknown_role,
    unknown_unit, no_moment (of what the scenario brings along).
    """

    code: str
    #: dotted path in the document: "then.cases.H.state", "when.0"
    where: str
    expected: Any = None
    got: Any = None
    #: refused steps: the data of the refusal
    told: dict[str, Any] = {}


def compared(world: World, then: Then, read: Read) -> list[Difference]:
    """Everything in which the world differs from what must be true."""
    found: list[Difference] = []
    for name, expected in then.cases.items():
        case = world.cases.get(world.id_of(name))
        where = f"then.cases.{name}"
        if case is None:
            found.append(Difference(code="case_missing", where=where))
            continue
        found += _case(world, case, expected, read, where)
    if then.drafts is not None:
        found += _drafts(world, then.drafts)
    for n, owed in enumerate(then.duties):
        found += [
            Difference(code="differs", where=f"then.duties.{n}.{key}", expected=said, got=got)
            for key, said, got in unlike_obligation(world, owed)
        ]
    if then.watches is not None:
        told = unlike(world, then.watches)
        found += [Difference(code="differs", where=at, expected=said, got=got) for at, said, got in told]
    return found


def _case(world: World, case: Case, then: CaseThen, read: Read, where: str) -> Iterator[Difference]:
    for key in type(then).model_fields:
        if key not in then.given():
            continue
        expected = getattr(then, key)
        if key == "state":
            order = list(world.machines[case.version].states)
            states = sorted(case.leaves(), key=order.index)
            same = len(states) == len(expected) and all(map(state_matches, states, expected))
            if not same:
                yield Difference(code="differs", where=f"{where}.state", expected=expected, got=states)
        elif key == "fields":
            yield from _fields(world, case, expected or {}, read, f"{where}.fields")
        else:
            got = _GOT[key](world, case)
            if got != _in_form(key, expected):
                yield Difference(code="differs", where=f"{where}.{key}", expected=_in_form(key, expected), got=got)


def _in_form(key: str, expected: Any) -> Any:
    if key == "holders" and expected is not None:
        return [sorted(one) for one in expected]
    return sorted(expected) if key in _UNORDERED and expected is not None else expected


def _fields(world: World, case: Case, expected: dict[str, Any], read: Read, where: str) -> Iterator[Difference]:
    fields = world.machines[case.version].fields
    for name, value in expected.items():
        wanted, got = read(fields.get(name), value), case.fields.get(name)
        if wanted != got:
            yield Difference(code="differs", where=f"{where}.{name}", expected=wanted, got=got)


def _drafts(world: World, expected: list[DraftThen]) -> Iterator[Difference]:
    got = [
        {"of": world.name_of(name), "draft": task.draft.kind, "holder": sorted(task.holder.persons)}
        for name, case in world.cases.items()
        for task in case.tasks
        if task.draft is not None
    ]
    wanted = [{"of": one.of, "draft": one.draft, "holder": sorted(one.holder)} for one in expected]
    if got != wanted:
        yield Difference(code="differs", where="then.drafts", expected=wanted, got=got)


def _deadline(world: World, case: Case) -> str | None:
    dated = [task.deadline for task in case.tasks if task.deadline is not None]
    return due_day(dated[0].due_at, world.calendar).isoformat() if dated else None


def _first(case: Case) -> Task | None:
    return case.tasks[0] if case.tasks else None


def _holder(world: World, case: Case) -> list[str]:
    task = _first(case)
    return sorted(task.holder.persons) if task else []


def _queue(world: World, case: Case) -> bool:
    task = _first(case)
    return bool(task and task.holder.queue)


def _all(world: World, case: Case, kind: type[_Event]) -> list[_Event]:
    return [event for event in world.events(case.id) if isinstance(event, kind)]


def _fired(world: World, case: Case) -> list[str]:
    """Rungs in the order they were first reached, anew for each deadline of each task; repeats are not told."""
    found: list[str] = []
    reached: set[tuple[int, str]] = set()
    for event in world.events(case.id):
        if isinstance(event, ev.LadderCalmed):
            reached = {one for one in reached if one[0] != event.task or one[1] not in event.again}
        elif isinstance(event, ev.DeadlineMoved):
            reached = {one for one in reached if one[0] != event.task}
        elif isinstance(event, ev.RungFired) and (event.task, event.rung) not in reached:
            reached.add((event.task, event.rung))
            found.append(event.rung)
    return found


def _skipped(world: World, case: Case) -> list[str]:
    return [
        rung
        for event in world.events(case.id)
        if isinstance(event, ev.TaskOpened | ev.DeadlineMoved | ev.LadderChanged | ev.LadderResumed)
        for rung in event.skipped
    ]


def _stopped(world: World, case: Case) -> list[str]:
    """Whose clocks stand still: open tasks, then those that are held until the case is back."""
    found = [(task.state, task.spec) for task in case.tasks if task.stopped is not None]
    found += [(one.state, one.spec) for one in case.clocks if not one.kept.stopped or not one.kept.stopped.ran_out]
    return [f"{state}.{spec}" if spec else state for state, spec in found]


def _recorded(world: World, case: Case) -> Iterator[Recorded]:
    """The entries of a case, as far as they say who knew of it."""
    for one in world.log:
        if one.head.id == case.id:
            yield Recorded(
                seq=one.head.seq,
                acted_by=one.command.acted_by,
                entered_by=one.command.entered_by,
                occurred_at=one.head.occurred_at,
                recorded_at=one.head.recorded_at,
                events=one.events,
            )


_UNORDERED = ("holder", "told", "copies", "unread", "recused")
_GOT: dict[str, Callable[[World, Case], Any]] = {
    "closed": lambda world, case: case.closed or None,
    "deadline": _deadline,
    "holder": _holder,
    "queue": _queue,
    "fired": _fired,
    "skipped": _skipped,
    "ladder": lambda world, case: next((task.ladder for task in case.tasks if task.ladder), None),
    "paused": lambda world, case: any(task.paused is not None for task in case.tasks),
    "calmed": lambda world, case: sum(isinstance(event, ev.LadderCalmed) for event in world.events(case.id)),
    "issued": lambda world, case: [event.kind for event in _all(world, case, ev.DraftIssued)],
    "declined": lambda world, case: [event.kind for event in _all(world, case, ev.DraftDeclined)],
    "overdue": lambda world, case: case.expiries,
    "stopped": _stopped,
    "tasks": lambda world, case: [task.spec for task in case.tasks],
    "links": lambda world, case: [world.name_of(to) for _, to in case.links],
    "linked_by": lambda world, case: [world.name_of(one.case) for one in case.linked_by],
    "ended": lambda world, case: [world.name_of(one.case) for one in case.linked if one.closed],
    "reopened": lambda world, case: case.reopened,
    "sealed": lambda world, case: case.sealed,
    "told": lambda world, case: sorted(told_before_opening(_recorded(world, case)).persons),
    "holders": holders,
    "urged": urged,
    "copies": lambda world, case: sorted(one.person for one in case.copies),
    "unread": lambda world, case: sorted(one.person for one in case.copies if one.read_at is None),
    "recused": lambda world, case: sorted(case.recused),
    "acted_for": acted_for,
    "voices": voices,
    "late": late,
}
