"""All documents of workflows/ as they were read, by kind, id and layer; what is wrong with them beside.

A layer is a folder: `library`, or one of `plans/`. A place sees its own layer, then its plan's, then the library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from engine.core.language.parts import Part
from engine.core.language.plan import PlaceDocument, PlanDocument
from engine.core.yaml_source import Node
from engine.errors import DefinitionError

LIBRARY = "library"
#: kinds that name themselves: their first key's value is their id
NAMED = frozenset(
    {
        "procedure",
        "ladder",
        "plan",
        "place",
        "directory",
        "scenario",
        "register",
        "board",
        "checklist",
        "messages",
        "watch",
        "duty",
    }
)


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document: its kind, its id ("" where the kind has none), its layer, its nodes and its model."""

    kind: str
    id: str
    layer: str
    node: Node
    model: Part


@dataclass(frozen=True, kw_only=True)
class Library:
    """Everything that was read; `problems` in the order of files and lines."""

    documents: tuple[Document, ...]
    problems: tuple[DefinitionError, ...] = ()

    def of_kind(self, kind: str, layers: Iterable[str] | None = None) -> tuple[Document, ...]:
        """The documents of a kind, in the order of files; only those of these layers, if any are given."""
        wanted = None if layers is None else set(layers)
        return tuple(one for one in self.documents if one.kind == kind and (wanted is None or one.layer in wanted))

    def find(self, kind: str, name: str, layers: Iterable[str]) -> Document | None:
        """The document of that id in the first of these layers that has it."""
        for layer in layers:
            for one in self.documents:
                if (one.kind, one.id, one.layer) == (kind, name, layer):
                    return one
        return None

    @property
    def plans(self) -> dict[str, Document]:
        """The plans by id."""
        return {one.id: one for one in self.of_kind("plan")}

    @property
    def places(self) -> dict[str, Document]:
        """The places by id."""
        return {one.id: one for one in self.of_kind("place")}

    def head(self, name: str) -> tuple[Document | None, Document]:
        """The place of that id with its plan, or (None, the plan of that id); DefinitionError if there is neither."""
        places, plans = self.places, self.plans
        if (place := places.get(name)) is None:
            if name not in plans:
                raise unknown("unknown_place", name, [*places, *plans])
            return None, plans[name]
        assert isinstance(place.model, PlaceDocument)
        plan = place.model.extends.rpartition("/")[2]
        if plan not in plans:
            extends = place.node.map()["extends"]
            nearest = (get_close_matches(plan, list(plans), n=1) or [""])[0]
            raise DefinitionError(
                "unknown_plan",
                place=extends.place("extends"),
                expected="one of " + ", ".join(f"plans/{one}" for one in plans),
                got=place.model.extends,
                nearest=nearest,
            )
        return place, plans[plan]


def layers_of(place: Document | None, plan: Document) -> tuple[str, ...]:
    """The layers a place (or a plan alone) sees, its own first."""
    return (*((place.layer,) if place else ()), plan.layer, LIBRARY)


def unknown(code: str, name: str, known: Iterable[str]) -> DefinitionError:
    """An error for a name that is not among the known ones."""
    names = sorted(known)
    nearest = (get_close_matches(name, names, n=1) or [""])[0]
    return DefinitionError(code, expected="one of " + ", ".join(names), got=name, nearest=nearest)


__all__ = ["LIBRARY", "NAMED", "Document", "Library", "PlanDocument", "layers_of", "unknown"]
