"""What a row of one's own work shows: pure functions from tasks to words and buttons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from urllib.parse import quote

from engine.core.calendar import Calendar
from engine.core.case import Task
from engine.core.deadlines import due_day, near_until, workdays_left
from engine.core.event import Holder
from engine.core.machine import Machine
from engine.core.offers import Offer
from engine.runtime.desk import Work
from engine.store.worklists import task_mark
from web.catalogues import Titles, say, tell_instant, titles_of
from web.catalogues.told_time import Light, tell_due
from web.pages.form_asking import address_of, title_of

#: Buttons of a row; what else may be done stands behind one more.
MOST_BUTTONS = 2
_OF_DRAFTS = ("issue", "decline")
_ONE_DAY = timedelta(days=1)


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
    light: Light = "yellow" if due_at <= near_until(now, calendar) else "green"
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
