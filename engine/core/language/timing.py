"""When something must be done, as text."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from engine.core.definition import RollRule, StartRule
from engine.core.language.names import FieldRef, TitleText
from engine.core.language.parts import Part, SpanText, UntilText, one_of, wrong


class Timing(Part):
    """When something must be done, or why it has no deadline."""

    within: SpanText | None = None
    until: UntilText | None = None
    since: FieldRef | None = Field(default=None, alias="from")
    start: StartRule | None = None
    roll: RollRule | None = None
    undated: TitleText | None = None

    @model_validator(mode="after")
    def _timed(self) -> Self:
        one_of(self, self.timed_by())
        if self.since and not self.within:
            raise wrong("unfitting_key", "from with within only", self.since)
        return self

    def timed_by(self) -> tuple[str, ...]:
        """The keys of which exactly one says when it is due."""
        return ("within", "until", "undated")
