"""The names that expressions of a procedure may use, with their types."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.definition import FieldKind, FieldSpec, Procedure
from engine.core.expression_types import ANY, DATE, ENTITY, FLAG, NUMBER, TEXT, ValueType

_TYPES: Mapping[FieldKind, ValueType] = {
    "text": TEXT,
    "number": NUMBER,
    "date": DATE,
    "flag": FLAG,
    "unit": ENTITY,
    "place": ENTITY,
    "person": ENTITY,
    "file": ValueType("list", item=TEXT),
    "photo": ValueType("list", item=TEXT),
    "signature": ValueType("list", item=TEXT),
    "table": ValueType("list", item=ANY),
    "checklist": ANY,
    "case": ENTITY,
}
#: Names of the moment: no field may be called so.
MOMENT: Mapping[str, ValueType] = {
    "today": DATE,
    "late": FLAG,
    "on_site": FLAG,
    "case.id": ENTITY,
    "case.number": TEXT,
    "case.reopened": NUMBER,
    "case.extensions": NUMBER,
}
#: How a party answered when it was to sign: `signed.x`, `refused.x`.
SIGNING = ("signed", "refused")
#: How many cases are linked, and how many of them are open: `linked.x`, `unended.x`.
LINKING = ("linked", "unended")
RESERVED = frozenset((*(name.partition(".")[0] for name in MOMENT), *SIGNING, *LINKING, "item"))
#: What may be asked of a checklist: `x.failed`, how many items have an answer that is a finding.
CHECKED = ("answered", "failed", "missing")
#: What may be asked of a table: `x.count`, how many rows, and `x.y`, in how many of them the flag y is set.
ROWS = "count"
_PROPERTIES: Mapping[str, ValueType] = {
    "id": ENTITY,
    "title": TEXT,
    "region": TEXT,
    "industry": TEXT,
    "unit": ENTITY,
    "*": ANY,
}


def field_type(spec: FieldSpec) -> ValueType:
    """What a field holds, as expressions see it; files are lists of digests."""
    one = ValueType("choice", tuple(spec.choices)) if spec.kind == "choice" else _TYPES[spec.kind]
    return ValueType("list", item=one) if spec.many and one.kind != "list" else one


def scope_names(procedure: Procedure) -> dict[str, ValueType]:
    """Every name with its type; `unit.*` stands for all attributes of that unit.

    Properties are those of the unit and the place of the case: only these are fetched for a decision.
    """
    names = {spec.id: field_type(spec) for spec in procedure.fields}
    for field in (procedure.unit_field, procedure.place_field):
        if field and field in names:
            names |= {f"{field}.{name}": kind for name, kind in _PROPERTIES.items()}
    for spec in procedure.fields:
        if spec.kind == "checklist":
            names |= {f"{spec.id}.{name}": NUMBER for name in CHECKED}
        if spec.kind == "table":
            counted = (ROWS, *(column.id for column in spec.columns if column.kind == "flag"))
            names |= {f"{spec.id}.{name}": NUMBER for name in counted}
    names |= {f"{word}.{party}": FLAG for word in SIGNING for party in _signers(procedure)}
    names |= {f"{word}.{link.id}": NUMBER for word in LINKING for link in procedure.links}
    return names | dict(MOMENT)


def _signers(procedure: Procedure) -> set[str]:
    """The parties that sign, or refuse to, besides who acts."""
    tasks = (task for state in procedure.states for task in state.tasks)
    return {sign.party for task in tasks for action in task.actions for sign in action.signs if sign.party}
