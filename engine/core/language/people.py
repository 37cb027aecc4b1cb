"""What people may do with a task besides its actions, as text: pass it on, share it, vote on it, hand it over."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from engine.core.language.names import PartyRef, Refers, StateRef, TextRef
from engine.core.language.names_of_items import ChoicesRef
from engine.core.language.parts import LadderText, Part, Parties, SpanText, as_list, one_of, parametric, wrong
from engine.core.language.timing import Timing

#: the name of a roster in the directory's own words, of a power's matter or document; or a parameter
WordText = Annotated[
    str, StringConstraints(min_length=1, max_length=60), AfterValidator(parametric("text")), Refers("parameter")
]


class Recused(Part):
    """Who takes no part: kin of those concerned, their own people, their superiors."""

    of: Parties
    grounds: Annotated[
        list[Literal["kin", "own_unit", "superiors"]],
        BeforeValidator(as_list, json_schema_input_type=str | list[str]),
        Field(min_length=1),
    ]


class Designation(Timing):
    """Somebody must say whose matter it is."""

    by: PartyRef | None = None
    ladder: LadderText | None = None


class Receipt(Timing):
    """The other office must receive or refuse."""

    ladder: LadderText | None = None


class HandOver(Part):
    """A matter goes to another office."""

    party: PartyRef
    receive: Receipt
    grounds: ChoicesRef
    designate: Designation | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.designate and not self.designate.by:
            raise wrong("missing_key", "by, who designates")
        return self


class Urge(Part):
    """Who may urge, once in a span."""

    by: Parties
    every: SpanText
    #: of the message to whoever holds the task
    text: TextRef | None = None


class Handling(Part):
    """What a holder may do with a task besides its actions."""

    claim: Literal[True] | None = None
    transfer: Parties = Field(default_factory=list)
    delegate: Parties = Field(default_factory=list)
    copies: Annotated[Parties, Field(alias="copy")] = Field(default_factory=list)
    urge: Urge | None = None
    superior: Literal["may act"] | None = None
    recuse: Literal[True] | None = None
    hand_over: HandOver | None = None


def _rule(text: str) -> str:
    if text in ("all", "any") or re.fullmatch(r"[1-9][0-9]?", text):
        return text
    part = re.fullmatch(r"([1-9][0-9]?)/([1-9][0-9]?)", text)
    if part is None or int(part[1]) > int(part[2]):
        raise wrong("unknown_rule", "all, any, a share like 2/3, or a number", text)
    return text


class VoiceTiming(Timing):
    """Each voice's own deadline."""

    ladder: LadderText | None = None


class Votes(Part):
    """Several voices decide whether an action takes effect."""

    by: Annotated[Parties, Field(min_length=1)]
    rule: Annotated[
        str, BeforeValidator(lambda value: str(value) if type(value) is int else value), AfterValidator(_rule)
    ] = "all"
    veto: Parties = Field(default_factory=list)
    quorum: Annotated[int, Field(ge=1, le=99)] | None = None
    order: Literal["parallel", "sequential"] = "parallel"
    add: Parties = Field(default_factory=list)
    each: VoiceTiming
    refused: StateRef | None = None


class Joint(Timing):
    """Others who give their opinion; the holder concludes."""

    by: Annotated[Parties, Field(min_length=1)]
    ladder: LadderText | None = None
    wait: Literal["all", "due", "none"] = "due"


class PowerNeeded(Part):
    """The power that the body of who acts must have on the day."""

    matter: WordText
    document: WordText | None = None


RecallText = Annotated[str, StringConstraints(min_length=1)]

__all__ = ["Designation", "Handling", "Joint", "PowerNeeded", "RecallText", "Recused", "Votes", "WordText", "one_of"]
