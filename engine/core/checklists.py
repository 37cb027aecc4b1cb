"""Checklists that a procedure asks: found in the layers, replaced by plans like everything named, inlined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.core import definition as neutral
from engine.core.convert_fields import checklist_spec
from engine.core.language.field_acts import ChecklistDocument
from engine.core.language.procedure import ProcedureDocument
from engine.core.language.reading import understand
from engine.core.library import Library, unknown
from engine.core.provenance import Provenance, at, place_of, recorded
from engine.core.yaml_source import Node
from engine.errors import DefinitionError, Place


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The checklists of a procedure by id, and what is wrong with them."""

    found: dict[str, neutral.ChecklistSpec]
    problems: tuple[DefinitionError, ...] = ()


def checklists_of(
    model: ProcedureDocument,
    library: Library,
    layers: tuple[str, ...],
    replaced: Callable[[str, Node], Node],
    provenance: dict[str, Place],
) -> Asked:
    """The checklists that the fields of a procedure name; the places of their parts are noted."""
    found: dict[str, neutral.ChecklistSpec] = {}
    problems: list[DefinitionError] = []
    for field, entry in model.fields.items():
        name = entry.checklist
        if name is None or name in found:
            continue
        document = library.find("checklist", name, layers)
        if document is None:
            known = [one.id for one in library.of_kind("checklist", layers)]
            problems.append(_placed(unknown("unknown_checklist", name, known), provenance, f"fields.{field}.checklist"))
            continue
        try:
            node = replaced(name, document.node)
        except DefinitionError as error:
            problems.append(error)
            continue
        checklist, wrong = understand(node, ChecklistDocument)
        problems += wrong
        if checklist is not None:
            recorded(node, f"checklists.{name}", provenance)
            found[name] = checklist_spec(checklist)
    return Asked(found=found, problems=tuple(problems))


def _placed(error: DefinitionError, provenance: Provenance, path: str) -> DefinitionError:
    place = place_of(provenance, path)
    return at(error, place) if place else error


def unknown_choices(model: ProcedureDocument, provenance: Provenance) -> Iterator[DefinitionError]:
    """Lists of choices that fields and columns name although the procedure has none of that name."""
    asked = {f"fields.{name}.choice": one.choice for name, one in model.fields.items()}
    asked |= {
        f"fields.{name}.table.{column}.choice": inner.choice
        for name, one in model.fields.items()
        for column, inner in (one.table or {}).items()
    }
    for path, choice in asked.items():
        if isinstance(choice, str) and choice not in model.choices:
            yield _placed(unknown("unknown_choices", choice, model.choices), provenance, path)
