"""When something must be done, as text."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from engine.core.definition import RollRule, StartRule
from engine.core.language.names import FieldRef, TitleText
from engine.core.language.parts import Part, PointText, SpanText, UntilText, one_of, wrong

#: the file name of a working calendar, the id of a day-count rule: neither is a name of a definition's own
CalendarText = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
CountText = CalendarText


class Moment(Part):
    """One instant or day: a span after the start, or a point."""

    within: SpanText | None = None
    until: UntilText | None = None
    since: FieldRef | None = Field(default=None, alias="from")
    start: StartRule | None = None
    roll: RollRule | None = None
    #: the named rule by which days are counted
    count: CountText | None = None
    #: the working calendar, where it is not the procedure's
    calendar: CalendarText | None = None

    @model_validator(mode="after")
    def _timed(self) -> Self:
        one_of(self, self.timed_by())
        if self.since and not self.within:
            raise wrong("unfitting_key", "from with within only", self.since)
        return self

    def timed_by(self) -> tuple[str, ...]:
        """The keys of which exactly one says when it is due."""
        return ("within", "until")


class Timing(Moment):
    """When something must be done, or why it has no deadline."""

    #: of several moments the first counts
    whichever_first: list[Moment] = Field(default_factory=list)
    #: it may not be done before this point
    opens: PointText | None = None
    undated: TitleText | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.whichever_first) == 1:
            raise wrong("one_of", "two moments or more, of which the first counts", 1)
        for key in ("start", "roll"):
            if self.whichever_first and getattr(self, key):
                raise wrong("unfitting_key", f"{key} within each moment of whichever_first", getattr(self, key))
        if self.undated and (self.opens or self.count or self.calendar):
            raise wrong("unfitting_key", "undated alone", self.undated)
        return self

    def timed_by(self) -> tuple[str, ...]:
        """See Moment."""
        return ("within", "until", "whichever_first", "undated")
