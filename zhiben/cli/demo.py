"""The demonstration: a district's year in under a minute, then served with a clock that may be let run ahead."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhiben.cli.audit import code_of, told_verified
from zhiben.cli.speaking import asked_for_json, command, note, option, show, table, told
from zhiben.logs import configure_log
from zhiben.settings import Settings

if TYPE_CHECKING:
    from socket import socket

FOLDER = click.Path(file_okay=False, path_type=Path)


@command(None, "demo")
@option("--folder", "folder", type=FOLDER, default=None)
@option("--seed", "seed", type=int, default=None)
@option("--one-in", "one_in", type=click.IntRange(1, 1000), default=1, show_default=True)
@option("--serve/--no-serve", "serve", default=True, show_default=True)
@option("--fresh", "fresh", is_flag=True)
@option("--host", "host", type=str, default=None)
@option("--port", "port", type=click.IntRange(0, 65535), default=None)
def demo_command(
    folder: Path | None,
    seed: int | None,
    one_in: int,
    serve: bool,
    fresh: bool,
    host: str | None,
    port: int | None,
) -> int:
    """Play the year of the script, tell it and serve it; exit code 3 if the record does not hold."""
    if not serve:
        with tempfile.TemporaryDirectory(prefix="zhiben-demo-") as passing:
            return _play(folder or Path(passing) / "demo", seed, one_in)
    from zhiben.serving import listen
    from zhiben.story.demo import told_before

    settings = Settings()
    data = folder or settings.data / "demo"
    # the address first: who has to choose another one should not wait for the story
    with listen(host or settings.host, settings.port if port is None else port) as taken:
        mark = None if fresh else told_before(data)
        if mark is None or seed not in (None, mark.seed):
            if code := _play(data, seed, one_in):
                return code
        else:
            note(told("demo.again", folder=str(data)))
        _serve(data, taken)
    return 0


def _settings(data: Path) -> Settings:
    """The settings of a demonstration: a folder of its own, plain http on this machine, a password everybody reads."""
    own = {"data": data, "database": "", "master_key": None, "secure_cookies": False}
    return Settings().model_copy(update={**own, "argon_memory_kib": 8_192, "argon_passes": 1})


def _play(data: Path, seed: int | None, one_in: int) -> int:
    from engine.runtime.clock import SystemClock
    from engine.store.migrations import HEAD
    from zhiben.passing import keep_lead
    from zhiben.story.demo import Demo, Mark, completed, wiped
    from zhiben.story.telling import months_table, plain, told_case, told_imports

    settings = _settings(wiped(data))
    demo = Demo(settings, seed=seed, one_in=one_in, told=lambda step: note(told(f"demo.step.{step}")), month=_month)
    with demo.application as made:
        found = demo.run()
        headers, rows = months_table(found, told)
        best = found.tally.best
        story = list(told_case(made, best.case, told)) if best and not asked_for_json() else []
        keep_lead(data, demo.clock.now() - SystemClock().now())
    show(
        plain(found),
        "",
        told("demo.title", title=found.script.title),
        *told_imports(found.imported, told),
        told("demo.triaged", overdue=found.triaged["overdue"], others=found.triaged["others"]),
        "",
        told("demo.months"),
        table(headers, rows),
        told("demo.left", count=found.still_open, late=found.overdue),
        "",
        *story,
        "",
        *told_verified(found.verified),
    )
    if not (code := code_of(found.verified)):
        completed(data, Mark(schema=HEAD, seed=found.script.seed, one_in=one_in))
    return code


def _month(month: date) -> None:
    """One dot of progress a month."""
    if not asked_for_json():
        ends = month.month == 12
        click.echo(told("demo.step.month", month=month.month), nl=ends)


def _serve(data: Path, taken: socket) -> None:
    from engine.runtime.clock import SystemClock
    from zhiben.composition import Application
    from zhiben.passing import kept_clock
    from zhiben.serving import address_of, serve
    from zhiben.story.accounts import open_accounts, shown_accounts
    from zhiben.story.script import load_script

    settings = _settings(data)
    configure_log(settings.log_level)
    script = load_script(settings.workflows / "plans" / settings.place / "story.yaml")
    with Application(settings, what="demo", clock=kept_clock(data, SystemClock())) as made:
        note(told("demo.accounts_opening"))
        count = open_accounts(made, script)
        names = ("login", "name", "office", "tasks", "advice")
        rows = [[getattr(one, name) for name in names] for one in shown_accounts(made, script)]
        now = made.calendar.local_day(made.clock.now())
        note("")
        note(told("demo.accounts", count=count, password=script.accounts.password))
        note(table([told(f"demo.account.{name}") for name in names], rows))
        note("")
        note(told("demo.serving", address=address_of(taken), day=now.isoformat()))
        serve(made, taken, worker=True)
