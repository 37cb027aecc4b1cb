"""Who is obliged, compared with the directory: who has come, closed, passed on or left, and what rolls on by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from engine.core import event_duties as ev
from engine.core.directory import Entity
from engine.core.duty_facts import SLICE, DutyFacts, NamesWanted, Standing, by_subject
from engine.core.duty_population import listed, names_hash, rhythm_of
from engine.core.duty_state import DutyState, OpenWindow
from engine.core.duty_steps import rolling_ones
from engine.core.recurrence import rolling_window
from engine.errors import ExpressionError

_ONE_DAY = timedelta(1)
#: What need not be done any more where there is nobody to do it.
_LAPSING = ("open", "late", "exempt")


def compare(state: DutyState, facts: DutyFacts, day: date, now: datetime) -> Iterator[Any]:
    """What follows from the directory of today, for all who may be concerned, or a slice of all."""
    yield from _rolled_out(state, facts, now)
    entities, through = _asked(state, facts, day)
    work = _Compared(state, facts, day, now)
    for name, entity in entities.items():
        work.one(name, entity)
    yield from work.events()
    yield ev.PopulationCompared(
        day=day,
        directory=facts.directory.version,
        known_at=facts.known_at,
        through=through,
        waiting=tuple(work.waiting),
        settled=tuple(work.settled),
    )


def _asked(state: DutyState, facts: DutyFacts, day: date) -> tuple[dict[str, Entity | None], str]:
    """Who is looked at, each as valid today, None = no more; and the name up to which all were."""
    found: dict[str, Entity | None] = {}
    through = ""
    if state.spec.population.kind != "units":
        found = {one.id: one for one in listed(state.spec, facts.directory, day)}
    elif facts.page or state.compared is None or state.compared.through is not None:
        found, through = {one.id: one for one in facts.page}, facts.through
    for name in (*facts.subjects, *(row.subject for row in facts.rows)):
        if not through or name <= through:
            found.setdefault(name, facts.entities.get(name))
    return dict(sorted(found.items())), through


def _rolled_out(state: DutyState, facts: DutyFacts, now: datetime) -> Iterator[Any]:
    """Windows that count from what was done, and whose moment has passed."""
    for n in rolling_ones(state):
        if names := facts.names.get(NamesWanted(rhythm=n, period="", what="due")):
            yield ev.ObligationsDue(period="", rhythm=n, due_at=now, count=len(names), names=names_hash(names))
        if names := facts.names.get(NamesWanted(rhythm=n, period="", what="missed")):
            yield ev.ObligationsMissed(period="", rhythm=n, missed_at=now, count=len(names), names=names_hash(names))


class _Compared:
    """What becomes of those who are looked at."""

    def __init__(self, state: DutyState, facts: DutyFacts, day: date, now: datetime) -> None:
        self.state = state
        self.facts = facts
        self.day = day
        self.now = now
        self.rows: Mapping[str, list[Standing]] = by_subject(facts.rows)
        self.waiting: list[str] = []
        self.settled: list[str] = []
        self._lapsed: list[tuple[str, str, str, str]] = []
        self._joined: dict[tuple[int, str], list[str]] = {}
        self._again: dict[tuple[int, str], list[str]] = {}
        self._rolled: dict[int, list[tuple[str, datetime]]] = {}

    def one(self, name: str, entity: Entity | None) -> None:
        """One subject as it is today."""
        rows = self.rows.get(name, [])
        if entity is not None and self._gone(name):
            entity = None
        try:
            rhythm = rhythm_of(self.state.spec, entity, self.day) if entity is not None else None
        except ExpressionError:
            return  # what cannot be judged stays as it is
        if rhythm is None:
            self._lapse(name, entity, rows)
            return
        running = [row for row in rows if self._runs(row)]
        if any(row.rhythm == rhythm for row in running):
            self._settle(name)
        elif running:
            if name not in self.state.waiting:
                self.waiting.append(name)
        else:
            self._settle(name)
            self._join(name, rhythm, rows)

    def _gone(self, name: str) -> bool:
        """Whether it lives on as another, or not at all, though a row of it is still valid."""
        units = self.state.spec.population.kind == "units"
        return units and self.facts.directory.successor(name, self.day) != name

    def _lapse(self, name: str, entity: Entity | None, rows: list[Standing]) -> None:
        self._settle(name)
        heir = self.facts.directory.successor(name, self.day)
        passed_on = entity is None and heir not in ("", name)
        why = "left" if entity is not None else "succeeded" if passed_on else "closed"
        for row in rows:
            if row.status in _LAPSING:
                self._lapsed.append((row.period, name, why, heir if passed_on else ""))

    def _settle(self, name: str) -> None:
        if name in self.state.waiting:
            self.settled.append(name)

    def _runs(self, row: Standing) -> bool:
        """Whether an obligation covers today: its subject owes no other of the duty meanwhile."""
        if row.status == "lapsed":
            return False
        if row.latest:
            return row.status not in ("done", "missed")
        window = self.state.window(row.rhythm, row.period)
        return window is not None and window.first <= self.day <= window.last

    def _join(self, name: str, rhythm: int, rows: list[Standing]) -> None:
        if self.state.ended:
            return
        if not self.state.spec.rhythms[rhythm].rhythm.period:
            self._rolled.setdefault(rhythm, []).append((name, self._since(rhythm, rows)))
            return
        window = self._window_of(rhythm)
        if window is None or self.state.spec.joins != "this":
            return
        rhythm = window.rhythm
        before = next((row for row in rows if row.period == window.period), None)
        if before is None:
            self._joined.setdefault((rhythm, window.period), []).append(name)
        elif before.status == "lapsed":
            self._again.setdefault((rhythm, window.period), []).append(name)

    def _window_of(self, rhythm: int) -> OpenWindow | None:
        """The running window of a rhythm; it may have begun when that had another number."""
        told = self.state.spec.rhythms[rhythm].rhythm
        on = [one for one in self.state.windows if self._is_on(one) and one.told and one.told.period == told.period]
        return min(on, key=lambda one: (one.told != told, one.rhythm != rhythm), default=None)

    def _is_on(self, window: OpenWindow) -> bool:
        in_time = window.opens_at <= self.now < window.deadline.due_at
        return in_time and window.first <= self.day <= window.last

    def _since(self, rhythm: int, rows: list[Standing]) -> datetime:
        """From when the next window of a subject counts: from what was done, or its last moment, or now."""
        last = next((row for row in rows if row.latest), None)
        since = (last.done_at or last.due_at - timedelta.resolution) if last is not None else self.now
        told, calendar = self.state.spec.rhythms[rhythm].rhythm, self.facts.calendar
        if any(rolling_window(told, since, calendar).key == row.period for row in rows):
            # Done, or owed no more, on the very day it began: that day is counted, the next one begins anew.
            return calendar.instant(calendar.local_day(since) + _ONE_DAY)
        return since

    def events(self) -> Iterator[Any]:
        """What was found, in order."""
        if self._lapsed:
            yield ev.ObligationsLapsed(lapsed=tuple(self._lapsed))
        version, known_at = self.facts.directory.version, self.facts.known_at
        for rhythm, period in dict.fromkeys((*self._joined, *self._again)):
            again = self._again.get((rhythm, period), [])
            subjects = (*self._joined.get((rhythm, period), []), *again)
            window = self.state.window(rhythm, period)
            exempt = tuple(
                name
                for name in subjects
                if window
                and any(one.subject == name and one.covers(period, window.first) for one in self.state.exemptions)
            )
            yield ev.ObligationsJoined(
                period=period,
                rhythm=rhythm,
                subjects=subjects,
                again=tuple(again),
                exempt=exempt,
                day=self.day,
                directory=version,
                known_at=known_at,
            )
        for rhythm, since in self._rolled.items():
            for start in range(0, len(since), SLICE):
                some = tuple(since[start : start + SLICE])
                yield ev.ObligationsRolled(
                    rhythm=rhythm, since=some, day=self.day, directory=version, known_at=known_at
                )
