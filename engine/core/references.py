"""Whether everything a procedure names exists: fields, parties, roles, ladders, texts, clauses, placeholders."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from engine.core import definition as neutral
from engine.core.points import match_point
from engine.core.provenance import Provenance, place_of
from engine.errors import DefinitionError

#: what a text may name besides the fields, their parties' titles and the properties of units and places
TEXT_NAMES = frozenset({"number", "procedure", "state", "task", "holder", "due", "today", "title", "link"})
#: who may be meant besides parties: who holds the task, who supervises them
_HOLDERS = frozenset({"holder", "holder.superior"})
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

Wrong = Iterator[tuple[str, str, str, Collection[str]]]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What there is besides the procedure itself."""

    roles: Collection[str]
    clauses: Collection[str]
    texts: Collection[str]
    ladders: Collection[str]


def check(procedure: neutral.Procedure, known: Known, provenance: Provenance) -> list[DefinitionError]:
    """Everything named that does not exist, each at its place."""
    checker = _Checker(procedure, known)
    problems = []
    for path, code, got, choice in checker.all():
        names = sorted(choice)
        nearest = (get_close_matches(got, names, n=1) or [""])[0]
        place = place_of(provenance, path)
        expected = "one of " + ", ".join(names) if names else "none"
        problems.append(DefinitionError(code, place=place, expected=expected, got=got, nearest=nearest))
    return problems


class _Checker:
    def __init__(self, procedure: neutral.Procedure, known: Known) -> None:
        self.procedure = procedure
        self.known = known
        self.fields = {one.id: one for one in procedure.fields}
        self.parties = {one.id: one for one in procedure.parties}
        self.actions = {action.id for _, action in self.every_action()}

    def all(self) -> Wrong:
        """Path, code, what was named, what there is."""
        procedure = self.procedure
        yield from self.basis("basis", procedure.basis)
        for name, field in (
            ("unit", procedure.unit_field),
            ("place", procedure.place_field),
            ("title", procedure.title_field),
        ):
            yield from self.field(f"means.{name}", field)
        for spec in procedure.fields:
            yield from self.of_parties(f"fields.{spec.id}.confidential", spec.confidential)
        for party in procedure.parties:
            yield from self.party_spec(f"parties.{party.id}", party)
        for path, action in self.every_action():
            yield from self.action(path, action)
        for state in procedure.states:
            yield from self.basis(f"states.{state.path}.basis", state.basis)
            for task in state.tasks:
                yield from self.task(f"states.{state.path}.{f'tasks.{task.id}' if task.id else 'task'}", task)
        for ladder in procedure.ladders:
            yield from self.ladder(f"ladders.{ladder.id}", ladder)
        for text in procedure.texts:
            yield from self.template(f"texts.{text.id}", text)
        if procedure.same:
            yield from self.of_fields("same.fields", procedure.same.fields)
            yield from self.of_parties("same.notify.to", procedure.same.notify)
            yield from self.text("same.notify.text", procedure.same.text)

    def every_action(self) -> Iterator[tuple[str, neutral.ActionSpec]]:
        for action in self.procedure.starts:
            yield f"starts.{action.id}", action
        for state in self.procedure.states:
            base = f"states.{state.path}"
            for task in state.tasks:
                for action in task.actions:
                    yield (
                        f"{base}.tasks.{task.id}.actions.{action.id}" if task.id else (f"{base}.actions.{action.id}"),
                        action,
                    )
            if state.reopen:
                yield f"{base}.reopen", state.reopen

    def action(self, path: str, action: neutral.ActionSpec) -> Wrong:
        yield from self.of_parties(f"{path}.by", action.by)
        yield from self.of_parties(f"{path}.not_by", action.not_by)
        yield from self.of_fields(f"{path}.form", [item.field for item in action.form])
        yield from self.basis(f"{path}.basis", action.basis)
        if action.approve:
            yield from self.party(f"{path}.approve.by", action.approve.by)
            yield from self.of_parties(f"{path}.approve.not_by", action.approve.not_by)
            yield from self.ladder_name(f"{path}.approve.ladder", action.approve.ladder)
            yield from self.deadline(f"{path}.approve", action.approve.deadline)
        if action.ask:
            yield from self.of_fields(f"{path}.ask.late.form", action.ask.late_form)
            if action.ask.late_by:
                yield from self.party(f"{path}.ask.late.approve", action.ask.late_by)
        for index, effect in enumerate(action.do):
            yield from self.effect(f"{path}.do.{index}", effect)

    def effect(self, path: str, effect: neutral.Effect) -> Wrong:
        match effect:
            case neutral.SetFields(values=values):
                yield from self.of_fields(f"{path}.set", values)
            case neutral.MoveDeadline(until=field):
                yield from self.date_field(f"{path}.deadline.until", field)
            case neutral.Notify(to=to, text=text):
                yield from self.of_parties(f"{path}.notify.to", to, _HOLDERS)
                yield from self.text(f"{path}.notify.text", text)

    def task(self, path: str, task: neutral.TaskSpec) -> Wrong:
        yield from self.party(f"{path}.holder", task.holder)
        yield from self.ladder_name(f"{path}.ladder", task.ladder)
        yield from self.basis(f"{path}.basis", task.basis)
        yield from self.deadline(path, task.deadline)

    def deadline(self, path: str, deadline: neutral.DeadlineSpec | None) -> Wrong:
        if deadline is None:
            return
        yield from self.basis(f"{path}.within", deadline.basis)
        if deadline.until and match_point(deadline.until) is None:
            yield from self.date_field(f"{path}.until", deadline.until)

    def ladder(self, path: str, ladder: neutral.LadderSpec) -> Wrong:
        yield from self.basis(f"{path}.basis", ladder.basis)
        for rung in ladder.rungs:
            at = f"{path}.rungs.{rung.id}"
            yield from self.of_parties(f"{at}.to", rung.to, _HOLDERS)
            yield from self.text(f"{at}.text", rung.text)
            yield from self.text(f"{at}.draft", rung.draft)
            yield from self.basis(f"{at}.basis", rung.basis)
            if rung.by:
                yield from self.party(f"{at}.by", rung.by)

    def party_spec(self, path: str, party: neutral.PartySpec) -> Wrong:
        if party.role and party.role not in self.known.roles:
            yield f"{path}.{party.kind}", "unknown_role", party.role, self.known.roles
        if party.field:
            kinds = {name for name, field in self.fields.items() if field.kind == party.kind}
            if party.field not in kinds:
                yield f"{path}.{party.kind}", "unknown_field", party.field, kinds
        for name in party.actions:
            if name not in self.actions:
                yield f"{path}.actor", "unknown_action", name, self.actions
        for key, value in (("region", party.region), ("industry", party.industry)):
            holders = {name for name, field in self.fields.items() if field.kind in ("unit", "place")}
            if value and value.partition(".")[0] not in (self.fields if "." not in value else holders):
                yield f"{path}.{key}", "unknown_field", value, {f"{name}.{key}" for name in holders}
        if party.none:
            queues = {name for name, one in self.parties.items() if one.kind == "queue"}
            if party.none not in queues:
                yield f"{path}.none", "unknown_party", party.none, queues

    def template(self, path: str, text: neutral.TextSpec) -> Wrong:
        for key, body in (("subject", text.subject), ("body", text.body)):
            for name in _PLACEHOLDER.findall(body):
                if name not in TEXT_NAMES and name.partition(".")[0] not in self.fields:
                    yield f"{path}.{key}", "unknown_placeholder", name, {*TEXT_NAMES, *self.fields}
            rest = _PLACEHOLDER.sub("", body)
            if "{" in rest or "}" in rest:
                yield f"{path}.{key}", "unknown_placeholder", "{", {*TEXT_NAMES, *self.fields}

    def of_parties(self, path: str, names: Collection[str], more: Collection[str] = ()) -> Wrong:
        for index, name in enumerate(names):
            if name not in more:
                yield from self.party(f"{path}.{index}", name)

    def party(self, path: str, name: str) -> Wrong:
        party, dot, role = name.partition(".")
        if party not in self.parties:
            yield path, "unknown_party", name, self.parties
        elif dot and (self.parties[party].kind != "unit" or role not in self.known.roles):
            yield path, "unknown_role", name, {f"{party}.{one}" for one in self.known.roles}

    def of_fields(self, path: str, names: Collection[str]) -> Wrong:
        for index, name in enumerate(names):
            yield from self.field(f"{path}.{index}" if not isinstance(names, dict) else f"{path}.{name}", name)

    def field(self, path: str, name: str) -> Wrong:
        if name and name not in self.fields:
            yield path, "unknown_field", name, self.fields

    def date_field(self, path: str, name: str) -> Wrong:
        dates = {one for one, field in self.fields.items() if field.kind == "date"}
        if name not in dates:
            yield path, "unknown_date_field", name, dates

    def text(self, path: str, name: str) -> Wrong:
        if name and name not in self.known.texts:
            yield path, "unknown_text", name, self.known.texts

    def ladder_name(self, path: str, name: str) -> Wrong:
        if name and name not in self.known.ladders:
            yield path, "unknown_ladder", name, self.known.ladders

    def basis(self, path: str, names: Collection[str]) -> Wrong:
        for name in names:
            if name not in self.known.clauses:
                yield path, "unknown_clause", name, self.known.clauses
