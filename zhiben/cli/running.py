"""Setting up, serving, working off what is due, moving the database's schema."""

from __future__ import annotations

import signal
import threading
from typing import Any

import click
import msgspec

from zhiben.cli.common import application
from zhiben.cli.speaking import command, group, note, option, show, told
from zhiben.settings import Settings


@command(None, "init")
def init_command() -> None:
    """Create or upgrade the database, publish the place's procedures, record its regions and industries."""
    from engine.core.command import SYSTEM
    from engine.errors import DefinitionErrors
    from engine.proof.calendar_checks import wrong_calendars
    from engine.store import migrate
    from zhiben.publishing import publish, record_regions

    settings = Settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    with application("init") as made:
        place = made.place
        if wrong := list(wrong_calendars(place, made.calendars)):
            raise DefinitionErrors(wrong)
        migrate.upgrade(settings.database_url)
        published = publish(made.door, place, person=SYSTEM)
        rows = record_regions(made.door, place, person=SYSTEM)
    lines = [
        told("init.published" if one.fresh else "init.current", title=one.title, version=one.version[:12])
        for one in published
    ]
    show(
        {"place": place.id, "procedures": published, "rows": rows, "data": str(settings.data)},
        told("init.done", title=place.title, data=str(settings.data)),
        *lines,
        told("init.rows", count=rows),
    )


@command(None, "serve")
@option("--host", "host", type=str, default=None)
@option("--port", "port", type=click.IntRange(0, 65535), default=None)
@option("--worker/--no-worker", "worker", default=None)
def serve_command(host: str | None, port: int | None, worker: bool | None) -> None:
    """Serve the API; on an embedded database also the one process that writes and fires what is due."""
    from engine.core.acts_of_claims import TRIAGE
    from engine.runtime.leavers import LEAVER
    from zhiben.serving import address_of, listen, serve

    settings = Settings()
    with application("serve") as made, listen(host or settings.host, settings.port if port is None else port) as taken:
        assert made.door is not None
        if begun := made.imports.take_up():
            note(told("serve.imports", count=begun))
        for purpose in (TRIAGE, LEAVER):
            made.bulk_runs.take_up(purpose)
        made.notice_runs.take_up()
        note(told("serve.at", address=address_of(taken)))
        serve(made, taken, worker=settings.embedded if worker is None else worker)


@command(None, "worker")
@option("--once", "once", is_flag=True)
def worker_command(once: bool) -> None:
    """Fire due timers, deliver signals, send messages; until told to stop, or once."""
    with application("worker") as made:
        if once:
            done = made.worker.drain()
            show(done, told("worker.done", **msgspec.structs.asdict(done)))
            return
        ended = threading.Event()

        def stop(*_: Any) -> None:
            made.worker.stop()
            ended.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        assert made.door is not None
        note(told("worker.running", seconds=made.settings.poll_seconds))
        with made.alarm():
            ended.wait()


@group("migrate")
def migrate_command() -> None:
    """The database's schema."""


@command(migrate_command, "migrate.up")
@option("--to", "revision", type=str, default="head", show_default=True)
def up(revision: str) -> None:
    """Bring the schema forward."""
    _migrate("upgrade", revision)


@command(migrate_command, "migrate.down")
@click.argument("revision", metavar="REVISION")
def down(revision: str) -> None:
    """Bring the schema back."""
    _migrate("downgrade", revision)


def _migrate(way: str, revision: str) -> None:
    from engine.store import migrate

    with application("migrate") as made:
        if made.settings.embedded:
            made.settings.data.mkdir(parents=True, exist_ok=True)
            assert made.lock is not None
        getattr(migrate, way)(made.settings.database_url, revision)
    show({"revision": revision}, told("migrate.done", revision=revision))
