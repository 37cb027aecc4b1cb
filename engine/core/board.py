"""The neutral form of a board: what it counts, each figure with the list it leads to."""

from __future__ import annotations

from typing import Literal

from engine.core.definition import Record
from engine.core.register import Column

Group = Literal["region", "industry"]
Dated = Literal["opened", "closed", "due"]


class Figure(Record, frozen=True, kw_only=True):
    """Cases of a register, as its own filters choose them: what the list at that address shows."""

    register: str
    #: filter of the register -> word, each as it stands in an address
    filters: tuple[tuple[str, str], ...] = ()


class Tile(Record, frozen=True, kw_only=True):
    """One figure with a title."""

    id: str
    title: str
    figure: Figure
    #: the colour it takes above a number; "" = none
    light: Literal["", "yellow", "red"] = ""
    above: int = 0
    #: the same cases by the month of that date; "" = no trend
    trend: Dated | Literal[""] = ""


class Heat(Record, frozen=True, kw_only=True):
    """A matrix of counts."""

    title: str
    rows: Group
    columns: Group
    figure: Figure


class Line(Record, frozen=True, kw_only=True):
    """One line of a trend."""

    id: str
    title: str
    figure: Figure
    by: Dated


class Trend(Record, frozen=True, kw_only=True):
    """Counts by month."""

    title: str
    months: int
    lines: tuple[Line, ...]


class Rank(Record, frozen=True, kw_only=True):
    """Areas in the order of a share."""

    title: str
    of: Group
    share: Figure
    among: Figure
    #: so many cases must there be to divide by
    least: int
    worst: int
    best: int


class Wall(Record, frozen=True, kw_only=True):
    """The first cases of a list."""

    title: str
    figure: Figure
    columns: tuple[Column, ...]
    rows: int


class Board(Record, frozen=True, kw_only=True):
    """A board, resolved for one place."""

    id: str
    title: str
    tiles: tuple[Tile, ...]
    heat: Heat | None = None
    trend: Trend | None = None
    rank: Rank | None = None
    wall: Wall | None = None
    basis: tuple[str, ...] = ()
