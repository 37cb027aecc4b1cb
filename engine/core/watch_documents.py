"""Watches of a place: the documents its layers give, resolved against the procedures that it runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from msgspec.structs import replace

from engine.core import convert_watches
from engine.core.definition import ActionSpec, Procedure, StartSpec
from engine.core.definition_watches import Measure, Watch
from engine.core.expression_types import ANY, DATE, ENTITY, FLAG, NUMBER, TEXT, ValueType
from engine.core.expressions import compile_expression
from engine.core.language.reading import understand
from engine.core.language.watch import WatchDocument
from engine.core.layers import Layers
from engine.core.library import Document, Library
from engine.core.provenance import Provenance, place_of, recorded
from engine.core.register_where import where
from engine.core.yaml_source import Node
from engine.errors import DefinitionError, Place

Procedures = Mapping[str, Procedure]
#: What an expression over a unit may read.
UNIT_NAMES: Mapping[str, ValueType] = {
    "id": ENTITY, "title": TEXT, "region": TEXT, "industry": TEXT, "unit": ENTITY, "unit.*": ANY,
}  # fmt: skip
#: What the form of a case that a finding starts may be filled from, besides counts and limits.
FOUND_NAMES: Mapping[str, ValueType] = {
    "subject": ENTITY, "subject_title": TEXT, "period": TEXT, "tally": TEXT, "today": DATE, "drawn": ENTITY,
    "subject_unit": ENTITY, "drawn_unit": ENTITY,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ResolvedWatch:
    """A watch with the places of its parts, and what is wrong with it; None if that is too much."""

    watch: Watch | None
    provenance: Provenance
    problems: tuple[DefinitionError, ...]


def watches_of(
    library: Library,
    layers: Layers,
    plan: str,
    procedures: Procedures,
    roles: Collection[str],
    duties: Collection[str],
    completed: Callable[[str, Document], Node | None],
) -> dict[str, ResolvedWatch]:
    """The watches of the layers, the nearest of each id; those of procedures or duties that do not run here are left.

    `completed`: a document with what a plan or place puts in, and its parameters' values; None if some are missing.
    """
    found: dict[str, ResolvedWatch] = {}
    elsewhere = {one.id for one in library.of_kind("procedure", layers)} - procedures.keys()
    idle = {one.id for one in library.of_kind("duty", layers)} - set(duties)
    for name in dict.fromkeys(one.id for one in library.of_kind("watch", layers)):
        document = library.find("watch", name, layers)
        assert document is not None
        if elsewhere.intersection(procedures_named(document)) or idle.intersection(duties_named(document)):
            continue
        node = completed(name, document)
        if node is None:
            continue
        model, problems = understand(node, WatchDocument)
        if model is None:
            found[name] = ResolvedWatch(watch=None, provenance={}, problems=tuple(problems))
        else:
            found[name] = watch_of(model, node, plan, procedures, roles, duties)
    return found


def procedures_named(document: Document) -> set[str]:
    """The procedures that a document counts or starts."""
    model = document.model
    assert isinstance(model, WatchDocument)
    named = {(one.cases or one.of or "").partition(" where ")[0] for one in model.count.values()}
    named |= {one.procedure for one in (model.then.start, model.then.draw and model.then.draw.start) if one}
    return named - {""}


def duties_named(document: Document) -> set[str]:
    """The duties whose obligations a document counts."""
    model = document.model
    assert isinstance(model, WatchDocument)
    return {one.obligations for one in model.count.values() if one.obligations}


def watch_of(
    model: WatchDocument,
    node: Node,
    plan: str,
    procedures: Procedures,
    roles: Collection[str],
    duties: Collection[str] = (),
) -> ResolvedWatch:
    """Resolve one document, its parameters filled in."""
    provenance: dict[str, Place] = {}
    recorded(node, "", provenance)
    work = _Work(procedures, duties, provenance)
    counts = {name: work.measure(convert_watches.measure(name, one)) for name, one in model.count.items()}
    watch = convert_watches.watch(model, plan, counts)
    work.check(watch, roles)
    return ResolvedWatch(watch=None if work.problems else watch, provenance=provenance, problems=tuple(work.problems))


class _Work:
    """The resolution of one watch while it goes on."""

    def __init__(self, procedures: Procedures, duties: Collection[str], provenance: Provenance) -> None:
        self.procedures = procedures
        self.duties = duties
        self.provenance = provenance
        self.problems: list[DefinitionError] = []

    def measure(self, one: Measure) -> Measure:
        """The count with its condition compiled."""
        at = f"count.{one.id}"
        procedure = self.procedures.get(one.procedure)
        if one.source in ("cases", "acts") and one.procedure and procedure is None:
            self._unknown("unknown_procedure", one.procedure, f"{at}.{one.source}", self.procedures)
            return one
        if one.source == "obligations" and one.procedure not in self.duties:
            self._unknown("unknown_duty", one.procedure, f"{at}.obligations", self.duties)
        if one.source == "acts":
            self._check_actions(one, at)
        if not one.text or procedure is None:
            return one
        try:
            return replace(one, where=where(one.text, procedure))
        except DefinitionError as wrong:
            self._again(wrong, f"{at}.cases")
            return one

    def _check_actions(self, one: Measure, at: str) -> None:
        some = [self.procedures[one.procedure]] if one.procedure else list(self.procedures.values())
        known = {action.id for procedure in some for action in actions_of(procedure)}
        for name in one.actions:
            if name not in known:
                self._unknown("unknown_action", name, f"{at}.acts", known)

    def check(self, watch: Watch, roles: Collection[str]) -> None:
        """Its condition, its population and what it starts."""
        self._compiled(watch.when, numbers_of(watch), "when", FLAG)
        people = watch.population
        if people and people.where:
            self._compiled(people.where, {**UNIT_NAMES, "*": ANY}, "for", FLAG)
        if people and people.role and people.role not in roles:
            self._unknown("unknown_role", people.role, "for", roles)
        if watch.start:
            self._check_start(watch, watch.start, "then.start")
        if watch.draw:
            self._check_start(watch, watch.draw.start, "then.draw.start")

    def _check_start(self, watch: Watch, start: StartSpec, at: str) -> None:
        procedure = self.procedures.get(start.procedure)
        if procedure is None:
            self._unknown("unknown_procedure", start.procedure, f"{at}.procedure", self.procedures)
            return
        if start.action not in (known := [one.id for one in procedure.starts]):
            self._unknown("unknown_action", start.action, f"{at}.action", known)
        fields = [spec.id for spec in procedure.fields]
        for name, text in start.values.items():
            if name not in fields:
                self._unknown("unknown_field", name, f"{at}.with", fields)
            self._compiled(text, {**numbers_of(watch), **FOUND_NAMES}, f"{at}.with.{name}", None)

    def _compiled(self, text: str, names: Mapping[str, ValueType], path: str, expects: ValueType | None) -> None:
        try:
            compile_expression(text, names, expects=expects)
        except DefinitionError as wrong:
            self._again(wrong, path)

    def _again(self, wrong: DefinitionError, path: str) -> None:
        rest = {key: told for key, told in wrong.data.items() if key not in ("expected", "got", "path")}
        place = place_of(self.provenance, path)
        self.problems.append(DefinitionError(wrong.code, place=place, expected=wrong.expected, got=wrong.got, **rest))

    def _unknown(self, code: str, name: str, path: str, known: Collection[str]) -> None:
        nearest = (get_close_matches(name, list(known), n=1) or [""])[0]
        expected = "one of " + ", ".join(sorted(known))
        place = place_of(self.provenance, path)
        self.problems.append(DefinitionError(code, place=place, expected=expected, got=name, nearest=nearest))


def numbers_of(watch: Watch) -> dict[str, ValueType]:
    """What the condition of a watch may read."""
    return dict.fromkeys((*(one.id for one in watch.counts), *(one.id for one in watch.limits)), NUMBER)


def actions_of(procedure: Procedure) -> list[ActionSpec]:
    """Every action of a procedure: those that open a case, those of tasks, those that reopen."""
    found = [*procedure.starts]
    for state in procedure.states:
        found += [action for task in state.tasks for action in task.actions]
        found += [state.reopen] if state.reopen else []
    return found
