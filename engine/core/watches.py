"""`decide` and `fold` for watches: pure functions of what was counted; measuring is somebody else's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec
import orjson
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import StartSpec
from engine.core.definition_watches import Watch
from engine.core.directory import Directory
from engine.core.expression_types import NUMBER, to_json
from engine.core.expressions import Expression, compile_expression
from engine.core.links import START, child_id, read_child
from engine.core.machine import Machine
from engine.core.watch_documents import FOUND_NAMES, numbers_of
from engine.errors import BadInput, Conflict, ExpressionError, NotFound, NotPermitted

#: Cases named in one finding.
MOST_CASES = 200
#: Permission to read findings and to answer them, granted by roles.
WATCH = "watch"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One subject with its counts in a period, and the cases behind them."""

    subject: str
    title: str = ""
    region: str = ""
    unit: str = ""
    counts: dict[str, int]
    #: youngest first, MOST_CASES at most
    cases: tuple[str, ...] = ()
    behind: int = 0


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """The window that is looked at: [first, before), its last day, its key."""

    period: str
    first: datetime
    before: datetime
    last: date


class WatchFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision about a watch may know."""

    directory: Directory
    today: date
    #: the window of the period that the command names; None = an answer, which needs none
    span: Span | None = None
    measured: tuple[Measured, ...] = ()
    machines: Mapping[str, Machine] = {}
    #: case -> its unit, of those from which some may be drawn
    units: Mapping[str, str] = {}


class OpenFinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finding that is lit, or was answered while its condition still holds."""

    period: str
    subject: str
    light: str
    region: str = ""
    unit: str = ""
    answered: bool = False
    #: of a rolling watch: answered it stays known until new counts clear it
    stays: bool = False


class WatchState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the entries of a watch come to: its last period, and what is lit."""

    seq: int = 0
    #: the last day that was looked at, ISO
    through: str = ""
    period: str = ""
    open: tuple[OpenFinding, ...] = ()


def version_of(watch: Watch) -> str:
    """The hash of the definition by which it counts."""
    return sha256(orjson.dumps(msgspec.to_builtins(watch), option=orjson.OPT_SORT_KEYS)).hexdigest()


def holds(watch: Watch, counts: Mapping[str, int]) -> bool:
    """Whether the condition of the watch holds of these counts; what cannot be computed does not hold."""
    try:
        return bool(_condition(watch).evaluate(scope_of(watch, counts)))
    except ExpressionError:
        return False


def scope_of(watch: Watch, counts: Mapping[str, int]) -> dict[str, Any]:
    """Counts and limits by name."""
    return {one.id: one.value for one in watch.limits} | dict(counts)


def decide_watch(watch: Watch, state: WatchState, command: cmd.Command, facts: WatchFacts) -> tuple[ev.AnyEvent, ...]:
    """What follows from a command on the stream of a watch; () where a period was looked at before."""
    match command.act:
        case cmd.TurnWatch() as act:
            return _turned(watch, state, command, act, facts)
        case cmd.AnswerFinding() as act:
            return _answered(state, command, act, facts)
        case _:
            raise BadInput("act_on_wrong_stream", field="stream", got=str(command.stream))


def fold_watch(state: WatchState, seq: int, events: Iterable[ev.AnyEvent]) -> WatchState:
    """The state after one entry."""
    for event in events:
        match event:
            case ev.WatchRan():
                state = replace(state, period=event.period, through=event.before.isoformat())
            case ev.WatchFound():
                found = OpenFinding(
                    period=event.period,
                    subject=event.subject,
                    light=event.light,
                    region=event.region,
                    unit=event.unit,
                    stays=event.stays,
                )
                state = replace(state, open=(*state.open, found))
            case ev.WatchCleared():
                state = replace(state, open=_without(state.open, event.since, event.subject))
            case ev.FindingAnswered():
                state = replace(state, open=_with_answer(state.open, event))
            case _:
                pass
    return replace(state, seq=seq)


def _without(found: tuple[OpenFinding, ...], period: str, subject: str) -> tuple[OpenFinding, ...]:
    return tuple(one for one in found if (one.period, one.subject) != (period, subject))


def _with_answer(found: tuple[OpenFinding, ...], event: ev.FindingAnswered) -> tuple[OpenFinding, ...]:
    same = (event.period, event.subject)
    told = (replace(one, answered=True) if (one.period, one.subject) == same else one for one in found)
    return tuple(one for one in told if one.stays or not one.answered)


# looking ------------------------------------------------------------------------------------------------------------


def _turned(
    watch: Watch, state: WatchState, command: cmd.Command, act: cmd.TurnWatch, facts: WatchFacts
) -> tuple[ev.AnyEvent, ...]:
    if command.acted_by != cmd.SYSTEM:
        raise NotPermitted("system_only", act="turn_watch")
    span = facts.span
    if span is None:
        raise BadInput("unknown_window", field="period", got=act.period)
    if state.through and span.before.isoformat() <= state.through:
        return ()
    before = {one.subject: one for one in state.open}
    digest = digest_of(facts.measured)
    found = [one for one in facts.measured if holds(watch, one.counts)]
    fresh = [one for one in found if not watch.rolling or one.subject not in before]
    work = _Finding(watch, command, facts, span, digest)
    events: list[ev.AnyEvent] = [
        ev.WatchRan(
            period=span.period,
            first=span.first,
            before=span.before,
            version=version_of(watch),
            subjects=len(facts.measured),
            found=len(found),
            digest=digest,
        )
    ]
    for one in fresh:
        events += work.events(one)
    if watch.rolling:
        events += _cleared(span, before, {one.subject for one in found}, facts.measured)
    return tuple(events)


def _cleared(
    span: Span, before: Mapping[str, OpenFinding], found: set[str], measured: Iterable[Measured]
) -> Iterable[ev.AnyEvent]:
    counts = {one.subject: one.counts for one in measured}
    for subject, one in before.items():
        if subject not in found:
            yield ev.WatchCleared(period=span.period, since=one.period, subject=subject, counts=counts.get(subject, {}))


def digest_of(measured: Iterable[Measured]) -> str:
    """The digest of all counts, by which they can be proved later."""
    told = sorted((one.subject, sorted(one.counts.items())) for one in measured)
    return sha256(orjson.dumps(told)).hexdigest()


class _Finding:
    """Findings of one turn: numbers of signals run through the whole entry."""

    def __init__(self, watch: Watch, command: cmd.Command, facts: WatchFacts, span: Span, digest: str) -> None:
        self.watch, self.command, self.facts, self.span, self.digest = watch, command, facts, span, digest
        self.signals = 0

    def events(self, one: Measured) -> list[ev.AnyEvent]:
        """The finding, and the starts that follow from it, each once for watch, subject and period."""
        sent: list[ev.SignalSent] = []
        if self.watch.start:
            sent.append(self._start(self.watch.start, one, ""))
        drawn = drawn_of(self.watch, one, self.digest)
        for case in drawn:
            assert self.watch.draw is not None
            sent.append(self._start(self.watch.draw.start, one, case))
        found = ev.WatchFound(
            period=self.span.period,
            subject=one.subject,
            light=self.watch.light,
            counts=one.counts,
            region=one.region,
            unit=one.unit,
            cases=one.cases[:MOST_CASES],
            behind=one.behind,
            started=tuple(signal.to.id for signal in sent),
            drawn=drawn,
            stays=self.watch.rolling,
        )
        return [found, *sent]

    def _start(self, start: StartSpec, one: Measured, drawn: str) -> ev.SignalSent:
        machine = self.facts.machines.get(start.procedure)
        if machine is None:
            raise Conflict("procedure_not_published", procedure=start.procedure)
        self.signals += 1
        name = f"watch:{self.watch.id}:{self.span.period}:{one.subject}:{start.procedure}:{drawn}"
        data = self._values(start, one, drawn)
        read_child(machine, start.action, data)
        told = {
            "version": machine.version,
            "action": start.action,
            "data": data,
            "by": self.command.acted_by,
            "entered_by": self.command.entered_by,
        }
        return ev.SignalSent(n=self.signals, to=cmd.Stream(kind="case", id=child_id(name)), name=START, data=told)

    def _values(self, start: StartSpec, one: Measured, drawn: str) -> dict[str, Any]:
        titles = {measure.id: measure.title for measure in self.watch.counts}
        scope = scope_of(self.watch, one.counts) | {
            "subject": one.subject,
            "subject_title": one.title or one.subject,
            "period": self.span.period,
            "tally": "; ".join(f"{titles[name]}: {count}" for name, count in one.counts.items()),
            "today": self.facts.today,
            "drawn": drawn or None,
            "subject_unit": one.unit or None,
            "drawn_unit": self.facts.units.get(drawn) or None,
        }
        values = {name: to_json(_value(self.watch, text).evaluate(scope)) for name, text in start.values.items()}
        return {name: value for name, value in values.items() if value is not None}


def drawn_of(watch: Watch, one: Measured, digest: str) -> tuple[str, ...]:
    """The cases drawn: those whose hash with the digest of the period's counts is least, one at least.

    Nobody knows the digest before the period has ended, and anybody can draw again.
    """
    if watch.draw is None or not one.cases:
        return ()
    many = -(-len(one.cases) * watch.draw.percent // 100)
    ranked = sorted(one.cases, key=lambda case: sha256(f"{digest}:{one.subject}:{case}".encode()).digest())
    return tuple(ranked[:many])


@lru_cache(maxsize=256)
def _compiled(text: str, names: tuple[str, ...]) -> Expression:
    known = {name: FOUND_NAMES[name] for name in names if name in FOUND_NAMES}
    return compile_expression(text, known | {name: NUMBER for name in names if name not in FOUND_NAMES})


def _condition(watch: Watch) -> Expression:
    return _compiled(watch.when, tuple(numbers_of(watch)))


def _value(watch: Watch, text: str) -> Expression:
    return _compiled(text, (*numbers_of(watch), *FOUND_NAMES))


# answering ----------------------------------------------------------------------------------------------------------


def _answered(
    state: WatchState, command: cmd.Command, act: cmd.AnswerFinding, facts: WatchFacts
) -> tuple[ev.AnyEvent, ...]:
    found = next((one for one in state.open if (one.period, one.subject) == (act.period, act.subject)), None)
    if found is None:
        raise NotFound("finding_not_found", period=act.period, subject=act.subject)
    for person in {command.acted_by, command.entered_by}:
        if not may_answer(facts.directory, person, found.region, found.unit, facts.today):
            raise NotPermitted("permission_missing", permission=WATCH)
    if found.subject == command.acted_by:
        raise NotPermitted("finding_about_oneself", subject=act.subject)
    if found.answered:
        raise Conflict("finding_answered", subject=act.subject)
    if not act.reason.strip():
        raise BadInput("input_missing", field="reason")
    return (ev.FindingAnswered(period=act.period, subject=act.subject, how=act.how, reason=act.reason.strip()),)


def may_answer(directory: Directory, person: str, region: str, unit: str, day: date) -> bool:
    """Whether the person may read and answer findings about what lies there; "" = about the whole place."""
    whole = min(directory.regions, key=len, default="/")
    return directory.may(person, WATCH, day, region or whole, unit)
