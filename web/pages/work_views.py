"""What the page of one's own work shows: pure functions from tasks to rows, groups and filters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Literal
from urllib.parse import quote, urlencode

from engine.core.calendar import Calendar
from engine.core.case import Task
from engine.core.deadlines import due_day, workdays_left
from engine.core.event import Holder
from engine.core.machine import Machine
from engine.core.offers import Offer
from engine.runtime.desk import Work
from engine.store.worklists import TaskCount, TaskFilter, task_mark
from web.catalogues import Titles, say, tell_instant, titles_of
from web.catalogues.told_time import NEAR_WORKDAYS, Light, tell_due
from web.pages.form_asking import address_of, title_of

#: When tasks are due, in the order of the page.
Span = Literal["late", "today", "week", "later"]
SPANS: tuple[Span, ...] = ("late", "today", "week", "later")
#: Kinds of tasks that one may ask for alone.
KINDS = ("draft", "approval")
#: Buttons of a row; what else may be done stands behind one more.
MOST_BUTTONS = 2
_OF_DRAFTS = ("issue", "decline")
_MICROSECOND = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of the page asks for."""

    due: str = ""
    kind: str = ""
    procedure: str = ""
    region: str = ""

    def without(self, name: str) -> Asked:
        """The same without one of its parts."""
        return replace(self, **{name: ""})

    def address(self, path: str, *, after: str = "") -> str:
        """The address that asks for this."""
        told = {**{name: getattr(self, name) for name in ("due", "kind", "procedure", "region")}, "after": after}
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A filter that may be chosen, or has been."""

    title: str
    count: int
    address: str
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Button:
    """What may be done from a row."""

    title: str
    #: the page of its form; posting there does it
    address: str
    #: nothing has to be filled in: it is done at once
    direct: bool = False
    #: what is said before it is done, "" = nothing
    grave: str = ""
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One task."""

    mark: str
    address: str
    number: str
    title: str
    #: place and unit, as people say it
    whose: str
    state: str
    light: Light | Literal["none"]
    left: str
    exact: str
    #: why it is the visitor's
    why: str
    buttons: tuple[Button, ...]
    more: tuple[Button, ...]
    seen: int
    #: where the first reading is noted; "" = it is
    reads: str


def instants_of(calendar: Calendar, now: datetime) -> tuple[datetime, datetime, datetime]:
    """The instants before which something is late, due today, due this week; deadlines end days at their midnight."""
    today = calendar.local_day(now)
    week = calendar.end_of(today + timedelta(days=6 - today.weekday()))
    return now + _MICROSECOND, calendar.end_of(today) + _MICROSECOND, week + _MICROSECOND


def filter_of(asked: Asked, instants: Sequence[int]) -> TaskFilter:
    """What the store is asked for."""
    bounds: tuple[int | None, ...] = (None, *instants, None)
    at = SPANS.index(asked.due) if asked.due in SPANS else None
    return TaskFilter(
        kind=asked.kind,
        procedure=asked.procedure,
        region=asked.region,
        due_from=None if at is None else bounds[at],
        due_before=None if at is None else bounds[at + 1],
    )


# groups and filters --------------------------------------------------------------------------------------------


def spans_of(asked: Asked, counts: Iterable[TaskCount], path: str) -> tuple[Choice, ...]:
    """All, and those late, due today, this week and later, each with how many there are under the other filters."""
    told = [one for one in counts if _fits(one, asked.without("due"))]
    everything = Choice(
        title=say("work.span.all"),
        count=_sum(told),
        address=asked.without("due").address(path),
        chosen=not asked.due,
    )
    return everything, *(
        Choice(
            title=say(f"work.span.{span}"),
            count=_sum(one for one in told if one.span == at),
            address=replace(asked, due=span).address(path),
            chosen=asked.due == span,
        )
        for at, span in enumerate(SPANS)
    )


def kinds_of(asked: Asked, counts: Iterable[TaskCount], path: str) -> tuple[Choice, ...]:
    """Drafts alone, approvals alone; those of which there are none are left out."""
    told = [one for one in counts if _fits(one, asked.without("kind"))]
    found = [
        Choice(
            title=say(f"work.kind.{kind}"),
            count=_sum(one for one in told if one.kind == kind),
            address=replace(asked, kind="" if asked.kind == kind else kind).address(path),
            chosen=asked.kind == kind,
        )
        for kind in KINDS
    ]
    return tuple(one for one in found if one.chosen or 0 < one.count < _sum(told))


def procedures_of(
    asked: Asked, counts: Iterable[TaskCount], titles: Mapping[str, str], path: str
) -> tuple[Choice, ...]:
    """The procedures of the visitor's tasks; () where there is but one."""
    told = [one for one in counts if _fits(one, asked.without("procedure"))]
    names = sorted({one.procedure for one in told})
    return (
        ()
        if len(names) < 2 and not asked.procedure
        else tuple(
            Choice(
                title=titles.get(name, name),
                count=_sum(one for one in told if one.procedure == name),
                address=replace(asked, procedure=name).address(path),
                chosen=asked.procedure == name,
            )
            for name in names
        )
    )


def regions_of(asked: Asked, counts: Iterable[TaskCount], titles: Mapping[str, str], path: str) -> tuple[Choice, ...]:
    """The regions of the visitor's tasks; () where there is but one."""
    told = [one for one in counts if _fits(one, asked.without("region"))]
    names = sorted({one.region for one in told})
    return (
        ()
        if len(names) < 2 and not asked.region
        else tuple(
            Choice(
                title=titles.get(name, name),
                count=_sum(one for one in told if one.region.startswith(name)),
                address=replace(asked, region=name).address(path),
                chosen=asked.region == name,
            )
            for name in names
        )
    )


def _fits(one: TaskCount, asked: Asked) -> bool:
    return (
        (not asked.due or one.span == SPANS.index(asked.due))
        and (not asked.kind or one.kind == asked.kind)
        and (not asked.procedure or one.procedure == asked.procedure)
        and one.region.startswith(asked.region)
    )


def _sum(counts: Iterable[TaskCount]) -> int:
    return sum(one.count for one in counts)


# rows ----------------------------------------------------------------------------------------------------------


def row_of(work: Work, names: Mapping[str, str], person: str, now: datetime) -> Row:
    """One task as its holder sees it."""
    case, task, machine = work.case, work.task, work.machine
    titles = titles_of(machine, persons=names, roles={name: one.title for name, one in work.directory.roles.items()})
    light, left, exact = countdown(task, work.calendar, now)
    buttons = tuple(_button(work, offer, n) for n, offer in enumerate(work.offers) if offer.kind not in _OF_DRAFTS)
    if len(buttons) < len(work.offers):  # it is read as it will be printed before it is issued, or not
        read = Button(title=say("work.read_draft"), address=f"/drafts/{quote(case.id, safe='')}/{task.n}")
        buttons = (read, *buttons)
    shown = buttons if len(buttons) <= MOST_BUTTONS + 1 else buttons[:MOST_BUTTONS]
    case_address = f"/cases/{quote(case.id, safe='')}"
    return Row(
        mark=task_mark(case.id, task.n, work.view.task.due_at),
        address=case_address,
        number=case.number,
        title=case.title,
        whose=whose(work),
        state=state_of(task, machine, titles),
        light=light,
        left=left,
        exact=exact,
        why=why_mine(work, titles),
        buttons=shown,
        more=buttons[len(shown) :],
        seen=case.seq,
        reads="" if person in task.readers else f"{case_address}/tasks/{task.n}/read",
    )


def countdown(task: Task, calendar: Calendar, now: datetime) -> tuple[Light | Literal["none"], str, str]:
    """Light, what is left in few words, and the exact instant."""
    deadline = task.deadline
    if deadline is None:
        return "none", say("time.light.none"), ""
    return countdown_to(deadline.due_at, calendar, now)


def countdown_to(due_at: datetime, calendar: Calendar, now: datetime) -> tuple[Light, str, str]:
    """The same for an instant."""
    exact = say("work.due_at", at=tell_instant(due_at, calendar.zone, now, ends_day=True))
    if now >= due_at:
        return "red", tell_due(due_at, calendar, now), exact
    workdays = workdays_left(now, due_at, calendar)
    light: Light = "yellow" if workdays <= NEAR_WORKDAYS else "green"
    local, today = due_at.astimezone(calendar.zone), calendar.local_day(now)
    if local.time() != time() and due_at - now < _ONE_DAY:
        day = "today" if local.date() == today else "tomorrow"
        return light, say(f"work.left.clock_{day}", clock=f"{local:%H:%M}"), exact
    if due_day(due_at, calendar) == today:
        return light, say("work.left.today"), exact
    told = say("work.left.workdays", count=workdays) if workdays > 0 else say("work.left.days_off")
    return light, told, exact


def state_of(task: Task, machine: Machine, titles: Titles) -> str:
    """What is to be done: the state, or the extra task, approval or draft."""
    if task.draft is not None:
        return say("work.to_issue")
    if task.asked is not None:
        return say("work.to_approve", action=titles.actions.get(task.asked.action, task.asked.action))
    extra = titles.extras.get((task.state, task.spec)) if task.spec else None
    return extra or titles.states.get(task.state, task.state)


def whose(work: Work) -> str:
    """Where it is and whose it is."""
    case = work.case
    unit = work.entities.get(case.unit) or work.entities.get(case.place)
    region = work.directory.regions.get(case.region, "")
    return say("pages.office_joint").join(part for part in (region, unit.title if unit else "") if part)


def why_mine(work: Work, titles: Titles) -> str:
    """Why the visitor holds it: as which party, what the directory was asked, which queue, who asked."""
    holder = work.task.holder
    told = say("pages.office_joint").join(dict.fromkeys(_asked_of(work, holder, titles)))
    if holder.queue:
        told = say("work.why.queue", party=titles.party(holder.party), queue=titles.party(holder.queue))
    if (draft := work.task.draft) is not None:
        return say("work.why.draft", party=told, rung=titles.rungs.get(draft.rung, draft.rung), kind=draft.kind)
    if (asked := work.task.asked) is not None:
        person = titles.persons.get(asked.by, "") or say("work.why.somebody")
        return say("work.why.approval", party=told, person=person)
    others = len(holder.persons) - 1
    return say("work.why.shared", party=told, count=others) if others > 0 else told


def _asked_of(work: Work, holder: Holder, titles: Titles) -> Iterator[str]:
    yield titles.party(holder.party)
    if holder.region:
        yield work.directory.regions.get(holder.region, holder.region)
    if holder.industry:
        yield work.directory.industries.get(holder.industry, holder.industry)
    if holder.unit and (unit := work.entities.get(holder.unit)) is not None:
        yield unit.title


def _button(work: Work, offer: Offer, n: int) -> Button:
    """The button of an offer."""
    case, task = work.case, work.task
    plain = not (offer.form or offer.evidence or offer.reason or offer.on_site or offer.approval)
    direct = offer.kind == "act" and plain and offer.sign in ("none", "click")
    grave = say("work.grave", action=offer.title, number=case.number, title=case.title) if _ends(work, offer) else ""
    return Button(
        title=title_of(offer),
        address=address_of(case.id, offer),
        direct=direct,
        grave=grave if direct else "",
        id=f"ask-{task_mark(case.id, task.n, n)}",
    )


def _ends(work: Work, offer: Offer) -> bool:
    """Whether the act may end the case."""
    branches = work.machine.moves.get((work.task.state, work.task.spec, offer.action), ())
    targets = (work.machine.states.get(branch.move.target) for branch in branches if branch.move.target)
    return any(state is not None and bool(state.final) for state in targets)
