"""What events of links make of a case."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core import event as ev
from engine.core.case import Case, Linked, LinkedBy
from engine.core.definition_links import RETURN, RETURN_LATER


def case_linked(case: Case, event: ev.CaseLinked) -> Case:
    """Another case was linked; what the engine links by itself is told no further."""
    links = (*case.links, (event.how, event.to))
    if event.how in (RETURN, RETURN_LATER):
        return replace(case, links=links)
    return replace(case, links=links, linked=(*case.linked, Linked(how=event.how, case=event.to)))


def linked_back(case: Case, event: ev.LinkedBack) -> Case:
    """Another case linked this one."""
    by = LinkedBy(how=event.how, case=event.by, procedure=event.procedure, hears=event.hears)
    return replace(case, linked_by=(*case.linked_by, by))


def linked_changed(case: Case, event: ev.LinkedChanged) -> Case:
    """Something became of a linked case."""
    return replace(case, linked=tuple(_changed(one, event) if one.case == event.case else one for one in case.linked))


def _changed(linked: Linked, event: ev.LinkedChanged) -> Linked:
    match event.what:
        case "started":
            return replace(linked, number=event.number)
        case "ended":
            return replace(linked, closed=event.closed, number=event.number or linked.number)
        case "reopened":
            return replace(linked, closed="")
        case "overdue":
            return replace(linked, overdue=linked.overdue + 1)
