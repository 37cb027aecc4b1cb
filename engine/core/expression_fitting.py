"""Terms of an expression, and how one is read as the type that another asks for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from engine.core.expression_types import ANY, COERCIONS, DATE, FLAG, TEXT, Scope, ValueType, read_date


@dataclass(frozen=True, kw_only=True)
class Term:
    """A checked part of an expression; `exact`: a flag that is never None; `literal`: its value stands in the text."""

    type: ValueType
    run: Callable[[Scope], Any]
    exact: bool = False
    literal: bool = False
    value: Any = None


class Refused(Exception):
    """A text outside the grammar; turned into a DefinitionError by `compile_expression`."""

    def __init__(self, code: str, expected: str, column: int, **data: Any) -> None:
        super().__init__(code)
        self.code, self.expected, self.column, self.data = code, expected, column, data


class Fitting:
    """Makes the types within one text agree; refuses at the column where they cannot."""

    def __init__(self, text: str, start: int) -> None:
        self._source = text[start:].encode()
        self._start = start

    def refused(self, code: str, expected: str, node: ast.AST, **data: Any) -> Refused:
        """A refusal at a node; Python counts UTF-8 bytes, people count characters."""
        at = getattr(node, "col_offset", 0)
        column = self._start + len(self._source[:at].decode(errors="replace")) + 1
        return Refused(code, expected, column, **data)

    def fit(self, term: Term, wanted: ValueType, node: ast.AST) -> Term:
        """The term read as another type, where that makes sense."""
        have, want = term.type.kind, wanted.kind
        if have == want or want == "any":
            return term
        if have == "any":
            return coerced(term, wanted)
        if have == "text" and term.literal:
            return self._fit_literal(term, wanted, node)
        if have == "choice" and want == "text":
            return term
        raise self.refused("type_mismatch", want, node, found=have)

    def _fit_literal(self, term: Term, wanted: ValueType, node: ast.AST) -> Term:
        text = term.value
        match wanted.kind:
            case "choice":
                if text not in wanted.choices:
                    expected = ", ".join(wanted.choices)
                    raise self.refused("undeclared_choice", expected, node, nearest=nearest(text, wanted.choices))
                return constant(wanted, text)
            case "date":
                day = read_date(text)
                if day is None:
                    raise self.refused("not_a_date", "a date like '2026-10-12'", node)
                return constant(DATE, day)
            case "entity":
                return constant(wanted, text)
        raise self.refused("type_mismatch", wanted.kind, node, found="text")

    def alike(self, left: Term, right: Term, nodes: tuple[ast.AST, ast.AST]) -> tuple[Term, Term]:
        """Both terms as one type."""
        if left.type.kind == right.type.kind:
            return left, right
        if right.type.kind == "any" or (right.literal and left.type.kind != "any"):
            return left, self.fit(right, left.type, nodes[1])
        if left.type.kind == "text" and right.type.kind == "choice" and not left.literal:
            return left, right
        return self.fit(left, right.type, nodes[0]), right

    def dated(self, left: Term, right: Term, nodes: tuple[ast.expr, ast.expr]) -> tuple[Term, Term]:
        """A text that stands in an order with something of unknown type can only be a date."""
        if left.type == ANY and right.type == TEXT and right.literal:
            return left, self.fit(right, DATE, nodes[1])
        if right.type == ANY and left.type == TEXT and left.literal:
            return self.fit(left, DATE, nodes[0]), right
        return left, right

    def items_as(self, term: Term, item: ValueType | None, node: ast.expr) -> Term:
        """A literal list with its items read as another type; any other list as it is."""
        if not isinstance(node, ast.List | ast.Tuple) or item is None or item.kind == "any" or item == term.type.item:
            return term
        assert term.type.item is not None
        fitted = [
            self.fit(constant(term.type.item, value), item, each)
            for value, each in zip(term.value, node.elts, strict=True)
        ]
        return constant(ValueType("list", item=item), tuple(each.value for each in fitted))


def constant(kind: ValueType, value: Any) -> Term:
    return Term(type=kind, run=lambda scope: value, exact=kind == FLAG, literal=True, value=value)


def coerced(term: Term, wanted: ValueType) -> Term:
    coerce, run = COERCIONS[wanted.kind], term.run
    return Term(type=wanted, run=lambda scope: coerce(run(scope)), exact=wanted == FLAG)


def nearest(word: str, words: Iterable[str]) -> str:
    found: list[str] = get_close_matches(word, list(words), n=1, cutoff=0.5)
    return found[0] if found else ""
