"""Renames every id defined in `workflows/` at random: what still runs knew nothing of the domain.

What an id is, the models of the language say (`names.Defines`, `names.Refers`); clauses and regions are known by their
whole text, calendars by where they stand. Titles, words of choices and what people write stay.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_origin

from engine.core.boards import registers_of
from engine.core.language import named
from engine.core.language.board import BoardDocument
from engine.core.language.documents import DOCUMENTS, ELSEWHERE
from engine.core.language.duty import DutyDocument
from engine.core.language.field_acts import ChecklistDocument
from engine.core.language.ladder import LadderDocument
from engine.core.language.names import Defines, Refers
from engine.core.language.procedure import ProcedureDocument
from engine.core.language.register import RegisterDocument
from engine.core.language.watch import WatchDocument
from engine.core.loader import OTHER_FOLDERS
from engine.core.scope_names import CHECKED, ROWS, SIGNING
from engine.core.watch_documents import FOUND_NAMES
from engine.core.yaml_source import Node, read
from tests.renaming_data import columns_in, defined_in, renamed_data

_NAME = re.compile(r"(?<![\w.'\"])[^\W\d]\w*(?!\w*\()")
_INNER = re.compile(r"(?<![\w.])([^\W\d]\w*)\.([^\W\d]\w*)")
#: properties of units and places, and what is asked of checklists and tables
_PROPERTIES = frozenset(("id", "title", "region", "industry", "unit", *CHECKED, ROWS))
#: who must do something for a duty; what is asked of units themselves are properties
_MUST = re.compile(r"(unit|role)\.([a-z][a-z0-9_]*)")
_LITERAL = re.compile(r"('[^']*'|\"[^\"]*\")")
_ITEM = re.compile(r"\bitem\.(\w+)")
_WHERE = " where "
_PLACEHOLDER = re.compile(r"\{([^{}.]+)((?:\.[^{}]*)?)\}")
_REGION = re.compile(r"(/[a-z0-9_]+)+/")
Path_ = tuple[str, ...]
#: texts without a mark that name a calendar or a place by the id its own file gives
_NAMES_A_FILE = {("calendar",), ("directory",)}


def rename_workflows(source: Path, target: Path, seed: int) -> dict[str, str]:
    """Write a renamed copy of a folder of definitions; returns old id → new id (the same word for all its kinds).

    A clause is one id with its dots; the words of a region's path are ids. Folders and files that bear an id bear its
    new name.
    """
    read_all = {
        path.relative_to(source).as_posix(): read(path.read_text("utf-8"), file=path.name)
        for path in sorted(source.rglob("*.yaml"))
    }
    names = _new_names(_defined(read_all), seed)
    inner = {text for nodes in read_all.values() for node in nodes for text in columns_in(node)}
    columns = _new_names(inner, seed + 1)
    fields = _fields(read_all)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.yaml"))
    for name, nodes in read_all.items():
        kind = _kind(nodes[0])
        if kind in DOCUMENTS:
            written = [_renamed(node, _own_names(node, names, fields)) for node in nodes]
        elif kind in ELSEWHERE:
            written = [renamed_data(node.plain(), names, columns) for node in nodes]
        else:
            written = [node.plain() for node in nodes]
        path = target / _new_path(name, names)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n---\n".join(json.dumps(one, ensure_ascii=False, default=_number) for one in written)
        path.write_text(text + "\n", encoding="utf-8")
    return names


def _kind(node: Node) -> str:
    return next(iter(node.map()))


def _new_path(name: str, names: Mapping[str, str]) -> str:
    """A path whose folders and files bear the new names: plans/x/…, library/x/…, imports/x.yaml, calendars/x/…"""
    first, *folders, file = name.split("/")
    stem = file.removesuffix(".yaml")
    if OTHER_FOLDERS.intersection(folders):
        stem = names.get(stem, stem)
    return "/".join((first, *(names.get(folder, folder) for folder in folders), f"{stem}.yaml"))


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


def _defined(read_all: Mapping[str, list[Node]]) -> set[str]:
    found: set[str] = set()
    for nodes in read_all.values():
        for node in nodes:
            kind = _kind(node)
            if kind in ELSEWHERE:
                found.add(defined_in(node))
            elif kind in DOCUMENTS:
                marked = named.occurrences(node, DOCUMENTS[kind])
                found.update(text for text, _, mark in marked if isinstance(mark, Defines))
            if kind == "basis":
                found.update(node.map()["basis"].map())
            if kind == "directory":
                found.update(word for path in node.map()["regions"].map() for word in path.strip("/").split("/"))
    return found


def _fields(read_all: Mapping[str, list[Node]]) -> dict[str, set[str]]:
    """The fields of each procedure, by its id."""
    procedures = [node for nodes in read_all.values() for node in nodes if _kind(node) == "procedure"]
    return {str(node.map()["procedure"].value): set(node.map()["fields"].map()) for node in procedures}


def _own_names(node: Node, names: Mapping[str, str], fields: Mapping[str, set[str]]) -> Mapping[str, str]:
    """The names that mean something in a document: in a register, words of the engine's own stay what they are."""
    if _kind(node) == "watch":
        return {name: new for name, new in names.items() if name not in FOUND_NAMES}
    if _kind(node) == "board":
        return _names_of_board(node, names, fields)
    if _kind(node) != "register":
        return names
    told = node.map()["of"]
    of = [str(one.value) for one in told.value] if isinstance(told.value, list) else [str(told.value)]
    procedures = {text.partition(_WHERE)[0] for text in of}
    known = {name for procedure in procedures for name in fields.get(procedure, ())}
    known |= {*procedures, str(node.map()["register"].value), *_clauses(names)}
    return {name: new for name, new in names.items() if name in known}


def _names_of_board(node: Node, names: Mapping[str, str], fields: Mapping[str, set[str]]) -> Mapping[str, str]:
    """Its registers, and the fields of all procedures."""
    model = BoardDocument.model_validate(node.plain())
    known = {name for some in fields.values() for name in some} | {model.board, *registers_of(model), *_clauses(names)}
    return {name: new for name, new in names.items() if name in known}


def _clauses(names: Mapping[str, str]) -> set[str]:
    """Ids with dots."""
    return {name for name in names if "." in name}


def _new_names(defined: set[str], seed: int) -> dict[str, str]:
    draw = random.Random(seed)
    taken: set[str] = set(defined)
    names: dict[str, str] = {}
    for word in sorted(defined):
        new = word
        while new in taken:
            new = ".".join(_word(draw) for _ in range(2 if "." in word else 1))
        taken.add(new)
        names[word] = new
    return names


def _word(draw: random.Random) -> str:
    return "".join(draw.choice("bdfgklmnprstvz") + draw.choice("aeiou") for _ in range(4))


def _renamed(node: Node, names: Mapping[str, str]) -> Any:
    model = DOCUMENTS[next(iter(node.map()))]
    values: dict[Path_, Any] = {}
    keys: dict[Path_, str] = {}
    visits = [*named.visits(node, model), *_replacements(node, keys, names)]
    for visit in visits:
        text = visit.key if visit.key is not None else visit.node.value
        if not isinstance(text, str):
            continue
        new = names[text] if visit.path in _NAMES_A_FILE else _new_text(text, visit.marks, names)
        if visit.key is not None:
            keys.setdefault(visit.path, new)
        else:
            values[visit.path] = new
    return _rebuilt(node, (), values, keys)


def _new_text(text: str, marks: tuple[named.Mark, ...], names: Mapping[str, str]) -> str:
    if "." in text and text in names:  # a clause
        return names[text]
    if _REGION.fullmatch(text):
        return "/".join(names[word] if word else "" for word in text.split("/"))
    if text.startswith("$"):
        return "$" + names.get(text[1:], text[1:])
    for start in ("ladders/", "role.", "checklists/"):
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
    # No field can be called so: in an expression these are words of the engine's own.
    names = {name: new for name, new in names.items() if name not in SIGNING}
    parts = _LITERAL.split(text)
    return "".join(
        part
        if index % 2
        else _INNER.sub(
            lambda found: _inner(found, names), _NAME.sub(lambda found: names.get(found[0], found[0]), part)
        )
        for index, part in enumerate(parts)
    )


def _inner(found: re.Match[str], names: Mapping[str, str]) -> str:
    """What stands after a dot: a party that signs, a column, or else a property that the engine or a unit has."""
    word, inner = found[1], found[2]
    of_engine = word not in SIGNING and inner in _PROPERTIES
    return f"{word}.{inner if of_engine else names.get(inner, inner)}"


def _item(text: str, names: Mapping[str, str]) -> str:
    """An expression over the row of a table: what stands after `item.` is a column."""
    parts = _LITERAL.split(_guard(text, {name: new for name, new in names.items() if name != "item"}))
    return "".join(
        part if index % 2 else _ITEM.sub(lambda found: "item." + names.get(found[1], found[1]), part)
        for index, part in enumerate(parts)
    )


def _selection(text: str, names: Mapping[str, str]) -> str:
    procedure, where, guard = text.partition(_WHERE)
    return names.get(procedure, procedure) + where + _guard(guard, names)


def _watched(text: str, names: Mapping[str, str]) -> str:
    """A population: `people in role`, or `units where …`, whose words are properties of units."""
    if (found := _MUST.fullmatch(text)) is not None:
        return f"{found[1]}.{names.get(found[2], found[2])}"
    if text.startswith("people in role."):
        return "people in role." + names.get(text.removeprefix("people in role."), "")
    start, people, role = text.partition("people in ")
    return (
        start + people + ("$" + names.get(role[1:], role[1:]) if role[:1] == "$" else names.get(role, role))
        if people
        else text
    )


def _column(text: str, names: Mapping[str, str]) -> str:
    return " ".join(names.get(part, part) for part in text.split(" "))


def _template(text: str, names: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: "{" + names.get(found[1], found[1]) + found[2] + "}", text)


_FORMS: Mapping[str, Callable[[str, Mapping[str, str]], str]] = {
    "id": lambda text, names: names.get(text, text),
    "dotted": _dotted,
    "path": _last,
    "guard": _guard,
    "template": _template,
    "selection": _selection,
    "column": _column,
    "item": _item,
    "watched": _watched,
}


def _replacements(node: Node, keys: dict[Path_, str], names: Mapping[str, str]) -> Iterator[named.Visit]:
    """What a plan replaces, visited as what it replaces; the paths are renamed where they name ids."""
    entries = node.map().get("replace")
    for path, value in entries.map().items() if entries else ():
        thing, *steps = path.split(".")
        for model in (
            ProcedureDocument,
            LadderDocument,
            RegisterDocument,
            BoardDocument,
            ChecklistDocument,
            WatchDocument,
            DutyDocument,
        ):
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
