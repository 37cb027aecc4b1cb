"""What tests look at after a command: what refused it, what it wrote, what it left to be looked after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import select

from engine.core.command import SYSTEM, Request
from engine.core.directory import Scope
from engine.errors import ZhibenError
from engine.runtime.replay import bytes_of
from engine.runtime.service import Outcome
from engine.store.schema import incident
from tests.districts import District, case

EVERYTHING = Scope(person=SYSTEM, everything=True)


def outcome(district: District, request: Request) -> Outcome:
    """What became of one request."""
    return district.service.execute([request])[0]


def codes(outcomes: Sequence[Outcome]) -> list[str]:
    """What refused each request, "" where it was carried out."""
    return [one.code if isinstance(one, ZhibenError) else "" for one in outcomes]


def incidents(district: District) -> list[str]:
    """Codes of all incidents."""
    with district.store.session() as session:
        return list(session.run(select(incident.c.code).order_by(incident.c.id)).scalars())


def entries(district: District, name: str) -> list[dict[str, Any]]:
    """The entries of a case as plain values."""
    with district.store.read() as reader:
        return [orjson.loads(data) for data in bytes_of(reader.record, case(name))]


def number(district: District, name: str) -> str:
    """The number of a case."""
    return str(entries(district, name)[0]["events"][0]["number"])
