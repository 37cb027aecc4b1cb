"""Fills in what a plan or place runs: its documents with replacements, shared actions and values in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.language.plan import PlanDocument
from engine.core.layers import clauses_of, texts_of
from engine.core.library import Document, Library, layers_of, unknown
from engine.core.overlay import Filled, Given, filled, replaced, with_shared
from engine.core.provenance import at
from engine.core.values import Values, collect, typed
from engine.core.yaml_source import Node
from engine.errors import DefinitionError, Place


@dataclass
class Filling:
    """Documents of one plan or place, filled in; problems are collected, not raised one by one."""

    library: Library
    place: Document | None
    plan: Document
    problems: list[DefinitionError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.layers = layers_of(self.place, self.plan)
        self.heads = [head for head in (self.plan, self.place) if head is not None]
        self.clauses = clauses_of(self.library, self.layers)
        self.texts = texts_of(self.library, self.layers)
        self.values: Values = collect(self.plan, self.place, self.problems)
        assert isinstance(self.plan.model, PlanDocument)
        self.plan_model: PlanDocument = self.plan.model

    def complete(self, name: str, document: Document) -> Filled | None:
        """The document with replacements, shared actions and values in it; None if something is missing."""
        try:
            node = with_shared(self.replaced(name, document.node))
            declared = node.map().get("parameters")
            kinds = {one: str(kind.value) for one, kind in declared.map().items()} if declared else {}
            values = self._values(name, kinds)
            result = filled(node, values)
        except DefinitionError as error:
            self.problems.append(error)
            return None
        missing = [one for one in kinds if one in result.used and one not in values]
        self.problems += [
            self._missing(name, one, kinds[one]) for one in missing if f"{name}.{one}" not in self.values.open
        ]
        return None if missing else result

    def _values(self, name: str, kinds: Mapping[str, str]) -> dict[str, Given]:
        """The values of a procedure or ladder, each fit for its kind."""
        values: dict[str, Given] = {}
        for parameter, given in self.values.of(name).items():
            if parameter in kinds:
                values[parameter] = typed(f"{name}.{parameter}", kinds[parameter], given)
        return values

    def _missing(self, name: str, parameter: str, kind: str) -> DefinitionError:
        return DefinitionError(
            "parameter_missing",
            place=self.plan.node.key_place("uses", f"uses.{name}.set.{parameter}"),
            expected=f"a value of kind {kind}, or an entry under open",
            parameter=parameter,
            plan=self.plan.id,
        )

    def replaced(self, name: str, node: Node) -> Node:
        """The document with what the plan, then the place, replace in it."""
        for head in self.heads:
            entries = head.node.map().get("replace")
            for path, value in entries.map().items() if entries else ():
                if path.partition(".")[0] == name and "." in path:
                    assert entries is not None
                    node = replaced(node, path, value, entries)
        return node

    def completed(self, name: str, document: Document) -> Node | None:
        """The document with everything filled in; None if something is missing, which is told."""
        made = self.complete(name, document)
        return made.node if made else None

    def _at_key(self, code: str, name: str, known: Mapping[str, object], node: Node, path: str) -> None:
        self.problems.append(at(unknown(code, name, known), node.key_place(name, f"{path}.{name}")))

    def unknown(self, code: str, name: str, kind: str, place: Place | None) -> None:
        """Tell that no document of that kind has this name; with the nearest."""
        known = [one.id for one in self.library.of_kind(kind, self.layers)]
        error = unknown(code, name, known)
        self.problems.append(at(error, place) if place else error)
