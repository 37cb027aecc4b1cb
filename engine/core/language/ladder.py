"""The document of a ladder, and of the texts that its rungs and other messages use."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from engine.core.definition_ladders import IfOver
from engine.core.language.acts import Effects
from engine.core.language.links import StartEffect
from engine.core.language.names import (
    ActionRef,
    Basis,
    LadderId,
    ParameterId,
    PartyRef,
    Refers,
    RungId,
    StateRef,
    TemplateText,
    TextId,
    TextRef,
    TitleText,
)
from engine.core.language.parts import (
    CountText,
    LadderText,
    ParameterKind,
    Part,
    Parties,
    PointText,
    SpanText,
    as_list,
    one_of,
    wrong,
)
from engine.core.language.procedure import NumberSeries

#: `remind` sends the rung's text to whom it names; effects do the rest.
RungEffects = Literal["remind"] | Effects
#: START, or a rung
BackTo = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$"), Refers("rung")]


class Signer(Part):
    """A second person who signs what the first has prepared, in their own time."""

    by: PartyRef
    not_by: Parties = Field(default_factory=list)
    within: SpanText | None = None
    undated: TitleText | None = None
    ladder: LadderText | None = None

    @model_validator(mode="after")
    def _timed(self) -> Self:
        one_of(self, ("within", "undated"))
        return self


class Rung(Part):
    """One step: a reminder that goes out by itself, the draft of a formal act that waits for a person, or a case."""

    title: TitleText
    at: PointText
    do: RungEffects | None = None
    #: the formal act: the text of that name is what its recipients get when it is issued
    draft: TextRef | None = None
    start: StartEffect | None = None
    #: the state to which the case moves by itself
    enter: StateRef | None = None
    to: Parties = Field(default_factory=list)
    text: TextRef | None = None
    #: who issues the draft; with approve, who prepares it
    by: PartyRef | None = None
    approve: Signer | None = None
    issue_within: SpanText | None = None
    #: what the draft's own deadline climbs
    ladder: LadderText | None = None
    #: what becomes of the draft when its task ends or the ladder steps down
    if_over: IfOver | None = None
    #: numbers of what is issued, counted together wherever the same series is named
    series: NumberSeries | None = None
    every: SpanText | None = None
    #: how often in all, or up to which point
    times: CountText | None = None
    until: PointText | None = None
    digest: Literal[True] | None = None
    basis: Basis

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not (self.do or self.draft or self.start or self.enter):
            raise wrong("one_of", "one of do, draft, start, enter", "none")
        one_of(self, ("do", "draft", "start"), at_most=True)
        if (self.do == "remind" or self.draft) and not (self.to and self.text):
            raise wrong("missing_key", "to and text (with draft: the text that tells its holder)")
        if self.draft and not (self.by and self.issue_within and self.if_over):
            raise wrong("missing_key", "by, issue_within and if_over (withdraw or keep), with draft")
        if self.every and self.do != "remind":
            raise wrong("unfitting_key", "every with do: remind only", self.every)
        drafting = (self.by, self.issue_within, self.series, self.approve, self.if_over, self.ladder)
        if not self.draft and any(drafting):
            raise wrong("unfitting_key", "by, issue_within, approve, ladder, if_over and series with draft only")
        if (self.times or self.until or self.digest) and not self.every:
            raise wrong("missing_key", "every, with times, until or digest")
        if self.times and self.until:
            raise wrong("one_of", "one of times, until", "times, until")
        return self


class Pause(Part):
    """Who may pause the ladder, how long at most and how often, and what becomes of what was missed."""

    by: Parties = Field(min_length=1)
    most: SpanText
    times: CountText
    missed: Literal["fire", "skip"]


class Calms(Part):
    """What counts as progress, and to which rung the ladder then steps down."""

    on: Annotated[
        list[ActionRef], Field(min_length=1), BeforeValidator(as_list, json_schema_input_type=str | list[str])
    ]
    back_to: BackTo


class LadderDocument(Part):
    """Rungs before and after a deadline, in the order in which they are reached."""

    ladder: LadderId
    title: TitleText
    basis: Basis
    parameters: dict[ParameterId, ParameterKind] = Field(default_factory=dict)
    rungs: dict[RungId, Rung] = Field(min_length=1)
    pause: Pause | None = None
    calms: Calms | None = None


class Template(Part):
    """A message: {placeholders} only."""

    subject: TemplateText
    body: TemplateText
    #: nothing delays it
    urgent: bool = False


class TextsDocument(Part):
    """Messages by id; a plan's text of the same id takes the place of the library's."""

    texts: dict[TextId, Template]
