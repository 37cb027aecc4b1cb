"""What the triage list shows: pure functions from cases that wait to rows, filters and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote, urlencode

from engine.core.calendar import Calendar
from engine.runtime.bulk import BulkResult
from engine.runtime.projection import from_micros
from engine.runtime.triage import Claimed, Outlook, TriageAsk, TriagePage
from web.catalogues import say, tell_problem, titles_of
from web.catalogues.told_time import tell_day
from web.pages.work_filters import Choice
from web.pages.work_views import countdown_to

PATH = "/triage"
#: Where ladders may start, in the order of the page.
STARTS = ("now", "deadline", "until")
_LATE = {"": None, "yes": True, "no": False}
#: What fires, in the order in which it is told.
_FIRES = ("reminders", "drafts", "starts")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of the list asks for."""

    overdue: str = ""
    region: str = ""
    procedure: str = ""
    number: str = ""

    def ask(self) -> TriageAsk:
        """The same for the store."""
        return TriageAsk(procedure=self.procedure, region=self.region, overdue=_LATE[self.overdue], number=self.number)

    def without(self, name: str) -> Asked:
        """The same without one of its parts."""
        return replace(self, **{name: ""})

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values of what is asked for."""
        names = ("overdue", "region", "procedure", "number")
        return [(name, value) for name in names if (value := getattr(self, name))]

    def address(self, *, after: str = "") -> str:
        """The address that asks for this."""
        query = urlencode([*self.pairs(), *([("after", after)] if after else [])])
        return f"{PATH}?{query}" if query else PATH


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case that waits."""

    id: str
    address: str
    number: str
    #: the number that the record it comes from gives it; "" = none
    claimed: str
    title: str
    whose: str
    state: str
    light: str
    left: str
    exact: str
    since: str


def row_of(one: Claimed, regions: Mapping[str, str], calendar: Calendar, now: datetime) -> Row:
    """A case as its record claims it."""
    register, titles = one.view.register, titles_of(one.machine)
    light, left, exact = "none", say("triage.undated"), ""
    if register.due_at is not None:
        light, left, exact = countdown_to(from_micros(register.due_at), calendar, now)
    claim = one.case.claim
    opened = claim.opened_at if claim else now
    return Row(
        id=one.view.id,
        address=f"/cases/{quote(one.view.id, safe='')}",
        number=register.number,
        claimed=claim.number if claim else "",
        title=register.title,
        whose=say("pages.office_joint").join(part for part in (regions.get(register.region, ""), one.whose) if part),
        state=say("values.joint").join(titles.states.get(leaf, leaf) for leaf in register.state.split()),
        light=light,
        left=left,
        exact=exact,
        since=say("triage.since", day=tell_day(calendar.local_day(opened), calendar.local_day(now))),
    )


def lateness_of(asked: Asked, page: TriagePage) -> tuple[Choice, ...]:
    """All, those that are late, and the others."""
    told = (("", sum(page.late.values())), ("yes", page.late[True]), ("no", page.late[False]))
    return tuple(
        Choice(
            title=say(f"triage.late.{name or 'all'}"),
            count=count,
            address=replace(asked, overdue=name).address(),
            chosen=asked.overdue == name,
        )
        for name, count in told
    )


def choices_of(asked: Asked, name: str, counts: Mapping[str, int], titles: Mapping[str, str]) -> tuple[Choice, ...]:
    """What a filter may be set to; () where there is but one."""
    chosen = getattr(asked, name)
    if len(counts) < 2 and not chosen:
        return ()
    return tuple(
        Choice(
            title=titles.get(value, value),
            count=count,
            address=replace(asked, **{name: value}).address(),
            chosen=chosen == value,
        )
        for value, count in sorted(counts.items())
    )


def outlook_of(start: str, outlook: Outlook) -> list[str]:
    """What a choice would do at once, in sentences."""
    told = [say("triage.outlook.overdue", count=outlook.late)] if outlook.late and start != "until" else []
    fires = [say(f"triage.outlook.{name}", count=outlook.fires[name]) for name in _FIRES if outlook.fires.get(name)]
    if fires:
        joined = say("values.joint").join(fires)
        told.append(say("triage.outlook.fires", count=outlook.fired_for, fires=joined))
    else:
        told.append(say("triage.outlook.quiet"))
    if outlook.skipped:
        told.append(say("triage.outlook.skipped", count=outlook.skipped))
    if outlook.undated and start != "until":
        told.append(say("triage.outlook.undated", count=outlook.undated))
    return told


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A case of an operation that was refused, and why."""

    name: str
    address: str
    why: str


def refused_of(failed: Sequence[BulkResult], names: Mapping[str, str]) -> list[Refused]:
    """What could not be done, each by the name of its case."""
    found = []
    for one in failed:
        case = one.stream.removeprefix("case/")
        name = names.get(case, "")
        found.append(
            Refused(
                name=name or say("triage.item", n=one.n + 1),
                address=f"/cases/{quote(case, safe='')}" if name else "",
                why=tell_problem(one.code, one.data),
            )
        )
    return found
