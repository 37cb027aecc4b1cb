"""Tokens of programs that act for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from engine.core.command import SYSTEM
from engine.errors import BadInput, NotFound
from zhiben.cli.common import application
from zhiben.cli.speaking import command, group, option, show, table, told

if TYPE_CHECKING:
    from engine.runtime.service import Service


@group("token")
def token_command() -> None:
    """Tokens."""


@command(token_command, "token.create")
@click.argument("person")
@option("--scope", "scopes", type=str, multiple=True)
@option("--days", "days", type=click.IntRange(1, 3660), default=365, show_default=True)
@option("--title", "title", type=str, default="")
def create(person: str, scopes: tuple[str, ...], days: int, title: str) -> None:
    """Make a token; it is shown once and not kept."""
    from engine.runtime.projection import micros
    from engine.store.views import TokenRow
    from web.tokens import SCOPES, digest_of, new_token

    wrong = [scope for scope in scopes if scope not in SCOPES]
    if wrong:
        raise BadInput("scope_unknown", field="scope", got=wrong, accepted=list(SCOPES))
    with application("token") as made:
        if person == SYSTEM or not made.operating.directory().known(person):
            raise NotFound("person_not_found", person=person)
        secret, now = new_token(made.dice), made.clock.now()
        row = TokenRow(
            digest=digest_of(secret),
            person=person,
            title=title,
            scopes=scopes or ("read",),
            created_at=micros(now),
            expires_at=micros(now + timedelta(days=days)),
            revoked_at=None,
        )

        def put(service: Service) -> None:
            with service.store.session() as session:
                session.tokens.put(row)

        made.door.run(put)
    show(
        {"token": secret, "id": row.digest.hex()[:16], "person": person, "scopes": row.scopes, "days": days},
        secret,
        told("token.created", id=row.digest.hex()[:16], days=days),
    )


@command(token_command, "token.list")
@click.argument("person")
def list_tokens(person: str) -> None:
    """A person's tokens."""
    from engine.runtime.projection import from_micros

    with application() as made, made.store.read() as reader:
        rows = reader.tokens.list(person)
        zone = made.calendar.zone
    shown = [
        {
            "id": row.digest.hex()[:16],
            "title": row.title,
            "scopes": row.scopes,
            "created_at": from_micros(row.created_at).astimezone(zone).isoformat(),
            "expires_at": from_micros(row.expires_at).astimezone(zone).isoformat(),
            "revoked": row.revoked_at is not None,
        }
        for row in rows
    ]
    headers = [told(f"token.column.{name}") for name in ("id", "title", "scopes", "expires", "revoked")]
    lines = [
        [
            one["id"],
            one["title"],
            " ".join(row.scopes),
            str(one["expires_at"])[:10],
            told("token.revoked_mark") if one["revoked"] else "",
        ]
        for one, row in zip(shown, rows, strict=True)
    ]
    show({"items": shown}, table(headers, lines))


@command(token_command, "token.revoke")
@click.argument("person")
@click.argument("id")
def revoke(person: str, **given: str) -> None:
    """End a token by the id that `list` shows."""
    from engine.runtime.projection import micros

    name = given["id"]
    with application("token") as made:

        def end(service: Service) -> bool:
            with service.store.session() as session:
                found = [row for row in session.tokens.list(person) if row.digest.hex().startswith(name)]
                now = micros(service.clock.now())
                return len(name) >= 8 and len(found) == 1 and session.tokens.revoke(found[0].digest, now)

        if not made.door.run(end):
            raise NotFound("token_not_found", got=name)
    show({"revoked": name}, told("token.revoked", id=name))
