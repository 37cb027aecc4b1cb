"""The head of a case, what is to be done now and by whom, its values and its evidence; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from msgspec.structs import replace

from engine.core import event as ev
from engine.core.case import Task
from engine.core.definition import FieldSpec
from engine.core.directory import Directory
from engine.core.machine import Machine
from engine.core.offers import Offer
from engine.runtime.reading import SeenCase
from web.api.telling import fields_out
from web.case_history import Deed, Duty, Held, History
from web.catalogues import Titles, remaining, say, tell_derivation, tell_value
from web.catalogues.told_clocks import tell_clocks, tell_stopped, tell_undated
from web.pages.case_timeline import Moment, moment, name_of
from web.pages.form_asking import address_of, buttons_of, in_menu, title_of
from web.pages.form_asking import menu_of as in_order
from web.pages.people_asking import AT_ONCE
from web.pages.voices import VoicesView
from web.pages.why_views import WhyView


@dataclass(frozen=True, kw_only=True)
class Known:
    """What everything on the page is told with."""

    titles: Titles
    #: titles of units and places by id
    entities: Mapping[str, str]
    directory: Directory
    now: datetime


@dataclass(frozen=True, kw_only=True)
class OfferView:
    """A button."""

    title: str
    address: str
    #: nothing is asked: it is done at once
    at_once: bool = False
    #: a page of its own, and no form beneath the task
    elsewhere: bool = False


@dataclass(frozen=True, kw_only=True)
class TaskPanel:
    """One open task: what, who and why, by when."""

    n: int
    title: str
    holders: str
    why: WhyView
    mine: bool
    since: Moment
    light: str
    told: str
    due: Moment | None
    derivation: str
    #: why it has no deadline
    undated: str
    #: that its clock stands still, since when and why, and what was left
    stopped: str
    read: str
    offers: tuple[OfferView, ...]
    #: what else may be done about its people
    menu: tuple[OfferView, ...] = ()
    #: what is to be known before anything is done: that it was delegated, handed over, urged
    notes: tuple[str, ...] = ()
    votes: tuple[VoicesView, ...] = ()
    opinions: VoicesView | None = None
    #: what the visitor may enter that a holder signed
    entered: tuple[OfferView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ValueView:
    """A field of the case and who set it."""

    title: str
    told: str
    withheld: bool
    files: int
    #: of a table its rows, of a checklist its answers: (title, told) pairs
    rows: tuple[tuple[tuple[str, str], ...], ...]
    who: str
    at: Moment | None
    seq: int


# now ----------------------------------------------------------------------------------------------------------------


def tasks_now(seen: SeenCase, known: Known, visitor: str) -> tuple[TaskPanel, ...]:
    """Open tasks, the visitor's own first, each with what the visitor may do in it."""
    panels = [_panel(task, seen, known, visitor) for task in seen.case.tasks]
    return tuple(sorted(panels, key=lambda one: (not one.mine, not one.offers, one.n)))


def _panel(task: Task, seen: SeenCase, known: Known, visitor: str) -> TaskPanel:
    calendar, now = seen.calendar, known.now
    left = remaining(task.deadline, calendar, now) if task.deadline else None
    return TaskPanel(
        n=task.n,
        title=task_title(task, known.titles),
        holders=people(task.holder.persons, known),
        why=WhyView(line=why(task.holder, known)),
        mine=visitor in task.holder.persons,
        since=moment(task.opened_at, calendar, now),
        light=left.light if left else "",
        told=left.told if left else "",
        due=moment(task.deadline.due_at, calendar, now, ends_day=True) if task.deadline else None,
        derivation=tell_derivation(task.deadline.derivation, calendar, known.titles) if task.deadline else "",
        undated="" if task.stopped else tell_undated(task.undated, known.titles),
        stopped=tell_stopped(task.stopped, known.titles, calendar, now) if task.stopped else "",
        read=people(task.readers, known) if task.readers else "",
        offers=offers_of(seen, task.n),
        menu=menu_of(seen, task.n),
    )


def held_clocks(seen: SeenCase, known: Known) -> tuple[str, ...]:
    """Clocks of former tasks that go on when the case is back."""
    held = replace(seen.case, tasks=())
    return tell_clocks(held, known.titles, seen.calendar, known.now)


def entered_for(case: str, signer: str, name: str, offers: Sequence[Offer]) -> tuple[OfferView, ...]:
    """Buttons of acts that somebody signs and the visitor types."""
    found = []
    for offer in offers:
        address = address_of(case, offer)
        joint = "&" if "?" in address else "?"
        title = say("case_page.entered_for", title=title_of(offer), who=name)
        found.append(OfferView(title=title, address=f"{address}{joint}{urlencode({'for': signer})}"))
    return tuple(found)


def offers_of(seen: SeenCase, task: int) -> tuple[OfferView, ...]:
    """What the visitor may do in a task, as buttons; 0 = in a case that is over."""
    return tuple(_shown(seen, [one for one in seen.offers if one.task == task and not in_menu(one)]))


def menu_of(seen: SeenCase, task: int) -> tuple[OfferView, ...]:
    """What else the visitor may do about the people of a task."""
    return tuple(_shown(seen, in_order(one for one in seen.offers if one.task == task)))


def _shown(seen: SeenCase, offers: Iterable[Offer]) -> Iterator[OfferView]:
    names = Titles(persons=seen.names)
    for offer in offers:
        for title, address in buttons_of(seen.case.id, offer, names):
            yield OfferView(
                title=title, address=address, at_once=offer.kind in AT_ONCE, elsewhere=offer.kind == "invite"
            )


def task_title(task: Task | Duty, titles: Titles) -> str:
    """What a task is called: its state, what it approves, what it drafts."""
    if task.draft is not None:
        return say("case_page.task.draft", draft=task.draft.kind)
    if task.asked is not None:
        return say(
            "case_page.task.vote" if task.kind == "vote" else "case_page.task.approval",
            title=titles.actions.get(task.asked.action, task.asked.action),
        )
    if task.kind in ("opinion", "receipt", "designation", "vote"):
        return say(f"case_page.task.{task.kind}", title=titles.states.get(task.state, task.state))
    return titles.extras.get((task.state, task.spec)) or titles.states.get(task.state, task.state)


def people(persons: Iterable[str], known: Known) -> str:
    """Persons by name."""
    return say("values.joint").join(name_of(one, known.titles) for one in persons) or say("pages.somebody")


def why(holder: ev.Holder, known: Known) -> str:
    """Why somebody holds a task: the party, its office, where and for what."""
    role = known.directory.roles.get(holder.role)
    parts = [
        known.titles.party(holder.party),
        role.title if role and not holder.unit else "",
        known.directory.regions.get(holder.region, "") if holder.role and not holder.unit else "",
        known.directory.industries.get(holder.industry, ""),
        known.entities.get(holder.unit, ""),
    ]
    told = say("case_page.dot").join(dict.fromkeys(one for one in parts if one))
    return say("case_page.queued", party=told, queue=known.titles.party(holder.queue)) if holder.queue else told


def why_held(held: Held, known: Known) -> str:
    """The same for a stretch of time, with how it came to them then."""
    told = why(held.holder, known)
    if not held.how:
        return told
    way = say(f"case_page.held.{held.how}", who=name_of(held.by, known.titles), why=told)
    return say("case_page.held.because", way=way, reason=held.reason) if held.reason else way


def doer(deed: Deed, known: Known) -> str:
    """Who did something, and in whose place."""
    who = name_of(deed.person, known.titles)
    return say("case_page.chain.for", who=who, persons=people(deed.stands_for, known)) if deed.stands_for else who


# what the case says -------------------------------------------------------------------------------------------------


def tags_of(seen: SeenCase, known: Known) -> tuple[str, ...]:
    """Values of declared filters, as small words in the head."""
    case, machine = seen.case, seen.machine
    return tuple(
        _worded(machine, name, value, known)
        for name, spec in machine.fields.items()
        if spec.filtered
        and spec.kind == "choice"
        and isinstance(value := seen.opened.get(name), str)
        and name in case.fields
    )


def _worded(machine: Machine, name: str, value: Any, known: Known) -> str:
    spec = machine.fields[name]
    if spec.kind == "case":
        return known.entities.get(value) or say("case_page.links.hidden")
    if spec.kind in ("unit", "place", "person") and isinstance(value, str):
        return known.entities.get(value) or known.titles.persons.get(value) or value
    return known.titles.value(name, str(value))


def values_of(seen: SeenCase, history: History, known: Known) -> tuple[ValueView, ...]:
    """All fields with a value, who set each and when; what the visitor may not read is only said to be there."""
    case, machine = seen.case, seen.machine
    return tuple(
        _value(one.field, one, seen, history, known) for one in fields_out(case, machine, known.titles, seen.opened)
    )


def _value(name: str, told: Any, seen: SeenCase, history: History, known: Known) -> ValueView:
    spec, by = seen.machine.fields[name], history.fields.get(name)
    is_file = spec.kind in ("file", "photo", "signature")
    value = told.value
    words = told.told
    if spec.kind in ("unit", "place", "person", "case") and value:
        many = value if isinstance(value, list | tuple) else [value]
        words = say("values.joint").join(_worded(seen.machine, name, one, known) for one in many)
    return ValueView(
        title=told.title,
        told="" if is_file else words,
        withheld=told.withheld,
        files=len(value) if is_file and isinstance(value, list) else 0,
        rows=_rows(spec, value, known) if not told.withheld else (),
        who=name_of(by.person, known.titles) if by else "",
        at=moment(by.at, seen.calendar, known.now) if by else None,
        seq=by.seq if by else 0,
    )


def _rows(spec: FieldSpec, value: Any, known: Known) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The rows of a table, the answers of a checklist."""
    if spec.kind == "table" and isinstance(value, list | tuple):
        return tuple(_cells(spec, row, known) for row in value)
    if spec.kind == "checklist" and spec.checklist is not None and isinstance(value, Mapping):
        answers = {one.id: one.title for one in spec.checklist.answers}
        return tuple(
            (
                (item.text, answers.get(told["answer"], told["answer"])),
                *(((say("form_page.note"), told["note"]),) if told.get("note") else ()),
            )
            for item in spec.checklist.items
            if (told := value.get(item.id))
        )
    return ()


def _cells(spec: FieldSpec, row: Mapping[str, Any], known: Known) -> tuple[tuple[str, str], ...]:
    return tuple((column.title, _cell(column, row[column.id], known)) for column in spec.columns if column.id in row)


def _cell(column: FieldSpec, value: Any, known: Known) -> str:
    if column.kind in ("file", "photo", "signature"):
        return say("case_page.story.files", count=len(value))
    many = value if isinstance(value, list | tuple) else [value]
    told = [known.entities.get(one) or known.titles.persons.get(one) or column.choices.get(one) or one for one in many]
    return tell_value("list", told)
