"""Whether roles, clauses and placeholders that a resolved procedure names exist; the rest the compiler checks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from engine.core import definition as neutral
from engine.core.provenance import Provenance, place_of
from engine.errors import DefinitionError

#: what a text may name besides fields and the properties of units and places
TEXT_NAMES = frozenset(
    {
        *("number", "procedure", "state", "task", "holder", "due", "today", "title", "link"),
        *("document_number", "document_date"),
    }
)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

#: path, what was named
Named = Iterator[tuple[str, str]]


def check(
    procedure: neutral.Procedure, provenance: Provenance, *, roles: Collection[str], clauses: Collection[str]
) -> list[DefinitionError]:
    """Everything named that does not exist, each at its place."""
    names = {*TEXT_NAMES, *(one.id for one in procedure.fields)}
    return [
        *_unknown("unknown_role", _roles(procedure), roles, provenance),
        *_unknown("unknown_clause", _clauses(procedure), clauses, provenance),
        *_unknown("unknown_placeholder", _placeholders(procedure), names, provenance),
    ]


def _unknown(code: str, named: Named, known: Collection[str], provenance: Provenance) -> Iterator[DefinitionError]:
    names = sorted(known)
    for path, got in named:
        if got not in known:
            place = place_of(provenance, path)
            nearest = (get_close_matches(got, names, n=1) or [""])[0]
            yield DefinitionError(code, place=place, expected="one of " + ", ".join(names), got=got, nearest=nearest)


def _roles(procedure: neutral.Procedure) -> Named:
    units = {one.id for one in procedure.parties if one.kind == "unit"}
    for party in procedure.parties:
        if party.role:
            yield f"parties.{party.id}.{party.kind}", party.role
    for path, reference in _parties(procedure):
        party_id, dot, role = reference.partition(".")
        if dot and party_id in units:
            yield path, role


def _parties(procedure: neutral.Procedure) -> Named:
    for field in procedure.fields:
        yield from _each(f"fields.{field.id}.confidential", field.confidential)
    yield from _each("sealed.seen_by", procedure.sealed.seen_by if procedure.sealed else ())
    for path, action in _actions(procedure):
        yield from ((f"{path}.sign.{sign.party}", sign.party) for sign in action.signs)
        yield from _each(f"{path}.by", action.by)
        yield from _each(f"{path}.not_by", action.not_by)
        yield from _deciding(path, action)
        if action.votes:
            yield from _each(f"{path}.votes.by", action.votes.by)
            yield from _each(f"{path}.votes.add", action.votes.add)
    yield from _told(procedure)
    for path, task in _tasks(procedure):
        yield f"{path}.holder", task.holder
        yield from _handlers(f"{path}.handling", task.handling)
        yield from _each(f"{path}.joint.by", task.joint.by if task.joint else ())
    for ladder in procedure.ladders:
        for rung in ladder.rungs:
            at = f"ladders.{ladder.id}.rungs.{rung.id}"
            yield from _each(f"{at}.to", rung.to)
            yield f"{at}.by", rung.by
            if rung.approve:
                yield f"{at}.approve.by", rung.approve.by
                yield from _each(f"{at}.approve.not_by", rung.approve.not_by)
        if ladder.pause:
            yield from _each(f"ladders.{ladder.id}.pause.by", ladder.pause.by)
    if procedure.same:
        yield from _each("same.notify.to", procedure.same.notify)


def _deciding(path: str, action: neutral.ActionSpec) -> Named:
    """Who decides on what is asked: at first, late, at each stage, and where nobody did in time."""
    if action.approve:
        yield f"{path}.approve.by", action.approve.by
        yield from _each(f"{path}.approve.not_by", action.approve.not_by)
        if action.approve.silence_to:
            yield f"{path}.approve.silence.to", action.approve.silence_to
    if action.ask and action.ask.late_by:
        yield f"{path}.ask.late.approve", action.ask.late_by
    for stage in action.ask.stages if action.ask else ():
        if stage.by:
            yield f"{path}.ask.stages.{stage.id}.approve", stage.by


def _handlers(path: str, handling: neutral.HandlingSpec) -> Named:
    """Whom a task may be passed on to."""
    yield from _each(f"{path}.transfer", handling.transfer)
    yield from _each(f"{path}.delegate", handling.delegate)
    yield from _each(f"{path}.copy", handling.copy)
    if handling.urge:
        yield from _each(f"{path}.urge.by", handling.urge.by)
    if handling.hand_over and handling.hand_over.designate_by:
        yield f"{path}.hand_over.designate.by", handling.hand_over.designate_by


def _told(procedure: neutral.Procedure) -> Named:
    """Whom effects of actions and of linked cases tell."""
    done = [(path, action.do) for path, action in _actions(procedure)]
    done += [(path, reaction.do) for path, reaction in _reactions(procedure)]
    done += [(f"ladders.{ladder.id}.rungs.{rung.id}", rung.do) for ladder in procedure.ladders for rung in ladder.rungs]
    for path, effects in done:
        for index, effect in enumerate(effects):
            if isinstance(effect, neutral.Notify):
                yield from _each(f"{path}.do.{index}.notify.to", effect.to)


def _clauses(procedure: neutral.Procedure) -> Named:
    yield from _each("basis", procedure.basis)
    for state in procedure.states:
        yield from _each(f"{document_path(procedure, state.path)}.basis", state.basis)
    yield from _clauses_asked(procedure)
    for path, action in _actions(procedure):
        yield from _each(f"{path}.basis", action.basis)
        if action.approve and action.approve.deadline:
            yield from _clauses_of_deadline(f"{path}.approve", action.approve.deadline)
        if action.votes and action.votes.deadline:
            yield from _clauses_of_deadline(f"{path}.votes.each", action.votes.deadline)
    for path, task in _tasks(procedure):
        yield from _each(f"{path}.basis", task.basis)
        if task.deadline:
            yield from _clauses_of_deadline(path, task.deadline)
        if task.joint and task.joint.deadline:
            yield from _clauses_of_deadline(f"{path}.joint", task.joint.deadline)
    for ladder in procedure.ladders:
        yield from _each(f"ladders.{ladder.id}.basis", ladder.basis)
        for rung in ladder.rungs:
            yield from _each(f"ladders.{ladder.id}.rungs.{rung.id}.basis", rung.basis)


def _clauses_of_deadline(path: str, deadline: neutral.DeadlineSpec) -> Named:
    """The clauses behind a number, and those of the rule by which its days are counted."""
    yield from _each(f"{path}.within", deadline.basis)
    if deadline.count is not None:
        yield from _each(f"{path}.count", deadline.count.basis)
    for index, one in enumerate(deadline.whichever_first):
        yield from _clauses_of_deadline(f"{path}.whichever_first.{index}", one)


def _clauses_asked(procedure: neutral.Procedure) -> Named:
    """The clauses of checklists and of their items."""
    for checklist in (field.checklist for field in procedure.fields if field.checklist is not None):
        yield from _each(f"checklists.{checklist.id}.basis", checklist.basis)
        for group in checklist.groups:
            for item in group.items:
                yield from _each(f"checklists.{checklist.id}.groups.{group.id}.items.{item.id}.basis", item.basis)


def _placeholders(procedure: neutral.Procedure) -> Named:
    for text in procedure.texts:
        for key, body in (("subject", text.subject), ("body", text.body)):
            for name in _PLACEHOLDER.findall(body):
                yield f"texts.{text.id}.{key}", name.partition(".")[0]
            if stray := set("{}") & set(_PLACEHOLDER.sub("", body)):
                yield f"texts.{text.id}.{key}", "".join(sorted(stray))


def _actions(procedure: neutral.Procedure) -> Iterator[tuple[str, neutral.ActionSpec]]:
    for action in procedure.starts:
        yield f"starts.{action.id}", action
    for state in procedure.states:
        if state.reopen:
            yield f"{document_path(procedure, state.path)}.reopen", state.reopen
    for path, task in _tasks(procedure):
        base = path if task.id else path.removesuffix(".task")
        for action in task.actions:
            yield f"{base}.actions.{action.id}", action


def _reactions(procedure: neutral.Procedure) -> Iterator[tuple[str, neutral.ReactionSpec]]:
    for reaction in procedure.on:
        yield f"on.{reaction.link}.{reaction.when}", reaction
    for state in procedure.states:
        for reaction in state.on:
            yield f"{document_path(procedure, state.path)}.on.{reaction.link}.{reaction.when}", reaction


def _tasks(procedure: neutral.Procedure) -> Iterator[tuple[str, neutral.TaskSpec]]:
    for state in procedure.states:
        base = document_path(procedure, state.path)
        for task in state.tasks:
            yield f"{base}.tasks.{task.id}" if task.id else f"{base}.task", task


def ladders_named(states: Iterable[neutral.StateSpec], parties: Iterable[neutral.PartySpec] = ()) -> dict[str, str]:
    """The ladders that tasks and what is asked from them name, in the order of their first naming, and its path."""
    found: dict[str, str] = {}
    for state in states:
        for task in state.tasks:
            base = f"states.{state.path}.tasks.{task.id}" if task.id else f"states.{state.path}"
            here = f"{base}.ladder" if task.id else f"{base}.task.ladder"
            found.setdefault(task.ladder, here)
            for index, choice in enumerate(task.ladders):
                found.setdefault(choice.ladder, f"{here}.{index}.ladder")
            for action in task.actions:
                if action.approve:
                    found.setdefault(action.approve.ladder, f"{base}.actions.{action.id}.approve.ladder")
                if action.votes:
                    found.setdefault(action.votes.ladder, f"{base}.actions.{action.id}.votes.each.ladder")
            at = f"{base}" if task.id else f"{base}.task"
            if task.joint:
                found.setdefault(task.joint.ladder, f"{at}.joint.ladder")
            if task.handling.hand_over:
                over = f"{at}.handling.hand_over"
                found.setdefault(task.handling.hand_over.ladder, f"{over}.receive.ladder")
                found.setdefault(task.handling.hand_over.designate_ladder, f"{over}.designate.ladder")
    for party in parties:
        found.setdefault(party.designate_ladder, f"parties.{party.id}.designate.ladder")
    found.pop("", None)
    return found


def ladders_below(ladder: neutral.LadderSpec) -> dict[str, str]:
    """The ladders that what a ladder drafts climbs when nobody decides about it, and their paths."""
    found: dict[str, str] = {}
    for rung in ladder.rungs:
        at = f"ladders.{ladder.id}.rungs.{rung.id}"
        found.setdefault(rung.ladder, f"{at}.ladder")
        if rung.approve:
            found.setdefault(rung.approve.ladder, f"{at}.approve.ladder")
    found.pop("", None)
    return found


def document_path(procedure: neutral.Procedure, path: str) -> str:
    """The dotted keys under which a state stands in its document."""
    parallel = {state.path for state in procedure.states if state.kind == "parallel"}
    keys, above = ["states"], ""
    for name in path.split("."):
        if above:
            keys.append("regions" if above in parallel else "states")
        keys.append(name)
        above = f"{above}.{name}" if above else name
    return ".".join(keys)


def _each(path: str, names: Collection[str]) -> Named:
    for index, name in enumerate(names):
        yield f"{path}.{index}", name
