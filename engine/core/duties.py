"""`decide` for the streams of duties: what a publication, the clock and an exemption make of them.

Pure. One step of the clock concerns a whole window, or a slice of it; the next step is armed by the same entry.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple, cast

from engine.core import command as cmd
from engine.core import event_duties as ev
from engine.core.calendar import Calendar
from engine.core.command_duties import EndDuty, EndExemption, ExemptObligation, PublishDuty, RedateDuty, TurnDuty
from engine.core.deadlines import add_span
from engine.core.directory import Directory, Entity
from engine.core.duty_compare import compare
from engine.core.duty_facts import SLICE, DutyFacts, to_mark
from engine.core.duty_population import chosen, listed, names_chained, names_hash, who_must
from engine.core.duty_redating import redated_windows
from engine.core.duty_state import DutyState, Exemption, OpenWindow, fold_duty
from engine.core.duty_steps import Step, asks_before, missed_at, next_step, window_of
from engine.core.event_parts import Alarm
from engine.core.facts import parse_span
from engine.core.fold import Head
from engine.core.permission import ENTER_FOR_OTHERS
from engine.errors import BadInput, Conflict, NotFound, NotPermitted


class DutyDecided(NamedTuple):
    """Events, and the duty after them."""

    events: tuple[Any, ...]
    state: DutyState | None


class DutyTurn:
    """One decision in the making."""

    def __init__(self, state: DutyState | None, command: cmd.Command, facts: DutyFacts) -> None:
        self.command = command
        self.facts = facts
        self.events: list[Any] = []
        self._state = state
        self.head = Head(
            id=command.stream.id,
            seq=(state.seq if state else 0) + 1,
            acted_by=command.acted_by,
            occurred_at=command.occurred_at,
            recorded_at=command.recorded_at,
        )

    @property
    def state(self) -> DutyState:
        """The duty as it has become; NotFound before it is published."""
        if self._state is None:
            raise NotFound("duty_not_found", duty=self.command.stream.id)
        return self._state

    @property
    def today(self) -> date:
        """The day on which it is recorded."""
        return self.facts.calendar.local_day(self.command.recorded_at)

    def emit(self, event: Any) -> None:
        """Append an event and fold it."""
        self.events.append(event)
        self._state = fold_duty(self._state, self.head, (event,))

    def arm(self) -> None:
        """Arm the alarm of what comes next."""
        state = self.state
        step = next_step(state, self.facts.calendar)
        epoch = state.epoch + 1
        alarm = Alarm(rung=step.kind, at=step.at, epoch=epoch) if step else None
        self.emit(ev.DutyArmed(alarm=alarm, epoch=epoch))


def decide_duty(state: DutyState | None, command: cmd.Command, facts: DutyFacts) -> DutyDecided:
    """What follows from a command on the stream of a duty; no events where an alarm is no longer armed."""
    turn = DutyTurn(state, command, facts)
    _DECIDERS[type(command.act)](turn, command.act)
    if not turn.events:
        return DutyDecided((), state)
    if not isinstance(turn.events[-1], ev.DutyArmed):
        turn.arm()
    return DutyDecided(tuple(turn.events), turn.state)


def _publish(turn: DutyTurn, act: PublishDuty) -> None:
    _check_permission(turn, "publish")
    if act.spec.id != turn.command.stream.id:
        raise BadInput("act_on_wrong_stream", field="stream", got=str(turn.command.stream))
    turn.emit(ev.DutyPublished(version=act.version, spec=act.spec))


def _end(turn: DutyTurn, act: EndDuty) -> None:
    _check_permission(turn, "publish")
    if not turn.state.ended:
        turn.emit(ev.DutyEnded(reason=act.reason))


def _check_permission(turn: DutyTurn, permission: str) -> None:
    command, directory = turn.command, turn.facts.directory
    for person in {command.acted_by, command.entered_by}:
        if person != cmd.SYSTEM and not directory.may(person, permission, turn.today):
            raise NotPermitted("permission_missing", permission=permission)


# the clock ---------------------------------------------------------------------------------------------------------


def _turn(turn: DutyTurn, act: TurnDuty) -> None:
    if turn.command.acted_by != cmd.SYSTEM:
        raise NotPermitted("system_only", act="turn_duty")
    state = turn.state
    alarm = state.alarm
    if alarm is None or (alarm.rung, alarm.epoch) != (act.rung, act.epoch) or turn.command.recorded_at < alarm.at:
        return
    step = next_step(state, turn.facts.calendar)
    if step is not None:
        _STEPS[step.kind](turn, step)


def _redate(turn: DutyTurn, act: RedateDuty) -> None:
    """Move what the calendar in force moves, and look again when it says that something comes next."""
    if turn.command.acted_by != cmd.SYSTEM:
        raise NotPermitted("system_only", act="redate_duty")
    calendar = turn.facts.calendar
    year = calendar.years.get(act.year)
    if year is None or calendar.id != act.calendar:
        return
    for event in redated_windows(turn.state, calendar, year, turn.command.recorded_at):
        turn.emit(event)
    step, alarm = next_step(turn.state, calendar), turn.state.alarm
    if (step.kind, step.at) != (alarm.rung, alarm.at) if step and alarm else bool(step or alarm):
        turn.arm()


def _open(turn: DutyTurn, step: Step) -> None:
    """Begin a window, or the next slice of it."""
    window = turn.state.window(step.rhythm, step.period) or _begin(turn, step)
    facts = turn.facts
    found, unfit, through = slice_of(turn.state, facts, window)
    mine = [one.id for one in found]
    exempt = tuple(name for name in mine if exemption_of(turn.state, name, window))
    turn.emit(
        ev.ObligationsOpened(
            period=window.period,
            rhythm=window.rhythm,
            after=window.after,
            through=through,
            count=len(mine),
            names=names_chained(window.chain, mine),
            exempt=exempt,
            unfit=unfit,
        )
    )
    if not through:
        opened = turn.state.window(step.rhythm, step.period)
        assert opened is not None
        turn.emit(
            ev.PeriodPopulated(period=opened.period, rhythm=opened.rhythm, count=opened.count, population=opened.chain)
        )


def _begin(turn: DutyTurn, step: Step) -> OpenWindow:
    state, facts = turn.state, turn.facts
    window = window_of(state, step, facts.calendar)
    turn.emit(
        ev.PeriodOpened(
            period=window.key,
            rhythm=step.rhythm,
            first=window.first,
            last=window.last,
            about=window.about,
            opens_at=window.opens_at,
            deadline=window.deadline,
            missed_at=missed_at(state.spec, window.deadline.due_at, facts.calendar),
            day=max(facts.calendar.local_day(step.at), facts.calendar.local_day(state.since)),
            directory=facts.directory.version,
            known_at=facts.known_at,
        )
    )
    opened = turn.state.window(step.rhythm, window.key)
    assert opened is not None
    return opened


def slice_of(state: DutyState, facts: DutyFacts, window: OpenWindow) -> tuple[list[Entity], tuple[str, ...], str]:
    """Who of a slice is obliged in a window, in order of names, whom no guard can judge, and how far the slice reaches.

    It reaches up to a name; "" = to the end.
    """
    page, through = facts.page, facts.through
    if state.spec.population.kind != "units":
        rest = [one for one in listed(state.spec, facts.directory, window.day) if one.id > window.after]
        page, through = tuple(rest[:SLICE]), rest[SLICE - 1].id if len(rest) > SLICE else ""
    found, unfit = chosen(state.spec, facts.directory, page, window.day)
    return [one.subject for one in found if one.rhythm == window.rhythm], unfit, through


def exemption_of(state: DutyState, subject: str, window: OpenWindow) -> Exemption | None:
    """What excuses a subject from a window."""
    return next(
        (one for one in state.exemptions if one.subject == subject and one.covers(window.period, window.first)), None
    )


def _due(turn: DutyTurn, step: Step) -> None:
    turn.emit(ev.ObligationsDue(due_at=step.at, **_marked(turn, step)))


def _missed(turn: DutyTurn, step: Step) -> None:
    turn.emit(ev.ObligationsMissed(missed_at=step.at, **_marked(turn, step)))


def _marked(turn: DutyTurn, step: Step) -> dict[str, Any]:
    """A slice of a window whose moment has passed: how far it reaches, how many it names and the hash of the names."""
    wanted = to_mark(turn.state, step)
    names = turn.facts.names.get(wanted, ())
    return {
        "period": step.period,
        "rhythm": step.rhythm,
        "after": wanted.after or "",
        "through": turn.facts.named_through,
        "count": len(names),
        "names": names_hash(names),
    }


def _remind(turn: DutyTurn, step: Step) -> None:
    """Remind everybody who must and has not; one message to a person, for a slice of the window."""
    state, facts = turn.state, turn.facts
    window = state.window(step.rhythm, step.period)
    reminder = next(one for one in state.spec.reminders if one.id == step.reminder)
    assert window is not None
    # The system was off: what asks to be in time is not said when it is too late.
    in_vain = asks_before(reminder) and turn.command.recorded_at >= window.deadline.due_at
    rows = () if in_vain else facts.rows
    turn.emit(
        ev.ObligationsReminded(
            period=step.period,
            rhythm=step.rhythm,
            reminder=step.reminder,
            due_at=step.at,
            after=window.reminding,
            through="" if in_vain else facts.through,
            obligations=len(rows),
            persons=len(reminded(state, facts, turn.today)) if rows else 0,
        )
    )


def reminded(state: DutyState, facts: DutyFacts, day: date) -> tuple[str, ...]:
    """The persons whom a slice of a reminder reaches, each once, in order."""
    found: dict[str, None] = {}
    for row in facts.rows:
        persons = who_must(
            state.spec, facts.directory, day, subject=row.subject, region=row.region, industry=row.industry
        )
        found.update(dict.fromkeys(persons))
    return tuple(sorted(found))


def _compare(turn: DutyTurn, step: Step) -> None:
    for event in compare(turn.state, turn.facts, turn.today, turn.command.recorded_at):
        turn.emit(event)


# exemptions --------------------------------------------------------------------------------------------------------


def _exempt(turn: DutyTurn, act: ExemptObligation) -> None:
    state, spec = turn.state, turn.state.spec
    if not act.reason.strip():
        raise BadInput("reason_missing", field="reason")
    where = _check_exempting(turn, act.subject)
    limit = (
        add_span(turn.today, parse_span(spec.exempt.most), 1, turn.facts.calendar)
        if where and spec.exempt and spec.exempt.most
        else None
    )
    if act.until < turn.today:
        raise BadInput("exempt_in_the_past", field="until", got=act.until.isoformat())
    if limit is not None and act.until > limit:
        raise BadInput("exempt_too_long", field="until", got=act.until.isoformat(), most=limit.isoformat())
    periods = _running(turn, act.subject, act.period, ("open", "late"))
    if act.period and not periods and any(row.period == act.period for row in turn.facts.rows):
        raise Conflict("obligation_over", duty=state.id, subject=act.subject, period=act.period)
    turn.emit(
        ev.ObligationExempted(
            subject=act.subject, period=act.period, until=act.until, reason=act.reason.strip(), periods=periods
        )
    )


def _end_exemption(turn: DutyTurn, act: EndExemption) -> None:
    if not act.reason.strip():
        raise BadInput("reason_missing", field="reason")
    _check_exempting(turn, act.subject)
    if not any((one.subject, one.period) == (act.subject, act.period) for one in turn.state.exemptions):
        raise NotFound("exemption_not_found", subject=act.subject)
    turn.emit(
        ev.ExemptionEnded(
            subject=act.subject,
            period=act.period,
            reason=act.reason.strip(),
            periods=_running(turn, act.subject, act.period, ("exempt",)),
        )
    )


def _running(turn: DutyTurn, subject: str, period: str, statuses: tuple[str, ...]) -> tuple[str, ...]:
    """The periods of a subject's rows that stand so and are not over."""
    mine = (row for row in turn.facts.rows if row.subject == subject and row.status in statuses)
    return tuple(row.period for row in mine if period in ("", row.period))


def _check_exempting(turn: DutyTurn, subject: str) -> bool:
    """Refuse whoever may not exempt there, and subjects that nobody knows; for whom one enters, one enters."""
    spec, directory, command = turn.state.spec, turn.facts.directory, turn.command
    if spec.exempt is None:
        raise NotPermitted("nobody_exempt", duty=turn.state.id)
    entity = turn.facts.entities.get(subject) or next(
        (one for one in listed(spec, directory, turn.today) if one.id == subject), None
    )
    if entity is None:
        raise BadInput("subject_unknown", field="subject", got=subject)
    if not _may_exempt(spec.exempt.by, directory, command.acted_by, entity, turn.today):
        raise NotPermitted("may_not_exempt", roles=spec.exempt.by)
    if command.entered_by != command.acted_by and not directory.may(
        command.entered_by, ENTER_FOR_OTHERS, turn.today, entity.region, entity.id
    ):
        raise NotPermitted("may_not_enter_for_others", person=command.entered_by)
    return True


def _may_exempt(roles: tuple[str, ...], directory: Directory, person: str, entity: Entity, day: date) -> bool:
    return any(directory.fits(person, role, entity.region, entity.industry, "", day) for role in roles)


def armed_now(state: DutyState, calendar: Calendar) -> Alarm | None:
    """The alarm that a duty as it stands should have; to compare with the timer that is armed."""
    step = next_step(state, calendar)
    return Alarm(rung=step.kind, at=step.at, epoch=state.epoch) if step else None


_STEPS: dict[str, Callable[[DutyTurn, Step], None]] = {
    "open": _open,
    "due": _due,
    "missed": _missed,
    "remind": _remind,
    "compare": _compare,
}
_DECIDERS = cast(
    "dict[type, Callable[[DutyTurn, Any], None]]",
    {
        PublishDuty: _publish,
        EndDuty: _end,
        TurnDuty: _turn,
        RedateDuty: _redate,
        ExemptObligation: _exempt,
        EndExemption: _end_exemption,
    },
)
