"""Texts of workflows/ → a Library: every document read, checked against its model, with all that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import PurePosixPath

from engine.core.language.documents import DOCUMENTS, ELSEWHERE
from engine.core.language.reading import understand
from engine.core.library import LIBRARY, NAMED, Document, Library
from engine.core.yaml_source import Node, read
from engine.errors import DefinitionError

#: folders of data that other modules read
OTHER_FOLDERS = frozenset({"calendars", "imports", "schema"})


def load_library(texts: Mapping[str, str]) -> Library:
    """Read all documents; keys are paths within workflows/ ("library/x/procedure.yaml"). Never raises for content."""
    documents: list[Document] = []
    problems: list[DefinitionError] = []
    for file in sorted(texts):
        if not _is_ours(file):
            continue
        try:
            nodes = read(texts[file], file=file)
        except DefinitionError as error:
            problems.append(error)
            continue
        for node in nodes:
            found, wrong = _document(node, file)
            problems += wrong
            if found is not None:
                documents.append(found)
    problems += _doubles(documents)
    return Library(documents=tuple(documents), problems=tuple(sorted(problems, key=_order)))


def _is_ours(file: str) -> bool:
    path = PurePosixPath(file)
    return path.suffix == ".yaml" and not OTHER_FOLDERS.intersection(path.parts[:-1])


def layer_of(file: str) -> str:
    """The layer a file belongs to: `library`, or the folder within plans/."""
    parts = PurePosixPath(file).parts
    return "/".join(parts[:2]) if parts[0] == "plans" and len(parts) > 2 else LIBRARY


def _document(node: Node, file: str) -> tuple[Document | None, list[DefinitionError]]:
    kind = next(iter(node.map()))
    if kind in ELSEWHERE:
        return None, []
    model = DOCUMENTS.get(kind)
    if model is None:
        nearest = (get_close_matches(kind, list(DOCUMENTS), n=1) or [""])[0]
        expected = "a first key that says what it is: " + ", ".join(DOCUMENTS)
        return None, [
            DefinitionError(
                "unknown_kind", place=node.key_place(kind, kind), expected=expected, got=kind, nearest=nearest
            )
        ]
    read_as, problems = understand(node, model, parameters=_parameters(node))
    if read_as is None:
        return None, problems
    name = str(node.map()[kind].value) if kind in NAMED else ""
    return Document(kind=kind, id=name, layer=layer_of(file), node=node, model=read_as), []


def _parameters(node: Node) -> dict[str, str]:
    declared = node.map().get("parameters")
    return {name: str(one.value) for name, one in declared.map().items()} if declared else {}


def _doubles(documents: list[Document]) -> Iterator[DefinitionError]:
    """Ids that one layer gives twice; plans and places are known by their ids alone."""
    first: dict[tuple[str, str, str], Node] = {}
    for one in documents:
        everywhere = one.kind in ("plan", "place")
        names = {one.id: one.node} if one.kind in NAMED else dict(_entries(one))
        for name, node in names.items():
            key = ("head" if everywhere else one.kind, "" if everywhere else one.layer, name)
            before = first.setdefault(key, node)
            if before is not node:
                yield DefinitionError(
                    "given_twice",
                    place=node.place(one.kind),
                    expected=f"an id that {before.file}:{before.line} does not give",
                    got=name,
                )


def _entries(document: Document) -> Iterator[tuple[str, Node]]:
    for entries in document.node.map().values():
        for name, node in entries.map().items():
            line, column = entries.keys[name]
            yield name, Node(node.value, node.file, line, column, node.keys)


def _order(problem: DefinitionError) -> tuple[str, int, int]:
    place = problem.place
    return (place.file, place.line, place.column) if place else ("", 0, 0)
