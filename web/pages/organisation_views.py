"""The organisation as its pages show it: regions with their offices and people, one person's roles over time; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote, urlencode

from engine.core.directory import END, Holding, RolePower, Substitution
from engine.runtime.organisation import Body, Organisation, RegionNode, RoleTime
from web.catalogues import say
from web.catalogues.told_time import write_day

PATH = "/organisation"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which day is shown, and as it was known when; "" = today, now."""

    on: str = ""
    known: str = ""

    def address(self, path: str = PATH, **more: str) -> str:
        """The same day on another page."""
        told = {"on": self.on, "known": self.known, **more}
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, kw_only=True)
class PersonLink:
    """A person of a line, and where their page is."""

    name: str
    address: str
    #: who stands in for them that day, in words
    instead: str = ""


@dataclass(frozen=True, kw_only=True)
class RoleLine:
    """One role of a place and everybody who holds it."""

    role: str
    industry: str
    people: tuple[PersonLink, ...]


@dataclass(frozen=True, kw_only=True)
class OfficeView:
    """An organ and the roles held as it."""

    title: str
    #: as what it lives on, in words; "" = as itself
    became: str
    lines: tuple[RoleLine, ...]


@dataclass(frozen=True, kw_only=True)
class RegionView:
    """A region with what lies in it; `level` from 2, as headings go."""

    path: str
    title: str
    level: int
    count: int
    beside: str
    lines: tuple[RoleLine, ...]
    offices: tuple[OfficeView, ...]
    below: tuple[RegionView, ...]

    @property
    def bare(self) -> bool:
        """Whether there is nobody and nothing to be shown in it or below."""
        return not self.count and not self.offices and all(one.bare for one in self.below)

    @property
    def bare_below(self) -> str:
        """The regions right below with nothing in them, in words."""
        return say("organisation.list_joint").join(one.title for one in self.below if one.bare)


@dataclass(frozen=True, kw_only=True)
class RoleTimeView:
    """A role of a person as it was told: when it was held, when that was known."""

    id: str
    role: str
    where: str
    days: str
    known: str
    #: whether it is believed and holds on the day that is looked at
    holds: bool
    #: believed no longer
    former: bool


class Views:
    """Everything that needs the titles of one organisation."""

    def __init__(self, org: Organisation, roles: Mapping[str, RolePower], asked: Asked, q: str = "") -> None:
        self._org = org
        self._roles = roles
        self._asked = asked
        self._q = q.strip().casefold()
        self._instead: dict[str, list[Substitution]] = {}
        for one in org.substitutions:
            self._instead.setdefault(one.person, []).append(one)

    def tree(self) -> tuple[RegionView, ...]:
        """The regions; of a search only those where something is found."""
        return tuple(view for node in self._org.regions if (view := self._region(node, 2)).count or not self._q)

    def name(self, person: str) -> str:
        """What a person is called."""
        return self._org.names.get(person) or say("organisation.nameless")

    def unit(self, unit: str) -> str:
        """What a unit is called."""
        return self._org.units.get(unit) or unit

    def role(self, role: str) -> str:
        """What a role is called."""
        power = self._roles.get(role)
        return power.title if power else role

    def _region(self, node: RegionNode, level: int) -> RegionView:
        lines = self._lines(node.holdings)
        offices = tuple(one for one in map(self._office, node.bodies) if one.lines or not self._q)
        children = (self._region(child, min(level + 1, 6)) for child in node.children)
        below = tuple(one for one in children if one.count or not self._q)
        count = sum(len(line.people) for line in lines) + sum(view.count for view in below)
        count += sum(len(line.people) for office in offices for line in office.lines)
        return RegionView(
            path=node.path,
            title=node.title or say("organisation.everywhere"),
            level=level,
            count=count,
            beside=say("organisation.list_joint").join(node.neighbours),
            lines=lines,
            offices=offices,
            below=below,
        )

    def _office(self, body: Body) -> OfficeView:
        became = ""
        if body.successor != body.id:
            became = (
                say("organisation.became", unit=self.unit(body.successor))
                if body.successor
                else say("organisation.closed")
            )
        return OfficeView(title=body.title or body.id, became=became, lines=self._lines(body.holdings))

    def _lines(self, holdings: Iterable[Holding]) -> tuple[RoleLine, ...]:
        grouped: dict[tuple[str, str], dict[str, None]] = {}
        for one in holdings:
            if not one.unit and self._found(one):
                grouped.setdefault((one.role, one.industry), {}).setdefault(one.person)
        return tuple(
            RoleLine(
                role=self.role(role),
                industry=self._org.industries.get(industry, industry),
                people=tuple(self._person(person) for person in people),
            )
            for (role, industry), people in grouped.items()
        )

    def _found(self, holding: Holding) -> bool:
        told = (self._org.names.get(holding.person, ""), self.role(holding.role), self.unit(holding.body))
        return not self._q or any(self._q in one.casefold() for one in told)

    def _person(self, person: str) -> PersonLink:
        instead = "".join(
            say("organisation.instead", name=self.name(one.substitute), until=last_day(one.valid_to))
            for one in self._instead.get(person, ())
        )
        address = self._asked.address(f"{PATH}/people/{quote(person, safe='')}")
        return PersonLink(name=self.name(person), address=address, instead=instead)


def last_day(valid_to: date) -> str:
    """The last day before an end, in words; "" = no end."""
    return "" if valid_to >= END else write_day(date.fromordinal(valid_to.toordinal() - 1))


def days_told(valid_from: date, valid_to: date) -> str:
    """From when to when something is so."""
    first = write_day(valid_from) if valid_from.year > 1900 else ""
    last = last_day(valid_to)
    if first and last:
        return say("organisation.from_to", first=first, last=last)
    return (
        say("organisation.from", first=first)
        if first
        else say("organisation.until", last=last)
        if last
        else say("organisation.always")
    )


def history_views(
    times: Iterable[RoleTime], views: Views, regions: Mapping[str, str], industries: Mapping[str, str], day: date
) -> Iterator[RoleTimeView]:
    """The roles of a person over time, what is believed first, then what was."""
    for one in sorted(times, key=lambda told: (told.recorded_to is not None, -told.holding.valid_from.toordinal())):
        held = one.holding
        parts = (
            views.unit(held.unit) if held.unit else regions.get(held.region, held.region),
            industries.get(held.industry, held.industry),
            views.unit(held.body) if held.body else "",
        )
        yield RoleTimeView(
            id=held.id,
            role=views.role(held.role),
            where=say("organisation.where_joint").join(part for part in parts if part),
            days=days_told(held.valid_from, held.valid_to),
            known=known_told(one.recorded_from, one.recorded_to),
            holds=one.recorded_to is None and held.holds_on(day),
            former=one.recorded_to is not None,
        )


def known_told(first: datetime, last: datetime | None) -> str:
    """When something was believed, by days."""
    if last is None:
        return say("organisation.known_since", day=write_day(first.date()))
    return say("organisation.known_then", first=write_day(first.date()), last=write_day(last.date()))
