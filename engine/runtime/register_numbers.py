"""The numbers of a register for one person, and which cases match where they are few."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.conditions import Condition, both
from engine.core.directory import Scope
from engine.core.register import Register
from engine.core.register_filters import Moment, light_of, total_conditions
from engine.runtime.counting import Counted, Test, Values, count, countable, partly, test_of
from engine.store.reader import Reader
from engine.store.tallies import Cell

#: Cases that are looked at one by one to be counted; where there are more, that many is said and nothing else.
MOST_SINGLE = 2_000
#: Where no more than so many may match, they are looked up and sorted; walking an index would pass over too many.
FEW = 5_000
#: Totals that a row of few tells by itself.
_TOLD: Mapping[str, Callable[[Any, Moment], bool]] = {
    "open": lambda row, moment: not row.closed,
    "ended": lambda row, moment: bool(row.closed),
    "soon": lambda row, moment: light_of(row.due_at, row.closed, moment) == "yellow",
    "overdue": lambda row, moment: light_of(row.due_at, row.closed, moment) == "red",
}


@dataclass(frozen=True, kw_only=True)
class RegisterCounts:
    """The numbers of a register; `capped`: those of them that say `at least`."""

    total: int
    totals: Mapping[str, int]
    by: Mapping[str, Mapping[str, int]]
    capped: frozenset[str] = frozenset()


class Numbers:
    """What one person asks of a register on one connection: how many cases match, and which where they are few."""

    def __init__(
        self,
        reader: Reader,
        scope: Scope,
        register: Register,
        moment: Moment,
        *,
        listed: Condition,
        asked: Mapping[str, Condition],
        texts: Sequence[Condition],
    ) -> None:
        self.scope = scope
        self.register = register
        self.moment = moment
        self.wanted = both(listed, *asked.values(), *texts)
        self._reader = reader
        self._asked = asked
        self._procedures = sorted({source.procedure for source in register.of})
        self._fields = reader.registers.counted_fields(self._procedures)
        self._listed = test_of(listed, self._fields)
        self._tests = {name: test_of(condition, self._fields) for name, condition in asked.items()}
        #: whether cells tell all that is asked
        self._told_by_cells = not texts and self._listed is not None and all(self._tests.values())
        #: what `few` found, once it has been asked
        self._few: tuple[Sequence[Any] | None] | None = None
        self._counted: list[Cell] | None = None
        if self._listed is not None:
            self._counted = reader.registers.cells(scope, self._procedures, listed)

    def few(self) -> Sequence[Any] | None:
        """All that match, as rows to sort; None where these may be many, or nobody knows."""
        if self._few is None:
            among = self._among()
            self._few = (None if among is None else self._reader.registers.few(self.scope, self.wanted, among),)
        return self._few[0]

    def _among(self) -> list[str] | None:
        """Cases among which are all that match, by what is told of them ahead."""
        if self._counted is None:
            return None
        test = partly(self.wanted, self._fields)
        cells = [cell for cell in self._counted if test(cell)]
        if sum(max(cell.count, 0) for cell in cells) > FEW:
            return None
        tallies = {cell.tally for cell in cells if cell.tally}
        return [*self._reader.registers.members(tallies, FEW), *(cell.case for cell in cells if cell.case)]

    def counts(self) -> RegisterCounts:
        """From what was counted ahead where that tells; else from the cases themselves, up to a bound."""
        every = total_conditions(self.moment)
        conditions: dict[str, Condition] = {name: every[name] for name in self.register.totals}
        totals = {name: test for name, told in conditions.items() if (test := test_of(told, self._fields)) is not None}
        others = {name: one for name, one in conditions.items() if name not in totals}
        if self._told_by_cells and self._counted is not None and self._listed is not None:
            known = {name: test for name, test in self._tests.items() if test is not None}
            found = count(self._counted, self._listed, known, self._columns(known), totals)
            return self._told(found, others)
        few = self.few()
        among = None if few is None else [row.id for row in few]
        if among is None or len(among) <= MOST_SINGLE:
            most = MOST_SINGLE + 1
            cells = self._reader.registers.single_cells(self.scope, self.wanted, most=most, among=among)
        else:
            return self._told(Counted(total=len(among)), conditions)
        if len(cells) > MOST_SINGLE:
            return RegisterCounts(total=MOST_SINGLE, totals={}, by={}, capped=frozenset({"total"}))
        # each of these cases matches already: nothing is asked of them again
        return self._told(count(cells, _always, {}, self._columns({}), totals), others)

    def _columns(self, known: Mapping[str, Test]) -> dict[str, Values]:
        """Filters whose choices can be counted: where one cannot be taken away again its numbers are not told."""
        columns = [one for one in self.register.filters if one.id not in self._asked or one.id in known]
        return countable(columns, self._fields)

    def _told(self, found: Counted, others: Mapping[str, Condition]) -> RegisterCounts:
        totals: dict[str, int] = {name: found.totals.get(name, 0) for name in self.register.totals}
        capped: set[str] = set()
        few = self.few()
        for name, condition in others.items():
            if few is not None and name in _TOLD:
                totals[name] = sum(_TOLD[name](row, self.moment) for row in few)
                continue
            totals[name] = self._count(both(self.wanted, condition), MOST_SINGLE)
            capped |= {name} if totals[name] >= MOST_SINGLE else set()
        return RegisterCounts(total=found.total, totals=totals, by=found.by, capped=frozenset(capped))

    def _count(self, wanted: Condition, most: int) -> int:
        return self._reader.registers.count(self.scope, wanted, most=most)


def _always(_: Cell) -> bool:
    return True
