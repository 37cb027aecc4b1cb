"""Turns a watch in a world: what it finds is decided as in earnest, and what it starts begins at once."""

from __future__ import annotations

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.watch_windows import last_ended
from engine.core.watches import WatchFacts, WatchState, decide_watch, fold_watch
from engine.errors import NotFound
from engine.proof.play import World
from engine.proof.watching import measured


def turn_watch(world: World, name: str) -> tuple[ev.AnyEvent, ...]:
    """Let a watch look at its last window that has ended; nothing where it has looked at it."""
    watch = world.watches.get(name)
    if watch is None:
        raise NotFound("watch_not_found", watch=name)
    today = world.calendar.local_day(world.now)
    span = last_ended(watch, today, world.calendar)
    state = world.watch_states.get(name, WatchState())
    stream = cmd.Stream(kind="watch", id=name)
    command = cmd.Command(
        id=f"watch:{name}:{span.period}",
        stream=stream,
        act=cmd.TurnWatch(period=span.period),
        acted_by=cmd.SYSTEM,
        entered_by=cmd.SYSTEM,
        occurred_at=world.now,
        recorded_at=world.now,
        medium="timer",
    )
    found = measured(world.scene(), watch, span)
    facts = WatchFacts(
        directory=world.directory,
        today=today,
        span=span,
        measured=found,
        machines={machine.procedure.id: machine for machine in world.machines.values()},
        units={name: case.unit for name, case in world.cases.items()},
    )
    events = decide_watch(watch, state, command, facts)
    world.watch_states[name] = fold_watch(state, state.seq + 1, events)
    world.findings += [(name, event) for event in events if isinstance(event, ev.WatchFound | ev.WatchCleared)]
    for event in events:
        if isinstance(event, ev.SignalSent):
            world.owe(stream, state.seq + 1, event)
    world.deliver()
    return events
