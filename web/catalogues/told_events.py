"""Events as lines of a timeline: the sentence of their type, filled with titles and local times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from engine.core import event as ev
from engine.core.stops import STOPPED
from web.catalogues.sentences import say, sentence_of, sentences, tell_value
from web.catalogues.titles import NO_TITLES, Titles
from web.catalogues.told_calendar import TELLERS as TELLERS_OF_CALENDAR
from web.catalogues.told_clocks import TELLERS as TELLERS_OF_CLOCKS
from web.catalogues.told_clocks import tell_undated
from web.catalogues.told_ladders import TELLERS as TELLERS_OF_LADDERS
from web.catalogues.told_ladders import tell_draft_opened
from web.catalogues.told_links import TELLERS
from web.catalogues.told_people import TELLERS as TELLERS_OF_PEOPLE
from web.catalogues.told_people import task_called, task_kind_called, tell_task_opened, whom
from web.catalogues.told_time import tell_instant, tell_own_lateness


def tell_event(event: ev.AnyEvent, titles: Titles = NO_TITLES, *, person: str = "") -> str:
    """What happened, in one sentence; `person` is the id of who acted."""
    who = titles.persons.get(person, tell_value("person", person))
    for kind, tell in _TELLERS.items():
        if isinstance(event, kind):
            return tell(event, titles, who)
    name = event.__struct_config__.tag
    if sentence_of(f"event.{name}") is None:
        return say("event.unknown", type=name)
    data = {field: getattr(event, field) for field in event.__struct_fields__}
    return say(f"event.{name}", **{key: _told(key, value, titles) for key, value in data.items()}, person=who)


def tell_entry(
    told: Sequence[str], occurred_at: datetime, recorded_at: datetime, *, late: bool = False, entered_by: str = ""
) -> str:
    """A line of the timeline: when it happened, what, when it was entered late and by whom else."""
    line = say("entry.line", at=tell_instant(occurred_at), sentence=sentences()["entry.joint"].join(told))
    if late:
        line += say("entry.late", recorded_at=tell_instant(recorded_at))
    return line + (say("entry.entered_by", person=entered_by) if entered_by else "")


def _told(name: str, value: Any, titles: Titles) -> Any:
    if isinstance(value, datetime):
        return tell_instant(value, ends_day=name in ("due_at", "was"))
    if isinstance(value, str):
        return titles.of(name, value) or value
    if isinstance(value, tuple):
        return sentences()["values.joint"].join(
            titles.of(name, one) or titles.party(one) for one in value if isinstance(one, str)
        )
    return value


def _action_taken(event: ev.ActionTaken, titles: Titles, who: str) -> str:
    code = "action_taken_late" if event.late else "action_taken_on_site" if event.on_site else "action_taken"
    return say(f"event.{code}", person=who, action=titles.actions.get(event.action, event.action))


def _fields_set(event: ev.FieldsSet, titles: Titles, who: str) -> str:
    return say("event.fields_set", fields=[titles.fields.get(name, name) for name in event.values])


def _triaged(event: ev.CaseTriaged, titles: Titles, who: str) -> str:
    code = "case_triaged_until" if event.until else "case_triaged"
    return say(f"event.{code}", start=event.start, until=event.until, reason=event.reason)


def _task_opened(event: ev.TaskOpened, titles: Titles, who: str) -> str:
    party = titles.party(event.holder.party)
    holder = whom(event.holder, titles) if event.holder.persons else party
    if (told := tell_task_opened(event, titles, holder)) is not None:
        return told
    if event.kind == "draft" and event.draft is not None:
        return tell_draft_opened(event.draft, holder)
    if event.kind == "approval" and event.asked is not None:
        action = event.asked.action
        return say("event.task_opened_approval", action=titles.actions.get(action, action), holder=holder)
    if event.holder.queue:
        return say("event.task_opened_queue", party=party, queue=titles.party(event.holder.queue))
    state = titles.extras.get((event.state, event.spec)) or titles.states.get(event.state, event.state)
    if event.undated == STOPPED:
        return say("event.task_opened_stopped", holder=holder, state=state)
    if event.deadline is None:
        return say("event.task_opened_undated", holder=holder, state=state, undated=tell_undated(event.undated, titles))
    due_at = tell_instant(event.deadline.due_at, ends_day=True)
    told = say("event.task_opened", holder=holder, state=state, due_at=due_at)
    if event.period is None:
        return told
    told = say("event.period", sentence=told, n=event.period.n)
    if event.period.passed_over:
        told = say("event.periods_passed", sentence=told, count=event.period.passed_over)
    return told


def tell_task(event: ev.TaskOpened, titles: Titles) -> str:
    """What people call a task: its state, what it approves or what it drafts."""
    if told := task_kind_called(event.kind, event.spec, event.asked, event.state, titles):
        return told
    if event.draft is not None:
        return say("event.task_title.draft", draft=event.draft.kind)
    if event.asked is not None:
        return say("event.task_title.approval", action=titles.actions.get(event.asked.action, event.asked.action))
    extra = titles.extras.get((event.state, event.spec))
    return say("event.task_title.own", state=extra or titles.states.get(event.state, event.state))


def tell_messages(persons: Sequence[str], titles: Titles) -> str:
    """Who was told something."""
    return say("event.message_queued", to=[titles.persons.get(person, person) for person in persons])


def _task_ended(event: ev.TaskEnded, titles: Titles, who: str) -> str:
    return say(f"event.task_ended.{event.how}", task=task_called(event.task, titles))


def _task_read(event: ev.TaskRead, titles: Titles, who: str) -> str:
    person = titles.persons.get(event.person, event.person)
    return say("event.task_read", person=person, task=task_called(event.task, titles))


def _deadline_moved(event: ev.DeadlineMoved, titles: Titles, who: str) -> str:
    due_at = tell_instant(event.deadline.due_at, ends_day=True)
    if event.was is None:
        return say("event.deadline_moved_first", task=task_called(event.task, titles), due_at=due_at, cause=event.cause)
    if event.was == event.deadline.due_at:
        return say("event.deadline_stays", task=task_called(event.task, titles), due_at=due_at, cause=event.cause)
    was = tell_instant(event.was, ends_day=True)
    return say("event.deadline_moved", task=task_called(event.task, titles), was=was, due_at=due_at, cause=event.cause)


def _deadline_expired(event: ev.DeadlineExpired, titles: Titles, who: str) -> str:
    told = say(
        "event.deadline_expired", task=task_called(event.task, titles), due_at=tell_instant(event.due_at, ends_day=True)
    )
    return tell_own_lateness(told, event.system_late)


def _rung_fired(event: ev.RungFired, titles: Titles, who: str) -> str:
    rung = titles.rungs.get(event.rung, event.rung)
    told = say("event.rung_fired", task=task_called(event.task, titles), rung=rung)
    if event.system_late >= 60:
        told = say("event.rung_due", sentence=told, due_at=tell_instant(event.due_at))
    if event.coalesced:
        told = say("event.coalesced", sentence=told, count=event.coalesced)
    return tell_own_lateness(told, event.system_late)


def _party_signed(event: ev.PartySigned, titles: Titles, who: str) -> str:
    party = titles.party(event.party)
    if event.person:
        return say("event.party_signed", party=party, person=titles.persons.get(event.person, event.person))
    return say("event.party_signed_by_name", party=party, name=_name(event.name))


def _signature_refused(event: ev.SignatureRefused, titles: Titles, who: str) -> str:
    party, witness = titles.party(event.party), _name(event.witness)
    return say("event.signature_refused", party=party, reason=event.reason, witness=witness)


def _name(name: Any) -> str:
    """A name as typed, which is sealed as soon as it is recorded."""
    return name if isinstance(name, str) else say("event.somebody")


def _seen(event: ev.CaseSeen, titles: Titles, who: str) -> str:
    return say("event.case_seen", person=titles.persons.get(event.person, event.person))


def _draft_issued(event: ev.DraftIssued, titles: Titles, who: str) -> str:
    code = "event.draft_issued_numbered" if event.number else "event.draft_issued"
    to = [titles.party(reference) for reference in event.to]
    told = say(code, person=who, kind=event.kind, number=event.number, to=to)
    if not event.way:
        return told
    way = say(f"event.way.{event.way}")
    if not event.served_on:
        return say("event.draft_sent", sentence=told, way=way)
    return say("event.draft_served", sentence=told, way=way, served_on=event.served_on)


def _answered(event: ev.ApprovalAnswered, titles: Titles, who: str) -> str:
    code = "consent" if event.consent else "refuse"
    action = titles.actions.get(event.action, event.action)
    return say(f"event.approval_answered.{code}", person=who, action=action, reason=event.reason)


def _rows(event: ev.RowsRecorded, titles: Titles, who: str) -> str:
    return say("event.rows_recorded", table=event.table, count=len(event.rows))


def _role(event: ev.RoleGranted, titles: Titles, who: str) -> str:
    person = titles.persons.get(event.person, event.person)
    role = titles.roles.get(event.role, event.role)
    return say("event.role_granted", person=person, valid_from=event.valid_from, role=role)


_TELLERS = (
    cast(
        "dict[type, Callable[[Any, Titles, str], str]]",
        {
            ev.ActionTaken: _action_taken,
            ev.FieldsSet: _fields_set,
            ev.CaseTriaged: _triaged,
            ev.TaskOpened: _task_opened,
            ev.TaskEnded: _task_ended,
            ev.TaskRead: _task_read,
            ev.DeadlineMoved: _deadline_moved,
            ev.DeadlineExpired: _deadline_expired,
            ev.RungFired: _rung_fired,
            ev.ApprovalAnswered: _answered,
            ev.DraftIssued: _draft_issued,
            ev.PartySigned: _party_signed,
            ev.SignatureRefused: _signature_refused,
            ev.CaseSeen: _seen,
            ev.RowsRecorded: _rows,
            ev.RoleGranted: _role,
        },
    )
    | TELLERS
    | TELLERS_OF_LADDERS
    | TELLERS_OF_PEOPLE
    | TELLERS_OF_CALENDAR
    | TELLERS_OF_CLOCKS
)
