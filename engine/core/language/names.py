"""Marks on the models that say where ids are defined, where they are referred to and in which form.

A walk over a document with its model (`named.occurrences`) thus knows every id without knowing the domain: the checks
of references and the renaming of all ids in tests stand on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

Form = Literal["id", "path", "guard", "template", "dotted", "column", "selection", "item", "watched"]


@dataclass(frozen=True)
class Defines:
    """A text, or the key of a map, that gives an id of this kind."""

    kind: str


@dataclass(frozen=True)
class Refers:
    """A text, or the key of a map, that names ids given elsewhere.

    id: one id; dotted: ids joined by dots; path: ids joined by slashes; guard: names in an expression; template:
    names within braces; column: a field, or a word of the engine's own (registers), perhaps with how to sort by it;
    selection: a procedure, perhaps with an expression over its columns; item: names in an expression, and columns of a
    table after `item.`; watched: a population, "units where …" or "people in role". A
    text that starts with $ names a parameter, whatever its form.
    """

    kind: str
    form: Form = "id"


ID_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
_ID = StringConstraints(pattern=ID_PATTERN)
_DOTTED = StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+){0,20}$")
_SLASHED = StringConstraints(pattern=r"^[a-z][a-z0-9_]*(/[a-z0-9_]+){0,5}$")

ProcedureId = Annotated[str, _ID, Defines("procedure")]
LadderId = Annotated[str, _ID, Defines("ladder")]
PlanId = Annotated[str, _ID, Defines("plan")]
PlaceId = Annotated[str, _ID, Defines("place")]
ParameterId = Annotated[str, _ID, Defines("parameter")]
ChoicesId = Annotated[str, _ID, Defines("choices")]
FieldId = Annotated[str, _ID, Defines("field")]
PartyId = Annotated[str, _ID, Defines("party")]
StateId = Annotated[str, _ID, Defines("state")]
ActionId = Annotated[str, _ID, Defines("action")]
TaskId = Annotated[str, _ID, Defines("task")]
RungId = Annotated[str, _ID, Defines("rung")]
#: a text, also of a formal act by its own name
_TEXT_ID = StringConstraints(pattern=r"^(?:[a-z][a-z0-9_]{0,39}|[\u4e00-\u9fff]{1,10})$")
TextId = Annotated[str, _TEXT_ID, Defines("text")]
RoleId = Annotated[str, _ID, Defines("role")]
IndustryId = Annotated[str, _ID, Defines("industry")]
RegisterId = Annotated[str, _ID, Defines("register")]
#: ids of clauses are citations, not names: known by their whole text, they need no mark
ClauseId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")]

FieldRef = Annotated[str, _ID, Refers("field")]
ActionRef = Annotated[str, _ID, Refers("action")]
TaskRef = Annotated[str, _ID, Refers("task")]
TextRef = Annotated[str, _TEXT_ID, Refers("text")]
RungRef = Annotated[str, _ID, Refers("rung")]
ProcedureRef = Annotated[str, _ID, Refers("procedure")]
ParameterRef = Annotated[str, _ID, Refers("parameter")]
LadderRef = Annotated[str, _ID, Refers("ladder")]
RoleRef = Annotated[str, _ID, Refers("role")]
IndustryRef = Annotated[str, _ID, Refers("industry")]
PlaceRef = Annotated[str, _ID, Refers("place")]
WatchRef = Annotated[str, _ID, Refers("watch")]
CountRef = Annotated[str, _ID, Refers("count")]
RegisterRef = Annotated[str, _ID, Refers("register")]
DutyRef = Annotated[str, _ID, Refers("duty")]
#: a column of a register: a declared field, or what every case has ("due", "holder")
ColumnRef = Annotated[str, _ID, Refers("field", "column")]
#: a column to sort by, the largest first with "down": "due", "opened down"
SortText = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}( down)?$"), Refers("field", "column")]
#: cases of a procedure, perhaps only those for which a condition holds: "procedure where level == 'high'"
SelectionText = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}( where .+)?$", max_length=560),
    Refers("procedure", "selection"),
]
#: a state by its id, seen from where the reference stands, or by its whole path
StateRef = Annotated[str, _DOTTED, Refers("state", "dotted")]
#: a party, or a role within it: "unit.principal"; "holder" is who holds the task
PartyRef = Annotated[str, _DOTTED, Refers("party", "dotted")]
#: a value read from the case: "unit.region"
ValuePath = Annotated[str, _DOTTED, Refers("field", "dotted")]
#: a named element: "procedure.states.x.task.within"
ElementPath = Annotated[str, _DOTTED, Refers("element", "dotted")]
#: "plans/x", "ladders/slow": the last part is the id
SlashedRef = Annotated[str, _SLASHED, Refers("document", "path")]
#: an expression of the closed grammar
GuardText = Annotated[str, StringConstraints(min_length=1, max_length=500), Refers("field", "guard")]
#: a text with {placeholders}
TemplateText = Annotated[str, StringConstraints(min_length=1, max_length=4000), Refers("field", "template")]
TitleText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Basis = Annotated[list[ClauseId], Field(default_factory=list)]


def marks(metadata: tuple[Any, ...] | list[Any]) -> tuple[Defines | Refers, ...]:
    """The marks among the metadata of an annotation."""
    return tuple(one for one in metadata if isinstance(one, Defines | Refers))
