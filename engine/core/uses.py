"""What a definition refers to: names of its own parts, phrases of time, expressions; each use is checked here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.core.chart import Problems
from engine.core.definition import DeadlineSpec, FieldKind, PartyKind, Procedure
from engine.core.expression_fitting import nearest
from engine.core.expression_types import FLAG, ValueType
from engine.core.expressions import Expression, compile_expression
from engine.core.machine import Guard
from engine.core.points import Anchor, Offset, parse_point
from engine.core.scope_names import field_type, scope_names
from engine.core.spans import parse_span
from engine.errors import DefinitionError

#: Whom a rung may tell besides parties: who holds the task, and who supervises them.
RUNG_RECIPIENTS = ("holder", "holder.superior")


class References:
    """One procedure's names; every method notes a problem at `where` if what it is given does not exist."""

    def __init__(self, procedure: Procedure, problems: Problems) -> None:
        self.problems = problems
        self.fields = {spec.id: spec for spec in procedure.fields}
        self.parties = {spec.id: spec for spec in procedure.parties}
        self.ladders = {spec.id: spec for spec in procedure.ladders}
        self.texts = {spec.id: spec for spec in procedure.texts}
        self.links = {spec.id: spec for spec in procedure.links}
        self.names = scope_names(procedure)
        #: states, and the extra tasks of them
        self.clocks = tuple(_clocks(procedure))
        #: all expressions by their text
        self.compiled: dict[str, Guard] = {}

    def unique(self, ids: Iterable[str], where: str) -> None:
        """Each id once, and none empty."""
        seen: set[str] = set()
        for one in ids:
            if one in seen:
                self.problems.add("duplicate_id", where, "each id once", one)
            seen.add(one)

    def known(self, name: str, names: Iterable[str], code: str, where: str) -> bool:
        """One of these names."""
        names = list(names)
        if name in names:
            return True
        self.problems.add(code, where, ", ".join(names[:20]), name, nearest=nearest(name, names))
        return False

    def field(self, name: str, where: str, *kinds: FieldKind) -> bool:
        """A field, of one of these kinds if any are given."""
        if not self.known(name, self.fields, "unknown_field", where):
            return False
        if kinds and self.fields[name].kind not in kinds:
            self.problems.add("wrong_field_kind", where, " or ".join(kinds), self.fields[name].kind, field=name)
            return False
        return True

    def shown(self, name: str, where: str) -> None:
        """A field whose value may stand in entries, registers and deadlines: none that is sealed in the vault."""
        if (field := self.fields.get(name)) is not None and (field.personal or field.confidential):
            self.problems.add("sealed_field_shown", where, "a field that is neither personal nor confidential", name)

    def party(self, reference: str, where: str, *kinds: PartyKind) -> None:
        """A party, or a role within a party that is a unit."""
        name, _, role = reference.partition(".")
        if not self.known(name, self.parties, "unknown_party", where):
            return
        kind = self.parties[name].kind
        if role and kind != "unit":
            self.problems.add("party_without_roles", where, "a role within a unit", reference)
        if kinds and kind not in kinds:
            self.problems.add("wrong_party_kind", where, " or ".join(kinds), kind, party=name)

    def all_parties(self, references: Iterable[str], where: str, *besides: str) -> None:
        """Parties, or one of the words allowed besides."""
        for reference in references:
            if reference not in besides:
                self.party(reference, where)

    def text(self, name: str, where: str) -> None:
        """The id of a message."""
        self.known(name, self.texts, "unknown_text", where)

    def span(self, phrase: str, where: str) -> None:
        """A span phrase."""
        try:
            parse_span(phrase)
        except DefinitionError as wrong:
            self._note(wrong, where)

    def rung_point(self, phrase: str, where: str) -> None:
        """A point before or after a deadline."""
        try:
            point = parse_point(phrase)
        except DefinitionError as wrong:
            self._note(wrong, where)
            return
        if not isinstance(point, Anchor | Offset):
            self.problems.add("point_is_no_rung", where, "a point before or after the deadline", phrase)

    def _note(self, wrong: DefinitionError, where: str) -> None:
        more = {key: value for key, value in wrong.data.items() if key not in ("expected", "got", "path")}
        self.problems.add(wrong.code, where, wrong.expected, wrong.got, **more)

    def timed(self, deadline: DeadlineSpec | None, undated: str, ladder: str, where: str) -> None:
        """A deadline or the reason for none, and a ladder only where there is a deadline."""
        if (deadline is None) == (not undated):
            self.problems.add("deadline_missing", where, "either a deadline or the reason for none", undated)
        if ladder:
            self.known(ladder, self.ladders, "unknown_ladder", f"{where}.ladder")
            if deadline is None:
                self.problems.add("ladder_without_deadline", f"{where}.ladder", "a deadline to climb from", ladder)
        if deadline is not None:
            self._deadline(deadline, where)

    def _deadline(self, deadline: DeadlineSpec, where: str) -> None:
        if deadline.since:
            self.field(deadline.since, f"{where}.from", "date")
            self.shown(deadline.since, f"{where}.from")
        if deadline.opens:
            self._opens(deadline.opens, f"{where}.opens")
        if [bool(deadline.within), bool(deadline.until), bool(deadline.whichever_first)].count(True) != 1:
            expected = "exactly one of within, until, whichever_first"
            self.problems.add("deadline_missing", where, expected, deadline.within)
        elif deadline.whichever_first:
            for index, one in enumerate(deadline.whichever_first):
                self._deadline(one, f"{where}.whichever_first.{index}")
        elif deadline.within:
            self.span(deadline.within, f"{where}.within")
        elif deadline.until in self.fields:
            self.field(deadline.until, f"{where}.until", "date")
            self.shown(deadline.until, f"{where}.until")
        else:
            self._until(deadline.until, f"{where}.until")

    def _until(self, phrase: str, where: str) -> None:
        try:
            point = parse_point(phrase)
        except DefinitionError as wrong:
            self._note(wrong, where)
            return
        if getattr(point, "of", "") == "deadline":
            self.problems.add("point_needs_deadline", where, "a point that counts from the start", phrase)

    def _opens(self, phrase: str, where: str) -> None:
        try:
            point = parse_point(phrase)
        except DefinitionError as wrong:
            self._note(wrong, where)
            return
        if not isinstance(point, Offset) or (point.of, point.side) != ("deadline", "before"):
            self.problems.add("window_opens_before", where, 'a point before the deadline: "15 workdays before"', phrase)

    def guard(self, text: str, where: str) -> Expression | None:
        """A condition."""
        return self._expression(text, where, FLAG)

    def value(self, text: str, field: str, where: str) -> Expression | None:
        """A value for a field."""
        return self._expression(text, where, field_type(self.fields[field]))

    def computed(self, text: str, where: str, more: Mapping[str, ValueType], key: str) -> Expression | None:
        """A value for a field of another procedure, which may read more names than others; kept under its own key."""
        return self._expression(text, where, None, more, key)

    def _expression(
        self, text: str, where: str, expects: ValueType | None, more: Mapping[str, ValueType] = {}, key: str = ""
    ) -> Expression | None:
        try:
            expression = compile_expression(text, {**self.names, **more}, expects=expects)
        except DefinitionError as wrong:
            self._note(wrong, where)
            return None
        for name in sorted(expression.names):
            # A sealed value is only known while it is typed; later there is a reference in its place.
            self.shown(name.partition(".")[0], where)
        self.compiled.setdefault(key or text, expression)
        return expression

    def path(self, text: str, where: str) -> None:
        """A field, or a property of the unit or place that a field names."""
        field, _, name = text.partition(".")
        if not self.known(field, self.fields, "unknown_field", where):
            return
        self.shown(field, where)
        if name and text not in self.names and f"{field}.*" not in self.names:
            self.problems.add("unknown_name", where, "a property of the unit or place of the case", text)

    def keyword(self, value: Any, allowed: Iterable[str], where: str) -> None:
        """One of a closed set of words."""
        self.known(value, allowed, "unknown_word", where)


def _clocks(procedure: Procedure) -> Iterator[str]:
    for state in procedure.states:
        yield state.path
        yield from (f"{state.path}.{task.id}" for task in state.tasks if task.id)
