"""Watches in a world in memory: counted anew from what was written, without any table, and decided as in earnest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.cap_known import CapFact
from engine.core.case import Case
from engine.core.conditions import grounded
from engine.core.conditions import holds as condition_holds
from engine.core.definition_watches import Measure, Watch
from engine.core.directory import Directory, Entity
from engine.core.duty_population import compile_guard
from engine.core.permission import is_late_entry
from engine.core.spans import match_span
from engine.core.watch_windows import longer, previous, running
from engine.core.watches import Measured, Span, holds
from engine.errors import ExpressionError, NotFound
from engine.proof.records import Written

_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did by one entry."""

    case: str
    procedure: str
    action: str
    person: str
    body: str
    at: datetime
    late: bool
    on_site: bool
    #: seconds since the state was entered, None = not known
    took: float | None
    photos: tuple[str, ...] = ()


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What a count looks at: cases as they stand, what was done, the organisation."""

    cases: Mapping[str, Case]
    done: tuple[Done, ...]
    directory: Directory
    calendar: Calendar
    units: Mapping[str, Entity]


def done_of(log: Iterable[Written], directory: Directory, day_of: Callable[[datetime], date]) -> Iterator[Done]:
    """Acts of all cases in the order written; what a second person consented to is of who asked."""
    procedures: dict[str, str] = {}
    entered: dict[tuple[str, str], datetime] = {}
    states: dict[tuple[str, int], str] = {}
    asked: dict[tuple[str, int], ev.Asked] = {}
    for one in log:
        case, at = one.head.id, one.head.occurred_at
        askers: dict[str, ev.Asked] = {}
        for event in one.events:
            match event:
                case ev.CaseOpened():
                    procedures[case] = event.procedure
                case ev.TaskOpened():
                    states[case, event.task] = event.state
                    if event.asked is not None:
                        asked[case, event.task] = event.asked
                case ev.TaskEnded(how="consented" | "done") if (case, event.task) in asked:
                    known = asked[case, event.task]
                    askers[known.action] = known
                case _:
                    pass
        for event in one.events:
            if isinstance(event, ev.ActionTaken):
                asker = askers.get(event.action)
                person, when = (asker.by, asker.at) if asker else (one.head.acted_by, at)
                since = entered.get((case, states.get((case, event.task), "")))
                bodies = directory.bodies(person, day_of(at))
                yield Done(
                    case=case,
                    procedure=procedures.get(case, ""),
                    action=event.action,
                    person=person,
                    body=bodies[0] if bodies else "",
                    at=when,
                    late=is_late_entry(one.command),
                    on_site=event.on_site,
                    took=(when - since).total_seconds() if since else None,
                    photos=tuple(file.sha256 for file in event.evidence if file.kind == "photo")
                    if one.command.medium != "signal"
                    else (),
                )
            elif isinstance(event, ev.StateEntered):
                entered[case, event.state] = at


def measured(scene: Scene, watch: Watch, span: Span, subjects: Collection[str] | None = None) -> tuple[Measured, ...]:
    """Every subject with its counts and the cases behind them, in order of their ids."""
    found = {one.id: _counts(scene, watch, one, span) for one in watch.counts}
    if subjects is not None:
        names = set(subjects)
    elif watch.population is not None:
        names = set(_members(scene, watch, span))
    else:
        names = {name for numbers in found.values() for name in numbers}
    told = []
    for name in sorted(names):
        cases = sorted(
            {case for one in watch.counts if not one.before for case in _behind(scene, watch, one, span, name)}
        )
        entity = scene.units.get(name)
        region, unit = (entity.region, name) if entity else (name if watch.per == "region" else "", "")
        told.append(
            Measured(
                subject=name,
                title=entity.title if entity else "",
                region=region,
                unit=unit,
                counts={one: numbers.get(name, 0) for one, numbers in found.items()},
                cases=tuple(cases),
                behind=len(cases),
            )
        )
    return tuple(told)


def cap_fact(scene: Scene, watch: Watch, unit: str, day: date) -> CapFact:
    """How a unit stands to the watch of a cap."""
    (one,) = measured(scene, watch, running(watch, day, scene.calendar), (unit,))
    return CapFact(
        title=watch.title,
        reached=holds(watch, one.counts),
        counts={count.title: one.counts[count.id] for count in watch.counts},
        limits={limit.title: limit.value for limit in watch.limits},
    )


def _counts(scene: Scene, watch: Watch, measure: Measure, span: Span) -> dict[str, int]:
    if measure.streak:
        return _streak(scene, watch, measure, span)
    if measure.over:
        return _counted(scene, watch, measure, longer(span, measure.over, scene.calendar))
    if not measure.before:
        return _counted(scene, watch, measure, span)
    total: dict[str, int] = defaultdict(int)
    for _ in range(measure.before):
        span = previous(watch, span, scene.calendar)
        for name, count in _counted(scene, watch, measure, span).items():
            total[name] += count
    return dict(total)


def _streak(scene: Scene, watch: Watch, measure: Measure, span: Span) -> dict[str, int]:
    windows = []
    for _ in range(measure.most):
        windows.append(_counted(scene, watch, measure, span))
        span = previous(watch, span, scene.calendar)
    found = {}
    for name in {*_members(scene, watch, span), *(name for one in windows for name in one)}:
        broken = [n for n, one in enumerate(windows) if (name in one) != (measure.streak == "with")]
        found[name] = broken[0] if broken else len(windows)
    return found


def _counted(scene: Scene, watch: Watch, measure: Measure, span: Span) -> dict[str, int]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, what in _items(scene, watch, measure, span):
        found[name].append(what)
    return {name: len(set(some)) if measure.distinct else len(some) for name, some in found.items()}


def _behind(scene: Scene, watch: Watch, measure: Measure, span: Span, subject: str) -> list[str]:
    plain = msgspec.structs.replace(measure, distinct="case" if measure.source == "acts" else measure.distinct)
    return [what for name, what in _items(scene, watch, plain, span) if name == subject and what in scene.cases]


def _items(scene: Scene, watch: Watch, measure: Measure, span: Span) -> Iterator[tuple[str, str]]:
    """(subject, what is counted) in one window; hidden cases are counted nowhere."""
    match measure.source:
        case "cases":
            for name, case in scene.cases.items():
                if not case.sealed and _case_fits(scene, case, measure, span):
                    yield _of_case(watch, case), name
        case "acts":
            for one in scene.done:
                case = scene.cases[one.case]
                if not case.sealed and span.first <= one.at < span.before and _act_fits(one, measure):
                    yield _of_act(watch, case, one), _different(measure, case, one)
        case "photos":
            fresh = {digest for one in scene.done if span.first <= one.at < span.before for digest in one.photos}
            for one in scene.done:
                case = scene.cases[one.case]
                for digest in one.photos:
                    if digest in fresh and one.at < span.before and not case.sealed:
                        yield digest if watch.per == "photo" else _of_act(watch, case, one), one.case
        case _:
            return


def _case_fits(scene: Scene, case: Case, measure: Measure, span: Span) -> bool:
    if case.procedure != measure.procedure:
        return False
    at = case.closed_at if measure.by == "closed" else case.opened_at
    if at is None or at >= span.before or (measure.by and at < span.first):
        return False
    condition = grounded(measure.where, span.last, lambda day: _micros(scene.calendar.instant(day)))
    return condition_holds(condition, _values(case)) is True


def _values(case: Case) -> dict[str, Any]:
    told = {f"field:{name}": _text(value) for name, value in case.fields.items()}
    return {
        **told,
        "state": " ".join(stay.state for stay in case.active),
        "ended": case.closed,
        "open": "false" if case.closed else "true",
        "overdue": "true" if any(task.expired_at for task in case.tasks) else "false",
        "unit": case.unit,
        "place": case.place,
        "region": case.region,
        "industry": case.industry,
        "opened": _micros(case.opened_at),
        "closed": _micros(case.closed_at) if case.closed_at else None,
        "expiries": case.expiries,
        "reopened": case.reopened,
    }


def _text(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(str(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _act_fits(one: Done, measure: Measure) -> bool:
    soon = match_span(measure.within) if measure.within else None
    return (
        (not measure.procedure or one.procedure == measure.procedure)
        and (not measure.actions or one.action in measure.actions)
        and (not measure.late or one.late)
        and (not measure.remote or not one.on_site)
        and (soon is None or (one.took is not None and 0 <= one.took <= soon.amount * _SECONDS.get(soon.unit, 0)))
    )


def _of_case(watch: Watch, case: Case) -> str:
    return "*" if watch.per == "all" else str(getattr(case, watch.per))


def _of_act(watch: Watch, case: Case, one: Done) -> str:
    return str(getattr(one, watch.per)) if watch.per in ("person", "body") else _of_case(watch, case)


def _different(measure: Measure, case: Case, one: Done) -> str:
    return {"person": one.person, "unit": case.unit}.get(measure.distinct, one.case)


def _members(scene: Scene, watch: Watch, span: Span) -> list[str]:
    people = watch.population
    if people is None:
        return []
    if people.kind == "unit":
        return [name for name, unit in scene.units.items() if _belongs(people.where, unit)]
    if people.kind == "person":
        return [one.person for one in scene.directory.ever_in_role(people.role) if one.holds_on(span.last)]
    return list(scene.directory.regions)


def _belongs(where: str, unit: Entity) -> bool:
    if not where:
        return True
    try:
        return bool(compile_guard(where, "units").evaluate(_Properties(unit)))
    except ExpressionError:
        return False


class _Properties(dict[str, Any]):
    def __init__(self, unit: Entity) -> None:
        super().__init__()
        self._unit = unit

    def __missing__(self, name: str) -> Any:
        return self._unit.get(name.partition(".")[2])


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def caps_of(
    scene: Scene, watches: Mapping[str, Watch], wanted: Iterable[tuple[str, str]], day: date
) -> dict[str, CapFact]:
    """How units stand to caps: pairs of a cap and a unit."""
    found = {}
    for name, unit in wanted:
        if name not in watches:
            raise NotFound("watch_not_found", watch=name)
        found[name] = cap_fact(scene, watches[name], unit, day)
    return found
