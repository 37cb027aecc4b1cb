"""What a row of one's own work shows: pure functions from tasks to words and buttons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from web.catalogues import NO_TITLES, Titles, say, tell_derivation, tell_instant, titles_of
from web.catalogues.told_clocks import tell_stopped, tell_stopped_short
from web.catalogues.told_people import name_in
from web.catalogues.told_time import Light, tell_day, tell_due
from web.pages.form_asking import buttons_of, in_menu, menu_of
from web.pages.people_asking import AT_ONCE
from web.pages.why_views import WhyView, why_view

#: Buttons of a row; what else may be done stands behind one more.
MOST_BUTTONS = 2
_OF_DRAFTS = ("issue", "decline")
#: Ways in which a task came to several at once.
_SHARED = ("role", "neighbour", "unit", "named", "roster", "queue", "acted")
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
    #: a page of its own, and no form beneath the row
    elsewhere: bool = False


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
    why: WhyView
    #: that it was urged, delegated or is on its way
    notes: tuple[str, ...]
    buttons: tuple[Button, ...]
    more: tuple[Button, ...]
    seen: int
    #: where the first reading is noted; "" = it is
    reads: str


def row_of(
    work: Work,
    names: Mapping[str, str],
    person: str,
    now: datetime,
    clauses: Mapping[str, str] = NO_TITLES.clauses,
) -> Row:
    """One task as its holder sees it; `clauses`: as people cite them."""
    case, task, machine = work.case, work.task, work.machine
    titles = replace(titles_in(work, names), clauses=clauses)
    light, left, exact = countdown(task, work.calendar, now, titles)
    buttons = tuple(_buttons(work, [one for one in work.offers if not in_menu(one)], titles))
    menu = tuple(_buttons(work, menu_of(work.offers), titles))
    if any(one.kind in _OF_DRAFTS for one in work.offers):  # it is read as it will be printed before it is decided on
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
        why=why_shown(work, titles),
        notes=tuple(_notes(work, titles, now)),
        buttons=shown,
        more=(*buttons[len(shown) :], *menu),
        seen=case.seq,
        reads="" if person in task.readers else f"{case_address}/tasks/{task.n}/read",
    )


def titles_in(work: Work, names: Mapping[str, str]) -> Titles:
    """The titles of the case's procedure and of the organisation."""
    directory = work.directory
    return titles_of(
        work.machine,
        persons=names,
        roles={name: one.title for name, one in directory.roles.items()},
        regions=directory.regions,
        industries=directory.industries,
    )


def _notes(work: Work, titles: Titles, now: datetime) -> Iterator[str]:
    """What is to be known of the people of a task before anything is done in it."""
    task, zone = work.task, work.calendar.zone
    if task.stopped is not None:
        yield tell_stopped(task.stopped, titles, work.calendar, now)
    if any(one.handing is not None and one.handing.of == task.n for one in work.case.tasks):
        yield say("people.row.on_its_way")
    if task.urged:
        last = max(task.urged, key=lambda one: one.at)
        yield say("people.row.urged", who=name_in(last.person, titles), at=tell_instant(last.at, zone, now))


def countdown(
    task: Task, calendar: Calendar, now: datetime, titles: Titles | None = None
) -> tuple[Light | Literal["none"], str, str]:
    """Light, what is left in few words, and the exact instant; with titles also how it came about."""
    deadline = task.deadline
    if task.stopped is not None:
        return "none", tell_stopped_short(task.stopped, calendar), say("stopping.exact")
    if deadline is None:
        return "none", say("time.light.none"), ""
    light, left, exact = countdown_to(deadline.due_at, calendar, now)
    if deadline.opens_at is not None and now < deadline.opens_at:
        left = say("work.left.opens", day=tell_day(calendar.local_day(deadline.opens_at)))
    if titles is None:
        return light, left, exact
    return light, left, say("work.exact", exact=exact, how=tell_derivation(deadline.derivation, calendar, titles))


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
        code = "people.to.vote" if task.kind == "vote" else "work.to_approve"
        return say(code, action=titles.actions.get(task.asked.action, task.asked.action))
    if task.kind in ("opinion", "receipt", "designation"):
        return say(f"people.to.{task.kind}")
    extra = titles.extras.get((task.state, task.spec)) if task.spec else None
    return extra or titles.states.get(task.state, task.state)


def whose(work: Work) -> str:
    """Where it is and whose it is."""
    case = work.case
    unit = work.entities.get(case.unit) or work.entities.get(case.place)
    region = work.directory.regions.get(case.region, "")
    return say("pages.office_joint").join(part for part in (region, unit.title if unit else "") if part)


def why_shown(work: Work, titles: Titles) -> WhyView:
    """Why the visitor has it, and who else was considered."""
    if work.why is None or work.task.draft is not None or work.task.kind == "approval":
        return WhyView(line=why_mine(work, titles))
    units = {name: one.title for name, one in work.entities.items()}
    told = why_view(work.why, titles, units)
    others = len(work.task.holder.persons) - 1
    if others > 0 and work.why.kind in _SHARED:
        return replace(told, line=say("work.why.shared", party=told.line, count=others))
    return told


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


def _buttons(work: Work, offers: Sequence[Offer], titles: Titles) -> Iterator[Button]:
    """The buttons of offers, those of drafts left out."""
    for n, offer in enumerate(offers):
        if offer.kind in _OF_DRAFTS:
            continue
        for title, address in buttons_of(work.case.id, offer, titles):
            yield _button(work, offer, title, address, f"{offer.kind}{n}{address[-1:]}")


def _button(work: Work, offer: Offer, title: str, address: str, n: str) -> Button:
    """One button of an offer."""
    case, task = work.case, work.task
    asks = offer.form or offer.evidence or offer.reason or offer.on_site or offer.approval or offer.among
    plain = not asks and not offer.superior
    direct = (offer.kind == "act" and plain and offer.sign in ("none", "click")) or offer.kind in AT_ONCE
    grave = say("work.grave", action=offer.title, number=case.number, title=case.title) if _ends(work, offer) else ""
    return Button(
        title=title,
        address=address,
        direct=direct,
        grave=grave if direct else "",
        id=f"ask-{task_mark(f'{case.id} {n}', task.n, 0)}",
        elsewhere=offer.kind == "invite",
    )


def _ends(work: Work, offer: Offer) -> bool:
    """Whether the act may end the case."""
    branches = work.machine.moves.get((work.task.state, work.task.spec, offer.action), ())
    targets = (work.machine.states.get(branch.move.target) for branch in branches if branch.move.target)
    return any(state is not None and bool(state.final) for state in targets)
