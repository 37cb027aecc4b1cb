"""The people and places of `worlds` behind the one door: a service over a store, under a virtual clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from engine.core.administration import DIRECTORY, LIBRARY
from engine.core.command import (
    SYSTEM,
    Answer,
    AnyAct,
    EvidenceRef,
    GrantRole,
    PublishProcedure,
    RecordPersons,
    RecordPlaces,
    RecordRegions,
    RecordUnits,
    Request,
    StartCase,
    Stream,
    SubmitAction,
)
from engine.core.compiler import compile_procedure
from engine.core.definition import Procedure
from engine.core.definition_watches import Watch
from engine.core.directory import Entity, RolePower
from engine.core.ports import Dice
from engine.runtime.catalog import Catalog, Directories, procedure_bytes
from engine.runtime.clock import VirtualClock
from engine.runtime.door import answer_of
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.store.records import DefinitionRow
from engine.store.store import Store
from engine.store.views import EvidenceRow
from tests.samples import SAMPLE
from tests.worlds import HOLDINGS, PLACES, ROLES, UNITS, calendar

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
MASTER = bytes(range(32))


def _file(kind: str, media_type: str) -> EvidenceRef:
    return EvidenceRef(sha256=sha256(kind.encode()).hexdigest(), kind=kind, size=len(kind), media_type=media_type)


SIGNATURE = _file("signature", "image/png")
SCAN = _file("scan", "application/pdf")
PHOTO = _file("photo", "image/jpeg")

#: In a store the office also administers.
DISTRICT_ROLES = {
    **ROLES,
    "office": msgspec.structs.replace(
        ROLES["office"], may=ROLES["office"].may | {"import", "directory", "publish", "operate", "reassign", "watch"}
    ),
    "scout": RolePower(id="scout", title="巡查员", may=frozenset({"start"})),
    "registrar": RolePower(id="registrar", title="登记员", sees="region", may=frozenset({"directory", "import"})),
}


class SeededDice:
    """Bytes that a test can foresee: a counter hashed with a seed."""

    def __init__(self, seed: str = "dice") -> None:
        self._seed = seed
        self._thrown = 0

    def token(self, size: int) -> bytes:
        """The next bytes."""
        self._thrown += 1
        block = sha256(f"{self._seed}:{self._thrown}".encode()).digest()
        return (block * (size // len(block) + 1))[:size]


class District:
    """A service over a store, and short words for what tests do with it."""

    def __init__(
        self,
        store: Store,
        *,
        procedure: Procedure = SAMPLE,
        clock: VirtualClock | None = None,
        watches: Mapping[str, Watch] | None = None,
    ) -> None:
        self.store = store
        self.watches = dict(watches or {})
        self.clock = clock or VirtualClock(MONDAY)
        self.machine = compile_procedure(procedure)
        self.catalog = Catalog({"cn": calendar()})
        self.service = self.another_service()
        self._commands = 0

    def another_service(self, dice: Dice | None = None) -> Service:
        """One more process on the same database."""
        return Service(
            store=self.store,
            catalog=self.catalog,
            directories=Directories(DISTRICT_ROLES),
            clock=self.clock,
            dice=dice or SeededDice(),
            master=MASTER,
            watches=self.watches,
        )

    def settle(self) -> None:
        """Publish the procedure, record the directory and the files; to be done once for a database."""
        procedure = self.machine.procedure
        body = DefinitionRow(
            version=self.machine.version,
            procedure=procedure.id,
            plan=procedure.plan,
            title=procedure.title,
            body=procedure_bytes(procedure),
            published_at=micros(self.clock.now()),
        )
        publish = PublishProcedure(version=body.version, procedure=body.procedure, plan=body.plan, title=body.title)
        requests = [Request(id="publish", stream=LIBRARY, act=publish, acted_by=SYSTEM, medium="system")]
        requests += [
            Request(id=f"settle:{n}", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="system")
            for n, act in enumerate(_acts())
        ]
        for outcome in self.service.execute(requests, [body]):
            answer_of(outcome)
        with self.store.session() as session:
            for one in (SIGNATURE, SCAN, PHOTO):
                session.evidence.put(
                    EvidenceRow(sha256=one.sha256, size=one.size, media_type=one.media_type, stored_at=0)
                )

    def request(self, stream: Stream, act: AnyAct, by: str, **rest: Any) -> Request:
        """A request with an id of its own."""
        self._commands += 1
        told = {"id": f"c{self._commands}", "medium": "api", **rest}
        return Request(stream=stream, act=act, acted_by=by, **told)

    def start(self, name: str, by: str = "chen", **data: Any) -> Request:
        """Open a case at P1 of U1."""
        told = {"subject": "安全出口锁闭", "unit": "U1", "place": "P1", **data}
        return self.request(case(name), StartCase(version=self.machine.version, action="report", data=told), by)

    def act(
        self, name: str, task: int, action: str, by: str, *, evidence: Sequence[EvidenceRef] = (), **data: Any
    ) -> Request:
        """Do an action of a task."""
        act = SubmitAction(task=task, action=action, data=data, evidence=tuple(evidence))
        return self.request(case(name), act, by)

    def confirm(self, name: str, by: str = "chen", level: str = "low") -> Request:
        """Confirm what was reported: its first task."""
        return self.act(name, 1, "confirm", by, evidence=[SIGNATURE], level=level, due_on="2026-03-20")

    def do(self, request: Request) -> Answer:
        """Carry out a request; raises what refused it."""
        return answer_of(self.service.execute([request])[0])


def case(name: str) -> Stream:
    """The stream of a case."""
    return Stream("case", name)


def _acts() -> Iterator[AnyAct]:
    regions = {"/s/": "示范区", "/s/t1/": "一镇", "/s/t2/": "二镇"}
    yield RecordRegions(regions=regions, industries={"steel": "钢铁", "food": "食品"})
    yield RecordUnits(units=tuple(_row(unit) for unit in UNITS.values()))
    yield RecordPlaces(places=tuple(_row(place) for place in PLACES.values()))
    persons = dict.fromkeys(holding.person for holding in HOLDINGS)
    yield RecordPersons(persons=tuple({"id": person, "name": f"{person} 某"} for person in persons))
    for holding in HOLDINGS:
        yield GrantRole(
            person=holding.person,
            role=holding.role,
            region=holding.region,
            industry=holding.industry,
            unit=holding.unit,
            valid_from="2020-01-01",
        )


def _row(entity: Entity) -> dict[str, Any]:
    told = {name: getattr(entity, name) for name in ("id", "title", "region", "industry", "unit")}
    return {key: value for key, value in told.items() if value}
