"""How the command line speaks: Chinese from the catalogue, or JSON; click's own words are replaced."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import click
import msgspec

from web.catalogues import say

F = TypeVar("F", bound=Callable[..., Any])


def told(code: str, /, **data: Any) -> str:
    """A sentence of the command line."""
    return say(f"cli.{code}", **data)


class _Chinese:
    """Headings and the help option in Chinese."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The first line."""
        pieces = cast(click.Command, self).collect_usage_pieces(ctx)
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=told("word.usage"))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options, then commands."""
        command = cast(click.Command, self)
        rows = [row for option in command.get_params(ctx) if (row := option.get_help_record(ctx)) is not None]
        if rows:
            with formatter.section(told("word.options")):
                formatter.write_dl(rows)
        if isinstance(command, click.Group):
            command.format_commands(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """--help, described in Chinese."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = told("word.help")
        return cast("click.Option | None", option)


class ChineseCommand(_Chinese, click.Command):
    """A command that speaks Chinese."""


class ChineseGroup(_Chinese, click.Group):
    """A group that speaks Chinese; what its commands do stands in the catalogue, so none is imported for it."""

    command_class = ChineseCommand

    def get_help(self, ctx: click.Context) -> str:
        """The page of help, its own sentence first."""
        self.help = told(f"{_path(ctx)}.help")
        return super().get_help(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line a command."""
        with formatter.section(told("word.commands")):
            formatter.write_dl([(name, told(f"{_path(ctx, name)}.help")) for name in self.list_commands(ctx)])


def _path(ctx: click.Context, *more: str) -> str:
    """`zhiben cases show` -> `cases.show`; the group of all is `main`."""
    names = [*ctx.command_path.split()[1:], *more]
    return ".".join(names) or "main"


def group(name: str) -> Callable[[F], ChineseGroup]:
    """A group of commands; its help stands in the catalogue."""
    return cast("Callable[[F], ChineseGroup]", click.group(name, cls=ChineseGroup))


def command(of: click.Group | None, path: str) -> Callable[[F], click.Command]:
    """A command of a group, or one of the first level, with --json; `path` is that of its help in the catalogue."""
    name = path.rpartition(".")[2]

    def decorate(function: F) -> click.Command:
        made: Callable[[F], click.Command]
        if of is None:
            made = cast(Any, click.command(name, cls=ChineseCommand, help=told(f"{path}.help")))
        else:
            made = cast(Any, of.command(name, help=told(f"{path}.help")))
        return made(cast(F, _json_option(function)))

    return decorate


def _json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        help=told("word.json"),
        callback=_remember_json,
    )(function)


def _remember_json(_ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    global _json_asked
    _json_asked = value


#: What the last command was asked; errors are told after its context is gone.
_json_asked = False


def asked_for_json() -> bool:
    """Whether this command's output is for programs."""
    return _json_asked


def option(flags: str, name: str, /, **more: Any) -> Callable[[F], F]:
    """An option that the command takes as `name`; its help stands in the catalogue under `option.NAME`."""
    return click.option(flags, name, help=told(f"option.{name}"), **more)


def encoded(value: Any) -> str:
    """A value as JSON, readable, keys in order."""
    plain = msgspec.to_builtins(value, str_keys=True, enc_hook=_plain)
    return msgspec.json.format(msgspec.json.encode(plain, order="sorted"), indent=2).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def show(value: Any, *lines: str) -> None:
    """Print the value for programs, or the lines for people."""
    if asked_for_json():
        click.echo(encoded(value))
    else:
        for line in lines:
            click.echo(line)


def note(line: str) -> None:
    """A line for people only; silent where the output is for programs."""
    if not asked_for_json():
        click.echo(line)


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns under headers, aligned by the width that Chinese letters take."""
    cells = [list(headers), *([("" if cell is None else str(cell)) for cell in row] for row in rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(headers))]
    lines = ["  ".join(_padded(cell, widths[n]) for n, cell in enumerate(row)).rstrip() for row in cells]
    lines.insert(1, "  ".join("─" * size for size in widths))
    return "\n".join(lines)


def width(text: str) -> int:
    """Columns of a terminal that a text takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, size: int) -> str:
    return text + " " * (size - width(text))


def told_usage(error: click.UsageError) -> str:
    """What was wrong with the way a command was called."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            return error.format_message()
        case click.NoSuchOption():
            sentence = told("usage.no_such_option", option=error.option_name)
        case click.exceptions.NoSuchCommand():
            sentence = told("usage.no_such_command", command=error.command_name)
        case click.MissingParameter():
            sentence = told("usage.missing", name=_name_of(error))
        case click.BadParameter():
            sentence = told("usage.bad_value", name=_name_of(error), reason=error.message)
        case _:
            sentence = told("usage.other", reason=error.format_message())
    return f"{sentence}\n{told('usage.hint', path=error.ctx.command_path if error.ctx else 'zhiben')}"


def _name_of(error: click.BadParameter) -> str:
    if isinstance(error.param, click.Option):
        return error.param.opts[0]
    return error.param.human_readable_name if error.param else ""
