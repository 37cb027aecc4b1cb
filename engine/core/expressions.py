"""Guards and computed values: a closed grammar over declared names, checked at load, compiled to closures.

Comparison, and/or/not, in, arithmetic on numbers, literals, declared names and dotted paths, the functions of
`expression_functions`; nothing else. Python's parser reads the text after its size was bounded; its tree is then
rebuilt node by node, and what the grammar does not name is refused. Nothing is ever evaluated by Python itself.
"""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from engine.core.expression_fitting import Refused, Term
from engine.core.expression_terms import Builder
from engine.core.expression_types import COERCIONS, NONE, Kind, Scope, Unfit, ValueType
from engine.errors import DefinitionError, ExpressionError

MOST_CHARACTERS = 500
MOST_NODES = 150
MOST_BRACKETS = 40
_FAILURES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError, Unfit)
#: What Python's parser may raise on hostile text.
_UNPARSED = (SyntaxError, ValueError, RecursionError, MemoryError)


class Expression:
    """A compiled expression; immutable, equal by text and type, safe to share between threads."""

    __slots__ = ("_run", "names", "text", "type")

    def __init__(self, text: str, term: Term, names: frozenset[str]) -> None:
        self.text = text
        self.type: ValueType = term.type
        #: the dotted names it reads, NFKC-normalised
        self.names = names
        self._run: Callable[[Scope], Any] = term.run

    def evaluate(self, scope: Scope) -> Any:
        """The value in a scope of full dotted names; raises ExpressionError, which means deny.

        Numbers are int or Decimal, dates `date`; `to_json` makes of them what an entry keeps.
        """
        try:
            return self._run(scope)
        except _FAILURES as failure:
            code = failure.code if isinstance(failure, Unfit) else _FAILED.get(type(failure), "not_computable")
            # Without its cause: that may quote a confidential value.
            raise ExpressionError("expression_failed", text=self.text, why=code) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and (self.text, self.type) == (other.text, other.type)

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


_FAILED: Mapping[type, str] = {KeyError: "name_missing", ZeroDivisionError: "division_by_zero"}


def compile_expression(
    text: object, names: Mapping[str, ValueType], *, expects: ValueType | None = None, path: str = ""
) -> Expression:
    """Check a text against the declared names and compile it; DefinitionError says at which column what is wrong.

    A name ending in `.*` declares all attributes of what stands before it. With `expects` the value must be of that
    type. The error's data: `path` as given, `column` from 1 in characters, `nearest` where something was misspelt.
    """
    try:
        source, tree, start = _parse(text)
        builder = Builder(source, start, names)
        term = builder.build(tree, 0)
        if expects is not None:
            term = _expected(term, expects, builder, tree)
    except Refused as wrong:
        raise DefinitionError(
            wrong.code, expected=wrong.expected, got=text, path=path, column=wrong.column, **wrong.data
        ) from None
    return Expression(source, term, frozenset(builder.used))


def _parse(text: object) -> tuple[str, ast.expr, int]:
    """The text, its tree, and how many characters stand before it."""
    if not isinstance(text, str) or not text.strip(" "):
        raise Refused("expression_empty", "an expression", 1)
    if len(text) > MOST_CHARACTERS:
        raise Refused("expression_too_long", f"at most {MOST_CHARACTERS} characters", MOST_CHARACTERS + 1)
    for column, character in enumerate(text, 1):
        # Backslashes have no use here; line ends would hide a second line from a reader.
        if character == "\\" or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            raise Refused("expression_character", "no backslash or control character", column)
    if sum(text.count(bracket) for bracket in "([{") > MOST_BRACKETS:
        raise Refused("expression_too_deep", f"at most {MOST_BRACKETS} brackets", 1)
    start = len(text) - len(text.lstrip(" "))
    try:
        tree = ast.parse(text[start:], mode="eval").body
    except _UNPARSED as wrong:
        # Python says 0 where the text ends too early.
        offset = (wrong.offset or len(text)) if isinstance(wrong, SyntaxError) else 1
        raise Refused("expression_syntax", "an expression", min(start + max(offset, 1), len(text))) from None
    tail = text[start:].encode()[tree.end_col_offset :]
    if b"#" in tail:
        raise Refused("expression_character", "no comment", len(text) - len(tail.decode().partition("#")[2]))
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise Refused("expression_too_large", f"at most {MOST_NODES} terms", 1)
    return text, tree, start


def _expected(term: Term, expects: ValueType, builder: Builder, node: ast.expr) -> Term:
    """The term as the expected type: literals are read as it, types known only at run time are tested then."""
    if term.type == NONE and expects.kind != "flag":
        return term
    term = builder.fit(term, expects, node)
    kind: Kind = expects.kind
    if kind in ("any", "list"):
        return term
    coerce, run = COERCIONS[kind], term.run
    if term.type.kind == "any" or kind == "flag":
        return Term(type=expects, run=lambda scope: coerce(run(scope)))
    return term
