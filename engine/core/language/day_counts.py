"""The document of named day-count rules: how a law counts days."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from engine.core.definition import RollRule, StartRule
from engine.core.language.names import Basis, TitleText
from engine.core.language.parts import DateText, Part, wrong
from engine.core.language.timing import CountText

_UP_TO = re.compile(r"up to ([1-9][0-9]{0,2}) days?", re.ASCII)


def up_to(text: str) -> int:
    """The number of `up to 10 days`."""
    found = _UP_TO.fullmatch(text)
    if found is None:
        raise wrong("wrong_value", 'a list like [2, 3, 5, 7], or "up to 10 days"', text)
    return int(found[1])


def _amount(text: str) -> str:
    up_to(text)
    return text


Amounts = list[Annotated[int, Field(ge=1, le=366)]] | Annotated[str, StringConstraints(), AfterValidator(_amount)]


class DayCountEntry(Part):
    """One rule: which amounts of days are workdays, whether the first day counts, what becomes of a last day off."""

    title: TitleText
    workdays: Amounts = Field(default_factory=list)
    start: StartRule | None = None
    roll: RollRule | None = None
    basis: Basis
    since: DateText
    until: DateText | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.workdays or self.start or self.roll):
            raise wrong("missing_key", "one of workdays, start, roll")
        if not self.basis:
            raise wrong("missing_key", "basis, the clause that says so")
        return self


class DayCountsDocument(Part):
    """Named day-count rules by id."""

    day_counts: dict[CountText, DayCountEntry]
