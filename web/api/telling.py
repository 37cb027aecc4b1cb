"""Records of the engine as responses of the interface: with titles, told deadlines and addresses to post to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from engine.core import event as ev
from engine.core.calendar import Calendar, DayRange
from engine.core.case import Case, Task
from engine.core.case_people import Paused, Stopped
from engine.core.command import Answer
from engine.core.deadlines import Deadline, near_until
from engine.core.definition import FieldSpec
from engine.core.machine import Machine
from engine.core.seals import BeforeOpening, Told
from engine.runtime.personal import is_reference, personal_fields
from engine.runtime.reading import SeenCase
from engine.store.views import CaseView, TaskView
from web.api import shown
from web.api.telling_forms import offer_out
from web.api.telling_people import copy_out, given_out, handing_out, opinion_out, person_ref, round_out
from web.catalogues import NO_TITLES, Titles, remaining, say, tell_derivation, tell_value, titles_of
from web.catalogues.told_clocks import tell_stopped
from web.catalogues.told_time import tell_due

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(micros: int) -> datetime:
    """The instant of a row."""
    return _EPOCH + timedelta(microseconds=micros)


def maybe_instant(micros: int | None) -> datetime | None:
    """The instant of a row, None where there is none."""
    return None if micros is None else instant(micros)


def receipt(answer: Answer) -> shown.ReceiptOut:
    """What a command was answered."""
    return shown.ReceiptOut(command=answer.command, stream=str(answer.stream), seq=answer.seq, leaf=answer.leaf)


def light_at(due_at: int | None, calendar: Calendar, now: datetime) -> dict[str, Any]:
    """Light, sentence and instant of a deadline of which only the instant is known."""
    if due_at is None:
        return {"due_at": None, "light": "", "told": ""}
    at = instant(due_at)
    near = "yellow" if at <= near_until(now, calendar) else "green"
    return {"due_at": at, "light": "red" if now >= at else near, "told": tell_due(at, calendar, now)}


def case_row(view: CaseView, calendar: Calendar, now: datetime) -> shown.CaseRow:
    """A case as a register shows it."""
    row = view.register
    due = light_at(None if row.closed else row.due_at, calendar, now)
    return shown.CaseRow(
        id=view.id,
        seq=view.seq,
        number=row.number,
        procedure=row.procedure,
        version=row.version,
        title=row.title,
        states=row.state.split(),
        region=row.region,
        unit=row.unit,
        place=row.place,
        industry=row.industry,
        opened_at=instant(row.opened_at),
        closed=row.closed,
        closed_at=maybe_instant(row.closed_at),
        overdue=row.overdue,
        expiries=row.expiries,
        reopened=row.reopened,
        claim=row.claim,
        **due,
    )


def task_row(view: TaskView, calendar: Calendar, now: datetime) -> shown.TaskRowOut:
    """A task as an inbox shows it."""
    row = view.task
    return shown.TaskRowOut(
        case=row.case,
        task=row.task,
        kind=row.kind,
        state=row.state,
        party=row.party,
        queue=row.queue,
        number=view.number,
        title=view.title,
        procedure=view.procedure,
        region=view.region,
        unit=view.unit,
        opened_at=instant(row.opened_at),
        overdue=row.overdue,
        **light_at(row.due_at, calendar, now),
    )


def case_out(seen: SeenCase, now: datetime, base: str, clauses: Mapping[str, str] = NO_TITLES.clauses) -> shown.CaseOut:
    """A case with everything the caller may see and do; `clauses`: as people cite them."""
    case, machine = seen.case, seen.machine
    titles = titles_of(machine, persons=seen.names, clauses=clauses)
    leaves = case.leaves()
    return shown.CaseOut(
        id=case.id,
        seq=case.seq,
        number=case.number,
        procedure=case.procedure,
        procedure_title=machine.procedure.title,
        version=case.version,
        title=case.title,
        states=list(leaves),
        state_titles=[titles.states.get(leaf, leaf) for leaf in leaves],
        region=case.region,
        unit=case.unit,
        place=case.place,
        industry=case.industry,
        opened_at=case.opened_at,
        closed=case.closed,
        closed_at=case.closed_at,
        reopened=case.reopened,
        expiries=case.expiries,
        claimed_number=case.claim.number if case.claim else "",
        to_triage=case.claim is not None and not case.claim.triaged,
        sealed=case.sealed,
        fields=fields_out(case, machine, titles, seen.opened),
        tasks=[task_out(task, titles, seen.calendar, now) for task in case.tasks],
        offers=[offer_out(offer, case, machine, f"{base}/cases/{case.id}", titles) for offer in seen.offers],
        links=[shown.LinkOut(how=how, case=other) for how, other in case.links],
        rounds=[round_out(one, titles) for one in case.rounds],
        opinions=[opinion_out(one, titles) for one in case.opinions],
        copies=[copy_out(one, titles) for one in case.copies],
        recused=[person_ref(one, titles) for one in case.recused],
    )


def fields_out(case: Case, machine: Machine, titles: Titles, opened: Mapping[str, Any]) -> list[shown.FieldOut]:
    """Values in the order of the definition; what the caller may not read is withheld."""
    protected = personal_fields(machine)
    found = []
    for name, spec in machine.fields.items():
        if name not in case.fields:
            continue
        value = opened.get(name) if name in protected else case.fields[name]
        withheld = (name in protected and name not in opened) or is_reference(value)
        told = "" if withheld else _told(spec, value, titles)
        found.append(
            shown.FieldOut(
                field=name, title=spec.title, value=None if withheld else value, told=told, withheld=withheld
            )
        )
    return found


def _told(spec: FieldSpec, value: Any, titles: Titles) -> str:
    if spec.kind == "table":
        return say("value.rows", count=len(value))
    if spec.kind == "checklist" and spec.checklist is not None:
        answers = Counter(one["answer"] for one in value.values())
        told = [
            say("value.answered", answer=one.title, count=answers[one.id])
            for one in spec.checklist.answers
            if answers[one.id]
        ]
        return tell_value("list", told)
    values = value if isinstance(value, list | tuple) else [value]
    return tell_value("list", [titles.value(spec.id, one) if isinstance(one, str) else one for one in values])


def task_out(task: Task, titles: Titles, calendar: Calendar, now: datetime) -> shown.TaskOut:
    """An open task."""
    return shown.TaskOut(
        task=task.n,
        kind=task.kind,
        state=task.state,
        state_title=titles.states.get(task.state, task.state),
        holder=holder_out(task.holder, titles),
        opened_at=task.opened_at,
        deadline=deadline_out(task.deadline, titles, calendar, now) if task.deadline else None,
        undated=task.undated,
        ladder=task.ladder,
        fired=list(task.fired),
        skipped=list(task.skipped),
        next_rung=task.alarm.rung if task.alarm else "",
        next_rung_at=task.alarm.at if task.alarm else None,
        expired_at=task.expired_at,
        stopped=stopped_out(task.stopped, titles, calendar, now) if task.stopped else None,
        paused=_paused(task.paused, titles) if task.paused else None,
        pauses=task.pauses,
        counts_from=task.counts_from,
        extensions=task.extensions,
        readers=list(task.readers),
        draft=task.draft.kind if task.draft else "",
        prepared_by=[person_ref(person, titles) for person in (task.draft.prepared_by if task.draft else ())],
        asked_action=task.asked.action if task.asked else "",
        asked_by=task.asked.by if task.asked else "",
        given=given_out(task.given, titles) if task.given else None,
        back_to=given_out(task.back_to, titles) if task.back_to else None,
        urged=[shown.UrgedOut(person=person_ref(one.person, titles), at=one.at) for one in task.urged],
        handing=handing_out(task.handing, titles) if task.handing else None,
    )


def _paused(paused: Paused, titles: Titles) -> shown.PausedOut:
    by = person_ref(paused.by, titles)
    return shown.PausedOut(since=paused.since, until=paused.until, by=by, reason=paused.reason)


def stopped_out(stopped: Stopped, titles: Titles, calendar: Calendar, now: datetime) -> shown.StoppedOut:
    """That a clock stands still."""
    return shown.StoppedOut(
        since=stopped.since,
        by=person_ref(stopped.by, titles),
        state=stopped.state,
        reason=stopped.reason,
        told=tell_stopped(stopped, titles, calendar, now),
    )


def holder_out(holder: ev.Holder, titles: Titles) -> shown.HolderOut:
    """Who holds a task."""
    return shown.HolderOut(
        party=holder.party,
        title=titles.party(holder.party),
        persons=[person_ref(person, titles) for person in holder.persons],
        queue=holder.queue,
        role=holder.role,
        region=holder.region,
        industry=holder.industry,
        unit=holder.unit,
    )


def deadline_out(deadline: Deadline, titles: Titles, calendar: Calendar, now: datetime) -> shown.DeadlineOut:
    """A deadline with its derivation and what is left."""
    how, left = deadline.derivation, remaining(deadline, calendar, now)
    derivation = shown.DerivationOut(
        rule=how.rule,
        start=how.start,
        start_at=how.start_at,
        start_rule=how.start_rule,
        roll=how.roll,
        calendar=list(how.calendar),
        skipped=[_range(days) for days in how.skipped],
        worked=[_range(days) for days in how.worked],
        due_on=how.due_on,
        rolled_from=how.rolled_from,
        provisional=how.provisional,
        basis=list(how.basis),
        counted_by=how.counted.rule if how.counted else "",
        read_as=how.counted.read_as if how.counted else "",
        whichever=[shown.CandidateOut(rule=one.derivation.rule, due_at=one.due_at) for one in how.whichever],
        told=tell_derivation(how, calendar, titles),
    )
    return shown.DeadlineOut(
        due_at=deadline.due_at,
        opens_at=deadline.opens_at,
        light=left.light,
        workdays_left=left.workdays,
        told=left.told,
        derivation=derivation,
    )


def _range(days: DayRange) -> shown.RangeOut:
    return shown.RangeOut(first=days.first, last=days.last, kind=days.kind, name=days.name)


def before_opening_out(before: BeforeOpening, titles: Titles) -> shown.BeforeOpeningOut:
    """Who knew of a case before its opening."""
    return shown.BeforeOpeningOut(
        sealed_at=before.sealed_at,
        opened_at=before.opened_at,
        known=[_known_out(one, titles) for one in before.told],
        hidden_from=[person_ref(person, titles) for person in before.hidden_from],
        leaked=[_known_out(one, titles) for one in before.leaked],
    )


def _known_out(one: Told, titles: Titles) -> shown.KnownOut:
    return shown.KnownOut(
        person=person_ref(one.person, titles), how=one.how, told=say(f"value.known.{one.how}"), at=one.at, seq=one.seq
    )


def event_data(event: ev.AnyEvent, protected: frozenset[str]) -> dict[str, Any]:
    """The data of an event as plain JSON, protected values left out."""
    data: dict[str, Any] = msgspec.to_builtins(event)
    for name in ("name", "witness"):
        if is_reference(data.get(name)):
            data[name] = {"withheld": True}
    for holder in (data, data.get("asked") or {}):
        values = holder.get("values")
        if isinstance(values, dict):
            holder["values"] = {
                name: {"withheld": True} if name in protected else value for name, value in values.items()
            }
    return data
