"""Whether what stops clocks, and what bounds extensions, fits the rest of a definition."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.chart import where_of
from engine.core.definition import (
    ActionSpec,
    ApprovalSpec,
    AskSpec,
    MoveDeadline,
    Procedure,
    ResumeClock,
    StateSpec,
    StopClock,
)
from engine.core.spans import match_span
from engine.core.uses import References


def check_clocks(procedure: Procedure, references: References) -> None:
    """States and acts stop clocks that there are, and what an act has stopped some act lets go on."""
    for state in procedure.states:
        if state.stop_clock is not None:
            _check_state(state, references)
    stops = list(_effects(procedure, StopClock))
    goes_on = any(True for _ in _effects(procedure, ResumeClock))
    for where, _ in stops[:1]:
        if not goes_on:
            references.problems.add("clock_never_goes_on", where, "an act with resume_clock", "stop_clock")
    for where, _ in _effects(procedure, ResumeClock):
        if not stops:
            references.problems.add("clock_never_stops", where, "an act with stop_clock", "resume_clock")
            return


def _check_state(state: StateSpec, references: References) -> None:
    where = f"{where_of(state.path)}.stop_clock"
    if state.kind == "final":
        references.problems.add("unfitting_key", where, "a state that is left again", state.path)
    assert state.stop_clock is not None
    for name in state.stop_clock.of:
        if name == state.path or name.startswith(f"{state.path}."):
            references.problems.add("clock_of_its_own", where, "states or tasks outside", name)
    for name in state.stop_clock.of:
        references.known(name, references.clocks, "unknown_clock", where)


def check_stop_effect(effect: StopClock | ResumeClock, where: str, references: References) -> None:
    """The reason is one that may be shown: it is told wherever the clock stands still."""
    if isinstance(effect, StopClock):
        references.field(effect.reason, f"{where}.stop_clock.reason", "text", "choice")
        references.shown(effect.reason, f"{where}.stop_clock.reason")
    for name in effect.of:
        references.known(name, references.clocks, "unknown_clock", f"{where}.of")


def check_ask(action: ActionSpec, where: str, references: References) -> None:
    """Limits in whole days, and a date to which they apply; an approver for each stage only where there is approval."""
    ask, approve = action.ask, action.approve
    if ask is not None:
        _check_limits(action, ask, where, references)
        for stage in ask.stages:
            if stage.by:
                references.party(stage.by, f"{where}.ask.stages.{stage.id}.approve")
                if approve is None:
                    expected = "an approval of all of them, too"
                    references.problems.add("late_without_approval", f"{where}.ask.stages", expected, stage.by)
    if approve is not None and approve.silence:
        _check_silence(approve, f"{where}.approve.silence", references)


def _check_limits(action: ActionSpec, ask: AskSpec, where: str, references: References) -> None:
    limits = {"total": ask.total} | {f"stages.{one.id}.most": one.most for one in ask.stages}
    for name, phrase in limits.items():
        if not phrase:
            continue
        references.span(phrase, f"{where}.ask.{name}")
        span = match_span(phrase)
        if span is not None and span.exact:
            references.problems.add("limit_in_days", f"{where}.ask.{name}", "whole days, weeks or months", phrase)
    if any(limits.values()) and not any(isinstance(effect, MoveDeadline) for effect in action.do):
        references.problems.add("limit_without_date", f"{where}.ask", "an effect that moves the deadline", action.id)


def _check_silence(approve: ApprovalSpec, where: str, references: References) -> None:
    if approve.deadline is None:
        references.problems.add("silence_without_deadline", where, "a deadline that can pass", approve.silence)
    if approve.silence_to:
        references.party(approve.silence_to, f"{where}.to")


def _effects(
    procedure: Procedure, kind: type[StopClock | ResumeClock]
) -> Iterable[tuple[str, StopClock | ResumeClock]]:
    for start in procedure.starts:
        yield from _of_action(start, f"starts.{start.id}", kind)
    for index, one in enumerate(procedure.on):
        yield from ((f"on.{index}", effect) for effect in one.do if isinstance(effect, kind))
    for ladder in procedure.ladders:
        for rung in ladder.rungs:
            at = f"ladders.{ladder.id}.rungs.{rung.id}.do"
            yield from ((at, effect) for effect in rung.do if isinstance(effect, kind))
    for state in procedure.states:
        where = where_of(state.path)
        for task in state.tasks:
            at = f"{where}.tasks.{task.id}" if task.id else where
            for action in task.actions:
                yield from _of_action(action, f"{at}.actions.{action.id}", kind)
        for one in state.on:
            yield from ((f"{where}.on.{one.link}", effect) for effect in one.do if isinstance(effect, kind))


def _of_action(
    action: ActionSpec, where: str, kind: type[StopClock | ResumeClock]
) -> Iterable[tuple[str, StopClock | ResumeClock]]:
    return ((f"{where}.do.{index}", effect) for index, effect in enumerate(action.do) if isinstance(effect, kind))
