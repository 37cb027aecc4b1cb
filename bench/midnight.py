"""Midnight of 31 December (D29): daily obligations and year-end deadlines fall due at once while people still click.

The whole application runs, the worker beside its pages, and clicks come over HTTP. Three things are told: how long it
takes until nothing is due, how late timers were (by the wall's clock), and what a click took meanwhile beside what it
takes on a quiet evening.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from time import perf_counter
from typing import Any

import msgspec
import orjson
import uvicorn
from sqlalchemy import func, select

from bench import clones
from bench.figures import Figure, NotRun, Sizes
from bench.one_client import one_at_a_time
from bench.proof import NotWhole, answered
from bench.servers import NoServer, postgres
from bench.walks import Walks
from bench.world import MASTER, World, machine, place, world
from engine.core.administration import DIRECTORY
from engine.core.administration_rows import MOST_ROWS
from engine.core.command import SYSTEM, PublishDuty, RecordUnits, Request, StartCase
from engine.core.definition_duties import DutySpec, PopulationSpec, RhythmSpec
from engine.core.recurrence import Rhythm
from engine.runtime.duty_facts import duty_stream
from engine.runtime.duty_turning import turn_due
from engine.runtime.projection import micros, read_snapshot
from engine.runtime.service import Service
from engine.runtime.worker import Worker, fire_due
from engine.store.schema import obligation, stream, timer
from engine.store.views import TokenRow
from web.tokens import digest_of, new_token
from zhiben.composition import Application
from zhiben.serving import listen
from zhiben.settings import Settings, keep_master_key

#: 31 December 18:00 and the midnight after it, in Shanghai.
_EVENING = datetime.fromisoformat("2026-12-31T18:00+08:00")
_MIDNIGHT = datetime.fromisoformat("2027-01-01T00:00+08:00")
_YEAR_END = "2026-12-31"
_MODELS = 24
#: Seconds between two clicks of the one who clicks.
_PAUSE = 0.02
_QUIET_CLICKS = 400
#: A click may take so many times as long as 95 of 100 take on a quiet evening.
REACH = 1.5


def midnight_sqlite(folder: Path, sizes: Sizes) -> Figure:
    """SQLite: one writer for clicks and jobs."""
    with world(f"sqlite:///{folder / 'midnight.sqlite'}") as district:
        return _measured("midnight", district, folder, sizes)


def midnight_postgres(folder: Path, sizes: Sizes) -> Figure | NotRun:
    """PostgreSQL: the worker on a connection of its own."""
    try:
        with postgres() as server, world(server.url) as district:
            return _measured("midnight-pg", district, folder, sizes)
    except NoServer as reason:
        return NotRun(id="midnight-pg", reason=str(reason))


def _measured(name: str, district: World, folder: Path, sizes: Sizes) -> Figure:
    obligations, deadlines = sizes.timers // 5, sizes.timers // 20
    _settle(district, obligations, deadlines)
    with _served(district, folder) as (made, clicker):
        clicker.click(20)
        quiet = clicker.click(_QUIET_CLICKS if sizes.timers > 1_000 else 20)
        district.clock.set(_MIDNIGHT)
        stop = Event()
        busy: list[float] = []
        thread = Thread(target=lambda: busy.extend(clicker.until(stop)), daemon=True)
        thread.start()
        begun = perf_counter()
        fired = _drained(made.worker, begun)
        took = perf_counter() - begun
        stop.set()
        thread.join()
    _check(district, obligations, deadlines)
    usual = quantiles(quiet, n=20)[-1]
    slowest = max(busy, default=0.0)
    return Figure(
        id=name,
        value=slowest / usual,
        reach=REACH,
        better="less",
        details={
            "obligations": obligations,
            "year-end deadlines": deadlines,
            "seconds": round(took, 2),
            "timer lag s": _histogram(fired),
            "quiet p50 ms": round(median(quiet) * 1000, 1),
            "quiet p95 ms": round(usual * 1000, 1),
            "quiet slowest ms": round(max(quiet) * 1000, 1),
            "clicks meanwhile": len(busy),
            "p50 ms": round(median(busy) * 1000, 1) if busy else 0,
            "p95 ms": round(quantiles(busy, n=20)[-1] * 1000, 1) if len(busy) > 1 else 0,
            "slowest ms": round(slowest * 1000, 1),
        },
    )


@contextmanager
def _served(district: World, folder: Path) -> Iterator[tuple[Application, _Clicker]]:
    """The application over the settled database, on a port of its own, and somebody who clicks."""
    keep_master_key(folder / "key", MASTER)
    settings = Settings(data=folder, database=district.url, master_key=folder / "key", log_level="error")
    with Application(settings, clock=district.clock, what="bench") as made, listen("127.0.0.1", 0) as taken:
        config = uvicorn.Config(made.web(), log_level="error", access_log=False, server_header=False)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        try:
            yield made, _Clicker(district, made, taken.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def _histogram(fired: list[tuple[float, int]]) -> str:
    """When a share of the timers had fired, in seconds after the moment."""
    total, seen, marks = sum(count for _, count in fired), 0, [0.5, 0.95, 1.0]
    told: list[str] = []
    for at, count in fired:
        seen += count
        while marks and seen >= marks[0] * total:
            told.append(f"{marks.pop(0):.0%} by {at:.2f}")
    return ", ".join(told)


def _drained(worker: Worker, begun: float) -> list[tuple[float, int]]:
    """Let the worker do all that is due; when how many timers, of cases and of duties, were done."""
    done: list[tuple[float, int]] = []
    while round_ := worker.round():
        done.append((perf_counter() - begun, round_.timers))
    return done


class _Clicker:
    """Somebody who clicks without end, over HTTP: each click waits for its answer, then some time passes."""

    def __init__(self, district: World, made: Application, port: int) -> None:
        self._walks = Walks(district, "clicks", due_on="2027-03-31")
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._tokens = {unit.inspector: new_token(made.dice) for unit in district.units}
        made.door.run(self._put)
        self._done = 0

    def _put(self, service: Service) -> None:
        with service.store.session() as session:
            for person, token in self._tokens.items():
                row = TokenRow(
                    digest=digest_of(token),
                    person=person,
                    title="bench",
                    scopes=("read", "act"),
                    created_at=micros(_EVENING),
                    expires_at=micros(_EVENING + timedelta(days=2)),
                    revoked_at=None,
                )
                session.tokens.put(row)

    def click(self, count: int) -> list[float]:
        """So many clicks, and what each took, in seconds."""
        return list(islice(self._clicks(Event()), count))

    def until(self, stop: Event) -> list[float]:
        """Click until told to stop."""
        return list(self._clicks(stop))

    def _clicks(self, stop: Event) -> Iterator[float]:
        while not stop.wait(_PAUSE):
            (request,) = self._walks.one(1)
            self._done += 1
            headers = {
                "Authorization": f"Bearer {self._tokens[request.acted_by]}",
                "Idempotency-Key": f"click-{self._done:08d}",
                "Content-Type": "application/json",
            }
            begun = perf_counter()
            self._connection.request("POST", "/api/v1/cases", body=_body(request), headers=headers)
            answer = self._connection.getresponse()
            told = answer.read()
            yield perf_counter() - begun
            if answer.status != HTTPStatus.CREATED:
                raise NotWhole(f"a click was answered {answer.status}: {told[:300]!r}")


def _body(request: Request) -> bytes:
    act = request.act
    assert isinstance(act, StartCase)
    evidence = [msgspec.to_builtins(one) for one in act.evidence]
    return orjson.dumps({"version": act.version, "action": act.action, "data": act.data, "evidence": evidence})


def _settle(district: World, obligations: int, deadlines: int) -> None:
    """So many units with a daily duty that runs, so many cases due at the end of the year, nothing else due."""
    units = [_unit(n, district.units[n % len(district.units)].region) for n in range(obligations)]
    _put(district, "units", [RecordUnits(units=piece) for piece in _pieces(units)])
    _year_end(district, deadlines)
    district.clock.set(_EVENING)
    spec = _duty()
    version = sha256(orjson.dumps(msgspec.to_builtins(spec), option=orjson.OPT_SORT_KEYS)).hexdigest()
    publish = PublishDuty(version=version, spec=spec)
    request = Request(id="duty", stream=duty_stream(spec.id), act=publish, acted_by=SYSTEM, medium="system")
    answered(district.service.execute([request]))
    while fire_due(district.service) or turn_due(district.service):
        pass


def _unit(n: int, region: str) -> dict[str, Any]:
    return {"id": f"daily{n:06d}", "title": f"第{n}家", "region": region, "attributes": {"daily": True}}


def _pieces(rows: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], ...]]:
    for start in range(0, len(rows), MOST_ROWS):
        yield tuple(rows[start : start + MOST_ROWS])


def _put(district: World, name: str, acts: list[RecordUnits]) -> None:
    for start in range(0, len(acts), 20):
        some = [
            Request(id=f"{name}:{start + n}", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="system")
            for n, act in enumerate(acts[start : start + 20])
        ]
        answered(district.service.execute(some))


def _year_end(district: World, count: int) -> None:
    walks = Walks(district, "milestone", due_on=_YEAR_END)
    first = walks.one(1)
    answered(one_at_a_time(district, first))
    clones.number_from(district.store, clones.FIRST_NUMBER)
    models = min(_MODELS, count // 2)
    answers = answered(one_at_a_time(district, [request for _ in range(models) for request in walks.one(2)]))
    names = list(dict.fromkeys(answer.stream for answer in answers))
    with district.store.session() as session:
        cases = [read_snapshot(row.snapshot) for row in session.load(names).values()]
    clones.clone(district.store, sorted(cases, key=lambda case: case.id), count - models)
    clones.number_from(district.store, 5 * clones.FIRST_NUMBER)


def _duty() -> DutySpec:
    """Every one of the units, every day."""
    return DutySpec(
        id="daily",
        title="每日自查",
        plan=place().plan,
        calendar="cn",
        population=PopulationSpec(kind="units", where="unit.daily"),
        rhythms=(RhythmSpec(rhythm=Rhythm(period="day")),),
        by="unit.principal",
        procedure=machine().procedure.id,
        action="report",
        missed_at="3 days after",
        joins="this",
    )


def _check(district: World, obligations: int, deadlines: int) -> None:
    """Everybody of the day before is late, everybody of the new day obliged, every deadline passed; nothing is due."""
    with district.store.session() as session:
        rows = {
            tuple(row[:2]): row[2]
            for row in session.run(
                select(obligation.c.period, obligation.c.status, func.count()).group_by(
                    obligation.c.period, obligation.c.status
                )
            )
        }
        left = session.run(select(func.count()).where(timer.c.fire_at <= micros(_MIDNIGHT))).scalar_one()
        overdue = session.run(
            select(func.count()).where(stream.c.due_at == micros(_MIDNIGHT), stream.c.overdue)
        ).scalar_one()
    found = (rows.get((_YEAR_END, "late"), 0), rows.get(("2027-01-01", "open"), 0), left, overdue)
    if found != (obligations, obligations, 0, deadlines):
        raise NotWhole(f"late, new, still due, overdue: {found}; expected {obligations}, {obligations}, 0, {deadlines}")
