"""The demonstration: a district's year in under a minute."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from zhiben.cli.audit import code_of, told_verified
from zhiben.cli.speaking import asked_for_json, command, note, option, show, table, told
from zhiben.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)


@command(None, "demo")
@option("--folder", "folder", type=FOLDER, default=None)
@option("--seed", "seed", type=int, default=None)
@option("--one-in", "one_in", type=click.IntRange(1, 1000), default=1, show_default=True)
def demo_command(folder: Path | None, seed: int | None, one_in: int) -> int:
    """Play the year of the script and tell it; exit code 3 if the record does not hold."""
    from zhiben.story.demo import Demo, wiped
    from zhiben.story.telling import months_table, plain, told_case, told_imports

    with tempfile.TemporaryDirectory(prefix="zhiben-demo-") as fresh:
        data = wiped(folder) if folder else Path(fresh)
        settings = Settings().model_copy(update={"data": data, "database": "", "master_key": None})
        demo = Demo(settings, seed=seed, one_in=one_in, told=lambda step: note(told(f"demo.step.{step}")))
        with demo.application as made:
            found = demo.run()
            headers, rows = months_table(found, told)
            best = found.tally.best
            story = list(told_case(made, best.case, told)) if best and not asked_for_json() else []
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
    return code_of(found.verified)
