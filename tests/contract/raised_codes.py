"""Finds in the sources which error codes may be raised, with the data each is raised with."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ERRORS = frozenset(
    {
        "BadInput", "Broken", "Busy", "CommitUnknown", "Conflict", "DefinitionError", "ExpressionError", "NotFound",
        "NotPermitted", "Problem", "Refusal", "Refused", "RowProblem", "Stale", "StaleWrite", "Unfit", "ZhibenError",
    }
)  # fmt: skip
#: Data that every error of a class carries.
ALWAYS = {"DefinitionError": {"expected", "got"}, "BadInput": {"field"}}
#: What a code looks like, where a text might also be something else.
_CODE = re.compile("[a-z]+(_[a-z]+)+")
#: Arguments that are no data.
NO_DATA = {"place"}


@dataclass(frozen=True, kw_only=True)
class Raised:
    """One place that makes an error; `open` where it also passes on data that cannot be read from the source."""

    code: str
    error: str
    keys: frozenset[str]
    file: str
    line: int
    open: bool


def raised_in(folders: list[Path]) -> dict[str, list[Raised]]:
    """Every code that may be raised, by its places."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    modules = {str(path): ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    passing = {name: how for module in modules.values() for name, how in _passing(module).items()}
    found: dict[str, list[Raised]] = defaultdict(list)
    for file, module in modules.items():
        for one in _of_module(module, file, passing):
            found[one.code].append(one)
    return dict(found)


def _of_module(tree: ast.Module, file: str, passing: dict[str, tuple[int, str]]) -> Iterator[Raised]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        if name in ERRORS or (name == "__init__" and node.args and isinstance(node.func, ast.Attribute)):
            yield from _raised(node, name, 0, file)
        elif _collects(node):
            yield from _raised(node, "DefinitionError", 0, file)
        elif name in passing:
            position, error = passing[name]
            for one in _raised(node, error, position, file):
                if _CODE.fullmatch(one.code):
                    yield replace(one, open=True)


def _collects(call: ast.Call) -> bool:
    """Whether the call notes a problem of a definition: `problems.add(...)`."""
    return _name(call.func) == "add" and _name(getattr(call.func, "value", call)).endswith("problems")


def _raised(call: ast.Call, error: str, position: int, file: str) -> Iterator[Raised]:
    if len(call.args) <= position:
        return
    keys = {keyword.arg for keyword in call.keywords if keyword.arg} - NO_DATA | ALWAYS.get(error, set())
    more = any(keyword.arg is None for keyword in call.keywords)
    for code in _texts(call.args[position]):
        yield Raised(code=code, error=error, keys=frozenset(keys), file=file, line=call.lineno, open=more)


def _passing(tree: ast.Module) -> dict[str, tuple[int, str]]:
    """Functions that hand one of their parameters to an error as its code: name -> (position, error)."""
    found: dict[str, tuple[int, str]] = {}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = [argument.arg for argument in function.args.args if argument.arg != "self"]
        for call in ast.walk(function):
            if not isinstance(call, ast.Call) or not call.args or not isinstance(call.args[0], ast.Name):
                continue
            error = "DefinitionError" if _collects(call) else _name(call.func)
            if error in ERRORS and call.args[0].id in names:
                found[function.name] = (names.index(call.args[0].id), error)
    return found


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body)
            yield from _texts(other)
