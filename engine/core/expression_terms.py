"""From the nodes of Python's parser to typed closures: each allowed node has one method, all others are refused."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from engine.core import expression_operators as operators
from engine.core.expression_fitting import Fitting, Term, coerced, constant, nearest
from engine.core.expression_functions import FUNCTIONS, Function
from engine.core.expression_types import (
    ANY,
    FLAG,
    NONE,
    NUMBER,
    TEXT,
    Scope,
    Unfit,
    ValueType,
    as_flag,
    bounded,
)

MOST_DEPTH = 16
MOST_ITEMS = 50


class Builder(Fitting):
    """Builds the term of one text and notes the names it uses."""

    def __init__(self, text: str, start: int, names: Mapping[str, ValueType]) -> None:
        super().__init__(text, start)
        self._names = {unicodedata.normalize("NFKC", name): kind for name, kind in names.items()}
        self.used: set[str] = set()

    def build(self, node: ast.expr, depth: int) -> Term:
        """The term of a node; Refused for whatever the grammar does not know."""
        if depth > MOST_DEPTH:
            raise self.refused("expression_too_deep", f"at most {MOST_DEPTH} levels", node)
        method = _METHODS.get(type(node))
        if method is None:
            raise self.refused("expression_not_allowed", "the closed grammar", node, found=type(node).__name__)
        return method(self, node, depth + 1)

    def _flag(self, node: ast.expr, depth: int) -> Callable[[Scope], Any]:
        """A node where only a flag makes sense."""
        term = self.fit(self.build(node, depth), FLAG, node)
        run = term.run
        return run if term.exact else lambda scope: as_flag(run(scope))

    def _number(self, node: ast.expr, depth: int) -> Callable[[Scope], Any]:
        return self.fit(self.build(node, depth), NUMBER, node).run

    def literal(self, node: ast.Constant, depth: int) -> Term:
        """A text, number, True, False or None."""
        value = node.value
        if value is None:
            return constant(NONE, None)
        if isinstance(value, bool):
            return constant(FLAG, value)
        if isinstance(value, str):
            return constant(TEXT, unicodedata.normalize("NFC", value))
        if isinstance(value, int | float):
            try:
                return constant(NUMBER, bounded(value if isinstance(value, int) else Decimal(repr(value))))
            except Unfit:
                raise self.refused("number_too_large", "a number up to 10^15", node) from None
        raise self.refused("expression_not_allowed", "the closed grammar", node, found=type(value).__name__)

    def name(self, node: ast.expr, depth: int) -> Term:
        """A declared name, dotted or not."""
        path: list[str] = []
        part = node
        while isinstance(part, ast.Attribute):
            path.append(part.attr)
            part = part.value
        if not isinstance(part, ast.Name):
            raise self.refused("expression_not_allowed", "a declared name", node, found="Attribute")
        path.append(part.id)
        dotted = ".".join(reversed(path))
        kind = self._names.get(dotted)
        if kind is None and len(path) == 2 and not path[0].startswith("_"):
            kind = self._names.get(f"{path[1]}.*")
        if kind is None:
            raise self.refused("unknown_name", "a declared name", node, name=dotted, nearest=self._near(dotted))
        self.used.add(dotted)
        return Term(type=kind, run=operators.load(dotted, kind.kind))

    def _near(self, dotted: str) -> str:
        return nearest(dotted, [name for name in self._names if not name.endswith("*")])

    def listed(self, node: ast.List | ast.Tuple, depth: int) -> Term:
        """A list of literals of one kind."""
        if not 1 <= len(node.elts) <= MOST_ITEMS:
            raise self.refused("expression_too_large", f"1 to {MOST_ITEMS} values", node)
        items = [self.build(each, depth) for each in node.elts]
        for item, each in zip(items, node.elts, strict=True):
            if not item.literal or item.type.kind == "list":
                raise self.refused("expression_not_allowed", "a list of literals", each, found="List")
            if item.type != items[0].type:
                raise self.refused("type_mismatch", items[0].type.kind, each, found=item.type.kind)
        return constant(ValueType("list", item=items[0].type), tuple(item.value for item in items))

    def boolean(self, node: ast.BoolOp, depth: int) -> Term:
        """And, or."""
        parts = tuple(self._flag(value, depth) for value in node.values)
        run = operators.both(parts) if isinstance(node.op, ast.And) else operators.either(parts)
        return Term(type=FLAG, run=run, exact=True)

    def unary(self, node: ast.UnaryOp, depth: int) -> Term:
        """Not, minus, plus."""
        if isinstance(node.op, ast.Not):
            inner = self._flag(node.operand, depth)
            return Term(type=FLAG, run=lambda scope: not inner(scope), exact=True)
        if not isinstance(node.op, ast.USub | ast.UAdd):
            raise self.refused("expression_not_allowed", "the closed grammar", node, found=type(node.op).__name__)
        term = self.fit(self.build(node.operand, depth), NUMBER, node)
        if isinstance(node.op, ast.UAdd):
            return term
        if term.literal:
            return constant(NUMBER, -term.value)
        return Term(type=NUMBER, run=operators.negated(term.run))

    def arithmetic(self, node: ast.BinOp, depth: int) -> Term:
        """Plus, minus, times, divided by: numbers only."""
        operation = operators.ARITHMETIC_OF.get(type(node.op))
        if operation is None:
            raise self.refused("expression_not_allowed", "+ - * /", node, found=type(node.op).__name__)
        left, right = self._number(node.left, depth), self._number(node.right, depth)
        return Term(type=NUMBER, run=lambda scope: operation(left(scope), right(scope)))

    def comparison(self, node: ast.Compare, depth: int) -> Term:
        """One comparison or a chain of them."""
        operands = [node.left, *node.comparators]
        terms = [self.build(each, depth) for each in operands]
        checks = tuple(
            self._compared(operator, pair, where)
            for operator, pair, where in zip(node.ops, pairwise(terms), pairwise(operands), strict=True)
        )
        return Term(type=FLAG, run=checks[0] if len(checks) == 1 else operators.both(checks), exact=True)

    def _compared(
        self, operator: ast.cmpop, pair: tuple[Term, Term], nodes: tuple[ast.expr, ast.expr]
    ) -> Callable[[Scope], Any]:
        if isinstance(operator, ast.In | ast.NotIn):
            return self._contained(operator, pair, nodes)
        ordering = operators.ORDER_OF.get(type(operator))
        if ordering is None and not isinstance(operator, ast.Eq | ast.NotEq):
            raise self.refused("expression_not_allowed", "== != < <= > >=", nodes[1], found=type(operator).__name__)
        negative = isinstance(operator, ast.NotEq)
        if ordering is None and NONE in (pair[0].type, pair[1].type):
            return operators.equal(pair[0].run, pair[1].run, negative)
        if ordering is not None:
            pair = self.dated(*pair, nodes)
        left, right = self.alike(*pair, nodes)
        kind = left.type.kind
        if ordering is not None:
            if kind not in ("number", "date", "any"):
                raise self.refused("unordered_type", "numbers or dates", nodes[0], found=kind)
            return operators.ordered(left.run, right.run, ordering)
        if kind == "list":
            raise self.refused("type_mismatch", "one value", nodes[0], found="list")
        if kind == "flag":
            return operators.equal(operators.set_flag(left.run), operators.set_flag(right.run), negative)
        same = operators.equal_if_alike if kind == "any" else operators.equal
        return same(left.run, right.run, negative)

    def _contained(
        self, operator: ast.cmpop, pair: tuple[Term, Term], nodes: tuple[ast.expr, ast.expr]
    ) -> Callable[[Scope], Any]:
        left, right = pair
        right = self.fit(right, ValueType("list", item=ANY), nodes[1])
        if left.type.kind == "list":
            raise self.refused("type_mismatch", "one value", nodes[0], found="list")
        if left.type.kind == "any" or left.literal:
            left = self.fit(left, right.type.item or ANY, nodes[0])
        right = self.items_as(right, left.type, nodes[1])
        if right.type.item is not None:
            self.alike(left, Term(type=right.type.item, run=right.run), nodes)
        return operators.contained(left.run, right.run, isinstance(operator, ast.NotIn))

    def call(self, node: ast.Call, depth: int) -> Term:
        """A call of one of our functions."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        function = FUNCTIONS.get(name)
        if function is None:
            raise self.refused("unknown_function", "a function", node, name=name, nearest=nearest(name, FUNCTIONS))
        if node.keywords or not function.needed <= len(node.args) <= function.most:
            expected = f"{function.needed} to {function.most} arguments"
            raise self.refused("wrong_arguments", expected, node, name=name)
        terms = self._arguments(function, node.args, depth)
        runs = tuple(term.run for term in terms)
        kind = function.result or next((term.type for term in terms if term.type.kind not in ("none", "any")), ANY)
        return Term(
            type=kind,
            run=operators.called(function.run, runs, function.takes_none),
            exact=kind == FLAG and function.result is not None,
        )

    def _arguments(self, function: Function, nodes: list[ast.expr], depth: int) -> list[Term]:
        terms = [self.build(node, depth) for node in nodes]
        for index, (term, node) in enumerate(zip(terms, nodes, strict=True)):
            kinds = function.parameters[min(index, len(function.parameters) - 1)]
            if term.type.kind == "any":
                if len(kinds) == 1 or ("choice" in kinds and "list" not in kinds):
                    terms[index] = coerced(term, ValueType("text" if "text" in kinds else next(iter(kinds))))
            elif term.type.kind not in kinds:
                raise self.refused("type_mismatch", " or ".join(sorted(kinds)), node, found=term.type.kind)
        lead = next((t.type for t in terms if not t.literal and t.type.kind != "any"), terms[0].type)
        if function.repeated:
            lead = lead if lead.kind != "none" else next((t.type for t in terms if t.type.kind != "none"), lead)
            return [t if t.type.kind == "none" else self.fit(t, lead, n) for t, n in zip(terms, nodes, strict=True)]
        if lead.kind == "list":
            return [self.items_as(t, lead.item, n) for t, n in zip(terms, nodes, strict=True)]
        return terms


_METHODS: Mapping[type[ast.expr], Callable[[Builder, Any, int], Term]] = {
    ast.Constant: Builder.literal,
    ast.Name: Builder.name,
    ast.Attribute: Builder.name,
    ast.List: Builder.listed,
    ast.Tuple: Builder.listed,
    ast.BoolOp: Builder.boolean,
    ast.UnaryOp: Builder.unary,
    ast.BinOp: Builder.arithmetic,
    ast.Compare: Builder.comparison,
    ast.Call: Builder.call,
}
