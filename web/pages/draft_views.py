"""What the pages of formal acts show: the act as it will be printed, why it exists, and what its forms ask; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from engine.core.case import Task
from engine.core.definition import FieldSpec, FormItem, RungSpec
from engine.core.permission import rung_of_draft
from engine.runtime.desk import Work
from engine.runtime.texts import References, Told, written
from web.catalogues import NO_TITLES, Titles, say, tell_deadline, tell_instant, titles_of
from web.catalogues.told_time import Light, write_day
from web.pages.form_views import Asked
from web.pages.work_views import countdown, whose, why_mine

#: Ways of service as the form offers them.
WAYS = ("in_person", "left", "mail", "entrusted", "electronic", "notice")


@dataclass(frozen=True, kw_only=True)
class DraftRow:
    """A formal act in the list of those that wait."""

    address: str
    kind: str
    subject: str
    number: str
    whose: str
    light: Light | str
    left: str
    exact: str
    why: str
    #: whether it is prepared or signed here; "" = one person does both
    stage: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The act as it will be printed; number and date are given when it is issued."""

    subject: str
    body: str
    number: str
    to: tuple[str, ...]
    sender: str
    date: str


@dataclass(frozen=True, kw_only=True)
class Why:
    """Why the act exists: the rung, its basis, and whose silence it is about."""

    rung: str
    ladder: str
    basis: str
    due: str
    holder: str
    drafted: str
    mine: str
    #: who has prepared it for who signs it
    prepared: str = ""


def row_of(work: Work, now: datetime) -> DraftRow:
    """One formal act that waits."""
    task, titles = work.task, titles_in(work, {})
    light, left, exact = countdown(task, work.calendar, now)
    return DraftRow(
        address=address_of(work),
        kind=task.draft.kind if task.draft else "",
        subject=printed(work, now)[0],
        number=work.case.number,
        whose=whose(work),
        light=light,
        left=left,
        exact=exact,
        why=why_mine(work, titles),
        stage=say(f"drafts.stage.{stage}") if (stage := stage_of(work)) else "",
    )


def stage_of(work: Work) -> str:
    """prepare or sign, where two persons do it; "" = who holds it issues it alone."""
    rung = rung_in(work)
    if rung is None or rung.approve is None or work.task.draft is None:
        return ""
    return "sign" if work.task.draft.prepared_by else "prepare"


def address_of(work: Work) -> str:
    """The page of the act."""
    return f"/drafts/{quote(work.case.id, safe='')}/{work.task.n}"


def titles_in(work: Work, names: Mapping[str, str], clauses: Mapping[str, str] = NO_TITLES.clauses) -> Titles:
    """The titles of the definition and of the directory's roles."""
    roles = {name: one.title for name, one in work.directory.roles.items()}
    return titles_of(work.machine, persons=names, roles=roles, clauses=clauses)


def printed(work: Work, now: datetime) -> tuple[str, str]:
    """Subject and body of the act, written as the case stands."""
    draft = work.task.draft
    if draft is None:
        return "", ""
    told = Told(
        machine=work.machine,
        case=work.case,
        calendar=work.calendar,
        today=work.calendar.local_day(now),
        entities=work.entities,
        tell_day=write_day,
    )
    return written(told, draft.kind, References(task=draft.of, rung=draft.rung))


def paper_of(work: Work, now: datetime) -> Paper:
    """The act as it will be printed."""
    subject, body = printed(work, now)
    day, rung = work.calendar.local_day(now), rung_in(work)
    number = rung.series.replace("{year}", str(day.year)) if rung else ""
    role = work.directory.roles.get(work.task.holder.role)
    titles = titles_in(work, {})
    return Paper(
        subject=subject,
        body=body,
        number=say("drafts.blank").join(_without_seq(number)),
        to=tuple(_recipients(work, titles)),
        sender=role.title if role else titles.party(work.task.holder.party),
        date=write_day(day),
    )


def _without_seq(pattern: str) -> tuple[str, str] | tuple[str]:
    head, brace, rest = pattern.partition("{seq")
    return (head, rest.partition("}")[2]) if brace else (pattern,)


def _recipients(work: Work, titles: Titles) -> Iterator[str]:
    for reference in work.task.draft.to if work.task.draft else ():
        party, _, role = reference.partition(".")
        spec = work.machine.parties.get(party)
        unit = work.entities.get(str(work.case.fields.get(spec.field))) if spec and spec.kind == "unit" else None
        if unit is None:
            yield titles.party(reference)
        else:
            yield say("drafts.unit_role", unit=unit.title, role=titles.roles.get(role, role)) if role else unit.title


def rung_in(work: Work) -> RungSpec | None:
    """The rung that drafted the act."""
    draft = work.task.draft
    return rung_of_draft(work.machine, work.case, draft) if draft else None


def origin_of(work: Work) -> Task | None:
    """The task whose ladder drafted the act."""
    return work.case.task(work.task.draft.of) if work.task.draft else None


def why_of(work: Work, names: Mapping[str, str], now: datetime, clauses: Mapping[str, str]) -> Why:
    """Why the act exists."""
    titles, origin, rung = titles_in(work, names, clauses), origin_of(work), rung_in(work)
    draft = work.task.draft
    ladder = work.machine.ladders.get((draft.ladder if draft else "") or (origin.ladder if origin else ""))
    zone = work.calendar.zone
    return Why(
        rung=rung.title if rung else "",
        ladder=ladder.title if ladder else "",
        basis=say("drafts.joint").join(titles.basis(rung.basis) if rung else ()),
        due=_due(origin, work, now) if origin else "",
        holder=_held_by(origin, titles, names) if origin else "",
        drafted=tell_instant(work.task.opened_at, zone, now),
        mine=why_mine(work, titles),
        prepared=say("drafts.joint").join(
            names.get(person, person) for person in (draft.prepared_by if draft else ()) if person
        ),
    )


def _due(origin: Task, work: Work, now: datetime) -> str:
    if origin.deadline is None:
        return say("stopping.undated" if origin.stopped else "time.undated")
    at = tell_instant(origin.deadline.due_at, work.calendar.zone, now, ends_day=True)
    return say("drafts.due", at=at, left=tell_deadline(origin.deadline, work.calendar, now))


def _held_by(origin: Task, titles: Titles, names: Mapping[str, str]) -> str:
    persons = [names.get(person, "") for person in origin.holder.persons]
    party = titles.party(origin.holder.party)
    known = say("drafts.joint").join(person for person in persons if person)
    read = say("drafts.read" if origin.readers else "drafts.not_read")
    return say("drafts.holder", party=party, persons=known or say("pages.somebody"), read=read)


def states_of(work: Work) -> str:
    """What the case is at."""
    return say("drafts.joint").join(
        work.machine.states[leaf].title for leaf in work.case.leaves() if leaf in work.machine.states
    )


def issue_fields() -> Mapping[str, FieldSpec]:
    """What may be said when an act is issued: how it was served, when, and the proof of it, as far as known by then."""
    options = tuple((way, say(f"event.way.{way}")) for way in WAYS)
    help_ = say("drafts.served_help")
    fields = (
        FieldSpec(id="way", title=say("drafts.way"), kind="choice", options=options),
        FieldSpec(id="served_on", title=say("drafts.served_on"), kind="date", help=help_),
        FieldSpec(id="proof", title=say("drafts.proof"), kind="file", many=True, maximum=9),
    )
    return {field.id: field for field in fields}


def asked_to_issue(work: Work) -> Asked:
    """The form by which the act is issued."""
    kind = work.task.draft.kind if work.task.draft else ""
    if stage_of(work) == "prepare":
        back, lead = "/drafts", say("drafts.clear_what")
        title = say("drafts.clear", kind=kind)
        return Asked(title=title, address=f"{address_of(work)}/issue", back=back, fields={}, form=(), lead=lead)
    fields = issue_fields()
    return Asked(
        title=say("drafts.issue", kind=kind),
        address=f"{address_of(work)}/issue",
        back="/drafts",
        fields=fields,
        form=tuple(FormItem(field=name) for name in fields),
    )
