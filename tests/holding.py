"""The sample procedure with everything that may be done with a task, and what a test does with it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from engine.core import command as cmd
from engine.core.candidates import candidates
from engine.core.case import Task
from engine.core.definition import HandlingSpec, Procedure, UrgeSpec
from engine.core.event import AnyEvent
from engine.core.holding import Naming
from engine.proof.play import World
from tests.samples import SAMPLE

HANDLING = HandlingSpec(
    claim=True,
    transfer=("office",),
    delegate=("unit.officer", "office"),
    copy=("office", "unit"),
    urge=UrgeSpec(by=("office",), every="1 workday", text="told"),
    superior=True,
    recuse=True,
)


def handled(procedure: Procedure = SAMPLE, handling: HandlingSpec = HANDLING, **changes: Any) -> Procedure:
    """The procedure with that handling on every task of every state."""
    told = replace(handling, **changes)
    states = tuple(
        replace(state, tasks=tuple(replace(task, handling=told) for task in state.tasks)) for state in procedure.states
    )
    return replace(procedure, states=states)


def changed(world: World, **rows: Any) -> None:
    """The directory is another one from now on: `ended` names holdings that are over, the rest are its own rows."""
    ended = rows.pop("ended", ())
    day = world.calendar.local_day(world.now)
    over = []
    for one in ended:
        holding = world.directory.holding(one)
        assert holding is not None
        over.append(replace(holding, valid_to=day))
    added = rows.pop("holdings", ())
    world.directory = world.directory.changed(world.directory.version + 1, holdings=(*over, *added), **rows)


def refreshed(world: World, case: str, task: int = 0) -> tuple[AnyEvent, ...]:
    """What the engine finds when it looks up anew who holds what."""
    return world.do(cmd.SYSTEM, case, cmd.RefreshHolder(task=task))


def nameable(world: World, case: str, task: Task, kind: Naming) -> tuple[str, ...]:
    """Whom one may name for a task."""
    state = world.case(case)
    machine = world.machines[state.version]
    day = world.calendar.local_day(world.now)
    return candidates(machine, state, world.facts(machine, state, None), task, kind, day)


def kinds(world: World, person: str, case: str) -> set[str]:
    """What a person may do besides the actions of tasks."""
    acts = ("act", "consent", "refuse", "issue", "decline")
    return {offer.kind for offer in world.offers(person, case) if offer.kind not in acts}
