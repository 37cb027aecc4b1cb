"""The document of a ladder, and of the texts that its rungs and other messages use."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from engine.core.language.links import StartEffect
from engine.core.language.names import (
    Basis,
    LadderId,
    ParameterId,
    PartyRef,
    RungId,
    TemplateText,
    TextId,
    TextRef,
    TitleText,
)
from engine.core.language.parts import ParameterKind, Part, Parties, PointText, SpanText, one_of, wrong
from engine.core.language.procedure import NumberSeries


class Rung(Part):
    """One step: a reminder that goes out by itself, the draft of a formal act that waits for a person, or a case."""

    title: TitleText
    at: PointText
    do: Literal["remind"] | None = None
    #: the formal act: the text of that name is what its recipients get when it is issued
    draft: TextRef | None = None
    start: StartEffect | None = None
    to: Parties = Field(default_factory=list)
    text: TextRef | None = None
    by: PartyRef | None = None
    issue_within: SpanText | None = None
    #: numbers of what is issued, counted together wherever the same series is named
    series: NumberSeries | None = None
    every: SpanText | None = None
    basis: Basis

    @model_validator(mode="after")
    def _sound(self) -> Self:
        one_of(self, ("do", "draft", "start"))
        if not self.start and not (self.to and self.text):
            raise wrong("missing_key", "to and text (with draft: the text that tells its holder)")
        if self.draft and not (self.by and self.issue_within):
            raise wrong("missing_key", "by and issue_within, with draft")
        if self.draft and self.every:
            raise wrong("unfitting_key", "every with do: remind only", self.every)
        if self.do and (self.by or self.issue_within or self.series):
            raise wrong("unfitting_key", "by, issue_within and series with draft only")
        return self


class LadderDocument(Part):
    """Rungs before and after a deadline, in the order in which they are reached."""

    ladder: LadderId
    title: TitleText
    basis: Basis
    parameters: dict[ParameterId, ParameterKind] = Field(default_factory=dict)
    rungs: dict[RungId, Rung] = Field(min_length=1)


class Template(Part):
    """A message: {placeholders} only."""

    subject: TemplateText
    body: TemplateText


class TextsDocument(Part):
    """Messages by id; a plan's text of the same id takes the place of the library's."""

    texts: dict[TextId, Template]
