"""The sample with other ladders, and what of them fired."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core import event as ev
from engine.core.definition import PauseSpec
from tests.samples import DOING, SAMPLE, SLOW, with_state
from tests.worlds import of_type

PAUSE = PauseSpec(by=("office",), most="5 workdays", times=2, missed="fire")


def climbing(*ladders, task=None, **changes):
    """The sample in which a task of the state `doing` climbs other ladders."""
    procedure = replace(SAMPLE, ladders=(*ladders, *(one for one in SAMPLE.ladders if one.id not in _ids(ladders))))
    tasks = (replace(DOING.tasks[0], expiry_opens="", **changes), *DOING.tasks[1:])
    return with_state(procedure, "doing", tasks=tasks)


def _ids(ladders):
    return {ladder.id for ladder in ladders}


def rungs(*specs, **more):
    return replace(SLOW, rungs=specs, **more)


def climbed(play, case, task=2):
    """What fired and expired of one task."""
    return [
        event.rung if isinstance(event, ev.RungFired) else "expiry"
        for event in of_type(play.events(case), ev.RungFired, ev.DeadlineExpired)
        if event.task == task
    ]


def times_of(play, case, rung):
    zone = play.calendar.zone
    return [
        f"{event.due_at.astimezone(zone):%m-%d}"
        for event in of_type(play.events(case), ev.RungFired)
        if event.rung == rung
    ]
