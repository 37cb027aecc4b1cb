"""Accounts of a demonstration: one for everybody who holds a role in its offices, some are printed.

They share one printed password; that is for people who do not exist, in a folder that holds nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from engine.core.command import SYSTEM
from engine.core.directory import Scope
from engine.store.reader import Reader
from engine.store.views import DirectoryRow
from zhiben.story.script import Post, Script

if TYPE_CHECKING:
    from zhiben.composition import Application

#: Open tasks of a person that are counted; who has more has enough to do.
_MOST = 200


class ShownAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account as the demonstration prints it."""

    login: str
    name: str
    #: role, with where and for what
    office: str
    #: open tasks
    tasks: int
    #: what to try
    advice: str


def open_accounts(made: Application, script: Script) -> int:
    """Open the accounts that there are not yet; how many there are now."""
    keeping = made.account_keeping
    taken = {row.login: row.person for row in keeping.list()}
    with made.store.read() as reader:
        rows = reader.directory.rows("holding", day=made.operating.today())
        roles = {group.role for group in script.people.groups}
        logins = {row.columns["person"]: row.columns["person"] for row in rows if row.columns["role"] in roles}
        for post in script.accounts.posts:
            if post.login not in taken:
                logins[_busiest(reader, rows, post, set(taken.values()))] = post.login
    keeping.open_many(logins, script.accounts.password)
    return len(keeping.list())


def shown_accounts(made: Application, script: Script) -> list[ShownAccount]:
    """The accounts that are printed, in the order of the script."""
    persons = {row.login: row.person for row in made.account_keeping.list()}
    posts = [post for post in script.accounts.posts if post.login in persons]
    names = made.operating.names([persons[post.login] for post in posts])
    with made.store.read() as reader:
        rows = {row.columns["person"]: row for row in reader.directory.rows("holding", day=made.operating.today())}
        return [
            ShownAccount(
                login=post.login,
                name=names.get(persons[post.login], ""),
                office=_office(made, reader, rows[persons[post.login]]),
                tasks=_tasks(reader, persons[post.login]),
                advice=post.advice,
            )
            for post in posts
        ]


def _busiest(reader: Reader, rows: Iterable[DirectoryRow], post: Post, others: set[str]) -> str:
    """Who of a role has most to do: with them there is most to see."""
    held = [row.columns["person"] for row in rows if row.columns["role"] == post.role]
    return max((person for person in sorted(set(held)) if person not in others), key=lambda one: _tasks(reader, one))


def _tasks(reader: Reader, person: str) -> int:
    scope = Scope(person=SYSTEM, everything=True)
    return len(reader.tasks(scope, person=person, limit=_MOST).items)


def _office(made: Application, reader: Reader, row: DirectoryRow) -> str:
    """The role in words, and where, for what, or in which unit it is held."""
    place, held = made.place, row.columns
    top = min(place.regions, key=len)
    parts = [place.roles[held["role"]].title]
    if held["unit"]:
        parts.append(_title(reader, held["unit"]))
    elif held["region"] and held["region"] != top:
        parts.append(_known(place.regions, held["region"]))
    if held["industry"]:
        parts.append(_known(place.industries, held["industry"]))
    return " · ".join(parts)


def _known(titles: Mapping[str, str], name: str) -> str:
    return titles.get(name, name)


def _title(reader: Reader, unit: str) -> str:
    rows = reader.directory.rows("unit", [unit])
    return rows[0].columns["title"] if rows else unit
