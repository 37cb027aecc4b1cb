"""One decision in the making: events are appended and folded at once, so that each step sees what came before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal

from engine.core import event as ev
from engine.core import joint, ladders, parties, periods, rounds, seals, waits
from engine.core.calendar import Calendar, RollRule
from engine.core.case import Case, Task
from engine.core.case_people import is_guest
from engine.core.command import Command
from engine.core.deadlines import Deadline, StartRule, derive
from engine.core.definition import ApprovalSpec, DeadlineSpec, JointSpec, LadderSpec, TaskSpec, VotesSpec
from engine.core.event import Alarm, Asked, Draft, Holder, Period
from engine.core.facts import Facts, parse_point, parse_span
from engine.core.fold import Head, fold
from engine.core.machine import Branch, Machine, Move
from engine.core.points import AnyPoint, OnDate
from engine.core.scope import GuardScope
from engine.core.spans import Span
from engine.errors import Broken

#: States passed through by themselves in one decision; a definition that needs more runs in a circle.
MOST_PASSED_THROUGH = 32


def why_undated(spec: DeadlineSpec | None, reason: str) -> str:
    """Why a task has no deadline: the reason its definition gives, or the date field that it still waits for."""
    return reason or (f"waits_for:{spec.since or spec.until}" if spec else "")


@lru_cache(maxsize=8192)
def _counted(
    rule: Span | OnDate, day: date, calendar: Calendar, start_rule: StartRule, roll: RollRule, basis: tuple[str, ...]
) -> Deadline:
    """A deadline in whole days, remembered: it is the same for whatever starts on that day."""
    return derive(rule, calendar.instant(day), calendar, start_rule=start_rule, roll=roll, basis=basis)


def _of_queue(task: Task) -> bool:
    """Whether a task asks whose the case is: that is asked once, whatever states it goes through meanwhile."""
    return task.kind == "designation" and task.handing is not None and task.handing.of == 0


class Turn:
    """The case as it becomes, and the events that make it so."""

    def __init__(self, machine: Machine, case: Case | None, command: Command, facts: Facts) -> None:
        self.machine = machine
        self.command = command
        self.facts = facts
        self.now = command.recorded_at
        #: deadlines and roles run from when it happened, not from when it was typed
        self.at = command.occurred_at
        self.day: date = facts.calendar.local_day(command.occurred_at)
        self.head = Head(
            id=command.stream.id,
            seq=(case.seq if case else 0) + 1,
            acted_by=command.acted_by,
            occurred_at=command.occurred_at,
            recorded_at=command.recorded_at,
        )
        self.events: list[ev.AnyEvent] = []
        self.state = case
        self._numbered = 0

    @property
    def case(self) -> Case:
        """The case as it stands now."""
        if self.state is None:
            raise Broken("case_not_opened", stream=str(self.command.stream))
        return self.state

    def emit(self, event: ev.AnyEvent) -> None:
        """Append an event and fold it."""
        if self.state is not None and self.state.sealed:
            seals.refuse_telling(self.machine, self.state, self.facts, event, self.day)
        self.events.append(event)
        self.state = fold(self.state, event, self.head)

    def next_number(self) -> int:
        """A number within this entry, for messages and signals."""
        self._numbered += 1
        return self._numbered

    # guards and people -----------------------------------------------------------------------------------------

    def scope(self, **extra: Any) -> GuardScope:
        """The names a guard may read, as the case stands now."""
        return GuardScope(self.machine, self.case, self.facts, self.day, extra)

    def holds(self, text: str, **extra: Any) -> bool:
        """Whether a guard of the definition holds; "" always does. ExpressionError = deny."""
        return not text or bool(self.machine.guards[text].evaluate(self.scope(**extra)))

    def resolve(self, reference: str) -> Holder:
        """The people that a reference means on the day of the act."""
        return parties.resolve(self.machine, self.case, self.facts, reference, self.day)

    def notify(self, references: Iterable[str], text: str, task: Task | None, rung: str = "") -> None:
        """Queue one message to each person meant; who has no account is told by whoever invited them."""
        for person in parties.recipients(self.machine, self.case, self.facts, references, task, self.day):
            n = task.n if task else 0
            if not is_guest(person):
                self.emit(ev.MessageQueued(n=self.next_number(), to=person, text=text, task=n, rung=rung))

    # deadlines -------------------------------------------------------------------------------------------------

    def deadline(self, spec: DeadlineSpec | None, start: datetime) -> Deadline | None:
        """The deadline of a rule that starts at an instant; None where a date field it waits for is empty."""
        if spec is None:
            return None
        calendar = self.facts.calendar
        if spec.within:
            rule: Span | AnyPoint = parse_span(spec.within)
        elif spec.until in self.machine.fields:
            value = self.case.fields.get(spec.until)
            if not value:
                return None
            rule = OnDate(day=date.fromisoformat(str(value)))
        else:
            rule = parse_point(spec.until)
        if spec.since:
            first = self.case.fields.get(spec.since)
            if not first:
                return None
            start = calendar.instant(date.fromisoformat(str(first)))
        if isinstance(rule, OnDate) or (isinstance(rule, Span) and not rule.exact):
            day = self.day if start is self.at else calendar.local_day(start)
            return _counted(rule, day, calendar, spec.start, spec.roll, spec.basis)
        return derive(rule, start, calendar, start_rule=spec.start, roll=spec.roll, basis=spec.basis)

    def ladder(self, ladder_id: str) -> LadderSpec | None:
        """The ladder of that id."""
        return self.machine.ladders[ladder_id] if ladder_id else None

    def moments(self, task: Task) -> tuple[tuple[datetime, str], ...]:
        """When the rungs of a dated task fire."""
        if task.deadline is None:
            return ()
        return ladders.schedule(self.ladder(task.ladder), task.deadline.due_at, task.opened_at, self.facts.calendar)

    def arm(
        self, ladder_id: str, deadline: Deadline | None, start: datetime, epoch: int = 1
    ) -> tuple[Alarm | None, tuple[str, ...]]:
        """The first alarm of a deadline that begins to run at an instant, and the rungs it skips."""
        if deadline is None:
            return None, ()
        moments = ladders.schedule(self.ladder(ladder_id), deadline.due_at, start, self.facts.calendar)
        skipped = ladders.passed(moments, start)
        return ladders.first_alarm(moments, skipped, epoch, self.now), skipped

    # tasks -----------------------------------------------------------------------------------------------------

    def open_task(
        self, spec: TaskSpec, state: str, activation: int, *, started: datetime | None = None, first: int = 1
    ) -> None:
        """Open a task of a state; `started` overrides where its deadline starts (claimed cases).

        `first`: of a task that comes again, the period it is opened for; a later one if that has ended already.
        """
        claimed = self.case.claim is not None and not self.case.claim.triaged
        if spec.every:
            anchor = next((stay.entered_at for stay in self.case.active if stay.n == activation), self.at)
            since = anchor if first == 1 else self.now
            found = periods.current(spec.every, spec.deadline, anchor, first, since, self.facts.calendar)
            period: Period | None = found[0]
            deadline: Deadline | None = found[1]
        else:
            period, deadline = None, self.deadline(spec.deadline, started or self.at)
        alarm, skipped = (None, ()) if claimed else self.arm(spec.ladder, deadline, self.at)
        self.emit(
            ev.TaskOpened(
                task=self.case.tasks_opened + 1,
                kind="extra" if spec.id else "own",
                state=state,
                activation=activation,
                spec=spec.id,
                holder=self.resolve(spec.holder),
                deadline=deadline,
                undated=why_undated(spec.deadline, spec.undated) if deadline is None else "",
                ladder=spec.ladder,
                alarm=alarm,
                skipped=skipped,
                period=period,
            )
        )
        if spec.joint is not None:
            for reference in spec.joint.by:
                holder = self.resolve(reference)
                self.open_beside("opinion", (state, activation, reference), holder, spec.joint, asleep=claimed)

    def open_extra(self, spec: TaskSpec, state: str, activation: int) -> None:
        """Open an extra task of a state, unless it is open already."""
        open_now = ((task.kind, task.spec, task.activation) for task in self.case.tasks)
        if ("extra", spec.id, activation) not in open_now:
            self.open_task(spec, state, activation)

    def open_recurring(self, state: str, activation: int) -> None:
        """Open the tasks of a state that come again as long as it lasts, each for its first period."""
        for spec in self.machine.states[state].tasks:
            if spec.every:
                self.open_task(spec, state, activation)

    def open_next(self, task: Task) -> None:
        """Open a task that comes again for the period after this one's, unless a later one is open."""
        spec = self.machine.tasks.get((task.state, task.spec))
        if task.period is None or spec is None or not spec.every:
            return
        for other in self.case.tasks:
            same = (other.spec, other.activation) == (task.spec, task.activation)
            if same and other.period is not None and other.period.n > task.period.n:
                return
        self.open_task(spec, task.state, task.activation, first=task.period.n + 1)

    def open_approval(self, task: Task, asked: Asked, by: str, spec: ApprovalSpec) -> None:
        """Open the task of a second person who must consent."""
        where = (task.state, task.activation, asked.action)
        self.open_beside("approval", where, self.resolve(by), spec, asked=asked)

    def open_beside(
        self,
        kind: Literal["approval", "vote", "opinion"],
        where: tuple[str, int, str],
        holder: Holder,
        spec: ApprovalSpec | VotesSpec | JointSpec,
        *,
        asked: Asked | None = None,
        voice: int = 0,
        asleep: bool = False,
    ) -> None:
        """Open the task of somebody asked besides who holds the state's own; `where`: state, activation, spec.

        `asleep`: no alarm is armed before the case is triaged.
        """
        state, activation, name = where
        deadline = self.deadline(spec.deadline, self.at)
        alarm, skipped = (None, ()) if asleep else self.arm(spec.ladder, deadline, self.at)
        self.emit(
            ev.TaskOpened(
                task=self.case.tasks_opened + 1,
                kind=kind,
                state=state,
                activation=activation,
                spec=name,
                holder=holder,
                deadline=deadline,
                undated=why_undated(spec.deadline, spec.undated) if deadline is None else "",
                ladder=spec.ladder,
                alarm=alarm,
                skipped=skipped,
                asked=asked,
                voice=voice,
            )
        )

    def open_draft(self, task: Task, draft: Draft, by: str, within: str, basis: tuple[str, ...]) -> None:
        """Open the task of a person who must issue or decline a formal act."""
        spec = DeadlineSpec(within=within, basis=basis) if within else None
        deadline = self.deadline(spec, self.now)
        alarm, skipped = self.arm("", deadline, self.now)
        self.emit(
            ev.TaskOpened(
                task=self.case.tasks_opened + 1,
                kind="draft",
                state=task.state,
                activation=task.activation,
                spec=draft.rung,
                holder=self.resolve(by),
                deadline=deadline,
                alarm=alarm,
                skipped=skipped,
                draft=draft,
            )
        )

    def end_task(self, task: Task) -> None:
        """End a task whose state lasts, with what was asked from it and drafted because of it."""
        self.emit(ev.TaskEnded(task=task.n, how="done"))
        for event in rounds.withdrawn_with(self.case, (task.n,)):
            self.emit(event)
        for other in self.case.tasks:
            if task.n in [one.of for one in (other.asked, other.draft, other.handing) if one is not None]:
                self.emit(ev.TaskEnded(task=other.n, how="withdrawn"))
        self.open_next(task)

    # moves -----------------------------------------------------------------------------------------------------

    def choose(self, branches: tuple[Branch, ...], extra: Mapping[str, Any] = {}) -> Move | None:
        """The first branch whose guard holds."""
        for branch in branches:
            if branch.guard is None or branch.guard.evaluate(self.scope(**extra)):
                return branch.move
        return None

    def move(self, move: Move, acting: Task | None = None) -> None:
        """Leave, enter, open tasks, and pass on through whatever is complete."""
        for _ in range(MOST_PASSED_THROUGH):
            self._leave(move.left, acting)
            self._enter(move)
            onward = self._completed()
            if onward is None:
                return
            move, acting = onward, None
        raise Broken("endless_branches", state=move.target, procedure=self.machine.procedure.id)

    def settle(self) -> None:
        """Go on where nothing is waited for any more."""
        onward = self._completed()
        if onward is not None and onward.target:
            self.move(onward)

    def _leave(self, left: str, acting: Task | None) -> None:
        if not left:
            return
        leaving = [stay for stay in self.case.active if stay.state == left or stay.state.startswith(f"{left}.")]
        numbers = {stay.n for stay in leaving}
        ended = [task for task in self.case.tasks if task.activation in numbers]
        for event in rounds.withdrawn_with(self.case, (task.n for task in ended)):
            self.emit(event)
        for task in self.case.tasks:
            if task.activation in numbers and not _of_queue(task):
                missed = task.period is not None and task.expired_at is not None
                missed = missed or (task.kind == "opinion" and joint.is_missed(task, self.at))
                unless_done: Literal["missed", "left"] = "missed" if missed else "left"
                self.emit(ev.TaskEnded(task=task.n, how="done" if acting and task.n == acting.n else unless_done))
        for stay in leaving:
            self.emit(ev.StateLeft(state=stay.state, activation=stay.n))

    def _enter(self, move: Move) -> None:
        for path in move.entered:
            activation = self.case.activations + 1
            leaf = path in move.leaves
            self.emit(ev.StateEntered(state=path, activation=activation, leaf=leaf))
            if leaf and (spec := self.machine.tasks.get((path, ""))):
                self.open_task(spec, path, activation)
                self.open_recurring(path, activation)
            state = self.machine.states[path]
            if state.kind == "final" and not self.machine.ancestors[path]:
                self.emit(ev.CaseClosed(how=state.final, state=path))

    def _completed(self) -> Move | None:
        """The move out of a state that is complete: a simple one without a task, or one whose leaves are final."""
        leaves = self.case.leaves()
        for leaf in leaves:
            if leaf in self.machine.completions and self._goes_on(leaf):
                return self._onward(leaf)
        for path in dict.fromkeys(above for leaf in leaves for above in self.machine.ancestors[leaf]):
            inside = [leaf for leaf in leaves if leaf.startswith(f"{path}.")]
            if path in self.machine.completions and all(self.machine.states[leaf].kind == "final" for leaf in inside):
                return self._onward(path)
        return None

    def _goes_on(self, leaf: str) -> bool:
        """Whether a simple state is left by itself: at once without a task, else once nothing is waited for."""
        wait = self.machine.states[leaf].wait
        return (leaf, "") not in self.machine.tasks if wait is None else waits.is_over(self.case, wait)

    def _onward(self, state: str) -> Move | None:
        return self.choose(self.machine.completions[state])
