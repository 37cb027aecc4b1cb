"""Where every element of a resolved procedure was written: dotted path → place in a file."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.yaml_source import Node
from engine.errors import DefinitionError, Place

Provenance = Mapping[str, Place]


def recorded(node: Node, path: str, into: dict[str, Place]) -> None:
    """Record the place of a node and of everything within it under that path."""
    into.setdefault(path, node.place(path))
    match node.value:
        case dict() as entries:
            for key, one in entries.items():
                recorded(one, _joined(path, key), into)
                into[_joined(path, key)] = _key_or_value(node, key, one, _joined(path, key))
        case list() as items:
            for index, one in enumerate(items):
                recorded(one, _joined(path, str(index)), into)
        case _:
            return


def place_of(provenance: Provenance, path: str) -> Place | None:
    """The place of the longest known beginning of a path, under the path itself; None if nothing of it is known."""
    steps = path.split(".")
    for length in range(len(steps), -1, -1):
        found = provenance.get(".".join(steps[:length]))
        if found is not None:
            return Place(file=found.file, line=found.line, column=found.column, path=path)
    return None


def _key_or_value(container: Node, key: str, value: Node, path: str) -> Place:
    """A scalar is found where it stands, also when a plan put it in; a map or list where its key stands."""
    if isinstance(value.value, dict | list) and value.file == container.file and key in container.keys:
        return container.key_place(key, path)
    return value.place(path)


def _joined(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def located(error: DefinitionError, provenance: Provenance) -> DefinitionError:
    """The same error with its place, found by the path it tells (in `place`, or in its data)."""
    path = error.place.path if error.place else str(error.data.get("path", ""))
    place = place_of(provenance, path)
    return at(error, place) if place else error


def at(error: DefinitionError, place: Place) -> DefinitionError:
    """The same error at another place."""
    data = {key: value for key, value in error.data.items() if key not in ("expected", "got", "path")}
    return DefinitionError(error.code, place=place, expected=error.expected, got=error.got, **data)
