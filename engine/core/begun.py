"""Which cases a command may begin: what must be known of their procedures before it is decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.core import command as cmd
from engine.core.case import Case
from engine.core.definition import Effect, StartEach, StartSpec
from engine.core.event import Asked
from engine.core.machine import Machine

Starting = StartSpec | StartEach


def begun_by(machine: Machine, case: Case | None, act: cmd.AnyAct) -> Iterator[Starting]:
    """Everything that an act, as the case stands, may start."""
    match act:
        case cmd.StartCase():
            start = machine.starts.get(act.action)
            yield from _among(start.do if start else ())
        case cmd.SubmitAction() if case is not None:
            yield from _by_action(machine, case, act.task, act.action)
        case cmd.AnswerApproval() | cmd.AnswerVote() | cmd.ChangeVoices() if case is not None:
            asked = asked_by(case, act)
            if asked is not None:
                yield from _by_action(machine, case, asked.of, asked.action)
        case cmd.FireTimer() if case is not None:
            task = case.task(act.task)
            ladder = machine.ladders.get(task.ladder) if task else None
            for rung in ladder.rungs if ladder else ():
                if rung.id == act.rung:
                    yield from _among((*((rung.start,) if rung.start else ()), *rung.do))
        case cmd.ReceiveSignal() if case is not None and case.linked:
            for reaction in machine.procedure.on:
                yield from _among(reaction.do)
            for leaf in case.leaves():
                for reaction in machine.states[leaf].on:
                    yield from _among(reaction.do)
        case _:
            pass


def asked_by(case: Case, act: cmd.AnyAct) -> Asked | None:
    """What was asked before and may be carried out by an act: consent, a voice, or that a voice is not waited for."""
    match act:
        case cmd.AnswerApproval() | cmd.AnswerVote():
            task = case.task(act.task)
            return task.asked if task is not None else None
        case cmd.ChangeVoices():
            asked = (task.asked for task in case.tasks if task.kind == "vote" and task.asked is not None)
            return next((one for one in asked if one.of == act.task), None)
        case _:
            return None


def _by_action(machine: Machine, case: Case, n: int, name: str) -> Iterator[Starting]:
    task = case.task(n)
    key = (task.state, task.spec, name) if task else (case.active[0].state if case.active else "", "", name)
    action = machine.actions.get(key)
    yield from _among(action.do if action else ())


def _among(effects: Iterable[Effect]) -> Iterator[Starting]:
    for effect in effects:
        if isinstance(effect, StartSpec | StartEach):
            yield effect
