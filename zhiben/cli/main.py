"""The command `zhiben`: which commands there are, loaded only when they are called, and how they end when they fail."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import click

from zhiben.cli.speaking import ChineseGroup, told_usage

#: Command -> module of `zhiben.cli` that defines it; the attribute has the name of the command.
COMMANDS = {
    "init": "running",
    "serve": "running",
    "worker": "running",
    "check": "definitions",
    "test": "definitions",
    "schema": "definitions",
    "when": "reckoning",
    "simulate": "simulating",
    "import": "importing",
    "triage": "triage",
    "leaver": "leaver",
    "calendar": "calendar",
    "cases": "cases",
    "tasks": "reading",
    "entries": "reading",
    "directory": "directory",
    "account": "accounts",
    "token": "tokens",
    "audit": "audit",
    "migrate": "running",
    "demo": "demo",
}
#: Exit codes: what was asked is refused, it was asked wrongly, an invariant does not hold.
REFUSED, USAGE, BROKEN = 1, 2, 3


class LazyGroup(ChineseGroup):
    """Knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command, imported now."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(import_module(f"zhiben.cli.{module}"), f"{cmd_name}_command")
        return command

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and end with one sentence and an exit code instead of a traceback."""

        def run() -> Any:
            return super(LazyGroup, self).main(
                args, prog_name or "zhiben", complete_var, standalone_mode=False, windows_expand_args=False, **extra
            )

        return run() if not standalone_mode else _ended(run)


def _ended(run: Callable[[], Any]) -> None:
    """Run and exit; errors of ours and of usage are told, all others are bugs and keep their traceback."""
    from engine.errors import Broken, ZhibenError

    try:
        result = run()
    except ZhibenError as error:
        _tell(error)
        sys.exit(BROKEN if isinstance(error, Broken) else REFUSED)
    except click.UsageError as error:
        click.echo(told_usage(error), err=True)
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)


def _tell(error: Any) -> None:
    from web.catalogues import tell_error
    from zhiben.cli.speaking import asked_for_json, encoded

    if asked_for_json():
        told = {"code": error.code, "data": error.data, "sentence": tell_error(error)}
        click.echo(encoded({"error": told}), err=True)
    else:
        click.echo(tell_error(error), err=True)


main = LazyGroup(name="main")
