"""The document of a board: figures, a matrix, a trend, a ranking and a wall, each of cases that a register lists."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from engine.core.language.names import Basis, ColumnRef, Defines, Refers, TitleText
from engine.core.language.parts import Part, wrong

_ID = StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")
BoardId = Annotated[str, _ID, Defines("board")]
#: a part of one document, known within it alone
PartId = Annotated[str, _ID]
#: cases of a register, as its page can show them: "register where overdue and level == 'high'"
FigureText = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}( where .+)?$", max_length=300),
    Refers("register", "selection"),
]
#: "red when > 0"
LightText = Annotated[str, StringConstraints(pattern=r"^(yellow|red) when > [0-9]{1,6}$")]
Groups = Literal["region", "industry"]
Dates = Literal["opened", "closed", "due"]


class TilePart(Part):
    """One figure: how many cases of a list there are."""

    title: TitleText
    count: FigureText
    light: LightText | None = None
    #: a year beside it: the same cases by the month of that date
    trend: Dates | None = None


class HeatPart(Part):
    """Cases of a list by two of their areas."""

    title: TitleText
    rows: Groups
    columns: Groups
    count: FigureText

    @model_validator(mode="after")
    def _two_sides(self) -> Self:
        if self.rows == self.columns:
            raise wrong("duplicate_id", "two different areas for rows and columns", self.rows)
        return self


class LinePart(Part):
    """Cases of a list by the month of one of their dates."""

    title: TitleText
    count: FigureText
    by: Dates


class TrendPart(Part):
    """Lines over the same months, the present one last."""

    title: TitleText
    months: Annotated[int, Field(ge=2, le=36)]
    lines: Annotated[dict[PartId, LinePart], Field(min_length=1, max_length=5)]


class RankPart(Part):
    """Areas by the share that one list has of another; where there is too little to divide, no place is given."""

    title: TitleText
    of: Groups
    share: FigureText
    among: FigureText
    least: Annotated[int, Field(ge=1)]
    worst: Annotated[int, Field(ge=0, le=20)] = 0
    best: Annotated[int, Field(ge=0, le=20)] = 0

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.worst and not self.best:
            raise wrong("one_of", "worst or best", "none")
        return self


class WallPart(Part):
    """The first cases of a list, in its order."""

    title: TitleText
    of: FigureText
    columns: Annotated[list[ColumnRef], Field(min_length=1, max_length=6)]
    rows: Annotated[int, Field(ge=1, le=30)]


class BoardDocument(Part):
    """A board."""

    board: BoardId
    title: TitleText
    tiles: Annotated[dict[PartId, TilePart], Field(min_length=1, max_length=12)]
    heat: HeatPart | None = None
    trend: TrendPart | None = None
    rank: RankPart | None = None
    wall: WallPart | None = None
    basis: Basis
