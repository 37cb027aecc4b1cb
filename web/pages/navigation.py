"""What the frame of every page shows one visitor: where they may go, what waits there, who they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.core.acts_of_claims import TRIAGE
from engine.core.holding import REASSIGN
from engine.core.watches import WATCH
from engine.runtime.calendar_notice import PUBLISH
from engine.store.worklists import Waiting
from web.catalogues import say
from web.pages.visitor import Visitor

#: Icons of what a phone shows first, in order.
_AT_HAND = ("work", "inbox", "ledger", "report")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the menu."""

    title: str
    address: str
    #: a name of templates/parts/icons.html
    icon: str
    #: how many things wait there; 0 = none
    count: int = 0

    def current(self, path: str) -> bool:
        """Whether a page at that path belongs to the entry."""
        return path == self.address or path.startswith(f"{self.address}/")


@dataclass(frozen=True, kw_only=True)
class Group:
    """Entries under one heading; "" = none."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class Shell:
    """The frame of one visitor's pages."""

    #: what the place is called
    place: str
    #: roles the visitor holds today, with where
    offices: tuple[str, ...]
    unread: int
    menu: tuple[Group, ...]
    #: what a phone shows at its lower edge, besides everything else behind one button
    tray: tuple[Entry, ...]


def shell_of(visitor: Visitor) -> Shell:
    """Everything the frame shows; asks the store once how much waits."""
    waiting = visitor.services.desk.waiting(visitor.person)
    menu = navigation_of(visitor, waiting)
    return Shell(
        place=place_of(visitor),
        offices=offices_of(visitor),
        unread=waiting.unread + waiting.copies,
        menu=menu,
        tray=_tray(menu),
    )


def navigation_of(visitor: Visitor, waiting: Waiting) -> tuple[Group, ...]:
    """The entries of the menu in groups, in order; only what the visitor may use."""
    groups = (
        Group(title="", entries=tuple(_own(waiting))),
        Group(title=say("pages.group.registers"), entries=tuple(_registers(visitor))),
        Group(title=say("pages.group.boards"), entries=tuple(_boards(visitor))),
        Group(title=say("pages.group.enter"), entries=tuple(_recording(visitor))),
    )
    return tuple(group for group in groups if group.entries)


def _tray(menu: tuple[Group, ...]) -> tuple[Entry, ...]:
    """The first entry of every sort that phones need at hand."""
    found: dict[str, Entry] = {}
    for entry in (one for group in menu for one in group.entries):
        found.setdefault(entry.icon, entry)
    return tuple(_short(found[icon]) for icon in _AT_HAND if icon in found)


def _short(entry: Entry) -> Entry:
    """With a title that fits under a thumb: of several registers the first stands for all."""
    if entry.icon != "ledger":
        return entry
    return replace(entry, title=say("pages.group.registers"), address="/registers")


def place_of(visitor: Visitor) -> str:
    """What the uppermost region is called; "" where none is recorded."""
    regions = visitor.services.reader.directory().regions
    return regions[min(regions, key=len)] if regions else ""


def offices_of(visitor: Visitor) -> tuple[str, ...]:
    """The roles the visitor holds today: each with its industry and region."""
    directory = visitor.services.reader.directory()
    told = []
    for holding in directory.held_by(visitor.person, visitor.day):
        role = directory.roles.get(holding.role)
        parts = (
            role.title if role else holding.role,
            directory.industries.get(holding.industry, holding.industry),
            directory.regions.get(holding.region, ""),
        )
        told.append(say("pages.office_joint").join(part for part in parts if part))
    return tuple(dict.fromkeys(told))


def _own(waiting: Waiting) -> Iterator[Entry]:
    yield Entry(title=say("pages.work"), address="/work", icon="work", count=waiting.tasks)
    yield Entry(title=say("pages.drafts"), address="/drafts", icon="drafts", count=waiting.drafts)
    yield Entry(title=say("pages.inbox"), address="/inbox", icon="inbox", count=waiting.unread + waiting.copies)


def _registers(visitor: Visitor) -> Iterator[Entry]:
    for register in visitor.services.registers.registers.values():
        yield Entry(title=register.title, address=f"/registers/{register.id}", icon="ledger")


def _boards(visitor: Visitor) -> Iterator[Entry]:
    for board in visitor.services.boards.boards.values():
        yield Entry(title=board.title, address=f"/boards/{board.id}", icon="board")
    if visitor.services.duties.any():
        yield Entry(title=say("duties.title"), address="/duties", icon="duties")
    watches = visitor.services.watches
    if watches.watches and visitor.services.reader.directory().may(visitor.person, WATCH, visitor.day):
        yield Entry(title=say("watches.title"), address="/watches", icon="watch", count=watches.lit(visitor.person))


def _recording(visitor: Visitor) -> Iterator[Entry]:
    yield Entry(title=say("pages.report"), address="/report", icon="report")
    if visitor.services.reader.directory().may(visitor.person, "import", visitor.day):
        yield Entry(title=say("pages.import"), address="/import", icon="import")
    if visitor.services.reader.directory().may(visitor.person, TRIAGE, visitor.day):
        waiting = visitor.services.triage.waiting(visitor.person)
        yield Entry(title=say("pages.triage"), address="/triage", icon="clock", count=waiting)
    if visitor.services.reader.directory().may(visitor.person, PUBLISH, visitor.day):
        yield Entry(title=say("calendar.title"), address="/calendars", icon="calendar")
    if visitor.services.reader.directory().may(visitor.person, REASSIGN, visitor.day):
        yield Entry(title=say("leavers.title"), address="/leavers", icon="switch")
    yield Entry(title=say("organisation.title"), address="/organisation", icon="person")
