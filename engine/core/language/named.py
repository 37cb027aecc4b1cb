"""Walks a document together with its model: which key belongs to which model, where ids are given and referred to."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from engine.core.language.names import Defines, Refers, marks
from engine.core.yaml_source import Node

Mark = Defines | Refers


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One value of a document, or one key of a map of ids, with what its model says of it."""

    path: tuple[str, ...]
    node: Node
    #: the key itself is meant, not its value
    key: str | None = None
    #: the model of a map, None of anything else
    model: type[BaseModel] | None = None
    marks: tuple[Mark, ...] = ()


def visits(node: Node, model: type[BaseModel]) -> Iterator[Visit]:
    """Every value and every key of a map of ids, from the document inwards; what the model does not know is left."""
    return _visit(node, model, (), ())


def occurrences(node: Node, model: type[BaseModel]) -> Iterator[tuple[str, Visit, Mark]]:
    """Every text that gives an id or refers to some, with its marks."""
    for visit in visits(node, model):
        text = visit.key if visit.key is not None else visit.node.value
        if isinstance(text, str):
            for mark in visit.marks:
                yield text, visit, mark


def _visit(node: Node, annotation: Any, path: tuple[str, ...], found: tuple[Mark, ...]) -> Iterator[Visit]:
    candidates = list(_unwrapped(annotation, found))
    if isinstance(node.value, dict):
        for kind, _ in candidates:
            if _is_model(kind):
                yield from _visit_model(node, kind, path)
                return
            if get_origin(kind) is dict:
                yield from _visit_map(node, kind, path)
                return
    as_scalar = not isinstance(node.value, list) and any(kind is str for kind, _ in candidates)
    for kind, _ in candidates:
        if get_origin(kind) in (list, tuple) and not as_scalar:
            (item, *_) = get_args(kind)
            if isinstance(node.value, list):
                for index, one in enumerate(node.value):
                    yield from _visit(one, item, (*path, str(index)), ())
            else:
                yield from _visit(node, item, path, ())
            return
    for kind, _ in candidates:
        if _is_model(kind) and (name := getattr(kind, "shorthand", None)) and isinstance(node.value, str):
            yield from _visit(node, _annotation(kind, name), path, ())
            return
    yield Visit(path=path, node=node, marks=tuple(dict.fromkeys(mark for _, marked in candidates for mark in marked)))


def _visit_model(node: Node, model: type[BaseModel], path: tuple[str, ...]) -> Iterator[Visit]:
    yield Visit(path=path, node=node, model=model)
    names = {info.alias or name: name for name, info in model.model_fields.items()}
    for key, child in node.map().items():
        if key in names:
            yield from _visit(child, _annotation(model, names[key]), (*path, key), ())


def _visit_map(node: Node, kind: Any, path: tuple[str, ...]) -> Iterator[Visit]:
    key_kind, value_kind = get_args(kind)
    key_marks = tuple(mark for _, marked in _unwrapped(key_kind, ()) for mark in marked)
    for key, child in node.map().items():
        yield Visit(path=(*path, key), node=node, key=key, marks=key_marks)
        yield from _visit(child, value_kind, (*path, key), ())


def _annotation(model: type[BaseModel], name: str) -> Any:
    info = model.model_fields[name]
    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


def _unwrapped(annotation: Any, found: tuple[Mark, ...]) -> Iterator[tuple[Any, tuple[Mark, ...]]]:
    """The alternatives of an annotation, each with the marks on the way to it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        yield from _unwrapped(inner, (*found, *marks(metadata)))
    elif origin in (Union, types.UnionType):
        for one in get_args(annotation):
            if one is not type(None):
                yield from _unwrapped(one, found)
    else:
        yield annotation, found


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
