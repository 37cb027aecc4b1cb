"""What the pages about whoever leaves show: pure functions from tasks and what was chosen to rows and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.runtime.leavers import Given, Leaving, Left
from engine.runtime.projection import from_micros
from web.catalogues import say, titles_of
from web.pages.work_views import countdown_to, state_of

PATH = "/leavers"
#: Before the case and the number of a task, where a form says to whom it is to be given.
TO = "to:"


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """Somebody who may leave."""

    name: str
    office: str
    address: str
    count: int


@dataclass(frozen=True, kw_only=True)
class ChoiceView:
    """One who could take a task over."""

    person: str
    #: their name, where they serve, and how much they have to do now
    label: str


@dataclass(frozen=True, kw_only=True)
class TaskRowView:
    """One task of whoever leaves."""

    #: name of its field
    name: str
    address: str
    number: str
    title: str
    whose: str
    state: str
    light: str
    left: str
    exact: str
    #: with whom it lies, too
    beside: str
    choices: tuple[ChoiceView, ...]
    chosen: str
    #: why it can be given to nobody; "" = it can
    stuck: str


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """The tasks of one procedure."""

    title: str
    rows: tuple[TaskRowView, ...]


@dataclass(frozen=True, kw_only=True)
class SuccessorView:
    """What one person gets."""

    name: str
    office: str
    count: int
    #: of which procedures, each with how many
    what: str


def address_of(person: str, *more: str) -> str:
    """The page about one who leaves, or one beneath it."""
    return "/".join((PATH, quote(person, safe=""), *more))


def office_of(directory: Directory, person: str, day: date) -> str:
    """The roles a person holds on a day, each with where."""
    told: dict[str, None] = {}
    for holding in directory.held_by(person, day):
        role = directory.roles.get(holding.role)
        parts = (role.title if role else holding.role, directory.regions.get(holding.region, ""))
        told[say("pages.office_joint").join(part for part in parts if part)] = None
    return say("leavers.and").join(told)


def persons_of(
    found: Iterable[tuple[str, str]], counts: Mapping[str, int], directory: Directory, day: date
) -> list[PersonView]:
    """People found, those with the most tasks first."""
    views = [
        PersonView(
            name=name, office=office_of(directory, person, day), address=address_of(person), count=counts.get(person, 0)
        )
        for person, name in found
    ]
    return sorted(views, key=lambda one: (-one.count, one.name))


def field_of(case: str, task: int) -> str:
    """The name under which a form says to whom a task is to be given."""
    return f"{TO}{case}:{task}"


def given_of(name: str, to: str) -> Given | None:
    """What a field of a form says; None for what is none."""
    case, _, number = name.removeprefix(TO).rpartition(":")
    if not name.startswith(TO) or not case or not number.isdecimal() or len(number) > 9:
        return None
    return Given(case=case, task=int(number), to=to)


def groups_of(
    leaving: Leaving, chosen: Mapping[str, str], directory: Directory, calendar: Calendar, now: datetime, day: date
) -> list[GroupView]:
    """Tasks by procedure; `chosen` are fields of the form as they were filled in, the suggestion stands elsewhere."""
    offices = {one: office_of(directory, one, day) for left in leaving.tasks for one in left.candidates}
    groups: dict[str, list[TaskRowView]] = {}
    for left in leaving.tasks:
        name = field_of(left.case.id, left.task.n)
        row = _row(left, leaving, offices, chosen.get(name, left.suggested), directory, calendar, now)
        groups.setdefault(left.machine.procedure.title, []).append(row)
    return [GroupView(title=title, rows=tuple(rows)) for title, rows in groups.items()]


def _row(
    left: Left,
    leaving: Leaving,
    offices: Mapping[str, str],
    chosen: str,
    directory: Directory,
    calendar: Calendar,
    now: datetime,
) -> TaskRowView:
    case, names = left.case, leaving.names
    light, told, exact = "none", say("leavers.undated"), ""
    if left.task.stopped is not None:
        told = say("stopping.undated")
    elif left.view.task.due_at is not None:
        light, told, exact = countdown_to(from_micros(left.view.task.due_at), calendar, now)
    beside = say("leavers.and").join(names.get(one, one) for one in left.beside)
    return TaskRowView(
        name=field_of(case.id, left.task.n),
        address=f"/cases/{quote(case.id, safe='')}",
        number=case.number,
        title=case.title,
        whose=directory.regions.get(case.region, ""),
        state=state_of(left.task, left.machine, titles_of(left.machine)),
        light=light,
        left=told,
        exact=exact,
        beside=say("leavers.beside", names=beside) if beside else "",
        choices=tuple(
            ChoiceView(
                person=one,
                label=say(
                    "leavers.choice", name=names.get(one, one), office=offices[one], count=leaving.loads.get(one, 0)
                ),
            )
            for one in left.candidates
        ),
        chosen=chosen if chosen in left.candidates else "",
        stuck="" if left.candidates else say("leavers.stuck"),
    )


def everyone_of(leaving: Leaving, directory: Directory, day: date) -> list[ChoiceView]:
    """Whoever could take any of the tasks over, those first who could take the most."""
    could: dict[str, int] = {}
    for left in leaving.tasks:
        for one in left.candidates:
            could[one] = could.get(one, 0) + 1
    return [
        ChoiceView(
            person=one,
            label=say(
                "leavers.could",
                name=leaving.names.get(one, one),
                office=office_of(directory, one, day),
                count=count,
            ),
        )
        for one, count in sorted(could.items(), key=lambda item: (-item[1], item[0]))
    ]


def successors_of(leaving: Leaving, given: Sequence[Given], directory: Directory, day: date) -> list[SuccessorView]:
    """Who gets how much of what, whoever gets most first."""
    titles = {(one.case.id, one.task.n): one.machine.procedure.title for one in leaving.tasks}
    coming: dict[str, dict[str, int]] = {}
    for one in given:
        what = coming.setdefault(one.to, {})
        title = titles.get((one.case, one.task), "")
        what[title] = what.get(title, 0) + 1
    views = [
        SuccessorView(
            name=leaving.names.get(person, person),
            office=office_of(directory, person, day),
            count=sum(what.values()),
            what=say("leavers.and").join(
                say("leavers.of_procedure", title=title, count=count) for title, count in what.items() if title
            ),
        )
        for person, what in coming.items()
    ]
    return sorted(views, key=lambda one: (-one.count, one.name))
