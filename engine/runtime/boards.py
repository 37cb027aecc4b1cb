"""Boards as one person reads them: every number counts what that person finds in the list it leads to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from engine.core.board import Board, Dated, Figure, Group, Line, Rank, Tile
from engine.core.conditions import Condition, Same, both
from engine.core.directory import Scope
from engine.core.register_filters import Moment, filters, sources
from engine.errors import NotFound
from engine.runtime.counting import test_of
from engine.runtime.looking import Looking
from engine.runtime.registers import RegisterAsk, RegisterPage, Registers
from engine.store.boards import Areas
from engine.store.reader import Reader
from engine.store.tallies import Cell


@dataclass(frozen=True, kw_only=True)
class Months:
    """Counts by month, in order; `bounds` are the first days of the months and the one after the last."""

    bounds: Sequence[date]
    counts: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class TileSeen:
    """One figure with its count, and a year of it."""

    tile: Tile
    count: int
    months: Months | None = None


@dataclass(frozen=True, kw_only=True)
class HeatSeen:
    """A matrix: rows and columns that have any case, and the counts that are not 0."""

    rows: Sequence[str]
    columns: Sequence[str]
    counts: Mapping[tuple[str, str], int]


@dataclass(frozen=True, kw_only=True)
class LineSeen:
    """One line of a trend."""

    line: Line
    months: Months


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One area of a ranking."""

    area: str
    share: int
    among: int


@dataclass(frozen=True, kw_only=True)
class RankSeen:
    """Areas in order, and those of which there is too little to say."""

    worst: Sequence[Placed]
    best: Sequence[Placed]
    few: Sequence[Placed]


@dataclass(frozen=True, kw_only=True)
class BoardSeen:
    """A board with all its numbers, as of one moment."""

    board: Board
    at: datetime
    tiles: Sequence[TileSeen]
    heat: HeatSeen | None = None
    trend: Sequence[LineSeen] = ()
    rank: RankSeen | None = None
    wall: RegisterPage | None = None
    regions: Mapping[str, str] = field(default_factory=dict)
    industries: Mapping[str, str] = field(default_factory=dict)


class Boards(Looking):
    """The boards of the place, over its registers."""

    def __init__(self, *, boards: Mapping[str, Board], registers: Registers, **looking: Any) -> None:
        super().__init__(**looking)
        self.boards = dict(boards)
        self._registers = registers

    def board(self, name: str) -> Board:
        """The board of that id; NotFound."""
        found = self.boards.get(name)
        if found is None:
            raise NotFound("board_not_found")
        return found

    def seen(self, person: str, name: str) -> BoardSeen:
        """A board with the numbers of what the person may see."""
        board, now = self.board(name), self._clock.now()
        heat, trend, wall = board.heat, board.trend, board.wall
        with self._store.read() as reader:
            directory = self._present(reader)
            counting = _Counting(self._registers, reader, self._scope(reader, person), person, now)
            seen = BoardSeen(
                board=board,
                at=now,
                tiles=tuple(counting.tile(tile) for tile in board.tiles),
                heat=counting.heat(heat.figure, heat.rows, heat.columns) if heat else None,
                trend=tuple(
                    LineSeen(line=line, months=counting.months(line.figure, line.by, trend.months))
                    for line in trend.lines
                )
                if trend
                else (),
                rank=counting.rank(board.rank) if board.rank else None,
                regions=directory.regions,
                industries=directory.industries,
            )
        if wall is None:
            return seen
        page = self._registers.page(person, wall.figure.register, asked(wall.figure, limit=wall.rows))
        return replace(seen, wall=page)


def asked(figure: Figure, *, limit: int = 50) -> RegisterAsk:
    """A figure as the page of its register is asked for it."""
    words: dict[str, list[str]] = {}
    for name, word in figure.filters:
        words.setdefault(name, []).append(word)
    return RegisterAsk(filters=words, limit=limit)


#: Months beside a figure.
_YEAR = 12


class _Counting:
    """The numbers of one board on one connection; figures that ask the same are counted once."""

    def __init__(self, registers: Registers, reader: Reader, scope: Scope, person: str, now: datetime) -> None:
        self._registers = registers
        self._reader = reader
        self._scope = scope
        self._person = person
        self._now = now
        self._areas: dict[Figure, Areas] = {}
        self._cells: dict[tuple[str, ...], list[Cell] | None] = {}

    def tile(self, tile: Tile) -> TileSeen:
        """One figure."""
        months = self.months(tile.figure, tile.trend, _YEAR) if tile.trend else None
        return TileSeen(tile=tile, count=sum(self.areas(tile.figure).values()), months=months)

    def heat(self, figure: Figure, rows: Group, columns: Group) -> HeatSeen:
        """The matrix."""
        found: Counter[tuple[str, str]] = Counter()
        for (region, industry), count in self.areas(figure).items():
            side = {"region": region, "industry": industry}
            found[side[rows], side[columns]] += count
        counts = {key: count for key, count in found.items() if count}
        return HeatSeen(
            rows=sorted({row for row, _ in counts}), columns=sorted({column for _, column in counts}), counts=counts
        )

    def rank(self, rank: Rank) -> RankSeen:
        """Areas by the share; the larger share is the worse. Of equal shares the one with more cases is the worse."""
        share, among = self._by(rank.share, rank.of), self._by(rank.among, rank.of)
        placed = [Placed(area=area, share=share.get(area, 0), among=count) for area, count in among.items() if count]
        enough = [one for one in placed if one.among >= rank.least]
        enough.sort(key=lambda one: (-one.share / one.among, -one.among, one.area))
        worst = enough[: rank.worst]
        rest = enough[len(worst) :]
        return RankSeen(
            worst=worst,
            best=rest[::-1][: rank.best],
            few=sorted((one for one in placed if one.among < rank.least), key=lambda one: one.area),
        )

    def months(self, figure: Figure, by: Dated, months: int) -> Months:
        """Cases of a figure by the month of a date, the present month last."""
        moment, wanted = self._wanted(figure)
        bounds = _months(moment.today, months)
        # what is due at midnight is due on the day that then ends
        shift = 1 if by == "due" else 0
        instants = [moment.start_of(day) + shift for day in bounds]
        cells = self._counted(figure)
        kinds = sorted({cell.closed for cell in cells}) if cells is not None else ()
        return Months(bounds=bounds, counts=self._reader.boards.months(self._scope, wanted, by, instants, kinds))

    def areas(self, figure: Figure) -> Areas:
        """Cases of a figure by region and industry: from what was counted ahead where that tells."""
        if figure not in self._areas:
            found = self._from_cells(figure)
            self._areas[figure] = (
                self._reader.boards.areas(self._scope, self._wanted(figure)[1]) if found is None else found
            )
        return self._areas[figure]

    def _from_cells(self, figure: Figure) -> Areas | None:
        test = test_of(self._wanted(figure)[1], self._reader.registers.counted_fields(self._procedures(figure)))
        cells = None if test is None else self._counted(figure)
        if test is None or cells is None:
            return None
        found: Counter[tuple[str, str]] = Counter()
        for cell in cells:
            if test(cell):
                found[cell.region, cell.industry] += cell.count
        return {area: count for area, count in found.items() if count}

    def _counted(self, figure: Figure) -> list[Cell] | None:
        """What was counted ahead of the procedures of a figure, read once."""
        procedures = self._procedures(figure)
        if procedures not in self._cells:
            every = Same(column="procedure", values=procedures)
            self._cells[procedures] = self._reader.registers.cells(self._scope, procedures, every)
        return self._cells[procedures]

    def _procedures(self, figure: Figure) -> tuple[str, ...]:
        return tuple(sorted({source.procedure for source in self._registers.register(figure.register).of}))

    def _wanted(self, figure: Figure) -> tuple[Moment, Condition]:
        register = self._registers.register(figure.register)
        moment = self._registers.moment(register, self._person, self._now)
        conditions = filters(register, asked(figure).filters, moment)
        return moment, both(sources(register, moment), *conditions.values())

    def _by(self, figure: Figure, of: Group) -> dict[str, int]:
        found: Counter[str] = Counter()
        for (region, industry), count in self.areas(figure).items():
            found[region if of == "region" else industry] += count
        return dict(found)


def _months(today: date, months: int) -> list[date]:
    """The first days of so many months up to the present one, and of the next."""
    last = today.year * 12 + today.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(last - months + 1, last + 2)]
