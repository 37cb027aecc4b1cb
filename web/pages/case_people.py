"""The people of a task on its case's page: voices, opinions, and what is to be known before anything is done; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.core.case import Task
from engine.core.case_people import Round, Voice
from engine.core.why import why as why_of
from engine.runtime.reading import SeenCase
from web.case_history import Duty, History
from web.catalogues import say
from web.catalogues.told_people import name_in
from web.pages.case_timeline import Moment, moment
from web.pages.case_views import Known, people, why
from web.pages.voices import VoiceLine, VoicesView
from web.pages.why_views import WhyView, why_view


def votes_of(task: Task, seen: SeenCase, history: History, known: Known) -> tuple[VoicesView, ...]:
    """Votes asked from a task that are under way."""
    return tuple(_vote(one, seen, history, known) for one in seen.case.rounds if one.of == task.n)


def _vote(asked: Round, seen: SeenCase, history: History, known: Known) -> VoicesView:
    duties = {duty.task: duty for duty in history.duties if duty.kind == "vote"}
    title = say("people.vote.title", action=known.titles.actions.get(asked.action, asked.action))
    lines = tuple(_voice(one, duties.get(one.task), seen, known) for one in asked.voices)
    return VoicesView(title=title, lines=lines)


def _voice(voice: Voice, duty: Duty | None, seen: SeenCase, known: Known) -> VoiceLine:
    late = voice.late or (not voice.answer and _is_over(duty, known))
    status = voice.answer or ("waiting" if voice.task else "later")
    deed = duty.deeds[-1] if duty and duty.deeds else None
    by = name_in(voice.answered_by, known.titles) if voice.answered_by else ""
    if voice.stands_for:
        by = say("case_page.chain.for", who=by, persons=name_in(voice.stands_for, known.titles))
    whose = say("people.vote.added", by=name_in(voice.added_by, known.titles)) if voice.added_by else ""
    return VoiceLine(
        who=f"{_whose(voice, duty, by, known)}{whose}",
        asked=_at(duty.opened_at if duty else None, seen, known),
        told=say(
            f"people.vote.{status}_late"
            if late and status in ("waiting", "consent", "refuse")
            else f"people.vote.{status}"
        ),
        status=status,
        at=_at(voice.answered_at, seen, known),
        late=late,
        said=deed.said if deed else "",
    )


def _whose(voice: Voice, duty: Duty | None, by: str, known: Known) -> str:
    """The party and who of it answered, or is asked."""
    if voice.person:
        return by or name_in(voice.person, known.titles)
    party = known.titles.party(voice.party)
    names = by or (people(duty.holder.persons, known) if duty and duty.holder.persons else "")
    return say("people.vote.of", party=party, names=names) if names else party


def _is_over(duty: Duty | None, known: Known) -> bool:
    return duty is not None and duty.deadline is not None and known.now >= duty.deadline.due_at


def _at(at: object, seen: SeenCase, known: Known) -> Moment | None:
    return moment(at, seen.calendar, known.now) if at is not None else None  # type: ignore[arg-type]


def opinions_of(task: Task, seen: SeenCase, history: History, known: Known) -> VoicesView | None:
    """The opinions asked beside a task; None where none are."""
    if task.kind != "own":
        return None
    asked = [one for one in history.duties if one.kind == "opinion" and one.activation == task.activation]
    if not asked:
        return None
    return VoicesView(title=say("people.opinions.title"), lines=tuple(_opinion(one, seen, known) for one in asked))


def _opinion(duty: Duty, seen: SeenCase, known: Known) -> VoiceLine:
    deed = next((one for one in duty.deeds if one.how == "advised"), None)
    party = known.titles.party(duty.spec or duty.holder.party)
    late = _is_over(duty, known) if deed is None else bool(duty.deadline and deed.at >= duty.deadline.due_at)
    names = name_in(deed.person, known.titles) if deed else people(duty.holder.persons, known)
    ended = duty.ended_at is not None and deed is None
    status = "given" if deed else "dropped" if ended else "waiting"
    code = f"people.opinions.{status}_late" if late else f"people.opinions.{status}"
    return VoiceLine(
        who=say("people.vote.of", party=party, names=names),
        asked=_at(duty.opened_at, seen, known),
        told=say(code),
        status=status,
        at=_at(deed.at if deed else None, seen, known),
        late=late,
        said=deed.said if deed else "",
    )


# what is to be known ------------------------------------------------------------------------------------------------


def notes_of(task: Task, seen: SeenCase, history: History, known: Known, visitor: str) -> tuple[str, ...]:
    """That a task was delegated, claimed, handed over, designated or urged: one sentence each."""
    return tuple(_notes(task, seen, history, known, visitor))


def _notes(task: Task, seen: SeenCase, history: History, known: Known, visitor: str) -> Iterator[str]:
    given, titles = task.given, known.titles
    if given is not None and given.how in ("delegated", "claimed") and given.person != visitor:
        yield say(
            f"people.note.{given.how}",
            who=name_in(given.person, titles),
            by=name_in(given.by, titles),
            reason=given.reason,
            at=moment(given.at, seen.calendar, known.now).told,
        )
    for other in seen.case.tasks:
        if other.handing is not None and other.handing.of == task.n and other.kind in ("receipt", "designation"):
            yield _on_its_way(other, seen, known)
    if task.handing is not None and task.handing.refused:
        yield say("people.note.refused", grounds=[titles.grounds.get(one, one) for one in task.handing.refused])
    assigned = seen.case.assigned.get(task.holder.party.partition(".")[0])
    if assigned is not None and assigned.how == "designated":
        yield say("people.note.designated")
    duty = next((one for one in history.duties if one.task == task.n), None)
    if duty is not None and duty.urged:
        last = duty.urged[-1]
        yield say(
            "people.note.urged",
            count=len(duty.urged),
            at=moment(last.at, seen.calendar, known.now).told,
            who=name_in(last.person, titles),
            note=say("people.note.urged_note", note=last.note) if last.note else "",
        )


def _on_its_way(other: Task, seen: SeenCase, known: Known) -> str:
    if other.kind == "designation":
        return say("people.note.to_designate", holders=people(other.holder.persons, known))
    assert other.handing is not None
    where = (
        known.directory.regions.get(other.handing.region, ""),
        known.directory.industries.get(other.handing.industry, ""),
    )
    return say(
        "people.note.on_its_way",
        office=say("case_page.dot").join(one for one in where if one),
        holders=people(other.holder.persons, known),
        at=moment(other.opened_at, seen.calendar, known.now).told,
    )


def why_told(task: Task, seen: SeenCase, known: Known, visitor: str) -> WhyView:
    """Why it is the visitor's; where it is not, why it is whose it is."""
    if seen.facts is not None:
        day = seen.calendar.local_day(known.now)
        for person in (visitor, *task.holder.persons[:1]):
            found = why_of(seen.machine, seen.case, seen.facts, task, person, day)
            if found is not None and found.kind == "delegated" and person != visitor:
                break  # a note says so already, and to whom it comes back
            if found is not None and found.kind not in ("copy", "superior"):
                return why_view(found, known.titles, known.entities)
    return WhyView(line=why(task.holder, known))


def named_in_why(seen: SeenCase, visitor: str, day: object) -> Sequence[str]:
    """Everybody who must be known by name for the reasons above: those considered, left out, stood in for."""
    if seen.facts is None:
        return ()
    found: dict[str, None] = {}
    for task in seen.case.tasks:
        for person in (visitor, *task.holder.persons[:1]):
            told = why_of(seen.machine, seen.case, seen.facts, task, person, day)  # type: ignore[arg-type]
            if told is None:
                continue
            found.update(dict.fromkeys(one for one in (told.by, told.stands_for) if one))
            found.update(dict.fromkeys(one.holding.person for one in told.considered))
            found.update(dict.fromkeys(one.person for one in told.passed_over))
    return tuple(found)
