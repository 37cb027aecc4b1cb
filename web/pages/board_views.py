"""What a board shows: pure functions from its numbers to plain records, each with the address of its list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.board import Figure, Tile, Wall
from engine.core.calendar import Calendar
from engine.core.register import Register
from engine.core.register_filters import TO
from engine.runtime.boards import BoardSeen, HeatSeen, LineSeen, Months, Placed, RankSeen, TileSeen
from engine.runtime.registers import RegisterPage
from web.catalogues import say, tell_instant
from web.pages.register_address import RegisterAddress
from web.pages.register_cells import CellView, Words, cell_of, title_of

#: Steps of the matrix's colour; 0 = nothing.
_STEPS = 5
#: The sparkline's box.
_WIDTH, _HEIGHT, _EDGE = 120, 28, 2


@dataclass(frozen=True, kw_only=True)
class TileView:
    """One figure; `kind` is its light, told in words beside."""

    title: str
    value: str
    address: str
    kind: str = ""
    note: str = ""
    #: points of a polyline in a box of 120 × 28; "" = no trend
    spark: str = ""
    spark_told: str = ""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One number that leads to its list; "" where there is none."""

    value: str = ""
    address: str = ""
    step: int = 0
    told: str = ""


@dataclass(frozen=True, kw_only=True)
class RowView:
    """A head and its numbers, the sum last."""

    title: str
    cells: Sequence[Cell]


@dataclass(frozen=True, kw_only=True)
class TableView:
    """Rows under heads."""

    title: str
    heads: Sequence[str]
    rows: Sequence[RowView]
    foot: RowView | None = None


@dataclass(frozen=True, kw_only=True)
class TrendView:
    """A chart, and the same numbers as a table."""

    table: TableView
    #: JSON for the script that draws it: months, and lines with names and counts
    chart: str


@dataclass(frozen=True, kw_only=True)
class PlacedView:
    """One area of a ranking."""

    title: str
    share: str
    #: per cent, for a bar
    percent: int
    told: str
    address: str


@dataclass(frozen=True, kw_only=True)
class RankView:
    """The worst and the best; of whom there is too little to say anything."""

    title: str
    worst: Sequence[PlacedView]
    best: Sequence[PlacedView]
    few: str


@dataclass(frozen=True, kw_only=True)
class WallView:
    """The first lines of a list."""

    title: str
    address: str
    heads: Sequence[str]
    rows: Sequence[WallRow]


@dataclass(frozen=True, kw_only=True)
class WallRow:
    """A case."""

    address: str
    cells: Sequence[CellView]


@dataclass(frozen=True, kw_only=True)
class BoardView:
    """A whole board."""

    title: str
    at: str
    path: str
    tiles: Sequence[TileView]
    heat: TableView | None
    trend: TrendView | None
    rank: RankView | None
    wall: WallView | None


def view_of(seen: BoardSeen, calendar: Calendar, rows: Sequence[WallRow]) -> BoardView:
    """Everything a board shows."""
    board = seen.board
    return BoardView(
        title=board.title,
        at=say("board.at", at=tell_instant(seen.at, calendar.zone)),
        path=f"/boards/{board.id}",
        tiles=[tile_of(one) for one in seen.tiles],
        heat=heat_of(seen, seen.heat) if seen.heat and board.heat else None,
        trend=trend_of(board.trend.title, seen.trend) if board.trend else None,
        rank=rank_of(seen, seen.rank) if seen.rank else None,
        wall=wall_view(board.wall, rows) if board.wall else None,
    )


def address_of(figure: Figure, **more: str) -> str:
    """The list of a figure, narrowed by other filters of its register."""
    found: dict[str, tuple[str, ...]] = {}
    for name, word in (*figure.filters, *more.items()):
        found[name] = (*found.get(name, ()), word)
    return str(RegisterAddress(register=figure.register, filters=found))


# figures -----------------------------------------------------------------------------------------------------------


def tile_of(seen: TileSeen) -> TileView:
    """One figure."""
    kind = light_of(seen.tile, seen.count)
    return TileView(
        title=seen.tile.title,
        value=f"{seen.count:,}",
        address=address_of(seen.tile.figure),
        kind=kind,
        note=say(f"board.light.{kind}") if kind else "",
        spark=spark_of(seen.months.counts) if seen.months else "",
        spark_told=_told_months(seen.tile, seen.months) if seen.months else "",
    )


def light_of(tile: Tile, count: int) -> str:
    """The colour of a figure; "" = none."""
    return tile.light if tile.light and count > tile.above else ""


def spark_of(counts: Sequence[int]) -> str:
    """Counts as the points of a line within its box; 0 lies on the lower edge."""
    most = max(*counts, 1)
    step = (_WIDTH - 2 * _EDGE) / max(len(counts) - 1, 1)
    high = _HEIGHT - 2 * _EDGE
    return " ".join(
        f"{_EDGE + at * step:.1f},{_HEIGHT - _EDGE - count / most * high:.1f}" for at, count in enumerate(counts)
    )


def _told_months(tile: Tile, months: Months) -> str:
    counts = say("board.joint").join(str(count) for count in months.counts)
    return say(f"board.by.{tile.trend}", counts=counts)


# the matrix --------------------------------------------------------------------------------------------------------


def heat_of(seen: BoardSeen, heat: HeatSeen) -> TableView:
    """The matrix with sums at its edges; a colour says how many of the most there are, and the number says it, too."""
    spec = seen.board.heat
    assert spec is not None
    titles = {"region": seen.regions, "industry": seen.industries}
    most = max(heat.counts.values(), default=0)

    def cell(count: int, step: int, told: str, **more: str) -> Cell:
        if not count:
            return Cell(told=told)
        return Cell(value=f"{count:,}", address=address_of(spec.figure, **more), step=step, told=told)

    rows = []
    for row in heat.rows:
        name = _title(titles[spec.rows], row)
        cells = []
        for column in heat.columns:
            count = heat.counts.get((row, column), 0)
            told = say("board.cell", row=name, column=_title(titles[spec.columns], column), count=count)
            cells.append(cell(count, step_of(count, most), told, **{spec.rows: row, spec.columns: column}))
        total = sum(heat.counts.get((row, column), 0) for column in heat.columns)
        rows.append(RowView(title=name, cells=[*cells, cell(total, 0, "", **{spec.rows: row})]))
    foot = [
        cell(sum(heat.counts.get((row, column), 0) for row in heat.rows), 0, "", **{spec.columns: column})
        for column in heat.columns
    ]
    return TableView(
        title=spec.title,
        heads=[*(_title(titles[spec.columns], column) for column in heat.columns), say("board.sum")],
        rows=rows,
        foot=RowView(title=say("board.sum"), cells=[*foot, cell(sum(heat.counts.values()), 0, "")]),
    )


def step_of(count: int, most: int) -> int:
    """How strong the colour is: 0 for nothing, 1 to 5 by the share of the most."""
    return 0 if not count else max(1, -(-count * _STEPS // most))


def _title(titles: Mapping[str, str], name: str) -> str:
    return titles.get(name, name) or say("board.nowhere")


# the trend ---------------------------------------------------------------------------------------------------------


def trend_of(title: str, lines: Sequence[LineSeen]) -> TrendView:
    """Months down, lines across; the chart draws the same numbers."""
    bounds = lines[0].months.bounds
    months = [say("board.month", year=day.year, month=day.month) for day in bounds[:-1]]
    rows = []
    for at, month in enumerate(months):
        cells = [_month_cell(line, at) for line in lines]
        rows.append(RowView(title=month, cells=cells))
    chart = {
        "months": months,
        "lines": [{"name": one.line.title, "counts": list(one.months.counts), "by": one.line.by} for one in lines],
    }
    table = TableView(title=title, heads=[one.line.title for one in lines], rows=rows)
    return TrendView(table=table, chart=json.dumps(chart, ensure_ascii=False))


def _month_cell(line: LineSeen, at: int) -> Cell:
    count, bounds = line.months.counts[at], line.months.bounds
    if not count:
        return Cell(value="0")
    return Cell(
        value=f"{count:,}", address=address_of(line.line.figure, **{line.line.by: days_of(bounds[at], bounds[at + 1])})
    )


def days_of(first: date, beyond: date) -> str:
    """The days from one to the one before another, as a filter asks for them."""
    return f"{first.isoformat()}{TO}{(beyond - timedelta(days=1)).isoformat()}"


# the ranking -------------------------------------------------------------------------------------------------------


def rank_of(seen: BoardSeen, rank: RankSeen) -> RankView:
    """Shares in per cent with what they are of; where there is too little, the names without a place."""
    spec = seen.board.rank
    assert spec is not None
    titles = seen.regions if spec.of == "region" else seen.industries

    def placed(one: Placed) -> PlacedView:
        percent = round(100 * one.share / one.among)
        return PlacedView(
            title=_title(titles, one.area),
            share=say("board.percent", percent=percent),
            percent=percent,
            told=say("board.share", share=one.share, among=one.among),
            address=address_of(spec.share, **{spec.of: one.area}),
        )

    few = say("board.joint").join(
        say("board.few_one", title=_title(titles, one.area), count=one.among) for one in rank.few
    )
    return RankView(
        title=spec.title,
        worst=[placed(one) for one in rank.worst],
        best=[placed(one) for one in rank.best],
        few=say("board.few", least=spec.least, areas=few) if few else "",
    )


# the wall ----------------------------------------------------------------------------------------------------------


def wall_of(wall: Wall, register: Register, page: RegisterPage, words: Words) -> Sequence[WallRow]:
    """The first lines of a list, with the columns of the wall."""
    address = RegisterAddress(register=register.id)
    return [
        WallRow(
            address=f"/cases/{line.head.id}",
            cells=[cell_of(column, line, words, address) for column in wall.columns],
        )
        for line in page.lines
    ]


def wall_view(wall: Wall, rows: Sequence[WallRow]) -> WallView:
    """The wall under its heads."""
    return WallView(
        title=wall.title,
        address=address_of(wall.figure),
        heads=[title_of(column) for column in wall.columns],
        rows=rows,
    )
