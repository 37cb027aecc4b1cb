"""A small world for the sample procedure: two towns, two units, and the people who act in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.case import Case, Task
from engine.core.compiler import compile_procedure
from engine.core.definition import Procedure
from engine.core.directory import Directory, Entity, Holding, RolePower
from engine.core.machine import Machine
from engine.proof.play import World
from engine.runtime.calendars import load_calendars
from tests.conftest import ROOT
from tests.samples import SAMPLE, with_action

#: Wednesday 2026-09-30, the eve of National Day; 1 to 7 October are days off, Saturday the 10th is worked.
EVE = "2026-09-30 10:00"

ROLES = {
    "checker": RolePower(id="checker", title="核查员", sees="region", may=frozenset({"start"}), superior="office"),
    "office": RolePower(id="office", title="办公室", sees="all", may=frozenset({"start", "triage"})),
    "principal": RolePower(id="principal", title="负责人", sees="unit"),
    "officer": RolePower(id="officer", title="管理员", sees="unit", may=frozenset({"start"})),
    "clerk": RolePower(id="clerk", title="录入员", sees="region", may=frozenset({"enter_for_others", "import"})),
}

HOLDINGS = (
    Holding(id="1", person="chen", role="checker", region="/s/t1/"),
    Holding(id="2", person="zhou", role="checker", region="/s/t1/"),
    Holding(id="3", person="tang", role="checker", region="/s/t2/", industry="steel"),
    Holding(id="4", person="lin", role="office", region="/s/"),
    Holding(id="5", person="he", role="office", region="/s/"),
    Holding(id="6", person="wang", role="principal", unit="U1"),
    Holding(id="7", person="li", role="officer", unit="U1"),
    Holding(id="8", person="qian", role="principal", unit="U2"),
    Holding(id="9", person="clerk", role="clerk", region="/s/"),
    Holding(id="10", person="mayor", role="office", region="/s/"),
    Holding(id="11", person="mayor", role="checker", region="/s/t1/"),
)
#: A directory without the third member of both, for tests of pairs.
PAIR = tuple(holding for holding in HOLDINGS if holding.person != "mayor")

UNITS = {
    "U1": Entity(id="U1", title="一号厂", region="/s/t1/", industry="steel"),
    "U2": Entity(id="U2", title="二号厂", region="/s/t2/", industry="food"),
}
PLACES = {
    "P1": Entity(id="P1", title="一号车间", region="/s/t1/", unit="U1"),
    "P2": Entity(id="P2", title="二号车间", region="/s/t2/", unit="U2"),
}


@cache
def calendar() -> Calendar:
    """The Chinese working calendar."""
    return load_calendars(ROOT / "workflows" / "library" / "calendars")["cn"]


@cache
def sample() -> Machine:
    """The sample procedure, compiled."""
    return compile_procedure(SAMPLE)


def local(text: str) -> datetime:
    """An instant by its local date and time: "2026-09-30 10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=calendar().zone)


def world(at: str = EVE, procedure: Procedure | None = None, holdings: Iterable[Holding] = PAIR, **more: Any) -> World:
    """The world at a local time, running the sample or a variant of it."""
    machine = compile_procedure(procedure) if procedure else sample()
    directory = Directory(version=1, holdings=holdings, roles=ROLES, regions={}, industries={})
    return World(
        [machine], directory=directory, calendar=calendar(), start=local(at), units=UNITS, places=PLACES, **more
    )


def wait(world: World, until: str, *, asleep: bool = False) -> int:
    """Let time pass to a local time."""
    return world.advance(local(until), asleep=asleep)


def reported(world: World, by: str = "chen", **data: Any) -> str:
    """A case that was just reported about unit U1, place P1."""
    return world.start(by, "sample", "report", {"subject": "缺护栏", "unit": "U1", "place": "P1", **data})


def confirmed(world: World, level: str = "low", due_on: str = "2026-10-20", **data: Any) -> str:
    """A case that was confirmed at once: U1 is doing it, or two reviews run where the level is high."""
    case = reported(world, **data)
    world.submit("chen", case, "confirm", {"level": level, "due_on": due_on}, evidence=(world.file("signature"),))
    return case


def applied(world: World, case: str) -> str:
    """The same case, for which U1 now applies for acceptance."""
    photo = world.file("photo", "photos")
    world.submit("wang", case, "apply", {"photos": [photo.sha256]}, evidence=(photo,))
    return case


def accepted(world: World, case: str, by: str = "zhou") -> str:
    """The same case, accepted on the spot."""
    world.submit(by, case, "accept", evidence=(world.file("signature"),), on_site=True)
    return case


def only_task(case: Case) -> Task:
    """The one open task of a case."""
    (task,) = case.tasks
    return task


def own_task(case: Case) -> Task:
    """The first open task that belongs to a state itself."""
    return next(task for task in case.tasks if task.kind == "own")


def task_of(case: Case, kind: str) -> Task:
    """The one open task of a kind."""
    (task,) = (task for task in case.tasks if task.kind == kind)
    return task


def of_type(events: Iterable[ev.AnyEvent], *types: type) -> list[Any]:
    """The events of some types, in order."""
    return [event for event in events if isinstance(event, types)]


def fired(world: World, case: str) -> list[str]:
    """Rungs that fired and deadlines that expired, in order."""
    return [
        event.rung if isinstance(event, ev.RungFired) else "expiry"
        for event in of_type(world.events(case), ev.RungFired, ev.DeadlineExpired)
    ]


def with_windows(procedure: Procedure) -> Procedure:
    """The procedure with every action open to late entry."""
    for state in procedure.states:
        for task in state.tasks:
            for action in task.actions:
                procedure = with_action(procedure, state.path, action.id, late_entry="3 days")
    return procedure
