"""Changes to nodes before they are read: replaced elements, parameters filled in, shared actions taken over.

Every node keeps the place it was written at, so that an error in what a plan puts in is told at the plan's line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from engine.core.yaml_source import Node
from engine.errors import DefinitionError


@dataclass(frozen=True, kw_only=True)
class Given:
    """The value of a parameter with the clauses that give it."""

    node: Node
    basis: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Filled:
    """A document with its parameters filled in; `basis`: path -> clauses of the value that stands there."""

    node: Node
    basis: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    #: parameters that stand somewhere in the document
    used: set[str] = field(default_factory=set)


def replaced(root: Node, path: str, value: Node, where: Node) -> Node:
    """The document with the element of that dotted path replaced; null takes it away.

    The element must exist, save that the last part may be a new key of an existing map. `where` is the map of the
    plan's replacements, for the place of an error.
    """
    return _replaced(root, path.split(".")[1:], value, lambda got, known: _no_element(path, got, known, where))


def _replaced(node: Node, steps: list[str], value: Node, error: object) -> Node:
    entries = node.map()
    step, rest = steps[0], steps[1:]
    if not entries or (step not in entries and (rest or value.value is None)):
        assert callable(error)
        raise error(step, list(entries))
    changed = dict(entries)
    if rest:
        changed[step] = _replaced(entries[step], rest, value, error)
    elif value.value is None:
        del changed[step]
    else:
        changed[step] = value
    keys = {**node.keys, **({step: (value.line, value.column)} if step not in entries else {})}
    return replace(node, value=changed, keys=keys)


def _no_element(path: str, got: str, known: list[str], where: Node) -> DefinitionError:
    return DefinitionError(
        "unknown_element",
        place=where.key_place(path, f"replace.{path}"),
        expected="one of " + ", ".join(known) if known else "a path that ends before this",
        got=got,
        nearest=(get_close_matches(got, known, n=1) or [""])[0],
    )


def filled(root: Node, values: Mapping[str, Given]) -> Filled:
    """The document with every `$name` replaced by its value; names without a value stay (and are in `used`)."""
    result = Filled(node=root)
    result.node = _filled(root, values, (), result)
    return result


def _filled(node: Node, values: Mapping[str, Given], path: tuple[str, ...], result: Filled) -> Node:
    match node.value:
        case dict() as entries:
            return replace(
                node, value={key: _filled(one, values, (*path, key), result) for key, one in entries.items()}
            )
        case list() as items:
            return replace(
                node, value=[_filled(one, values, (*path, str(index)), result) for index, one in enumerate(items)]
            )
        case str(text) if text.startswith("$"):
            result.used.add(text[1:])
            given = values.get(text[1:])
            if given is None:
                return node
            if given.basis:
                result.basis[path] = given.basis
            return given.node
        case _:
            return node


def with_shared(root: Node) -> Node:
    """The procedure with every `use: NAME` replaced by that shared action, overridden by what stands there."""
    shared = root.map().get("shared")
    known = shared.map() if shared else {}
    return _with_shared(root, known, ())


def _with_shared(node: Node, known: dict[str, Node], path: tuple[str, ...]) -> Node:
    match node.value:
        case dict() as entries:
            changed = {key: _with_shared(one, known, (*path, key)) for key, one in entries.items()}
            use = changed.get("use")
            if use is None or len(path) < 2 or path[-2] != "actions":
                return replace(node, value=changed)
            return _taken_over(node, changed, use, known, path)
        case list() as items:
            return replace(
                node, value=[_with_shared(one, known, (*path, str(index))) for index, one in enumerate(items)]
            )
        case _:
            return node


def _taken_over(node: Node, own: dict[str, Node], use: Node, known: dict[str, Node], path: tuple[str, ...]) -> Node:
    action = known.get(str(use.value))
    if action is None:
        raise DefinitionError(
            "unknown_shared_action",
            place=use.place(".".join((*path, "use"))),
            expected="one of " + ", ".join(known),
            got=use.value,
        )
    taken = {**action.map(), **{key: one for key, one in own.items() if key != "use"}}
    return replace(node, value=taken, keys={**action.keys, **node.keys})
