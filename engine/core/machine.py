"""A procedure made ready to decide with: a flat table of moves and compiled guards; made by `compiler.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from engine.core.definition import (
    ActionSpec,
    FieldSpec,
    LadderSpec,
    LinkSpec,
    PartySpec,
    Procedure,
    StateSpec,
    TaskSpec,
)


class Guard(Protocol):
    """A compiled expression; `names` are the dotted names it reads."""

    text: str
    names: frozenset[str]

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value in that scope; raises ExpressionError, which means deny."""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One way through the chart, explored by the compiler: what is left, what is entered, where it comes to rest.

    `leaves` replace the active leaves at or under `left` (the outermost state left; "" = nothing, a case begins).
    `entered` are all states entered, containers before what they contain, in the order of the definition.
    """

    target: str
    left: str
    entered: tuple[str, ...]
    leaves: tuple[str, ...]


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A move behind its guard; guard None always holds."""

    guard: Guard | None
    move: Move


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Everything `needs`, `decide` and `allowed_actions` look up, by id."""

    procedure: Procedure
    #: hex SHA-256 of the canonical bytes of the procedure
    version: str
    states: Mapping[str, StateSpec]
    fields: Mapping[str, FieldSpec]
    parties: Mapping[str, PartySpec]
    ladders: Mapping[str, LadderSpec]
    starts: Mapping[str, ActionSpec]
    #: (state, task spec id) -> the task
    tasks: Mapping[tuple[str, str], TaskSpec]
    #: (state, task spec id, action id) -> the action; reopening: (final state, "", action id)
    actions: Mapping[tuple[str, str, str], ActionSpec]
    #: (state, task spec id, action id) -> branches in order; starting: ("", "", action id)
    moves: Mapping[tuple[str, str, str], tuple[Branch, ...]]
    #: (state, task spec id, action id) -> the move when a vote on it is refused
    refusals: Mapping[tuple[str, str, str], Move] = {}
    #: state -> branches taken by itself once it is complete (or at once, simple states without tasks)
    completions: Mapping[str, tuple[Branch, ...]]
    #: (state, task spec id) -> the move when its deadline passes
    expiries: Mapping[tuple[str, str], Move]
    #: (state, task spec id, ladder, rung) -> the move when that rung is reached
    climbs: Mapping[tuple[str, str, str, str], Move] = {}
    #: state path -> enclosing paths, innermost first
    ancestors: Mapping[str, tuple[str, ...]]
    links: Mapping[str, LinkSpec] = {}
    #: (state, link, what became of linked cases) -> branches taken by itself
    reactions: Mapping[tuple[str, str, str], tuple[Branch, ...]] = {}
    #: any other expression of the procedure by its text
    guards: Mapping[str, Guard]
