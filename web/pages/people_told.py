"""The names and words with which pages tell of the people of a task."""

from __future__ import annotations

from engine.core.case import Task
from engine.core.offers import Offer
from engine.runtime.reading import SeenCase
from web.catalogues import Titles, say, tell_instant, titles_of
from web.catalogues.told_people import name_in, names_in
from web.pages.case_views import task_title
from web.pages.people_asking import Told
from web.pages.visitor import Visitor


def known_titles(visitor: Visitor, seen: SeenCase) -> Titles:
    """The titles of a case's procedure and of the organisation, with the names of the people in it."""
    directory = visitor.services.reader.directory()
    return titles_of(
        seen.machine,
        persons=seen.names,
        roles={role.id: role.title for role in directory.roles.values()},
        regions=directory.regions,
        industries=directory.industries,
    )


def told_about(visitor: Visitor, seen: SeenCase, offer: Offer, titles: Titles) -> Told:
    """What a form says of its task."""
    task = seen.case.task(offer.task)
    if task is None:
        return Told(action=titles.actions.get(offer.action, offer.title))
    return Told(
        task=task_title(task, titles),
        holders=names_in(task.holder.persons, titles) or say("pages.somebody"),
        due=_due(visitor, seen, task),
        by=_by(task, titles),
        reason=_reason(task),
        action=titles.actions.get(offer.action, offer.title),
        last=_last_urged(visitor, seen, task, titles) if offer.kind == "urge" else "",
    )


def _due(visitor: Visitor, seen: SeenCase, task: Task) -> str:
    if task.deadline is None:
        return ""
    return tell_instant(task.deadline.due_at, seen.calendar.zone, visitor.now, ends_day=True)


def _by(task: Task, titles: Titles) -> str:
    """Who handed it over, delegated it or asked it."""
    if task.handing is not None and task.handing.by:
        return name_in(task.handing.by, titles)
    if task.asked is not None:
        return name_in(task.asked.by, titles)
    return name_in(task.given.by, titles) if task.given is not None else ""


def _reason(task: Task) -> str:
    if task.handing is not None:
        return task.handing.reason
    return task.given.reason if task.given is not None else ""


def _last_urged(visitor: Visitor, seen: SeenCase, task: Task, titles: Titles) -> str:
    """When and by whom it was urged last; "" = never."""
    if not task.urged:
        return ""
    last = max(task.urged, key=lambda one: one.at)
    at = tell_instant(last.at, seen.calendar.zone, visitor.now)
    return say("people.urged_last", at=at, who=name_in(last.person, titles))
