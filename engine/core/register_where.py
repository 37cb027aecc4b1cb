"""The condition of a register, from the text of the guard grammar to what a store can answer; the rest is refused.

What may stand in it: `and`, `or`, `not`; a column compared with a literal by == or !=; `in` a list of literals; days
and numbers in order, days also with `today`; a column that is a mark, by itself.
"""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Mapping
from typing import NoReturn

from engine.core.conditions import TODAY, Compared, Condition, Either, Every, Operator, Same, negated
from engine.core.definition import FieldSpec, Procedure
from engine.core.expression_fitting import nearest
from engine.core.expression_types import DATE, ENTITY, FLAG, NUMBER, TEXT, ValueType, read_date
from engine.core.expressions import compile_expression
from engine.core.scope_names import field_type
from engine.errors import DefinitionError

_OPERATORS: Mapping[type[ast.cmpop], Operator] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_MIRRORED: Mapping[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_DAYS = ("due", "opened", "closed")
_MARKS = ("open", "overdue", "escalated", "was_escalated")
_COUNTS = ("expiries", "reopened")
_ANSWERABLE = "a column compared with a literal, joined by and, or, not"


def where(text: str, procedure: Procedure) -> Condition:
    """The condition that the text means for cases of the procedure; DefinitionError says what cannot be answered."""
    fields = {spec.id: spec for spec in procedure.fields}
    names = _case_names(procedure) | {name: _type_of(spec) for name, spec in fields.items()} | {TODAY: DATE}
    expression = compile_expression(text, names, expects=FLAG)
    builder = _Builder(text, {unicodedata.normalize("NFKC", name): name for name in names}, fields)
    for name in sorted(expression.names):
        if name in fields:
            builder.check_filtered(fields[name])
    return builder.condition(ast.parse(text.strip(" "), mode="eval").body)


def _case_names(procedure: Procedure) -> dict[str, ValueType]:
    states = {state.path for state in procedure.states}
    above = {path.rpartition(".")[0] for path in states} - {""}
    kinds = dict.fromkeys(state.final for state in procedure.states if state.final)
    return {
        "state": ValueType("choice", tuple(sorted(states | above))),
        "ended": ValueType("choice", tuple(kinds)),
        "unit": ENTITY,
        "place": ENTITY,
        "region": TEXT,
        "industry": TEXT,
        **dict.fromkeys(_DAYS, DATE),
        **dict.fromkeys(_MARKS, FLAG),
        **dict.fromkeys(_COUNTS, NUMBER),
    }


def _type_of(spec: FieldSpec) -> ValueType:
    """A field of several values is compared one by one: it has a value, or has it not."""
    kind = field_type(spec)
    return kind.item if kind.kind == "list" and kind.item is not None else kind


class _Builder:
    """One text; every method raises DefinitionError for what no store can answer."""

    def __init__(self, text: str, names: Mapping[str, str], fields: Mapping[str, FieldSpec]) -> None:
        self.text = text
        self.names = names
        self.fields = fields

    def check_filtered(self, spec: FieldSpec) -> None:
        """Only declared filters stand beside the cases."""
        if not spec.filtered or spec.personal or spec.confidential:
            known = [one.id for one in self.fields.values() if one.filtered]
            raise DefinitionError(
                "not_a_filter",
                expected="a field with filter: true" + (f", such as {', '.join(known)}" if known else ""),
                got=spec.id,
                nearest=nearest(spec.id, known),
            )

    def condition(self, node: ast.expr) -> Condition:
        """The condition of a node."""
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return Every(parts=tuple(self.condition(one) for one in values))
            case ast.BoolOp(values=values):
                return Either(parts=tuple(self.condition(one) for one in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return negated(self.condition(operand))
            case ast.Name(id=name) if self._is_mark(self.names.get(name, name)):
                return Same(column=self._key(self.names[name]), values=("true",))
            case ast.Compare(left=left, ops=operators, comparators=others):
                nodes = [left, *others]
                parts = [self._pair(nodes[at], operator, nodes[at + 1]) for at, operator in enumerate(operators)]
                return parts[0] if len(parts) == 1 else Every(parts=tuple(parts))
        return self._refuse(node)

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Condition:
        if isinstance(operator, ast.In | ast.NotIn):
            if not isinstance(left, ast.Name) or not isinstance(right, ast.List | ast.Tuple):
                self._refuse(right)
            name = self._name(left)
            values = tuple(self._text(name, one) for one in right.elts)
            return Same(column=self._key(name), values=values, negative=isinstance(operator, ast.NotIn))
        told = _OPERATORS.get(type(operator))
        if told is None:
            self._refuse(left)
        if isinstance(right, ast.Name) and (not isinstance(left, ast.Name) or self._name(left) == TODAY):
            left, right, told = right, left, _MIRRORED[told]
        if not isinstance(left, ast.Name) or self._name(left) == TODAY:
            self._refuse(left)
        return self._compared(self._name(left), told, right)

    def _compared(self, name: str, operator: Operator, value: ast.expr) -> Condition:
        kind = self.fields[name].kind if name in self.fields else ""
        if kind == "number":
            self._refuse(value, "no number of a form: registers keep them as texts")
        if kind == "date" or (not kind and name in _DAYS):
            return Compared(column=self._key(name), operator=operator, value=self._day(value))
        if not kind and name in _COUNTS:
            if not isinstance(value, ast.Constant) or type(value.value) is not int:
                self._refuse(value, "a whole number")
            return Compared(column=name, operator=operator, value=value.value)
        if operator not in ("==", "!="):
            self._refuse(value)
        return Same(column=self._key(name), values=(self._text(name, value),), negative=operator == "!=")

    def _is_mark(self, name: str) -> bool:
        return self.fields[name].kind == "flag" if name in self.fields else name in _MARKS

    def _key(self, name: str) -> str:
        return f"field:{name}" if name in self.fields else name

    def _name(self, node: ast.expr) -> str:
        name = node.id if isinstance(node, ast.Name) else ""
        return self.names.get(unicodedata.normalize("NFKC", name), name)

    def _day(self, node: ast.expr) -> str:
        if self._name(node) == TODAY:
            return TODAY
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or read_date(node.value) is None:
            self._refuse(node, "today, or a date like '2026-10-12'")
        return node.value

    def _text(self, name: str, node: ast.expr) -> str:
        """A literal, as registers keep its value."""
        if not isinstance(node, ast.Constant):
            self._refuse(node)
        if isinstance(node.value, bool):
            return "true" if node.value else "false"
        if not isinstance(node.value, str):
            self._refuse(node, "a text")
        return node.value

    def _refuse(self, node: ast.AST, expected: str = _ANSWERABLE) -> NoReturn:
        source = self.text.strip(" ").encode()
        column = len(source[: getattr(node, "col_offset", 0)].decode(errors="replace")) + 1
        got = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
        raise DefinitionError("not_answerable", expected=expected, got=got, column=column)
