"""Nodes → models: what pydantic finds wrong becomes DefinitionErrors that say file, line, path, expectation."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.core.language.named import visits
from engine.core.yaml_source import Node, shown
from engine.errors import DefinitionError, Place

M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "string_type": "a text",
    "string_too_short": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "decimal_type": "a number",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "list_type": "a list",
    "too_short": "at least one entry",
}


def understand(
    node: Node, model: type[M], *, parameters: Mapping[str, str] | None = None
) -> tuple[M | None, list[DefinitionError]]:
    """The document as its model, or all that is wrong with it; parameters: name -> kind that $name may stand for."""
    try:
        return model.model_validate(node.plain(), context={"parameters": dict(parameters or {})}), []
    except ValidationError as error:
        keys = _keys(node, model)
        found = [_problem(detail, node, keys) for detail in error.errors(include_url=False)]
        return None, _without_doubles(found)


def _keys(node: Node, model: type[BaseModel]) -> dict[tuple[str, ...], list[str]]:
    """The keys each map of the document may have."""
    return {
        visit.path: [info.alias or name for name, info in visit.model.model_fields.items()]
        for visit in visits(node, model)
        if visit.model is not None
    }


def _problem(detail: ErrorDetails, root: Node, keys: dict[tuple[str, ...], list[str]]) -> DefinitionError:
    node, path, rest = _walk(root, [str(step) for step in detail["loc"]])
    kind, context = detail["type"], dict(detail.get("ctx") or {})
    if kind == "definition":
        return DefinitionError(
            str(context.pop("code")),
            place=node.place(".".join(path)),
            expected=str(context.pop("expected")),
            got=context.pop("got", None),
            **context,
        )
    if kind == "extra_forbidden":
        return _unknown_key(root, path, keys)
    if kind == "missing":
        return DefinitionError(
            "missing_key", place=node.place(".".join([*path, *rest[-1:]])), expected=f"a value for {rest[-1]}"
        )
    if rest == ["[key]"]:
        return DefinitionError(
            "wrong_key", place=_key_place(root, path), expected=_expected(kind, context, detail["msg"]), got=path[-1]
        )
    return DefinitionError(
        "wrong_value",
        place=node.place(".".join(path)),
        expected=_expected(kind, context, detail["msg"]),
        got=shown(node.plain()),
    )


def _expected(kind: str, context: dict[str, Any], message: str) -> str:
    if kind == "literal_error":
        return f"one of {context['expected']}"
    if kind == "string_pattern_mismatch":
        return f"a text like {context['pattern']}"
    if kind == "string_too_long":
        return f"at most {context['max_length']} characters"
    return _EXPECTED.get(kind, message[:1].lower() + message[1:])


def _unknown_key(root: Node, path: list[str], keys: dict[tuple[str, ...], list[str]]) -> DefinitionError:
    known = keys.get(tuple(path[:-1]), [])
    nearest = (get_close_matches(path[-1], known, n=1, cutoff=0.6) or [""])[0]
    expected = f"`{nearest}`" if nearest else "one of " + ", ".join(known)
    return DefinitionError(
        "unknown_key", place=_key_place(root, path), expected=expected, got=path[-1], nearest=nearest
    )


def _key_place(root: Node, path: list[str]) -> Place:
    container, _, _ = _walk(root, path[:-1])
    return container.key_place(path[-1], ".".join(path))


def _walk(root: Node, steps: list[str]) -> tuple[Node, list[str], list[str]]:
    """The deepest node on the way, its path, and the steps that led nowhere (names of alternatives are passed over)."""
    node = root
    path: list[str] = []
    rest: list[str] = []
    for step in steps:
        if isinstance(node.value, dict) and step in node.value:
            node, rest = node.value[step], []
        elif isinstance(node.value, list) and step.isdecimal() and int(step) < len(node.value):
            node, rest = node.value[int(step)], []
        else:
            rest.append(step)
            continue
        path.append(step)
    return node, path, rest


def _without_doubles(found: list[DefinitionError]) -> list[DefinitionError]:
    """Alternatives of one value each complain: the first is kept for each place; a misspelt key is not missing, too."""
    first: dict[tuple[str, int, int, str], DefinitionError] = {}
    meant = {problem.data["nearest"] for problem in found if problem.code == "unknown_key"}
    for problem in found:
        assert problem.place is not None
        if problem.code == "missing_key" and problem.place.path.rpartition(".")[2] in meant:
            continue
        place = problem.place
        first.setdefault((place.file, place.line, place.column, place.path), problem)
    return sorted(first.values(), key=lambda one: (one.place.line, one.place.column) if one.place else (0, 0))
