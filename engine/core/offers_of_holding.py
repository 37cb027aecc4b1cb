"""What a person may do now about passing a task on, and about an act of theirs that led on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from engine.core.case import Case, Task
from engine.core.definition import ActionSpec
from engine.core.facts import Facts
from engine.core.holding import (
    Naming,
    Now,
    named_from,
    supervises,
    why_not_claim,
    why_not_give_back,
    why_not_pass_on,
    why_not_recuse,
    why_not_release,
    why_not_take_back,
    why_not_urge,
)
from engine.core.machine import Machine
from engine.core.offer import Offer, OfferKind
from engine.core.recalling import why_not_recall

#: What names a person, in the order shown.
_NAMING: tuple[Naming, ...] = ("transfer", "delegate", "copy")


def offers(
    machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date, at: datetime
) -> Iterator[Offer]:
    """What the person may do with an open task besides its actions."""
    now = Now(machine, case, facts, day, at)
    party = task.holder.party

    def offer(kind: OfferKind, *, reason: bool = False, parties: tuple[str, ...] = (), superior: bool = False) -> Offer:
        return Offer(
            task=task.n,
            kind=kind,
            action="",
            title="",
            party=party,
            reason=reason,
            parties=parties,
            superior=superior,
            batch=False,
        )

    if why_not_claim(now, task, person) is None:
        yield offer("claim")
    if why_not_release(now, task, person) is None:
        above = supervises(now, task, person) and person not in now.holder(task).persons
        yield offer("release", reason=above, superior=above)
    for kind in _NAMING:
        if named_from(now, task, kind) and why_not_pass_on(now, task, person, kind) is None:
            yield offer(_named(kind), reason=kind != "copy", parties=named_from(now, task, kind))
    if why_not_give_back(now, task, person) is None:
        yield offer("give_back", reason=True)
    if why_not_take_back(now, task, person) is None:
        yield offer("take_back")
    if why_not_urge(now, task, person) is None:
        yield offer("urge")
    if why_not_recuse(now, task, person) is None:
        yield offer("recuse", reason=True)


def offers_of_case(machine: Machine, case: Case, facts: Facts, person: str, day: date, at: datetime) -> Iterator[Offer]:
    """What the person may do with the case whatever its tasks are: take their last act back."""
    left = case.left
    if left is None or why_not_recall(Now(machine, case, facts, day, at), person) is not None:
        return
    own = next(task for task in left.tasks if task.kind == "own")
    acts = (action for task in left.tasks for action in _actions(machine, task) if action.id == left.action)
    title = next((action.title for action in acts), "")
    yield Offer(task=0, kind="recall", action=left.action, title=title, party=own.holder.party, batch=False)


def _actions(machine: Machine, task: Task) -> tuple[ActionSpec, ...]:
    spec = machine.tasks.get((task.state, task.spec)) if task.kind in ("own", "extra") else None
    return spec.actions if spec else ()


def _named(kind: Naming) -> OfferKind:
    match kind:
        case "transfer":
            return "transfer"
        case "delegate":
            return "delegate"
        case _:
            return "copy"
