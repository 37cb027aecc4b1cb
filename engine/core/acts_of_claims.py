"""What comes from elsewhere: cases taken over as claimed, their triage, and signals of other streams."""

from __future__ import annotations

from datetime import date, datetime

from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core import ladders, permission
from engine.core.calendar import Calendar
from engine.core.case import Task
from engine.core.deadlines import Deadline, derive
from engine.core.definition import LadderSpec, StateSpec
from engine.core.expression_types import read_date
from engine.core.forms import read_claimed
from engine.core.known import check_known
from engine.core.opening import open_case
from engine.core.points import OnDate
from engine.core.turn import Turn
from engine.errors import BadInput, Conflict, NotPermitted

#: Permissions, granted by roles.
IMPORT, TRIAGE = "import", "triage"


def claim_case(turn: Turn, act: cmd.ClaimCase) -> None:
    """Open a case where another record says it stands; nothing is verified, and no alarm is armed before triage."""
    state = _claimed_state(turn, act)
    values = read_claimed(turn.machine.fields, act.data)
    open_case(turn, values)
    check_known(turn, values)
    _check_permission(turn, IMPORT)
    permission.check_entered_by(turn.facts, turn.command, turn.case)
    permission.check_not_ahead(turn.command)
    turn.emit(
        ev.CaseClaimed(
            claimed_number=act.claimed_number,
            claimed_opened_at=act.claimed_opened_at,
            claimed_closed_at=act.claimed_closed_at,
            source=act.source,
        )
    )
    turn.emit(ev.FieldsSet(values=values))
    above = turn.machine.ancestors[act.state]
    for path in (*reversed(above), act.state):
        leaf = path == act.state
        activation = turn.case.activations + 1
        turn.emit(ev.StateEntered(state=path, activation=activation, leaf=leaf))
    if state.kind == "final":
        turn.emit(ev.CaseClosed(how=state.final, state=act.state))
    elif spec := turn.machine.tasks.get((act.state, "")):
        turn.open_task(spec, act.state, turn.case.activations, started=act.claimed_opened_at)
        turn.open_recurring(act.state, turn.case.activations)


def _claimed_state(turn: Turn, act: cmd.ClaimCase) -> StateSpec:
    """The state claimed: one where cases rest, with dates that fit it."""
    state = turn.machine.states.get(act.state)
    ends = state is not None and state.kind == "final" and not turn.machine.ancestors[act.state]
    rests = ends or (act.state, "") in turn.machine.tasks
    if state is None or not rests:
        raise BadInput("state_unknown", field="state", got=act.state)
    if turn.machine.procedure.sealed is not None and not ends:
        # What is still hidden belongs into no list of another record; what is over may be taken over.
        raise BadInput("sealed_not_claimable", field="state", got=act.state)
    if any(turn.machine.states[path].kind == "parallel" for path in turn.machine.ancestors[act.state]):
        raise BadInput("state_in_parallel", field="state", got=act.state)
    if act.claimed_opened_at > turn.now:
        raise BadInput("in_the_future", field="claimed_opened_at", got=act.claimed_opened_at.isoformat())
    closed_at = act.claimed_closed_at
    if closed_at is None:
        return state
    if state.kind != "final":
        raise BadInput("closed_but_not_ended", field="claimed_closed_at", got=closed_at.isoformat())
    if not act.claimed_opened_at <= closed_at <= turn.now:
        raise BadInput("closed_before_opened_or_later", field="claimed_closed_at", got=closed_at.isoformat())
    return state


def _check_permission(turn: Turn, wanted: str) -> None:
    day = turn.facts.calendar.local_day(turn.now)
    if turn.command.acted_by != cmd.SYSTEM and not turn.facts.directory.may(
        turn.command.acted_by, wanted, day, turn.case.region, turn.case.unit
    ):
        raise NotPermitted("permission_missing", permission=wanted)


def triage_case(turn: Turn, act: cmd.TriageCase) -> None:
    """Say where the ladders of a claimed case start; said once."""
    claim = turn.case.claim
    if claim is None or claim.triaged:
        raise Conflict("not_to_be_triaged", case=turn.case.number)
    _check_permission(turn, TRIAGE)
    permission.check_entered_by(turn.facts, turn.command, turn.case)
    permission.check_not_ahead(turn.command)
    if not act.reason.strip():
        raise BadInput("reason_missing", field="reason")
    if act.start == "until" and not act.until:
        raise BadInput("date_missing", field="until")
    until = read_date(act.until) if act.start == "until" else None
    if act.start == "until" and until is None:
        raise BadInput("not_a_date", field="until", got=act.until)
    turn.emit(ev.CaseTriaged(start=act.start, until=act.until, reason=act.reason))
    for task in turn.case.tasks:
        if task.deadline is not None or task.stopped is not None or act.start == "until":
            _start_ladder(turn, task, act.start, until)


def _start_ladder(turn: Turn, task: Task, start: str, until: date | None) -> None:
    stopped = task.stopped
    before = deadline = stopped.deadline if stopped else task.deadline
    if until is not None:
        if turn.facts.calendar.end_of(until) <= turn.now:
            raise BadInput("deadline_not_later", field="until", got=until.isoformat())
        deadline = derive(OnDate(day=until), turn.now, turn.facts.calendar)
    if deadline is None:
        return
    was = before.due_at if before else None
    if stopped is not None:
        # What has been reached when the clock stopped is skipped likewise; it is armed when the clock goes on.
        stood = replace(stopped, deadline=deadline, ran_out=False)
        skipped = () if start == "deadline" else turn.passed_standing(task.ladder, stood, task.began, (), None)
        turn.emit(ev.DeadlineMoved(task=task.n, deadline=deadline, was=was, cause="triaged", skipped=skipped))
        return
    moments, skipped = course(turn.ladder(task.ladder), task, start, deadline, turn.now, turn.facts.calendar)
    alarm = ladders.first_alarm(moments, skipped, task.epoch + 1, turn.now)
    turn.emit(ev.DeadlineMoved(task=task.n, deadline=deadline, was=was, cause="triaged", alarm=alarm, skipped=skipped))


def course(
    ladder: LadderSpec | None, task: Task, start: str, deadline: Deadline, now: datetime, calendar: Calendar
) -> tuple[tuple[tuple[datetime, str], ...], tuple[str, ...]]:
    """When the rungs of a task fire if its ladder starts so, and those that are skipped.

    What lies before now and is not skipped fires at once.
    """
    moments = ladders.schedule(ladder, deadline.due_at, task.began, calendar)
    return moments, () if start == "deadline" else ladders.passed(moments, now)
