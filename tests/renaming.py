"""Renames every id defined in `workflows/` at random: what still runs knew nothing of the domain.

What an id is, the models of the language say (`names.Defines`, `names.Refers`); import mappings, which have models of
their own, are renamed where they name procedures, states, fields and roles. Titles, choices, clauses and regions stay.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any, get_args, get_origin

from engine.core.language import named
from engine.core.language.documents import DOCUMENTS
from engine.core.language.ladder import LadderDocument
from engine.core.language.names import Defines, Refers
from engine.core.language.procedure import ProcedureDocument
from engine.core.loader import OTHER_FOLDERS
from engine.core.yaml_source import Node, read

_NAME = re.compile(r"(?<![\w.'\"])[^\W\d]\w*(?!\w*\()")
_LITERAL = re.compile(r"('[^']*'|\"[^\"]*\")")
_PLACEHOLDER = re.compile(r"\{([^{}.]+)((?:\.[^{}]*)?)\}")
Path_ = tuple[str, ...]


def rename_workflows(source: Path, target: Path, seed: int) -> dict[str, str]:
    """Write a renamed copy of a folder of definitions; returns old id → new id (the same word for all its kinds)."""
    files = {path.relative_to(source).as_posix(): path for path in sorted(source.rglob("*.yaml"))}
    ours = {name: nodes for name, path in files.items() if (nodes := _documents(name, path.read_text("utf-8")))}
    names = _new_names([node for nodes in ours.values() for node in nodes], seed)
    shutil.copytree(source, target)
    for name, nodes in ours.items():
        written = [json.dumps(_renamed(node, names), ensure_ascii=False, default=_number) for node in nodes]
        (target / name).write_text("\n---\n".join(written) + "\n", encoding="utf-8")
    for name in files:
        if "imports" in PurePosixPath(name).parts:
            (node,) = read(files[name].read_text("utf-8"), file=name)
            _rename_import(plain := node.plain(), names)
            (target / name).write_text(json.dumps(plain, ensure_ascii=False, default=_number), encoding="utf-8")
    return names


def _documents(name: str, text: str) -> list[Node]:
    """The documents of a file of the language; none of a calendar, an import mapping or another's kind."""
    if OTHER_FOLDERS.intersection(PurePosixPath(name).parts[:-1]):
        return []
    nodes = read(text, file=name)
    return nodes if all(next(iter(node.map())) in DOCUMENTS for node in nodes) else []


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


def _new_names(nodes: list[Node], seed: int) -> dict[str, str]:
    defined = sorted(
        {
            text
            for node in nodes
            for text, _, mark in named.occurrences(node, DOCUMENTS[next(iter(node.map()))])
            if isinstance(mark, Defines)
        }
    )
    draw = random.Random(seed)
    taken: set[str] = set(defined)
    names: dict[str, str] = {}
    for word in defined:
        new = word
        while new in taken:
            new = "".join(draw.choice("bdfgklmnprstvz") + draw.choice("aeiou") for _ in range(4))
        taken.add(new)
        names[word] = new
    return names


def _renamed(node: Node, names: Mapping[str, str]) -> Any:
    model = DOCUMENTS[next(iter(node.map()))]
    values: dict[Path_, Any] = {}
    keys: dict[Path_, str] = {}
    visits = [*named.visits(node, model), *_replacements(node, keys, names)]
    for visit in visits:
        text = visit.key if visit.key is not None else visit.node.value
        if not isinstance(text, str):
            continue
        new = _new_text(text, visit.marks, names)
        if visit.key is not None:
            keys.setdefault(visit.path, new)
        else:
            values[visit.path] = new
    return _rebuilt(node, (), values, keys)


def _new_text(text: str, marks: tuple[named.Mark, ...], names: Mapping[str, str]) -> str:
    if text.startswith("$"):
        return "$" + names.get(text[1:], text[1:])
    for start in ("ladders/", "role."):
        if not marks and text.startswith(start):
            return start + names.get(text.removeprefix(start), text.removeprefix(start))
    for mark in marks:
        form = mark.form if isinstance(mark, Refers) else "id"
        text = _FORMS[form](text, names)
    return text


def _dotted(text: str, names: Mapping[str, str]) -> str:
    return ".".join(names.get(part, part) for part in text.split("."))


def _last(text: str, names: Mapping[str, str]) -> str:
    start, slash, last = text.rpartition("/")
    return start + slash + names.get(last, last)


def _guard(text: str, names: Mapping[str, str]) -> str:
    parts = _LITERAL.split(text)
    return "".join(
        part if index % 2 else _NAME.sub(lambda found: names.get(found[0], found[0]), part)
        for index, part in enumerate(parts)
    )


def _template(text: str, names: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: "{" + names.get(found[1], found[1]) + found[2] + "}", text)


_FORMS: Mapping[str, Callable[[str, Mapping[str, str]], str]] = {
    "id": lambda text, names: names.get(text, text),
    "dotted": _dotted,
    "path": _last,
    "guard": _guard,
    "template": _template,
}


def _replacements(node: Node, keys: dict[Path_, str], names: Mapping[str, str]) -> Iterator[named.Visit]:
    """What a plan replaces, visited as what it replaces; the paths are renamed where they name ids."""
    entries = node.map().get("replace")
    for path, value in entries.map().items() if entries else ():
        thing, *steps = path.split(".")
        for model in (ProcedureDocument, LadderDocument):
            found = _annotation_at(model, steps, names)
            if found is not None:
                annotation, renamed = found
                keys["replace", path] = ".".join((names.get(thing, thing), *renamed))
                yield from named._visit(value, annotation, ("replace", path), ())
                break


def _annotation_at(annotation: Any, steps: list[str], names: Mapping[str, str]) -> tuple[Any, list[str]] | None:
    """The annotation of the element at the end of a path, and the path with its ids renamed."""
    if not steps:
        return annotation, []
    step, *rest = steps
    for kind, _ in named._unwrapped(annotation, ()):
        if named._is_model(kind) and step in kind.model_fields:
            found = _annotation_at(named._annotation(kind, step), rest, names)
            return (found[0], [step, *found[1]]) if found else None
        if get_origin(kind) is dict:
            found = _annotation_at(get_args(kind)[1], rest, names)
            return (found[0], [names.get(step, step), *found[1]]) if found else None
    return None


def _rebuilt(node: Node, path: Path_, values: Mapping[Path_, Any], keys: Mapping[Path_, str]) -> Any:
    match node.value:
        case dict() as entries:
            return {
                keys.get((*path, key), key): _rebuilt(one, (*path, key), values, keys) for key, one in entries.items()
            }
        case list() as items:
            return [_rebuilt(one, (*path, str(index)), values, keys) for index, one in enumerate(items)]
        case scalar:
            return values.get(path, scalar)


def _rename_import(data: dict[str, Any], names: Mapping[str, str]) -> None:
    into = data.get("into", {})
    for person in into.get("persons", {}).values():
        person["role"] = names.get(person["role"], person["role"])
    if (case := into.get("case")) is None:
        return
    case["procedure"] = names.get(case["procedure"], case["procedure"])
    case["state"]["are"] = {told: _dotted(state, names) for told, state in case["state"]["are"].items()}
    for part in ("fields", "places"):
        case[part] = {names.get(name, name): told for name, told in case.get(part, {}).items()}
