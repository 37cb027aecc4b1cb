"""Laws of duties, whatever units appear, change, close and act: who owes what, counted by a model of a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core import event_duties as ev
from engine.core.directory import Directory, Entity
from engine.core.recurrence import period_of
from engine.proof.duty_book import DutyBook
from tests.duties import duty
from tests.worlds import ROLES, calendar

FIRST, LAST = date(2026, 1, 5), date(2026, 8, 2)
DAYS = (LAST - FIRST).days
NAMES = ("A", "B", "C", "D", "E")
PERIODS = ("month", "quarter")


class Change(NamedTuple):
    """What becomes of a unit on a day: of high risk or not, operating, or gone."""

    day: int
    unit: str
    becomes: str


CHANGES = st.lists(
    st.builds(
        Change,
        day=st.integers(0, DAYS - 1),
        unit=st.sampled_from(NAMES),
        becomes=st.sampled_from(("high", "plain", "idle", "gone")),
    ),
    max_size=14,
)


def entity(name: str, becomes: str) -> Entity:
    """A unit as the directory says it."""
    attributes = {"operating": becomes != "idle", "high_risk": becomes == "high"}
    return Entity(id=name, title=name, region="/s/t1/", attributes=attributes)


class Model:
    """Who owes what, day by day: rows as (unit, period's first and last day) and whether they are owed no more."""

    def __init__(self, joins: str) -> None:
        self.joins = joins
        self.rows: dict[tuple[str, str, date, date], bool] = {}

    def midnight(self, day: date, units: Mapping[str, str], *, begins: bool = False) -> None:
        """First who has come or gone is noticed, then windows begin."""
        if not begins:
            for name in NAMES:
                self._compare(name, units.get(name, "gone"), day)
        for period in PERIODS:
            first, last = period_of(period, day)
            if first == day or (begins and self.joins == "this"):
                for name, becomes in units.items():
                    if rhythm(becomes) == period:
                        self.rows[name, period, first, last] = False

    def _compare(self, name: str, becomes: str, day: date) -> None:
        period = rhythm(becomes)
        running = [key for key, gone in self.rows.items() if key[0] == name and key[2] <= day <= key[3] and not gone]
        if period is None:
            # What is past and was not done stays owed until it is missed; nothing is missed in this model.
            for key in [key for key, gone in self.rows.items() if key[0] == name and not gone]:
                self.rows[key] = True
            return
        first, last = period_of(period, day)
        if not running and first < day and self.joins == "this":
            self.rows[name, period, first, last] = False


def rhythm(becomes: str) -> str | None:
    """How often a unit owes."""
    return {"high": "month", "plain": "quarter"}.get(becomes)


class Played(NamedTuple):
    """What the engine made of it, and the model's rows day by day."""

    book: DutyBook
    model: Model


def play(changes: Sequence[Change], joins: str) -> Played:
    """Let the days pass for both."""
    cal = calendar()
    directory = Directory(version=1, roles=ROLES, regions={}, industries={})
    units = dict.fromkeys(NAMES[:3], "plain")
    # Nothing is ever missed, so that whatever is open stays open.
    spec = duty(joins=joins, missed_at="2 years after", reminders=(), exempt=None)
    book, model = DutyBook([spec], cal, {}), Model(joins)
    model.midnight(FIRST, units, begins=True)
    book.begin(cal.instant(FIRST) + timedelta(hours=9), directory, told(units))
    check(book, FIRST, units)
    for n in range(DAYS):
        for change in changes:
            if change.day == n and change.becomes == "gone":
                units.pop(change.unit, None)
            elif change.day == n:
                units[change.unit] = change.becomes
        day = FIRST + timedelta(n + 1)
        model.midnight(day, units)
        book.turn(cal.instant(day), directory, told(units))
        check(book, day, units)
    return Played(book, model)


def told(units: Mapping[str, str]) -> dict[str, Entity]:
    """The units as the directory says them."""
    return {name: entity(name, becomes) for name, becomes in units.items()}


def check(book: DutyBook, day: date, units: Mapping[str, str]) -> None:
    """Nobody owes two of one rhythm for one day; with `joins: this` whoever owes at all owes one."""
    spec = book.states["inspect"].spec
    for name, becomes in units.items():
        period = rhythm(becomes)
        mine = [row for row in book.rows.values() if row.subject == name and row.status != "lapsed"]
        spans = [(spec.rhythms[row.rhythm].rhythm.period, row) for row in mine]
        running = [told for told, row in spans if covers(told, row.period, day)]
        assert len(running) == len(set(running))
        if spec.joins == "this" and period is not None:
            assert running


def covers(period: str, key: str, day: date) -> bool:
    """Whether the window of that key has the day."""
    first, _ = period_of(period, day)
    return key == (f"{first:%Y-%m}" if period == "month" else f"{first.year}-Q{(first.month + 2) // 3}")


def key_of(period: str, first: date) -> str:
    """The key of a window by its first day."""
    return f"{first:%Y-%m}" if period == "month" else f"{first.year}-Q{(first.month + 2) // 3}"


@settings(max_examples=30, deadline=None)
@given(changes=CHANGES, joins=st.sampled_from(("this", "next")))
def test_everybody_owes_exactly_what_a_count_by_hand_says(changes: list[Change], joins: str) -> None:
    book, model = play(changes, joins)

    got = {(row.subject, row.period): row.status == "lapsed" for row in book.rows.values()}
    wanted = {(name, key_of(period, first)): gone for (name, period, first, _), gone in model.rows.items()}

    assert got == wanted


@settings(max_examples=15, deadline=None)
@given(changes=CHANGES)
def test_what_entries_count_is_what_there_is(changes: list[Change]) -> None:
    book, _ = play(changes, "this")
    events = [event for _, _, event in book.log]

    for event in events:
        if isinstance(event, ev.PeriodPopulated):
            joined = sum(
                len(one.subjects) - len(one.again)
                for one in events
                if isinstance(one, ev.ObligationsJoined) and (one.period, one.rhythm) == (event.period, event.rhythm)
            )
            rows = [row for row in book.rows.values() if (row.period, row.rhythm) == (event.period, event.rhythm)]
            assert event.count + joined == len(rows)
        if isinstance(event, ev.ObligationsDue):
            late = [
                row
                for row in book.rows.values()
                if (row.period, row.rhythm, row.late) == (event.period, event.rhythm, True)
            ]
            assert event.count == len(late)


def test_whole_windows_lie_one_after_the_other() -> None:
    book, _ = play([], "this")

    assert sorted(row.period for row in book.rows.values() if row.subject == "A") == ["2026-Q1", "2026-Q2", "2026-Q3"]
    assert min(at for _, at, _ in book.log) < datetime.fromisoformat("2026-01-06T00:00+08:00")
