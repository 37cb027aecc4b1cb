"""Registers of a place: the documents its layers give, resolved against the procedures that it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from engine.core import definition as neutral
from engine.core.language.register import RegisterDocument
from engine.core.provenance import Provenance, place_of, recorded
from engine.core.register import CASE_COLUMNS, CASE_FILTERS, Column, ColumnKind, Register, Source, can_sort
from engine.core.register_where import where
from engine.core.yaml_source import Node
from engine.errors import DefinitionError, Place

Procedures = Mapping[str, neutral.Procedure]


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """A register with the places of its parts, and what is wrong with it; None if that is too much."""

    register: Register | None
    provenance: Provenance
    problems: tuple[DefinitionError, ...]


def register_of(model: RegisterDocument, node: Node, procedures: Procedures) -> Resolved:
    """Resolve one document against the procedures it is about; all of them must be there."""
    provenance: dict[str, Place] = {}
    recorded(node, "", provenance)
    work = _Work(model, procedures, provenance)
    register = work.register()
    return Resolved(register=register, provenance=provenance, problems=tuple(work.problems))


def procedures_of(model: RegisterDocument) -> list[str]:
    """The procedures a register is about, in its order."""
    return [text.partition(" where ")[0] for text in model.of]


class _Work:
    """The resolution of one register while it goes on."""

    def __init__(self, model: RegisterDocument, procedures: Procedures, provenance: Provenance) -> None:
        self.model = model
        self.provenance = provenance
        self.problems: list[DefinitionError] = []
        self.procedures = [procedures[name] for name in procedures_of(model)]

    def register(self) -> Register | None:
        """The register; None if there are problems."""
        model = self.model
        columns = [self.column(name, f"columns.{at}") for at, name in enumerate(model.columns)]
        filters = [self.filter(name, f"filters.{at}") for at, name in enumerate(model.filters)]
        name, _, down = model.sort.partition(" ")
        sort = self.sort(name, filtered=name in model.filters)
        of = tuple(self.source(text, at) for at, text in enumerate(model.of))
        if self.problems or sort is None:
            return None
        return Register(
            id=model.name,
            title=model.title,
            of=of,
            columns=tuple(one for one in columns if one is not None),
            filters=tuple(one for one in filters if one is not None),
            totals=tuple(model.totals),
            sort=sort,
            down=bool(down),
            yellow=model.lights.yellow,
            basis=tuple(model.basis),
        )

    def source(self, text: str, at: int) -> Source:
        """Cases of one procedure."""
        name, _, guard = text.partition(" where ")
        procedure = self.procedures[at]
        if not guard:
            return Source(procedure=name)
        try:
            return Source(procedure=name, where=where(guard, procedure), text=guard)
        except DefinitionError as wrong:
            rest = {key: told for key, told in wrong.data.items() if key not in ("expected", "got", "path")}
            self._note(wrong.code, f"of.{at}", wrong.expected, wrong.got, **rest)
            return Source(procedure=name)

    def column(self, name: str, path: str, *, itself: bool = False) -> Column | None:
        """A declared field, or what every case has; the field where both are called so and mean different things.

        `itself`: the field, also where it is what every case has.
        """
        found = [(one, spec) for one in self.procedures for spec in one.fields if spec.id == name]
        if not found:
            kind = CASE_COLUMNS.get(name)
            if kind is None:
                self._unknown("unknown_column", name, path, [*CASE_COLUMNS, *self._fields()])
                return None
            return Column(id=name, case=name, kind=kind)
        kinds = {spec.kind for _, spec in found}
        if len(kinds) > 1:
            self._note("unlike_columns", path, "a field of one kind in all procedures", ", ".join(sorted(kinds)))
            return None
        meaning = {_meaning(procedure, name) for procedure, _ in found}
        spec = found[0][1]
        if spec.personal or spec.confidential:
            self._note("sealed_field_shown", path, "a field that is neither personal nor confidential", name)
            return None
        alike = len(meaning) == 1 and len(found) == len(self.procedures) and not itself
        case = meaning.pop() if alike else ""
        kind_of: ColumnKind = CASE_COLUMNS[case] if case else spec.kind
        options = {key: title for _, one in found for key, title in one.options}
        return Column(
            id=name, case=case, kind=kind_of, title=spec.title, options=tuple(options.items()), many=spec.many
        )

    def filter(self, name: str, path: str) -> Column | None:
        """A column that readers may filter by."""
        column = self.column(name, path)
        if column is None:
            return None
        if column.case and column.case not in CASE_FILTERS and name in self._fields(filtered=True):
            return self.column(name, path, itself=True)
        if column.case:
            if column.case not in CASE_FILTERS:
                self._unknown("not_a_filter", name, path, [*sorted(CASE_FILTERS), *self._fields(filtered=True)])
            return column
        if name not in self._fields(filtered=True):
            self._unknown("not_a_filter", name, path, [*self._fields(filtered=True), *sorted(CASE_FILTERS)])
        return column

    def sort(self, name: str, *, filtered: bool) -> Column | None:
        """A column to sort by."""
        column = self.column(name, "sort")
        if column is not None and column.case and not can_sort(column, filtered=filtered):
            column = self.column(name, "sort", itself=True)
        if column is not None and not can_sort(column, filtered=filtered or name in self._fields(filtered=True)):
            self._unknown("not_sortable", name, "sort", ["number", "opened", "due", "closed"])
        return column

    def _fields(self, *, filtered: bool = False) -> list[str]:
        """Fields that may be shown, or filtered by."""
        fields = [spec for one in self.procedures for spec in one.fields if not (spec.personal or spec.confidential)]
        return list(dict.fromkeys(spec.id for spec in fields if spec.filtered or not filtered))

    def _unknown(self, code: str, name: str, path: str, known: list[str]) -> None:
        nearest = (get_close_matches(name, known, n=1) or [""])[0]
        self._note(code, path, "one of " + ", ".join(known), name, nearest=nearest)

    def _note(self, code: str, path: str, expected: str, got: object, **data: object) -> None:
        place = place_of(self.provenance, path)
        self.problems.append(DefinitionError(code, place=place, expected=expected, got=got, **data))


def _meaning(procedure: neutral.Procedure, field: str) -> str:
    """What the field is of every case, "" if nothing."""
    known = {procedure.unit_field: "unit", procedure.place_field: "place", procedure.title_field: "title"}
    return known.get(field, "") if field else ""
