"""Steps of a scenario as acts: what is meant by `do`, `approve`, `issue` … in a case as it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, Protocol, cast

from engine.core import command as cmd
from engine.core.case import Case, Task
from engine.core.definition import ActionSpec, FieldSpec
from engine.core.forms import FILE_KINDS
from engine.core.language.scenario import Step
from engine.core.machine import Machine
from engine.errors import Stale
from engine.proof.filling import answers_of, rows_of, signatures_of
from engine.proof.play import World
from engine.proof.steps_duties import met_by
from engine.proof.steps_people import Places, people_act_of, state_matches


class Reading(Places, Protocol):
    """How a scenario writes moments, values and where offices are."""

    def moment(self, text: str) -> datetime:
        """The instant of a moment."""

    def value(self, spec: FieldSpec | None, value: Any) -> Any:
        """A value as forms take it."""


def act_of(world: World, case: str, step: Step, reading: Reading) -> cmd.AnyAct:
    """The act that a step means; Stale where the case has no task for it now."""
    if step.start:
        machine = world.machine_of(step.start)
        data, evidence = _filled(world, machine, machine.starts.get(step.do or ""), step, reading)
        return cmd.StartCase(version=machine.version, action=step.do or "", data=data, evidence=evidence)
    if step.meets:
        spec, key, filled_in = met_by(world, step)
        machine = world.machine_of(spec.procedure)
        data, evidence = _filled(world, machine, machine.starts.get(spec.action), step, reading)
        told = {**filled_in, **data}
        return cmd.StartCase(version=machine.version, action=spec.action, data=told, evidence=evidence, obligation=key)
    if step.claim:
        return _claim(world, world.machine_of(step.claim), step, reading)
    state = world.case(case)
    machine = world.machines[state.version]
    if step.do or step.reopen:
        return _submit(world, machine, state, step, reading)
    if step.triage:
        return _triage(step)
    if step.see:
        return cmd.SeeCase()
    if (act := people_act_of(world, state, step, reading)) is not None:
        return act
    return _on_task(world, state, step)


def _claim(world: World, machine: Machine, step: Step, reading: Reading) -> cmd.ClaimCase:
    data = {name: reading.value(machine.fields.get(name), value) for name, value in step.data.items()}
    states = [path for path in machine.states if state_matches(path, step.state)]
    return cmd.ClaimCase(
        version=machine.version,
        state=states[0] if len(states) == 1 else step.state or "",
        data=data,
        claimed_number=step.number or "",
        claimed_opened_at=reading.moment(step.opened or ""),
        claimed_closed_at=reading.moment(step.closed) if step.closed else None,
        source="scenario",
    )


def _submit(world: World, machine: Machine, case: Case, step: Step, reading: Reading) -> cmd.SubmitAction:
    task: Task | None = None
    if step.reopen:
        action = machine.states[case.active[0].state].reopen if case.closed and case.active else None
        name = action.id if action else ""
    else:
        name = step.do or ""
        task = _task_for(world, machine, case, name, step)
        action = machine.actions.get((task.state, task.spec, name)) if task else None
    data, evidence = _filled(world, machine, action, step, reading)
    signatures, drawn = signatures_of(action, step, world.file)
    return cmd.SubmitAction(
        task=task.n if task else 0,
        action=name,
        data=data,
        evidence=(*evidence, *drawn),
        on_site=step.on_site,
        batch=step.batch,
        signatures=signatures,
        back_to=step.back_to or "",
        instead=step.instead or "",
    )


def _task_for(world: World, machine: Machine, case: Case, action: str, step: Step) -> Task | None:
    """The task meant: one that offers the action to the person, else the first that has it at all."""
    having = [
        task
        for task in case.tasks
        if task.kind in ("own", "extra") and (task.state, task.spec, action) in machine.actions
        if state_matches(task.state, step.state)
    ]
    offered = {offer.task for offer in world.offers(world.person(step.by or ""), case.id) if offer.action == action}
    return next((task for task in having if task.n in offered), having[0] if having else None)


def _filled(
    world: World, machine: Machine, action: ActionSpec | None, step: Step, reading: Reading
) -> tuple[dict[str, Any], tuple[cmd.EvidenceRef, ...]]:
    """The answers and files of a step; a file that a field must have is put there."""
    data = {name: reading.value(machine.fields.get(name), value) for name, value in step.data.items()}
    answers, photos = answers_of(machine, action, step, world.file)
    data |= {**rows_of(machine, step, reading.value), **answers}
    wanted = [
        machine.fields[item.field]
        for item in (action.form if action else ())
        if item.required or machine.fields[item.field].required
        if machine.fields[item.field].kind in FILE_KINDS and item.field not in data
    ]
    evidence = [*photos]
    for kind in step.evidence:
        field = next((spec for spec in wanted if spec.kind == kind), None)
        file = world.file(kind, field.id if field else "")
        if field is not None:
            wanted.remove(field)
            data[field.id] = [file.sha256]
        evidence.append(file)
    return data, tuple(evidence)


def _triage(step: Step) -> cmd.TriageCase:
    said = step.triage or ""
    start = cast('Literal["now", "deadline"]', said) if said in ("now", "deadline") else "until"
    return cmd.TriageCase(start=start, until=said if start == "until" else "", reason=step.reason or "")


def _on_task(world: World, case: Case, step: Step) -> cmd.AnyAct:
    """An act on the task of an approval, of a draft, or of a state to be read."""
    reason = step.reason or ""
    if step.approve or step.refuse:
        wanted = step.approve or step.refuse
        task = _first(case, lambda one: one.asked is not None and one.asked.action == wanted, wanted)
        evidence = tuple(world.file(kind) for kind in step.evidence)
        return cmd.AnswerApproval(task=task.n, consent=bool(step.approve), reason=reason, evidence=evidence)
    if step.issue or step.decline:
        wanted = step.issue or step.decline
        task = _first(case, lambda one: one.draft is not None and one.draft.rung == wanted, wanted)
        if step.decline:
            return cmd.DeclineDraft(task=task.n, reason=reason)
        return cmd.IssueDraft(task=task.n, evidence=tuple(world.file(kind) for kind in step.evidence))
    task = _first(case, lambda one: one.kind == "own" and state_matches(one.state, step.read), step.read)
    return cmd.ReadTask(task=task.n)


def _first(case: Case, fits: Callable[[Task], bool], wanted: str | None) -> Task:
    for task in case.tasks:
        if fits(task):
            return task
    raise Stale("task_not_open", wanted=wanted or "")
