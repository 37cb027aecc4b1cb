"""Accounts of persons, as whoever runs the installation keeps them; passwords are never part of a command line."""

from __future__ import annotations

import click

from engine.errors import NotFound
from zhiben.cli.common import application, as_person
from zhiben.cli.speaking import command, group, option, show, table, told

#: Whose account; `--as` says who acts.
whose = click.argument("whose", metavar="PERSON")


@group("account")
def account_command() -> None:
    """Accounts."""


@command(account_command, "account.add")
@whose
@option("--login", "login", type=str, default=None)
@option("--ask", "ask", is_flag=True)
@as_person
def add(whose: str, login: str | None, ask: bool, person: str) -> None:
    """Open an account; the password is asked for, or rolled and printed once. It must be changed at first sign-in."""
    chosen = _asked() if ask else ""
    with application("account") as made:
        if not made.operating.directory().known(whose):
            raise NotFound("person_not_found", person=whose)
        password = made.account_keeping.open(whose, login or whose, by=person, password=chosen)
        name = made.accounts.account(whose).login
    _told("account.added", whose, name, "" if ask else password)


@command(account_command, "account.reset")
@whose
@option("--ask", "ask", is_flag=True)
@as_person
def reset(whose: str, ask: bool, person: str) -> None:
    """Set another password, as `add` does; the person is signed out everywhere."""
    chosen = _asked() if ask else ""
    with application("account") as made:
        password = made.account_keeping.reset(whose, by=person, password=chosen)
        name = made.accounts.account(whose).login
    _told("account.was_reset", whose, name, "" if ask else password)


@command(account_command, "account.disable")
@whose
@as_person
def disable(whose: str, person: str) -> None:
    """Let a person in no more."""
    with application("account") as made:
        made.account_keeping.disable(whose, by=person)
    show({"person": whose, "state": "disabled"}, told("account.disabled", person=whose))


@command(account_command, "account.enable")
@whose
@as_person
def enable(whose: str, person: str) -> None:
    """Let a person in again, also one whose account is locked."""
    with application("account") as made:
        made.account_keeping.enable(whose, by=person)
    show({"person": whose, "state": "active"}, told("account.enabled", person=whose))


@command(account_command, "account.list")
def list_accounts() -> None:
    """All accounts; of passwords only whether they must be changed."""
    from engine.runtime.projection import from_micros

    with application() as made, made.store.read() as reader:
        rows = reader.accounts.list()
        names = made.operating.names(row.person for row in rows)
        zone, now = made.calendar.zone, made.clock.now()
    shown = [
        {
            "login": row.login,
            "person": row.person,
            "name": names.get(row.person, ""),
            "state": "locked" if row.state == "active" and from_micros(row.locked_until) > now else row.state,
            "must_change": row.must_change,
            "signed_in_at": from_micros(row.signed_in_at).astimezone(zone).isoformat() if row.signed_in_at else None,
        }
        for row in rows
    ]
    lines = [
        [
            one["login"],
            one["person"],
            one["name"],
            told(f"account.state.{one['state']}"),
            told("account.must_change") if one["must_change"] else "",
            str(one["signed_in_at"] or "")[:16].replace("T", " "),
        ]
        for one in shown
    ]
    headers = [told(f"account.column.{name}") for name in ("login", "person", "name", "state", "password", "last")]
    show({"items": shown}, table(headers, lines))


def _asked() -> str:
    """A password typed twice, unseen."""
    return str(click.prompt(told("account.ask"), hide_input=True, confirmation_prompt=told("account.ask_again")))


def _told(sentence: str, whose: str, login: str, password: str) -> None:
    """What happened, and the password where nobody has seen it yet."""
    lines = [told(sentence, person=whose, login=login)]
    if password:
        lines.append(told("account.password", password=password))
    show({"person": whose, "login": login, "password": password or None}, *lines, told("account.first"))
