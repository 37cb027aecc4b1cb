"""The head of a case, what is to be done now and by whom, its values and its evidence; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from engine.core import event as ev
from engine.core.case import Task
from engine.core.directory import Directory
from engine.core.machine import Machine
from engine.core.offers import Offer
from engine.runtime.reading import SeenCase
from web.api.telling import fields_out
from web.case_history import Duty, History
from web.catalogues import Titles, remaining, say, tell_derivation
from web.pages.case_timeline import Moment, moment, name_of
from web.pages.form_asking import address_of, title_of
from web.pages.pictures import SHOWN


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


@dataclass(frozen=True, kw_only=True)
class TaskPanel:
    """One open task: what, who and why, by when."""

    n: int
    title: str
    holders: str
    why: str
    mine: bool
    since: Moment
    light: str
    told: str
    due: Moment | None
    derivation: str
    #: why it has no deadline
    undated: str
    read: str
    offers: tuple[OfferView, ...]


@dataclass(frozen=True, kw_only=True)
class ValueView:
    """A field of the case and who set it."""

    title: str
    told: str
    withheld: bool
    files: int
    who: str
    at: Moment | None
    seq: int


@dataclass(frozen=True, kw_only=True)
class ExhibitView:
    """A file of the case."""

    sha256: str
    address: str
    #: address of a small picture; "" where it is none
    small: str
    kind: str
    field: str
    size: str
    who: str
    at: Moment
    seq: int
    late: bool


@dataclass(frozen=True, kw_only=True)
class DocumentView:
    """A formal act: drafted, issued or declined."""

    title: str
    number: str
    status: str
    #: who issues, issued or declined it
    who: str
    at: Moment
    to: str
    reason: str
    served: str


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
        why=why(task.holder, known),
        mine=visitor in task.holder.persons,
        since=moment(task.opened_at, calendar, now),
        light=left.light if left else "",
        told=left.told if left else "",
        due=moment(task.deadline.due_at, calendar, now, ends_day=True) if task.deadline else None,
        derivation=tell_derivation(task.deadline.derivation, calendar) if task.deadline else "",
        undated=task.undated,
        read=people(task.readers, known) if task.readers else "",
        offers=offers_of(seen, task.n),
    )


def offers_of(seen: SeenCase, task: int) -> tuple[OfferView, ...]:
    """What the visitor may do in a task; 0 = in a case that is over."""
    return tuple(_offer(seen.case.id, offer) for offer in seen.offers if offer.task == task)


def _offer(case: str, offer: Offer) -> OfferView:
    return OfferView(title=title_of(offer), address=address_of(case, offer))


def task_title(task: Task | Duty, titles: Titles) -> str:
    """What a task is called: its state, what it approves, what it drafts."""
    if task.draft is not None:
        return say("case_page.task.draft", draft=task.draft.kind)
    if task.asked is not None:
        return say("case_page.task.approval", title=titles.actions.get(task.asked.action, task.asked.action))
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
    if spec.kind in ("unit", "place", "person") and isinstance(value, str):
        words = _worded(seen.machine, name, value, known)
    return ValueView(
        title=told.title,
        told="" if is_file else words,
        withheld=told.withheld,
        files=len(value) if is_file and isinstance(value, list) else 0,
        who=name_of(by.person, known.titles) if by else "",
        at=moment(by.at, seen.calendar, known.now) if by else None,
        seq=by.seq if by else 0,
    )


# evidence and documents ---------------------------------------------------------------------------------------------


def file_address(case: str, sha256: str, *, small: bool = False) -> str:
    """Where a file of a case is read."""
    return f"/files/{sha256}?case={quote(case, safe='')}{'&size=small' if small else ''}"


def is_withheld(machine: Machine, field: str, opened: Mapping[str, Any]) -> bool:
    """Whether a file belongs to a field that this reader may not read."""
    spec = machine.fields.get(field.partition(".")[0])
    return spec is not None and bool(spec.confidential or spec.personal) and spec.id not in opened


def exhibits_of(seen: SeenCase, history: History, known: Known) -> tuple[ExhibitView, ...]:
    """Files of the case, each once for every entry it came with, the latest first."""
    case = seen.case.id
    return tuple(
        ExhibitView(
            sha256=one.ref.sha256,
            address=file_address(case, one.ref.sha256),
            small=file_address(case, one.ref.sha256, small=True) if one.ref.media_type in SHOWN else "",
            kind=say(f"form_page.evidence.{one.ref.kind}"),
            field=known.titles.fields.get(one.ref.field.partition(".")[0], ""),
            size=size_told(one.ref.size),
            who=name_of(one.person, known.titles),
            at=moment(one.at, seen.calendar, known.now),
            seq=one.seq,
            late=one.late_entry,
        )
        for one in reversed(history.exhibits)
        if not is_withheld(seen.machine, one.ref.field, seen.opened)
    )


def size_told(size: int) -> str:
    """Bytes as people say them."""
    if size < 1024 * 1024:
        return say("case_page.kilobytes", count=max(1, round(size / 1024)))
    return say("case_page.megabytes", count=f"{size / 1024 / 1024:.1f}")


def documents_of(seen: SeenCase, history: History, known: Known) -> tuple[DocumentView, ...]:
    """Formal acts of the case, the latest first."""
    return tuple(_document(duty, seen, known) for duty in reversed(history.duties) if duty.draft is not None)


def _document(duty: Duty, seen: SeenCase, known: Known) -> DocumentView:
    draft, issued = duty.draft, duty.issued
    assert draft is not None
    status = {"issued": "issued", "declined": "declined", "": "waiting"}.get(duty.how, "dropped")
    deed = duty.deeds[-1] if duty.deeds else None
    to: Sequence[str] = (issued.to if issued else ()) or draft.to
    return DocumentView(
        title=draft.kind,
        number=issued.number if issued else "",
        status=status,
        who=name_of(deed.person, known.titles) if deed else people(duty.holder.persons, known),
        at=moment(duty.ended_at or duty.opened_at, seen.calendar, known.now),
        to=say("values.joint").join(known.titles.party(one) for one in to),
        reason=duty.reason,
        served=issued.served_on if issued else "",
    )
