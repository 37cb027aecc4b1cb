"""A board: every number is the total of the list it leads to, and what anybody would count by looking at each case."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.core.board import Figure
from engine.core.case import Case
from engine.core.command import SYSTEM
from engine.core.directory import Scope
from engine.errors import NotFound
from engine.runtime.boards import Boards, BoardSeen, Placed
from engine.runtime.projection import read_snapshot
from engine.runtime.registers import RegisterAsk, Registers
from engine.runtime.tallying import count_changed
from engine.runtime.worker import fire_due
from engine.store.store import Store
from tests.boards import boards_of
from tests.districts import District
from tests.ledgers import registers_of

UNITS = {"U1": ("P1", "/s/t1/", "steel"), "U2": ("P2", "/s/t2/", "food")}
#: sees everything, one town, one unit, nothing
READERS = ("lin", "chen", "wang", "stranger")


@pytest.fixture
def district(store: Store) -> District:
    made = District(store)
    made.settle()
    return made


@pytest.fixture
def boards(district: District) -> Boards:
    return boards_of(district)


def open_case(district: District, name: str, unit: str, level: str = "") -> None:
    """A case of a unit, confirmed where a level is given."""
    district.do(district.start(name, "lin", unit=unit, place=UNITS[unit][0], subject=f"事项{name}"))
    if level:
        district.do(district.confirm(name, "lin" if unit == "U2" else "chen", level=level))


def wait(district: District, days: int) -> None:
    """Let days pass; what falls due in them falls due."""
    district.clock.advance(timedelta(days=days))
    while fire_due(district.service):
        pass


def listed(registers: Registers, person: str, figure: Figure, **more: str) -> int:
    """How many lines the list of a figure has, counted on its pages."""
    words = {name: [word] for name, word in (*figure.filters, *more.items())}
    after, lines = "", 0
    while True:
        page = registers.page(person, figure.register, RegisterAsk(filters=words, after=after, limit=7))
        lines += len(page.lines)
        if not (after := page.after):
            return lines


def month_of(seen: BoardSeen, at: int) -> str:
    """The days of a month as a filter asks for them."""
    bounds = seen.trend[0].months.bounds
    return f"{bounds[at].isoformat()}..{(bounds[at + 1] - timedelta(days=1)).isoformat()}"


def test_every_number_is_the_total_of_the_list_it_leads_to(district: District, boards: Boards) -> None:
    for n in range(9):
        open_case(district, f"a{n}", "U1" if n % 3 else "U2", level=("", "high", "low")[n % 3 if n < 6 else 1])
        wait(district, 11)
    registers = registers_of(district)

    for person in READERS:
        seen = boards.seen(person, "sample")
        assert seen.heat is not None
        for tile in seen.tiles:
            assert tile.count == listed(registers, person, tile.tile.figure), (person, tile.tile.id)
        for (region, industry), count in seen.heat.counts.items():
            assert seen.board.heat is not None
            assert count == listed(registers, person, seen.board.heat.figure, region=region, industry=industry)
        for line in seen.trend:
            for at, count in enumerate(line.months.counts):
                assert count == listed(registers, person, line.line.figure, opened=month_of(seen, at)), person
    assert [tile.count > 0 for tile in boards.seen("lin", "sample").tiles[1:]] == [True, True, True]


@pytest.mark.parametrize("database", ["sqlite_store", "pg_store"])
def test_numbers_are_what_anybody_would_count_in_the_cases(database: str, request: pytest.FixtureRequest) -> None:
    district = District(request.getfixturevalue(database))
    district.settle()
    boards = boards_of(district)
    made = [0]
    one = st.tuples(st.sampled_from(("U1", "U2")), st.sampled_from(("", "high", "low")), st.integers(0, 2))

    @settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.lists(one, max_size=4), st.booleans())
    def agrees(opened: list[tuple[str, str, int]], folded: bool) -> None:
        for unit, level, days in opened:
            made[0] += 1
            open_case(district, f"b{made[0]:03}", unit, level)
            wait(district, days)
        while folded and count_changed(district.service):
            pass
        for person in READERS:
            mine = [case for case in cases(district) if sees(district, person, case)]
            seen = boards.seen(person, "sample")
            assert seen.heat is not None
            assert seen.rank is not None
            assert {tile.tile.id: tile.count for tile in seen.tiles} == tiles_of(district, mine)
            high = Counter((case.region, case.industry) for case in mine if case.fields.get("level") == "high")
            assert seen.heat.counts == high
            assert sum(seen.trend[0].months.counts) <= len(mine)
            late = Counter(case.region for case in mine if is_late(district, case))
            every = Counter(case.region for case in mine)
            placed = (*seen.rank.worst, *seen.rank.best, *seen.rank.few)
            assert {one.area: (one.share, one.among) for one in placed} == {
                area: (late[area], every[area]) for area in every
            }

    agrees()


def cases(district: District) -> list[Case]:
    """All cases as their snapshots tell them."""
    everything = Scope(person=SYSTEM, everything=True)
    with district.store.read() as reader:
        ids = [view.id for view in reader.cases(everything, limit=10_000).items]
        found = [reader.snapshot(everything, name) for name in ids]
    return [read_snapshot(one[0]) for one in found if one is not None]


def sees(district: District, person: str, case: Case) -> bool:
    """Whether a person may see a case."""
    with district.store.session() as session:
        known = district.service.directories.at(session, session.directory_version())
    holders = tuple(one for task in case.tasks for one in task.holder.persons)
    day = district.catalog.calendar().local_day(district.clock.now())
    return known.scope(person, day).covers(region=case.region, unit=case.unit, holders=holders)


def due(case: Case) -> list[object]:
    return [task.deadline.due_at for task in case.tasks if task.deadline is not None]


def is_late(district: District, case: Case) -> bool:
    return not case.closed and any(at <= district.clock.now() for at in due(case))  # type: ignore[operator]


def tiles_of(district: District, mine: list[Case]) -> dict[str, int]:
    """The figures of the sample board, from what each case says of itself."""
    now = district.clock.now()
    calendar = district.catalog.calendar()
    soon = calendar.instant(calendar.workday_after(calendar.local_day(now), 1) + timedelta(days=1))
    pressed = {
        case.number
        for case in mine
        for task in case.tasks
        for rung in (district.machine.ladders[task.ladder].rungs if task.ladder else ())
        if rung.draft and rung.id in task.fired
    }
    return {
        "open": sum(1 for case in mine if not case.closed and due(case) and min(due(case)) > soon),  # type: ignore[type-var, operator]
        "late": sum(1 for case in mine if is_late(district, case)),
        "high": sum(1 for case in mine if case.fields.get("level") == "high"),
        "pressed": len(pressed),
    }


def test_where_there_is_too_little_to_divide_no_place_is_given(district: District, boards: Boards) -> None:
    for n in range(3):
        open_case(district, f"r{n}", "U1")
    open_case(district, "alone", "U2")
    wait(district, 30)

    rank = boards.seen("lin", "sample").rank

    assert rank is not None
    assert (list(rank.worst), list(rank.best)) == ([Placed(area="/s/t1/", share=3, among=3)], [])
    assert list(rank.few) == [Placed(area="/s/t2/", share=1, among=1)]


def test_months_are_those_of_the_local_calendar_the_present_one_last(district: District, boards: Boards) -> None:
    open_case(district, "march", "U1")
    wait(district, 40)  # the eleventh of April
    open_case(district, "april", "U1")

    months = boards.seen("lin", "sample").trend[0].months

    assert [day.isoformat() for day in months.bounds][-3:] == ["2026-03-01", "2026-04-01", "2026-05-01"]
    assert list(months.counts) == [0, 0, 0, 0, 1, 1]


def test_a_board_that_there_is_not_is_not_found(boards: Boards) -> None:
    with pytest.raises(NotFound):
        boards.seen("lin", "no_such")


def test_whoever_sees_no_case_sees_a_board_of_zeros(district: District, boards: Boards) -> None:
    open_case(district, "a", "U1", level="high")

    seen = boards.seen("stranger", "sample")

    assert [tile.count for tile in seen.tiles] == [0, 0, 0, 0]
    assert seen.heat is not None
    assert (seen.heat.counts, [sum(line.months.counts) for line in seen.trend]) == ({}, [0, 0])
