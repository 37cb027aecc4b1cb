"""`needs` of the streams of duties, and the facts that answer it: the population enters as a fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from engine.core.calendar import Calendar
from engine.core.command import Command
from engine.core.command_duties import EndExemption, ExemptObligation, TurnDuty
from engine.core.directory import Directory, Entity
from engine.core.duty_state import DutyState
from engine.core.duty_steps import Step, next_step, rolling_ones
from engine.core.obligation_known import Standing as Standing

#: Obligations that begin, or are compared, in one transaction: clicks wait no longer than that takes.
SLICE = 2_000


class PageWanted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units in order of names, valid on a day and known at an instant (None = now)."""

    after: str
    day: date
    known_at: datetime | None
    most: int = SLICE


class ChangedWanted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units of which something else was recorded since, or holds since."""

    known_at: datetime
    after_day: date
    day: date


class NamesWanted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Names of the subjects of a window ("" = of the latest ones of a rolling rhythm) that stand so."""

    rhythm: int
    period: str
    what: Literal["due", "missed"]
    #: only a slice, of names after this one; None = all
    after: str | None = None


class DutyNeeds(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What must be fetched before deciding."""

    page: PageWanted | None = None
    changed: ChangedWanted | None = None
    #: these subjects besides
    subjects: tuple[str, ...] = ()
    #: as valid on that day
    day: date
    names: tuple[NamesWanted, ...] = ()
    #: rows that wait for somebody to act, a page of a window in order of names: rhythm, period, after
    waiting: tuple[int, str, str] | None = None
    #: the rows of all subjects named or paged
    rows: bool = False
    #: the latest rows of rolling rhythms
    latest: bool = False


class DutyFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was fetched."""

    directory: Directory
    calendar: Calendar
    #: when the present version of the directory was recorded
    known_at: datetime
    #: entities of the page in order of names, and the name up to which it reaches; "" = to the end
    page: tuple[Entity, ...] = ()
    through: str = ""
    #: entities by name, of the changed and named ones; who is not here is not valid on the day
    entities: Mapping[str, Entity] = {}
    #: names of the changed and named ones
    subjects: tuple[str, ...] = ()
    names: Mapping[NamesWanted, tuple[str, ...]] = {}
    #: of a slice: the name up to which it reaches; "" = to the end
    named_through: str = ""
    rows: tuple[Standing, ...] = ()


def duty_needs(state: DutyState | None, command: Command, calendar: Calendar) -> DutyNeeds:
    """What this command needs to know of the world."""
    act, today = command.act, calendar.local_day(command.recorded_at)
    if state is not None and isinstance(act, ExemptObligation | EndExemption):
        return DutyNeeds(subjects=(act.subject,), day=today, rows=True)
    step = next_step(state, calendar) if state is not None and isinstance(act, TurnDuty) else None
    if state is None or step is None:
        return DutyNeeds(day=today)
    match step.kind:
        case "open":
            return _to_open(state, step, calendar, today)
        case "due" | "missed":
            return DutyNeeds(day=today, names=(to_mark(state, step),))
        case "remind":
            return DutyNeeds(day=today, waiting=_to_remind(state, step))
        case _:
            return _to_compare(state, today)


def to_mark(state: DutyState, step: Step) -> NamesWanted:
    """Those of a window who are late, or have missed it: the next slice of them."""
    window = state.window(step.rhythm, step.period)
    what: Literal["due", "missed"] = "missed" if step.kind == "missed" else "due"
    return NamesWanted(rhythm=step.rhythm, period=step.period, what=what, after=window.marked if window else "")


def _to_open(state: DutyState, step: Step, calendar: Calendar, today: date) -> DutyNeeds:
    window = state.window(step.rhythm, step.period)
    day = window.day if window else max(calendar.local_day(step.at), calendar.local_day(state.since))
    units = state.spec.population.kind == "units"
    page = PageWanted(after=window.after if window else "", day=day, known_at=window.known_at if window else None)
    return DutyNeeds(day=day, page=page if units else None)


def _to_remind(state: DutyState, step: Step) -> tuple[int, str, str]:
    window = state.window(step.rhythm, step.period)
    return step.rhythm, step.period, window.reminding if window else ""


def _to_compare(state: DutyState, today: date) -> DutyNeeds:
    spec, compared = state.spec, state.compared
    rolling = rolling_ones(state)
    names = tuple(NamesWanted(rhythm=n, period="", what=what) for n in rolling for what in ("due", "missed"))
    whole = compared is None or compared.through is not None
    if spec.population.kind != "units":
        return DutyNeeds(day=today, names=names, rows=True, latest=bool(rolling))
    if whole:
        page = PageWanted(after=(compared.through or "") if compared else "", day=today, known_at=None)
        return DutyNeeds(day=today, page=page, names=names, rows=True, latest=bool(rolling))
    assert compared is not None
    changed = ChangedWanted(known_at=compared.known_at, after_day=compared.day, day=today)
    return DutyNeeds(day=today, changed=changed, subjects=state.waiting, names=names, rows=True, latest=bool(rolling))


def by_subject(rows: Iterable[Standing]) -> dict[str, list[Standing]]:
    """Rows by their subject."""
    found: dict[str, list[Standing]] = {}
    for row in rows:
        found.setdefault(row.subject, []).append(row)
    return found
