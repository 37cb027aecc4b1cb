"""A district to measure in: the hazard procedure of the sample place behind the one door, under a clock that stands.

Ids, salts and choices come from seeds, so that two runs carry out the same commands; the syncs are real.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from engine.core.administration import DIRECTORY, LIBRARY, MOST_ROWS
from engine.core.command import (
    SYSTEM,
    AnyAct,
    EvidenceRef,
    GrantRole,
    PublishProcedure,
    RecordPersons,
    RecordRegions,
    RecordUnits,
    Request,
)
from engine.core.compiler import compile_procedure
from engine.core.loader import load_library
from engine.core.machine import Machine
from engine.core.resolve import ResolvedPlace, resolve
from engine.runtime.calendars import load_calendars
from engine.runtime.catalog import Catalog, Directories, procedure_bytes
from engine.runtime.clock import VirtualClock
from engine.runtime.definitions import read_texts
from engine.runtime.door import answer_of
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.store import migrate
from engine.store.records import DefinitionRow
from engine.store.store import Store, open_store
from engine.store.views import EvidenceRow

#: 09:00 in Shanghai on a Monday.
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
UNITS = 96
PHOTOS = 64
MASTER = bytes(range(32))


class SeededDice:
    """Random bytes that are the same in every run of a seed; as dear as real ones need not be."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._rolls = 0

    def token(self, size: int) -> bytes:
        """The next bytes."""
        self._rolls += 1
        return sha256(self._seed + self._rolls.to_bytes(8)).digest()[:size]


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """An enterprise with the two people who act for it, and those who supervise and inspect it."""

    id: str
    region: str
    industry: str
    principal: str
    safety_officer: str
    supervisor: str
    inspector: str


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What a benchmark needs: a settled database and the way in."""

    url: str
    machine: Machine
    store: Store
    service: Service
    clock: VirtualClock
    units: tuple[Unit, ...]
    photos: tuple[EvidenceRef, ...]
    signatures: tuple[EvidenceRef, ...]

    def another_service(self, store: Store, seed: str) -> Service:
        """One more process or thread on the same database."""
        return _service(store, self.clock, seed)


@cache
def place() -> ResolvedPlace:
    """The sample district with its procedures."""
    return resolve(load_library(read_texts(WORKFLOWS)), "sample")


@cache
def machine() -> Machine:
    """The hazard procedure as it runs there."""
    return compile_procedure(place().procedures["hazard"])


@contextmanager
def world(url: str) -> Iterator[World]:
    """A world in an empty database; closed at the end, the database stays."""
    migrate.upgrade(url)
    store = open_store(url)
    try:
        clock = VirtualClock(MORNING)
        service = _service(store, clock, "world")
        units = tuple(_units())
        photos = tuple(_file(f"photo {n}", "photo", "image/jpeg", 180_000 + n) for n in range(PHOTOS))
        signatures = tuple(_file(f"signature {n}", "signature", "image/png", 9_000 + n) for n in range(PHOTOS))
        _settle(service, units, (*photos, *signatures))
        yield World(
            url=url,
            machine=machine(),
            store=store,
            service=service,
            clock=clock,
            units=units,
            photos=photos,
            signatures=signatures,
        )
    finally:
        store.close()


def _service(store: Store, clock: VirtualClock, seed: str) -> Service:
    return Service(
        store=store,
        catalog=Catalog(load_calendars(WORKFLOWS / "library" / "calendars")),
        directories=Directories(place().roles),
        clock=clock,
        dice=SeededDice(seed),
        master=MASTER,
    )


def service_at(url: str, clock: VirtualClock, seed: str) -> Service:
    """A service of another process on a settled database."""
    return _service(open_store(url), clock, seed)


def _units() -> Iterator[Unit]:
    regions = [region for region in place().regions if region.count("/") > 2]
    industries = list(place().industries)
    for n in range(UNITS):
        region = regions[n % len(regions)]
        town = region.split("/")[2]
        yield Unit(
            id=f"unit{n:03d}",
            region=region,
            industry=industries[n % len(industries)],
            principal=f"principal{n:03d}",
            safety_officer=f"safety{n:03d}",
            supervisor=f"supervisor-{town}",
            inspector=f"inspector-{town}",
        )


def _file(name: str, kind: str, media_type: str, size: int) -> EvidenceRef:
    field = "photos" if kind == "photo" else ""
    digest = sha256(name.encode()).hexdigest()
    return EvidenceRef(sha256=digest, kind=kind, size=size, media_type=media_type, field=field)


def _settle(service: Service, units: tuple[Unit, ...], files: tuple[EvidenceRef, ...]) -> None:
    procedure = machine().procedure
    body = DefinitionRow(
        version=machine().version,
        procedure=procedure.id,
        plan=procedure.plan,
        title=procedure.title,
        body=procedure_bytes(procedure),
        published_at=micros(MORNING),
    )
    publish = PublishProcedure(version=body.version, procedure=body.procedure, plan=body.plan, title=body.title)
    requests = [Request(id="publish", stream=LIBRARY, act=publish, acted_by=SYSTEM, medium="system")]
    for n, act in enumerate(_acts(units)):
        requests.append(Request(id=f"settle:{n}", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="system"))
    for outcome in service.execute(requests, [body]):
        answer_of(outcome)
    with service.store.session() as session:
        for one in files:
            session.evidence.put(EvidenceRow(sha256=one.sha256, size=one.size, media_type=one.media_type, stored_at=0))


def _acts(units: tuple[Unit, ...]) -> Iterator[AnyAct]:
    yield RecordRegions(regions=dict(place().regions), industries=dict(place().industries))
    rows = [
        {"id": unit.id, "title": f"示范区第{n}机械制造有限公司", "region": unit.region, "industry": unit.industry}
        for n, unit in enumerate(units)
    ]
    for piece in _pieces(rows):
        yield RecordUnits(units=piece)
    holdings = list(dict.fromkeys(_holdings(units)))
    people = dict.fromkeys(person for person, *_ in holdings)
    for piece in _pieces([{"id": person, "name": f"王{n}"} for n, person in enumerate(people)]):
        yield RecordPersons(persons=piece)
    for person, role, region, unit_id in holdings:
        yield GrantRole(person=person, role=role, region=region, unit=unit_id, valid_from="2024-01-01")


def _holdings(units: tuple[Unit, ...]) -> Iterator[tuple[str, str, str, str]]:
    yield "office", "office", "/sample/", ""
    yield "leader", "leader", "/sample/", ""
    for unit in units:
        yield unit.supervisor, "supervisor", unit.region, ""
        yield unit.inspector, "inspector", unit.region, ""
        yield unit.principal, "principal", "", unit.id
        yield unit.safety_officer, "safety_officer", "", unit.id


def _pieces(rows: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], ...]]:
    for start in range(0, len(rows), MOST_ROWS):
        yield tuple(rows[start : start + MOST_ROWS])
