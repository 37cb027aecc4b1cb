"""Duties of a place: the documents its layers give, resolved against the procedures that it runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from engine.core.convert_duties import duty_spec
from engine.core.definition import ActionSpec, Procedure, TextSpec
from engine.core.definition_duties import DutySpec
from engine.core.duty_population import compile_guard
from engine.core.facts import parse_point
from engine.core.language.duty import DutyDocument
from engine.core.language.reading import understand
from engine.core.points import Anchor, Offset
from engine.core.provenance import Provenance, place_of, recorded
from engine.core.recurrence_checks import check_rhythm
from engine.core.yaml_source import Node
from engine.errors import DefinitionError, Place

Procedures = Mapping[str, Procedure]
Texts = Mapping[str, tuple[TextSpec, Node]]


@dataclass(frozen=True, kw_only=True)
class ResolvedDuty:
    """A duty with the places of its parts, and what is wrong with it; None if that is too much."""

    duty: DutySpec | None
    provenance: Provenance
    problems: tuple[DefinitionError, ...]


def duty_of(
    node: Node, plan: str, procedures: Procedures, roles: Collection[str], clauses: Collection[str], texts: Texts
) -> ResolvedDuty:
    """Resolve one document, its parameters filled in."""
    model, problems = understand(node, DutyDocument)
    if model is None:
        return ResolvedDuty(duty=None, provenance={}, problems=tuple(problems))
    provenance: dict[str, Place] = {}
    recorded(node, "", provenance)
    work = _Work(provenance)
    used = dict.fromkeys(one.text for one in model.remind.values())
    duty = duty_spec(model, plan, tuple(texts[name][0] for name in sorted(used) if name in texts))
    for name, one in model.remind.items():
        work.known(one.text, texts, "unknown_text", f"remind.{name}.text")
    work.check(duty, procedures, roles, clauses)
    return ResolvedDuty(duty=None if work.problems else duty, provenance=provenance, problems=tuple(work.problems))


class _Work:
    """The checks of one duty."""

    def __init__(self, provenance: Provenance) -> None:
        self.provenance = provenance
        self.problems: list[DefinitionError] = []

    def check(self, duty: DutySpec, procedures: Procedures, roles: Collection[str], clauses: Collection[str]) -> None:
        """Names, guards and points."""
        for clause in duty.basis:
            self.known(clause, clauses, "unknown_clause", "basis")
        self._guards(duty)
        self._roles(duty, roles)
        self._rhythms(duty)
        self._points(duty)
        self._start(duty, procedures)

    def _guards(self, duty: DutySpec) -> None:
        kind = duty.population.kind
        told = [("for", duty.population.where)]
        told += [(f"every.{n}.when", one.when) for n, one in enumerate(duty.rhythms)]
        for path, text in told:
            if text:
                self._compiles(lambda text=text: compile_guard(text, kind), path)  # type: ignore[misc]

    def _compiles(self, compile_: Callable[[], object], path: str) -> None:
        try:
            compile_()
        except DefinitionError as wrong:
            more = {key: value for key, value in wrong.data.items() if key not in ("expected", "got", "path")}
            self._note(wrong.code, path, wrong.expected, wrong.got, **more)

    def _roles(self, duty: DutySpec, roles: Collection[str]) -> None:
        if duty.population.role:
            self.known(duty.population.role, roles, "unknown_role", "for")
        if "." in duty.by:
            self.known(duty.by.partition(".")[2], roles, "unknown_role", "by")
        for role in duty.exempt.by if duty.exempt else ():
            self.known(role, roles, "unknown_role", "exempt.by")

    def _rhythms(self, duty: DutySpec) -> None:
        """With the values of its parameters each is due in every period, and after it opened."""
        for n, one in enumerate(duty.rhythms):
            self._compiles(lambda rhythm=one.rhythm: check_rhythm(rhythm), f"every.{n}")  # type: ignore[misc]

    def _points(self, duty: DutySpec) -> None:
        missed = parse_point(duty.missed_at)
        late = isinstance(missed, Anchor | Offset) and missed.of == "deadline"
        if not late or (isinstance(missed, Offset) and missed.side == "before"):
            self._note("point_is_no_rung", "missed.at", "the deadline, or a span after it", duty.missed_at)
        for one in duty.reminders:
            if not isinstance(parse_point(one.at), Anchor | Offset):
                self._note("point_is_no_rung", f"remind.{one.id}.at", "a point before or after the deadline", one.at)

    def _start(self, duty: DutySpec, procedures: Procedures) -> None:
        """Its procedure runs here, begins so, ends so, and its form has these fields."""
        if not self.known(duty.procedure, procedures, "unknown_procedure", "start.procedure"):
            return
        procedure = procedures[duty.procedure]
        starts = {one.id: one for one in procedure.starts}
        if self.known(duty.action, starts, "unknown_action", "start.action"):
            self._form(duty, starts[duty.action], "start")
        if duty.late_action and self.known(duty.late_action, starts, "unknown_action", "late.start"):
            self._by_engine(duty, starts[duty.late_action])
        kinds = {state.final for state in procedure.states if state.kind == "final" and "." not in state.path}
        for kind in duty.done:
            self.known(kind, kinds - {""}, "unknown_closing", "done")
        names_unit = any(word == "subject" and field == procedure.unit_field for field, word in duty.values)
        if duty.population.kind == "units" and procedure.sealed is not None:
            # The unit sees how its obligations stand: that one is under way would tell it of the hidden case.
            self._note("met_in_secret", "start.procedure", "a procedure that hides nothing from units", duty.procedure)
        if duty.population.kind == "units" and not names_unit:
            expected = f"{procedure.unit_field or 'a field of the unit'}: subject"
            self._note("missing_key", "start.with", expected, ", ".join(field for field, _ in duty.values))

    def _form(self, duty: DutySpec, action: ActionSpec, path: str) -> None:
        asked = [item.field for item in action.form]
        for field, _ in duty.values:
            self.known(field, asked, "unknown_field", f"{path}.with.{field}")

    def _by_engine(self, duty: DutySpec, action: ActionSpec) -> None:
        """The engine signs nothing, shows nothing, and knows no more than the obligation says."""
        self._form(duty, action, "late")
        filled = {field for field, _ in duty.values}
        for item in action.form:
            if item.required and item.field not in filled:
                self._note("not_by_engine", "late.start", "a form that the obligation fills", item.field)
        if action.sign != "none" or action.signs or action.evidence or action.approve or action.votes:
            self._note("not_by_engine", "late.start", "an action without signature, evidence or consent", action.id)

    def known(self, name: str, names: Collection[str], code: str, path: str) -> bool:
        """One of these names."""
        if name in names:
            return True
        nearest = (get_close_matches(name, list(names), n=1) or [""])[0]
        self._note(code, path, "one of " + ", ".join(names), name, nearest=nearest)
        return False

    def _note(self, code: str, path: str, expected: str, got: object, **data: object) -> None:
        place = place_of(self.provenance, path)
        self.problems.append(DefinitionError(code, place=place, expected=expected, got=got, **data))
