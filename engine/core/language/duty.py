"""The document of a duty: for whom, how often, who must, what acting means, what follows if nobody acts.

`for` names the population: `units [where …]`, `regions [where …]`, `people in role.x`, `us`. The first rhythm of
`every` whose `when` holds counts; whoever none holds for owes nothing. Whether a window is that of the calendar or
rolls from what was done, and what a day off does, is always said, or a parameter that a plan may leave open.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, model_validator

from engine.core.language.names import (
    ActionRef,
    Basis,
    Defines,
    FieldRef,
    ParameterId,
    ProcedureRef,
    Refers,
    RungId,
    TextRef,
    TitleText,
)
from engine.core.language.parts import ParameterKind, Part, PointText, SpanText, as_list, parametric, wrong
from engine.core.recurrence_points import check_phrases
from engine.errors import DefinitionError

_ID = StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")
_WATCHED = Refers("role", "watched")
DutyId = Annotated[str, _ID, Defines("duty")]
ObligedText = Annotated[
    str,
    StringConstraints(
        pattern=r"^(units( where .+)?|regions( where .+)?|people in role\.[a-z][a-z0-9_]*|us)$", max_length=500
    ),
    _WATCHED,
]
#: an expression over one of the population: `unit.x`, `region.x`, `today`
ObligedGuard = Annotated[str, StringConstraints(min_length=1, max_length=500), _WATCHED]
#: a role within the unit, a role looked up where the subject is, or each for themselves
MustText = Annotated[str, StringConstraints(pattern=r"^(unit\.[a-z][a-z0-9_]*|role\.[a-z][a-z0-9_]*|self)$"), _WATCHED]
ExemptingRole = Annotated[str, StringConstraints(pattern=r"^role\.[a-z][a-z0-9_]*$"), _WATCHED]


def _of(*words: str) -> StringConstraints:
    return StringConstraints(pattern=rf"^({'|'.join(words)}|\$[a-z][a-z0-9_]*)$")


_TEXT = AfterValidator(parametric("text"))
WindowWord = Annotated[str, _of("calendar", "rolling"), _TEXT, Refers("parameter")]
HolidayWord = Annotated[str, _of("none", "next_workday", "previous_workday"), _TEXT, Refers("parameter")]
CoversWord = Annotated[str, _of("this", "previous"), _TEXT, Refers("parameter")]
JoinsWord = Annotated[str, _of("this", "next"), _TEXT, Refers("parameter")]


def _recurring(opens: bool) -> AfterValidator:
    def check(text: str, info: ValidationInfo) -> str:
        if text.startswith("$"):
            declared: dict[str, str] = (info.context or {}).get("parameters", {})
            if declared.get(text[1:]) not in ("point", "text"):
                raise wrong("unknown_parameter", "a parameter of kind point or text", text)
            return text
        try:
            check_phrases("" if opens else text, text if opens else "")
        except DefinitionError as error:
            raise wrong(error.code, error.expected, error.got) from error
        return text

    return AfterValidator(check)


DueText = Annotated[str, StringConstraints(min_length=1), _recurring(opens=False), Refers("parameter", "dotted")]
OpensText = Annotated[str, StringConstraints(min_length=1), _recurring(opens=True), Refers("parameter", "dotted")]


class RhythmPart(Part):
    """How often, and for whom of the population."""

    when: ObligedGuard | None = None
    period: Literal["day", "workday", "week", "month", "quarter", "half-year", "year"]
    #: of the calendar, or so long after it was last done
    window: WindowWord
    #: by when; without it the end of the period
    due: DueText | None = None
    #: from when; without it the beginning of the period
    opens: OpensText | None = None
    #: what becomes of a day due that is a day off
    holiday: HolidayWord
    #: which period it is about; without it the period itself
    covers: CoversWord | None = None

    @model_validator(mode="after")
    def _rolls(self) -> Self:
        if self.window == "rolling" and (self.due or self.opens or self.covers or self.period == "workday"):
            raise wrong("unfitting_key", "due, opens, covers and workdays with window: calendar only", self.window)
        return self


class StartPart(Part):
    """What acting means: a case of this procedure begins."""

    procedure: ProcedureRef
    action: ActionRef
    #: fields of its form -> what of the obligation fills them
    values: dict[FieldRef, Literal["subject", "period", "first", "last", "due"]] = Field(
        default_factory=dict, alias="with"
    )


class LatePart(Part):
    """The engine begins the case of whoever is late by this start action; its ladder does the rest."""

    start: ActionRef


class MissedPart(Part):
    """When nobody has acted for so long that it is missed, and what others read of it."""

    at: PointText
    record: Annotated[str, _ID] | None = None


class MadeUpPart(Part):
    """How long after it was due it may still be done."""

    within: SpanText


class ReminderPart(Part):
    """A message to whoever must and has not."""

    title: TitleText
    at: PointText
    text: TextRef


class ExemptPart(Part):
    """Who may excuse somebody, and for how long at most."""

    by: Annotated[
        list[ExemptingRole], Field(min_length=1), BeforeValidator(as_list, json_schema_input_type=str | list[str])
    ]
    most: SpanText | None = None


class DutyDocument(Part):
    """A duty."""

    duty: DutyId
    title: TitleText
    basis: Basis
    parameters: dict[ParameterId, ParameterKind] = Field(default_factory=dict)
    calendar: Annotated[str, StringConstraints(min_length=1)]
    for_: ObligedText = Field(alias="for")
    every: Annotated[
        list[RhythmPart],
        Field(min_length=1),
        BeforeValidator(as_list, json_schema_input_type=RhythmPart | list[RhythmPart]),
    ]
    by: MustText
    start: StartPart
    #: done as soon as the case is begun, or when it is closed in one of these ways
    done: Literal["started"] | Annotated[list[TitleText], Field(min_length=1)]
    late: Literal["recorded"] | LatePart
    missed: MissedPart
    made_up: Literal["never"] | MadeUpPart
    joins: JoinsWord
    remind: dict[RungId, ReminderPart] = Field(default_factory=dict)
    exempt: Literal["never"] | ExemptPart

    @model_validator(mode="after")
    def _sound(self) -> Self:
        kind = self.for_.partition(" ")[0]
        if self.by.startswith("unit.") and kind != "units":
            raise wrong("unfitting_key", "by: unit.x with for: units only", self.by)
        if (self.by == "self") != (kind == "people"):
            raise wrong("unfitting_key", "by: self with for: people in role.x, and only there", self.by)
        if self.done == "started" and isinstance(self.late, LatePart):
            raise wrong(
                "unfitting_key", "kinds of closing by which it is done, where the engine begins a case", self.done
            )
        if self.remind and any(one.window == "rolling" for one in self.every):
            raise wrong("unfitting_key", "remind with windows of the calendar only")
        if any(one.when is None for one in self.every[:-1]):
            raise wrong("missing_key", "when, in every rhythm but the last")
        return self
