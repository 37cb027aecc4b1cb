"""Which of one's tasks a page of work shows: groups by when they are due, and filters with what each would leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

from engine.core.calendar import Calendar
from engine.store.worklists import TaskCount, TaskFilter
from web.catalogues import say

#: When tasks are due, in the order of the page.
Span = Literal["late", "today", "week", "later"]
SPANS: tuple[Span, ...] = ("late", "today", "week", "later")
#: Kinds of tasks that one may ask for alone.
KINDS = ("draft", "approval", "vote", "opinion", "receipt", "designation")
#: What an address may ask for.
PARTS = ("due", "kind", "procedure", "region", "whose")
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of the page asks for."""

    due: str = ""
    kind: str = ""
    procedure: str = ""
    region: str = ""
    #: "others": those of whom the visitor stands in for
    whose: str = ""

    def without(self, name: str) -> Asked:
        """The same without one of its parts."""
        return replace(self, **{name: ""})

    def address(self, path: str, *, after: str = "") -> str:
        """The address that asks for this."""
        told = {**{name: getattr(self, name) for name in PARTS}, "after": after}
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A filter that may be chosen, or has been."""

    title: str
    count: int
    address: str
    chosen: bool = False


def instants_of(calendar: Calendar, now: datetime) -> tuple[datetime, datetime, datetime]:
    """The instants before which something is late, due today, due this week; deadlines end days at their midnight."""
    today = calendar.local_day(now)
    week = calendar.end_of(today + timedelta(days=6 - today.weekday()))
    return now + _MICROSECOND, calendar.end_of(today) + _MICROSECOND, week + _MICROSECOND


def filter_of(asked: Asked, instants: Sequence[int]) -> TaskFilter:
    """What the store is asked for."""
    bounds: tuple[int | None, ...] = (None, *instants, None)
    at = SPANS.index(asked.due) if asked.due in SPANS else None
    return TaskFilter(
        kind=asked.kind,
        procedure=asked.procedure,
        region=asked.region,
        due_from=None if at is None else bounds[at],
        due_before=None if at is None else bounds[at + 1],
        stands_in=asked.whose == "others",
    )


def spans_of(asked: Asked, counts: Iterable[TaskCount], path: str) -> tuple[Choice, ...]:
    """All, and those late, due today, this week and later, each with how many there are under the other filters."""
    told = [one for one in counts if _fits(one, asked.without("due"))]
    everything = Choice(
        title=say("work.span.all"),
        count=_sum(told),
        address=asked.without("due").address(path),
        chosen=not asked.due,
    )
    return everything, *(
        Choice(
            title=say(f"work.span.{span}"),
            count=_sum(one for one in told if one.span == at),
            address=replace(asked, due=span).address(path),
            chosen=asked.due == span,
        )
        for at, span in enumerate(SPANS)
    )


def kinds_of(asked: Asked, counts: Iterable[TaskCount], path: str) -> tuple[Choice, ...]:
    """Drafts alone, approvals alone; those of which there are none are left out."""
    told = [one for one in counts if _fits(one, asked.without("kind"))]
    found = [
        Choice(
            title=say(f"work.kind.{kind}"),
            count=_sum(one for one in told if one.kind == kind),
            address=replace(asked, kind="" if asked.kind == kind else kind).address(path),
            chosen=asked.kind == kind,
        )
        for kind in KINDS
    ]
    return tuple(one for one in found if one.chosen or 0 < one.count < _sum(told))


def others_of(asked: Asked, counts: Iterable[TaskCount], path: str) -> tuple[Choice, ...]:
    """Only the tasks of those whom the visitor stands in for; () where there are none."""
    count = _sum(one for one in counts if _fits(one, asked.without("whose")) and not one.own)
    if not count and not asked.whose:
        return ()
    address = replace(asked, whose="" if asked.whose else "others").address(path)
    return (Choice(title=say("work.kind.others"), count=count, address=address, chosen=bool(asked.whose)),)


def procedures_of(
    asked: Asked, counts: Iterable[TaskCount], titles: Mapping[str, str], path: str
) -> tuple[Choice, ...]:
    """The procedures of the visitor's tasks; () where there is but one."""
    told = [one for one in counts if _fits(one, asked.without("procedure"))]
    names = sorted({one.procedure for one in told})
    return (
        ()
        if len(names) < 2 and not asked.procedure
        else tuple(
            Choice(
                title=titles.get(name, name),
                count=_sum(one for one in told if one.procedure == name),
                address=replace(asked, procedure=name).address(path),
                chosen=asked.procedure == name,
            )
            for name in names
        )
    )


def regions_of(asked: Asked, counts: Iterable[TaskCount], titles: Mapping[str, str], path: str) -> tuple[Choice, ...]:
    """The regions of the visitor's tasks; () where there is but one."""
    told = [one for one in counts if _fits(one, asked.without("region"))]
    names = sorted({one.region for one in told})
    return (
        ()
        if len(names) < 2 and not asked.region
        else tuple(
            Choice(
                title=titles.get(name, name),
                count=_sum(one for one in told if one.region.startswith(name)),
                address=replace(asked, region=name).address(path),
                chosen=asked.region == name,
            )
            for name in names
        )
    )


def _fits(one: TaskCount, asked: Asked) -> bool:
    return (
        (not asked.due or one.span == SPANS.index(asked.due))
        and (not asked.kind or one.kind == asked.kind)
        and (not asked.procedure or one.procedure == asked.procedure)
        and one.region.startswith(asked.region)
        and not (asked.whose and one.own)
    )


def _sum(counts: Iterable[TaskCount]) -> int:
    return sum(one.count for one in counts)
