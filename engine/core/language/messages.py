"""The document of a place's rules for messages that leave the product: how many a day, when not, when together."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator

from engine.core.language.names import Basis, Defines, ParameterId, Refers, TitleText
from engine.core.language.parts import CountText, ParameterKind, Part, parametric, wrong

MessagesId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), Defines("messages")]
#: "mail", "sms": a way out as its adapter calls it
ChannelId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def _time(text: str, info: ValidationInfo) -> str:
    if text.startswith("$"):
        return parametric("text")(text, info)
    try:
        told = time.fromisoformat(text)
    except ValueError:
        told = None
    if told is None or text != told.strftime("%H:%M"):
        raise wrong("wrong_value", 'a time of day like "08:30", in quotes', text)
    return text


#: local time of day: "08:30"
TimeText = Annotated[str, AfterValidator(_time), Refers("parameter")]


class HoursPart(Part):
    """Hours of every day; across midnight where they end before they begin."""

    begins: TimeText = Field(alias="from")
    ends: TimeText = Field(alias="until")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.begins == self.ends:
            raise wrong("wrong_value", "another time of day than it begins at", self.ends)
        return self


class QuietPart(HoursPart):
    """When people are not disturbed."""

    excepts: Literal["on_duty"] | None = Field(default=None, alias="except")


class MessagesDocument(Part):
    """What of all that is told to a person leaves the product, and when."""

    #: by its alias: the key says what the document is
    name: MessagesId = Field(alias="messages")
    title: TitleText
    parameters: dict[ParameterId, ParameterKind] = Field(default_factory=dict)
    budget: CountText
    ceiling: CountText
    digests: Annotated[list[TimeText], Field(min_length=1, max_length=12)]
    quiet: QuietPart | None = None
    #: whole days
    quiet_days: list[Literal["weekend", "holiday"]] = Field(default_factory=list)
    #: the longest quiet hours that people may choose for themselves
    own_quiet: HoursPart | None = None
    channels: dict[ChannelId, CountText] = Field(default_factory=dict)
    basis: Basis

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for count in (self.budget, self.ceiling, *self.channels.values()):
            if isinstance(count, int) and count < 1:
                raise wrong("wrong_value", "one or more", count)
        if isinstance(self.budget, int) and isinstance(self.ceiling, int) and self.ceiling < self.budget:
            raise wrong("wrong_value", f"a ceiling not below the budget of {self.budget}", self.ceiling)
        return self
