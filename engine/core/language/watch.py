"""The document of a watch: what is counted for whom in which window, and what follows when its condition holds.

`per` says of whom is counted; `for` who is looked at even where nothing is counted. `every` counts in periods of the
calendar, `window` in one that moves on every day. Each of `count` counts one thing:

  cases: PROCEDURE [where …], by: opened|closed   cases; without `by` as they stand when the window ends
  acts: [ACTION, …], of: PROCEDURE                 what people did; `late`, `remote`, `within: SPAN` narrow it
  photos: true                                     pictures shown as evidence
  accounts: true                                   persons who signed in on a device
  obligations: DUTY, status: WORD                  what a duty asked

`distinct: case` counts different ones; `over: SPAN` over so long up to the end of the window; `before: N` over the N
windows before it; `streak: with|without`, `most: N` counts windows in a row. `when` is an expression over the counts
and `limits`.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from engine.core.definition_watches import GRAINS, Grain
from engine.core.language.links import StartEffect
from engine.core.language.names import ActionRef, Basis, Defines, ParameterId, Refers, RoleRef, SelectionText, TitleText
from engine.core.language.parts import CountText, ParameterKind, Part, SpanText, as_list, one_of, wrong

_ID = StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")
ObligationStatus = Literal["open", "acted", "done", "late", "missed", "made_up", "exempt", "lapsed"]
WatchId = Annotated[str, _ID, Defines("watch")]
#: a count or a limit, known within its watch alone
CountId = Annotated[str, _ID, Defines("count")]
#: an expression over counts and limits
CountGuard = Annotated[str, StringConstraints(min_length=1, max_length=300), Refers("count", "guard")]
PopulationText = Annotated[
    str,
    StringConstraints(pattern=r"^(units( where .+)?|people in \$?[a-z][a-z0-9_]*|regions)$", max_length=400),
    Refers("role", "watched"),
]
Actions = Annotated[
    list[ActionRef], Field(min_length=1), BeforeValidator(as_list, json_schema_input_type=str | list[str])
]
CalendarPeriod = Literal["day", "workday", "week", "month", "quarter", "half-year", "year"]


class Period(Part):
    """A period of the calendar."""

    period: CalendarPeriod


class Count(Part):
    """One number."""

    title: TitleText
    cases: SelectionText | None = None
    by: Literal["opened", "closed"] | None = None
    acts: Actions | None = None
    of: Annotated[str, _ID, Refers("procedure")] | None = None
    late: bool = False
    remote: bool = False
    within: SpanText | None = None
    photos: Literal[True] | None = None
    accounts: Literal[True] | None = None
    obligations: Annotated[str, _ID, Refers("duty")] | None = None
    status: ObligationStatus | None = None
    distinct: Literal["person", "case", "unit"] | None = None
    before: CountText | None = None
    over: SpanText | None = None
    streak: Literal["with", "without"] | None = None
    most: CountText | None = None

    @property
    def source(self) -> str:
        """What is counted."""
        return next(name for name in GRAINS if getattr(self, name))

    @model_validator(mode="after")
    def _sound(self) -> Self:
        one_of(self, tuple(GRAINS))
        if self.by and not self.cases:
            raise wrong("unfitting_key", "by with cases only", self.by)
        if not self.acts and (self.late or self.remote or self.within):
            raise wrong("unfitting_key", "late, remote and within with acts only")
        if self.distinct and not (self.acts or self.photos):
            raise wrong("unfitting_key", "distinct with acts or photos only", self.distinct)
        if self.status and not self.obligations:
            raise wrong("unfitting_key", "status with obligations only", self.status)
        if bool(self.streak) != bool(self.most):
            raise wrong("missing_key", "streak and most together")
        if bool(self.over) + bool(self.before) + bool(self.streak) > 1:
            raise wrong("one_of", "at most one of over, before, streak")
        if self.streak and (self.before or (self.cases and not self.by)):
            raise wrong("unfitting_key", "streak of what lies in a window", self.streak)
        return self


class LimitPart(Part):
    """A number that the condition compares with."""

    title: TitleText
    value: CountText = Field(alias="is")


class DrawPart(Part):
    """Some of the cases behind a finding are looked at again; what is started may read `drawn`."""

    percent: CountText
    start: StartEffect


class WatchThen(Part):
    """What follows: a light at least."""

    light: Literal["yellow", "red"]
    start: StartEffect | None = None
    draw: DrawPart | None = None


class WatchDocument(Part):
    """A watch."""

    watch: WatchId
    title: TitleText
    explain: TitleText
    basis: Basis
    parameters: dict[ParameterId, ParameterKind] = Field(default_factory=dict)
    per: Grain
    for_: PopulationText | None = Field(default=None, alias="for")
    every: Period | None = None
    window: SpanText | None = None
    count: Annotated[dict[CountId, Count], Field(min_length=1, max_length=8)]
    limits: dict[CountId, LimitPart] = Field(default_factory=dict)
    when: CountGuard
    then: WatchThen

    @model_validator(mode="after")
    def _sound(self) -> Self:
        one_of(self, ("every", "window"))
        for name, count in self.count.items():
            if self.per not in GRAINS[count.source]:
                raise wrong(
                    "not_counted_so", f"per: one of {', '.join(GRAINS[count.source])}", f"{name} per {self.per}"
                )
        kinds = {"units": "unit", "people": "person", "regions": "region"}
        bodies = self.per == "body" and self.for_ is not None and self.for_.startswith("units")
        if self.for_ and not bodies and kinds[self.for_.partition(" ")[0]] != self.per:
            raise wrong("not_counted_so", f"for that fits per: {self.per}", self.for_)
        return self


__all__ = ["Count", "RoleRef", "WatchDocument"]
