"""A case as it becomes in one decision: its events so far, the names guards read, people, deadlines and alarms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from engine.core import event as ev
from engine.core import ladders, parties, pauses, seals
from engine.core.case import Case, Task
from engine.core.case_people import Stopped, is_guest
from engine.core.command import Command
from engine.core.deadlines import Deadline
from engine.core.definition import DeadlineSpec, LadderSpec
from engine.core.due import deadline_by
from engine.core.event import Alarm, Holder
from engine.core.facts import Facts
from engine.core.fold import Head, fold
from engine.core.machine import Machine
from engine.core.scope import GuardScope
from engine.errors import Broken


class Becoming:
    """The case as it becomes, and the events that make it so; `Turn` adds tasks and moves."""

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
        #: the case as the command found it
        self.before = case
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
        if self.state is not None:
            event = pauses.held(self.state, event, self.now)
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

    def notify(
        self, references: Iterable[str], text: str, task: Task | None, rung: str = "", *, digest: bool = False
    ) -> None:
        """Queue one message to each person meant; who has no account is told by whoever invited them."""
        for person in parties.recipients(self.machine, self.case, self.facts, references, task, self.day):
            n = task.n if task else 0
            if not is_guest(person):
                queued = ev.MessageQueued(n=self.next_number(), to=person, text=text, task=n, rung=rung, digest=digest)
                self.emit(queued)

    # deadlines -------------------------------------------------------------------------------------------------

    def deadline(self, spec: DeadlineSpec | None, start: datetime) -> Deadline | None:
        """The deadline of a rule that starts at an instant; None where a date field it waits for is empty."""
        if spec is None:
            return None
        return deadline_by(spec, start, self.case.fields, self.machine.fields, self.facts)

    def ladder(self, ladder_id: str) -> LadderSpec | None:
        """The ladder of that id."""
        return self.machine.ladders[ladder_id] if ladder_id else None

    def moments(self, task: Task, ladder: LadderSpec | None = None) -> ladders.Moments:
        """When the rungs of a dated task fire; of another ladder than its own, if one is given."""
        if task.deadline is None:
            return ()
        ladder, due_at = ladder or self.ladder(task.ladder), task.deadline.due_at
        return ladders.schedule(ladder, due_at, task.began, self.facts.calendar, task.counts_from)

    def passed_standing(
        self, ladder_id: str, stopped: Stopped, began: datetime, fired: tuple[str, ...], counts_from: datetime | None
    ) -> tuple[str, ...]:
        """Rungs of a ladder that is climbed only since the clock stands still, and that lay before it stopped."""
        calendar = self.facts.calendar
        moments = ladders.schedule(self.ladder(ladder_id), stopped.deadline.due_at, began, calendar, counts_from)
        until = self.now if stopped.ran_out else stopped.since
        return tuple(rung for rung in ladders.passed(moments, until) if rung not in fired)

    def arm(
        self,
        ladder_id: str,
        deadline: Deadline | None,
        start: datetime,
        epoch: int = 1,
        *,
        began: datetime | None = None,
    ) -> tuple[Alarm | None, tuple[str, ...]]:
        """The first alarm of a deadline that begins to run at an instant, and the rungs it skips.

        `began`: what rungs after the start count from, where the task was open before.
        """
        if deadline is None:
            return None, ()
        moments = ladders.schedule(self.ladder(ladder_id), deadline.due_at, began or start, self.facts.calendar)
        skipped = ladders.passed(moments, start)
        return ladders.first_alarm(moments, skipped, epoch, self.now), skipped
