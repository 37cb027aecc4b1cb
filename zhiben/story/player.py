"""Plays the year: whoever holds a task is drawn to do one of the things allowed, and time passes in between.

No rule of a procedure stands here. What may be done is asked of `allowed_actions`, what happens is decided behind the
one door, what falls due is fired by the worker's own code; only the clock is virtual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from engine.core import command as cmd
from engine.core.case import Case, Task
from engine.core.offers import Offer
from engine.errors import ZhibenError
from engine.runtime.clock import VirtualClock
from engine.runtime.door import Door
from engine.runtime.projection import from_micros
from engine.runtime.worker import deliver_due, fire_due
from zhiben.story.duties import DutyPlay
from zhiben.story.forms import Filler
from zhiben.story.script import Choice, Opening, Script, chosen
from zhiben.story.signing import drawings, signatures
from zhiben.story.stage import Report, Stage, Standing
from zhiben.story.timing import OPENS, SLOT, in_office, moment, workdays_after

#: How often somebody tries again to do something about the same task before they let it lie.
MOST_TRIES = 4


@dataclass(frozen=True, kw_only=True, order=True)
class Intent:
    """What somebody means to do at a moment; `mark` tells whether the task still stands as it did."""

    at: datetime
    number: int
    case: str
    task: int
    mark: tuple[Any, ...]
    choice: Choice
    #: when it was signed on paper, if it is entered later
    signed_at: datetime | None = None
    reopens: bool = False
    reads: bool = False


class Player:
    """One run of a script over an application that was set up for it."""

    def __init__(
        self,
        *,
        script: Script,
        door: Door,
        clock: VirtualClock,
        stage: Stage,
        evidence: Mapping[str, cmd.EvidenceRef],
        one_in: int = 1,
    ) -> None:
        self._script = script
        self._door = door
        self._clock = clock
        self._stage = stage
        self._evidence = evidence
        self._openings = sorted(script.openings, key=lambda one: one.on, reverse=True)
        self._calendar = stage.calendar
        self._duties = DutyPlay(script.duties, seed=script.seed, one_in=one_in, evidence=evidence)
        self._heap: list[Intent] = []
        self._planned: dict[tuple[str, int], tuple[Any, ...]] = {}
        self._tries: dict[tuple[str, int], int] = {}
        self._dice: dict[str, Random] = {}
        self._rows: dict[str, Mapping[str, Any]] = {}
        self._closings: set[tuple[str, int]] = set()
        self._timer: datetime | None = None
        self._number = 0
        self.refused: dict[str, int] = {}
        #: told of every month that begins
        self.month_begins: Callable[[date], None] = lambda month: None
        self._month = date.min

    def dice(self, case: str) -> Random:
        """The dice of one case: what happens to it does not depend on the others."""
        return self._dice.setdefault(case, Random(f"{self._script.seed} {case}"))

    # the year --------------------------------------------------------------------------------------------------

    def play(self, reports: Sequence[Report], standing: Iterable[str], until: datetime) -> None:
        """Play from now until an instant; `standing` are cases that are open already."""
        waiting = sorted(reports, key=lambda report: (report.at, report.case), reverse=True)
        self._look(standing)
        while True:
            at = self._next(waiting, until)
            if at > until:
                break
            self._clock.set(max(at, self._clock.now()))
            now = self._clock.now()
            self._tell_month(self._calendar.local_day(now))
            if self._timer is not None and self._timer <= now:
                self._fire()
            self._meet_duties()
            due: list[Report] = []
            while waiting and waiting[-1].at <= now:
                due.append(waiting.pop())
            while self._openings and self._opens(self._openings[-1]) <= now:
                self._open(self._openings.pop())
            acts: list[Intent] = []
            while self._heap and self._heap[0].at <= now:
                acts.append(heappop(self._heap))
            self._carry_out(due, acts)
        self._clock.set(max(until, self._clock.now()))

    def _tell_month(self, day: date) -> None:
        if (month := day.replace(day=1)) > self._month:
            self._month = month
            self.month_begins(month)

    def _next(self, waiting: Sequence[Report], until: datetime) -> datetime:
        moments = [until + timedelta(seconds=1)]
        if waiting:
            moments.append(waiting[-1].at)
        if self._openings:
            moments.append(self._opens(self._openings[-1]))
        if self._heap:
            moments.append(self._heap[0].at)
        if (owed := self._duties.next()) is not None:
            moments.append(owed)
        lag = self._stage.lag()
        self._timer = None if lag.timer is None else from_micros(lag.timer)
        if self._timer is not None:
            moments.append(self._timer)
        if lag.signal is not None:
            told = self._door.run(self._stage.signalled)
            self._door.run(deliver_due)
            self._look(told)
        return min(moments)

    def _opens(self, opening: Opening) -> datetime:
        """The first slot of the day."""
        return self._calendar.instant(opening.on, OPENS)

    def _open(self, opening: Opening) -> None:
        """Open a case of another procedure; where nothing fits it there is none."""
        dice = self.dice(f"{opening.procedure} {opening.on}")
        request = self._door.run(lambda service: self._stage.opening(service, opening, dice))
        if request is None:
            return
        for outcome in self._door.submit_batch([request]):
            if isinstance(outcome, ZhibenError):
                self.refused[outcome.code] = self.refused.get(outcome.code, 0) + 1
            else:
                self._look([request.stream.id])

    def _meet_duties(self) -> None:
        requests = self._door.run(self._duties.acts)
        for outcome in self._door.submit_batch(requests) if requests else ():
            if isinstance(outcome, ZhibenError):
                self.refused[outcome.code] = self.refused.get(outcome.code, 0) + 1

    def _fire(self) -> None:
        """Whatever is due falls due, by the worker's own code; then those concerned think again."""
        self._door.run(self._duties.turn)
        touched = self._door.run(self._stage.due_cases)
        if not touched:
            return
        while self._door.run(fire_due):
            pass
        self._look(touched)

    def _carry_out(self, reports: Sequence[Report], intents: Sequence[Intent]) -> None:
        requests = self._door.run(lambda service: self._stage.reports(service, reports)) if reports else []
        for report in reports:
            self._rows[report.case] = report.data
        live = self._live(intents)
        standings = self._door.run(lambda service: self._stage.standings(service, {one.case for one in live}))
        for intent in live:
            request = self._request(intent, standings[intent.case])
            if request is not None:
                requests.append(request)
            if not intent.reads:  # done or not, there is something new to think about
                self._planned.pop((intent.case, intent.task), None)
        outcomes = self._door.submit_batch(requests)
        for request, outcome in zip(requests, outcomes, strict=True):
            if isinstance(outcome, ZhibenError):
                self.refused[outcome.code] = self.refused.get(outcome.code, 0) + 1

            elif not isinstance(request.act, cmd.ReadTask):
                self._tries.pop((request.stream.id, getattr(request.act, "task", 0)), None)
        self._look({request.stream.id for request in requests} | {one.case for one in live})

    def _live(self, intents: Sequence[Intent]) -> list[Intent]:
        """Those that still make sense, one a case: who comes second sees first what the other did."""
        live: dict[str, Intent] = {}
        for intent in intents:
            if not intent.reopens and self._planned.get((intent.case, intent.task)) != intent.mark:
                continue
            if intent.case in live:
                heappush(self._heap, replace(intent, at=intent.at + SLOT))
            else:
                live[intent.case] = intent
        return list(live.values())

    # what people mean to do ------------------------------------------------------------------------------------

    def _look(self, cases: Iterable[str]) -> None:
        """Everybody concerned looks at their open tasks and makes up their mind about those that are new to them."""
        names = sorted(set(cases))
        for name, case in self._door.run(lambda service: self._stage.cases(service, names)).items():
            for task in case.tasks:
                self._consider(name, case, task)
            if case.closed and case.procedure == self._script.procedure:
                self._consider_reopening(name, case)

    def _consider(self, name: str, case: Case, task: Task) -> None:
        mark = _mark(case, task)
        key = (name, task.n)
        if self._planned.get(key) == mark or (mark and mark[-1]):
            return
        tries = self._tries.get(key, 0)
        if tries >= MOST_TRIES and task.kind == "own":
            tries = 0
        dice = self.dice(name)
        choice = chosen(self._choices(case, task), dice)
        if choice is None or not task.holder.persons or tries >= MOST_TRIES:
            return
        self._planned[key] = mark
        self._tries[key] = tries + 1
        now = self._clock.now()
        at = moment(task, choice, self._calendar, now, dice)
        if not task.readers and dice.randrange(100) < self._script.reads:
            self._plan(
                name,
                task.n,
                mark,
                choice,
                in_office(self._calendar.local_day(now), self._calendar, now, dice),
                reads=True,
            )
        paper = self._script.paper
        if task.kind == "own" and dice.randrange(paper.of) < paper.share:
            days = dice.randint(*paper.delay)
            entered = workdays_after(self._calendar, self._calendar.local_day(at), days)
            self._plan(name, task.n, mark, choice, in_office(entered, self._calendar, at, dice), signed_at=at)
            return
        self._plan(name, task.n, mark, choice, at)

    def _plan(self, case: str, task: int, mark: tuple[Any, ...], choice: Choice, at: datetime, **more: Any) -> None:
        self._number += 1
        heappush(self._heap, Intent(at=at, number=self._number, case=case, task=task, mark=mark, choice=choice, **more))

    def _choices(self, case: Case, task: Task) -> tuple[Choice, ...]:
        match task.kind:
            case "approval":
                return self._script.approvals
            case "draft":
                return self._script.drafts
        own = case.procedure == self._script.procedure
        tasks = self._script.tasks if own else self._script.others.get(case.procedure, {})
        return tasks.get(f"{task.state}/{task.spec}" if task.spec else task.state, ())

    def _consider_reopening(self, name: str, case: Case) -> None:
        reopen, dice = self._script.reopen, self.dice(name)
        if case.claim is not None or (name, case.reopened) in self._closings:
            return
        self._closings.add((name, case.reopened))
        if case.reopened or dice.randrange(reopen.of) >= reopen.share:
            return
        day = workdays_after(self._calendar, self._calendar.local_day(self._clock.now()), dice.randint(*reopen.after))
        choice = Choice(do="", form=reopen.form)
        at = in_office(day, self._calendar, self._clock.now(), dice)
        self._plan(name, 0, (), choice, at, reopens=True)

    # what they then do -----------------------------------------------------------------------------------------

    def _request(self, intent: Intent, standing: Standing) -> cmd.Request | None:
        case, dice = standing.case, self.dice(intent.case)
        task = case.task(intent.task)
        signed_at = intent.signed_at
        if signed_at is not None and any(one.at > signed_at for one in case.signed):
            signed_at = None  # somebody else was faster; what is on paper is no longer true
        if intent.reads:
            return self._reading(intent, task)
        found = standing.offered(intent.choice.do, task, reopens=self._script.reopen.by if intent.reopens else "")
        if found is None:
            return None
        offer, person = found
        filler = Filler(
            case=case,
            row=self._rows.get(intent.case, {}),
            calendar=self._calendar,
            today=self._calendar.local_day(signed_at or self._clock.now()),
            dice=dice,
        )
        on_paper = signed_at is not None and offer.late_entry != ""
        act = self._act(intent, offer, filler, standing, person, on_paper=on_paper)
        more: dict[str, Any] = {"medium": "web"}
        if on_paper:
            clerk = self._stage.holder(self._script.paper.by, case.region)
            more = {"medium": "paper", "entered_by": clerk, "occurred_at": signed_at}
        return self._ask(intent, act, person, **more)

    def _reading(self, intent: Intent, task: Task | None) -> cmd.Request | None:
        if task is None or not task.holder.persons:
            return None
        return self._ask(intent, cmd.ReadTask(task=task.n), task.holder.persons[0], medium="web")

    def _ask(self, intent: Intent, act: cmd.AnyAct, person: str, **more: Any) -> cmd.Request:
        stream = cmd.Stream(kind="case", id=intent.case)
        return cmd.Request(id=f"story:{intent.number}:{intent.case}", stream=stream, act=act, acted_by=person, **more)

    def _act(
        self, intent: Intent, offer: Offer, filler: Filler, standing: Standing, person: str, *, on_paper: bool
    ) -> cmd.AnyAct:
        choice = intent.choice
        reason = str(filler.value(list(choice.reason) if isinstance(choice.reason, tuple) else choice.reason))
        match offer.kind:
            case "consent" | "refuse":
                return cmd.AnswerApproval(task=offer.task, consent=offer.kind == "consent", reason=reason)
            case "issue":
                return cmd.IssueDraft(task=offer.task)
            case "decline":
                return cmd.DeclineDraft(task=offer.task, reason=reason)
        return cmd.SubmitAction(
            task=offer.task,
            action=offer.action,
            data=filler.fill(offer, choice, standing.machine.fields, self._script.fields),
            evidence=self._files(offer, on_paper=on_paper) + drawings(offer, self._evidence),
            on_site=standing.holds(offer.on_site),
            signatures=signatures(
                offer,
                standing,
                person,
                evidence=self._evidence,
                bystander=self._script.bystander,
                refused=choice.refused,
            ),
        )

    def _files(self, offer: Offer, *, on_paper: bool) -> tuple[cmd.EvidenceRef, ...]:
        """What the offer asks for; paper is proved by its scan."""
        kinds = list(offer.evidence)
        if on_paper:
            kinds.append("scan")
        elif offer.sign in ("hand", "certificate"):
            kinds.append("signature")
        elif offer.sign == "scan":
            kinds.append("scan")
        return tuple(self._evidence[kind] for kind in dict.fromkeys(kinds))


def _mark(case: Case, task: Task) -> tuple[Any, ...]:
    """What a person goes by: the deadline, and whether something they asked for is still undecided (then they wait)."""
    asked = any(other.asked is not None and other.asked.of == task.n for other in case.tasks)
    return (task.deadline.due_at if task.deadline else None, task.extensions, asked)
