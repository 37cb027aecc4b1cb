"""One decision in the making: events are appended and folded at once, so that each step sees what came before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec.structs import replace

from engine.core import event as ev
from engine.core import joint, periods, rounds, stopping, waits
from engine.core.becoming import Becoming
from engine.core.case import Task
from engine.core.case_people import Kept
from engine.core.deadlines import Deadline
from engine.core.definition import ApprovalSpec, DeadlineSpec, JointSpec, TaskSpec, VotesSpec
from engine.core.due import waits_for
from engine.core.event import Asked, Draft, Holder, Period
from engine.core.machine import Branch, Move
from engine.core.stops import STOPPED, WAITS
from engine.errors import Broken, ZhibenError

#: States passed through by themselves in one decision; a definition that needs more runs in a circle.
MOST_PASSED_THROUGH = 32


def why_undated(spec: DeadlineSpec | None, reason: str) -> str:
    """Why a task has no deadline: the reason its definition gives, or the date field that it still waits for."""
    return reason or (f"{WAITS}{waits_for(spec)}" if spec else "")


def _waits_on(task: Task) -> bool:
    """Whether a drafted act waits for a decision even when what it is about is over."""
    return task.draft is not None and task.draft.keep


def _of_queue(task: Task) -> bool:
    """Whether a task asks whose the case is: that is asked once, whatever states it goes through meanwhile."""
    return task.kind == "designation" and task.handing is not None and task.handing.of == 0


class Turn(Becoming):
    """The case as it becomes, the tasks it opens and the ways it goes."""

    # tasks -----------------------------------------------------------------------------------------------------

    def open_task(
        self, spec: TaskSpec, state: str, activation: int, *, started: datetime | None = None, first: int = 1
    ) -> None:
        """Open a task of a state; `started` overrides where its deadline starts (claimed cases).

        `first`: of a task that comes again, the period it is opened for; a later one if that has ended already.
        """
        claimed = self.case.claim is not None and not self.case.claim.triaged
        kept: Kept | None = None
        held = stopping.held_clock(self.case, state, spec.id)
        if spec.deadline is not None and self.case.touched.get(spec.deadline.until) == self.head.seq:
            held = None  # the act that leads back names another date
        if spec.every:
            anchor = next((stay.entered_at for stay in self.case.active if stay.n == activation), self.at)
            since = anchor if first == 1 else self.now
            calendar = self.facts.calendar_named(spec.deadline.calendar if spec.deadline else "")
            found = periods.current(spec.every, spec.deadline, anchor, first, since, calendar)
            period: Period | None = found[0]
            deadline: Deadline | None = found[1]
        else:
            period, deadline = None, self.deadline(spec.deadline, started or self.at)
        ladder = self.chosen_ladder(spec)
        alarm, skipped = (None, ()) if claimed else self.arm(ladder, deadline, self.at)
        if held is not None:
            deadline, alarm, skipped, kept = None, None, held.skipped, replace(held.kept, opened_at=self.at)
            if ladder != held.ladder and kept.stopped is not None:
                began = kept.runs_from or kept.opened_at
                skipped = self.passed_standing(ladder, kept.stopped, began, kept.fired, kept.counts_from)
        self.emit(
            ev.TaskOpened(
                task=self.case.tasks_opened + 1,
                kind="extra" if spec.id else "own",
                state=state,
                activation=activation,
                spec=spec.id,
                holder=self.resolve(spec.holder),
                deadline=deadline,
                undated="" if deadline else STOPPED if held else why_undated(spec.deadline, spec.undated),
                ladder=ladder,
                alarm=alarm,
                skipped=skipped,
                period=period,
                kept=kept,
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
            stopping.settle(self)

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

    def chosen_ladder(self, spec: TaskSpec) -> str:
        """The ladder of a task: the first whose guard holds; one that cannot be told does not."""
        for choice in spec.ladders:
            try:
                holds = self.holds(choice.when)
            except ZhibenError:
                holds = False
            if holds:
                return choice.ladder
        return spec.ladder

    def open_draft(
        self, task: Task, draft: Draft, by: str, spec: DeadlineSpec | None, ladder: str = "", undated: str = ""
    ) -> None:
        """Open the task of a person who must prepare, issue or decline a formal act."""
        deadline = self.deadline(spec, self.now)
        alarm, skipped = self.arm(ladder, deadline, self.now)
        self.emit(
            ev.TaskOpened(
                task=self.case.tasks_opened + 1,
                kind="draft",
                state=task.state,
                activation=task.activation,
                spec=draft.rung,
                holder=self.resolve(by),
                deadline=deadline,
                undated=undated if deadline is None else "",
                ladder=ladder,
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
            asks = task.n in [one.of for one in (other.asked, other.handing) if one is not None]
            if asks and self.case.task(other.n):
                self.emit(ev.TaskEnded(task=other.n, how="withdrawn"))
                self.withdraw_drafts(other.n)
        self.withdraw_drafts(task.n)
        self.open_next(task)

    def withdraw_drafts(self, n: int, *, kept: bool = False) -> None:
        """Withdraw what was drafted because of a task, and because of that; `kept`: also what waits on."""
        for other in self.case.tasks:
            if other.draft is not None and other.draft.of == n and (kept or not other.draft.keep):
                self.emit(ev.TaskEnded(task=other.n, how="withdrawn"))
                self.withdraw_drafts(other.n, kept=kept)

    # moves -----------------------------------------------------------------------------------------------------

    def choose(self, branches: tuple[Branch, ...], extra: Mapping[str, Any] = {}) -> Move | None:
        """The first branch whose guard holds."""
        for branch in branches:
            if branch.guard is None or branch.guard.evaluate(self.scope(**extra)):
                return branch.move
        return None

    def move(self, move: Move, acting: Task | None = None) -> None:
        """Leave, enter, open tasks, and pass on through whatever is complete."""
        left: list[Task] = []
        entered: list[str] = []
        for _ in range(MOST_PASSED_THROUGH):
            left += self._leave(move.left, acting)
            self._enter(move)
            entered += move.entered
            onward = self._completed()
            if onward is None:
                stopping.settle(self, left, entered)
                return
            move, acting = onward, None
        raise Broken("endless_branches", state=move.target, procedure=self.machine.procedure.id)

    def settle(self) -> None:
        """Go on where nothing is waited for any more."""
        onward = self._completed()
        if onward is not None and onward.target:
            self.move(onward)

    def _leave(self, left: str, acting: Task | None) -> list[Task]:
        if not left:
            return []
        leaving = [stay for stay in self.case.active if stay.state == left or stay.state.startswith(f"{left}.")]
        numbers = {stay.n for stay in leaving}
        ended = [task for task in self.case.tasks if task.activation in numbers]
        for event in rounds.withdrawn_with(self.case, (task.n for task in ended)):
            self.emit(event)
        for task in self.case.tasks:
            if task.activation in numbers and not _of_queue(task) and not _waits_on(task):
                missed = task.period is not None and task.expired_at is not None
                missed = missed or (task.kind == "opinion" and joint.is_missed(task, self.at))
                unless_done: Literal["missed", "left"] = "missed" if missed else "left"
                self.emit(ev.TaskEnded(task=task.n, how="done" if acting and task.n == acting.n else unless_done))
        for stay in leaving:
            self.emit(ev.StateLeft(state=stay.state, activation=stay.n))
        return ended

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
                for task in self.case.tasks:
                    if _waits_on(task):
                        self.emit(ev.TaskEnded(task=task.n, how="withdrawn"))

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
