"""The organisation: persons, roles they hold, units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from engine.core import command as cmd
from engine.core.administration import DIRECTORY
from zhiben.cli.common import answered, application, as_person, rows_option, submit
from zhiben.cli.speaking import command, group, note, option, show, table, told

TABLES = ("unit", "place", "person", "region", "industry", "holding", "certificate")
DAY = click.DateTime(["%Y-%m-%d"])


@group("directory")
def directory_command() -> None:
    """The organisation."""


@command(directory_command, "directory.list")
@click.argument("table", type=click.Choice(TABLES))
@option("--on", "on", type=DAY, default=None)
@rows_option
@as_person
def list_rows(on: Any, rows: int, after: str, person: str, **given: str) -> None:
    """Rows of the directory valid on a day."""
    from engine.runtime.reading import PageAsk

    name = given["table"]
    with application() as made:
        day = on.date() if on else made.operating.today()
        page = made.operating.rows(person, name, day, PageAsk(limit=rows, after=after))
        names = made.operating.names(row.columns.get("person", row.id) for row in page.items)
        roles = {role.id: role.title for role in made.place.roles.values()}
    lines = [
        [row.id, _title(row.columns) or names.get(row.columns.get("person", row.id), ""),
         roles.get(row.columns.get("role", ""), ""), row.columns.get("region", ""), row.columns.get("industry", ""),
         row.columns.get("unit", ""), row.valid_from, row.valid_to]
        for row in page.items
    ]  # fmt: skip
    headers = ("id", "title", "role", "region", "industry", "unit", "from", "to")
    shown = [
        {"id": row.id, "valid_from": row.valid_from, "valid_to": row.valid_to, **row.columns,
         "attributes": {key: value for key, value in row.attributes.items() if not isinstance(value, dict)}}
        for row in page.items
    ]  # fmt: skip
    show(
        {"items": shown, "after": page.after}, table([told(f"directory.column.{column}") for column in headers], lines)
    )
    if page.after:
        note(told("more", after=page.after))


def _title(columns: Mapping[str, str]) -> str:
    """What a row is called: by its title, a certificate by its kind."""
    return columns.get("title") or columns.get("certifies", "")


@command(directory_command, "directory.person")
@click.argument("id")
@option("--name", "name", type=str, required=True)
@option("--mail", "mail", type=str, default="")
@option("--phone", "phone", type=str, default="")
@option("--unit", "unit", type=str, default="")
@as_person
def add_person(person: str, **given: str) -> None:
    """Record a person; the name and contacts go to the vault."""
    row = {key: value for key, value in given.items() if value}
    with application() as made:
        answer = submit(made, DIRECTORY, cmd.RecordPersons(persons=(row,)), person)
    answered(answer, told("directory.recorded", id=given["id"]))


@command(directory_command, "directory.grant")
@click.argument("holder")
@click.argument("role")
@option("--region", "region", type=str, default="")
@option("--industry", "industry", type=str, default="")
@option("--unit", "unit", type=str, default="")
@option("--body", "body", type=str, default="")
@option("--from", "since", type=DAY, default=None)
@option("--to", "to", type=DAY, default=None)
@option("--reason", "reason", type=str, default="")
@as_person
def grant(holder: str, role: str, since: Any, to: Any, person: str, **where: str) -> None:
    """Give a person a role from a day on."""
    with application() as made:
        first = since.date() if since else made.operating.today()
        act = cmd.GrantRole(
            person=holder,
            role=role,
            valid_from=first.isoformat(),
            valid_to=to.date().isoformat() if to else "",
            **where,
        )
        answer = submit(made, DIRECTORY, act, person)
        title = made.place.roles[role].title if role in made.place.roles else role
    answered(answer, told("directory.granted", id=holder, role=title, day=first.isoformat()))


@command(directory_command, "directory.certify")
@click.argument("holder")
@click.argument("kind")
@click.argument("number")
@option("--from", "since", type=DAY, default=None)
@option("--to", "to", type=DAY, default=None)
@as_person
def certify(holder: str, kind: str, number: str, since: Any, to: Any, person: str) -> None:
    """Record a certificate of a person; told again, it takes the place of what was told before."""
    row = {
        "person": holder,
        "kind": kind,
        "number": number,
        "valid_from": since.date().isoformat() if since else "",
        "valid_to": to.date().isoformat() if to else "",
    }
    with application() as made:
        answer = submit(made, DIRECTORY, cmd.RecordCertificates(certificates=(row,)), person)
    answered(answer, told("directory.certified", id=holder, kind=kind, number=number))


@command(directory_command, "directory.end")
@click.argument("holding")
@option("--on", "on", type=DAY, required=True)
@option("--reason", "reason", type=str, default="")
@as_person
def end(holding: str, on: Any, reason: str, person: str) -> None:
    """End a role: the day given is the first on which it is no longer held."""
    with application() as made:
        act = cmd.EndRole(holding=holding, valid_to=on.date().isoformat(), reason=reason)
        answer = submit(made, DIRECTORY, act, person)
    answered(answer, told("directory.ended", id=holding, day=on.date().isoformat()))
