"""What commands share: the application, who acts, values from the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import orjson

from engine.core.command import SYSTEM, Answer, AnyAct, Request, Stream
from engine.errors import BadInput, NotFound
from zhiben.cli.speaking import option, show, told
from zhiben.composition import Application
from zhiben.logs import configure_log
from zhiben.settings import Settings

if TYPE_CHECKING:
    from engine.runtime.reading import SeenCase

F = TypeVar("F", bound=Callable[..., Any])
#: Rows of a list where none are asked for.
ROWS = 50


@contextmanager
def application(what: str = "cli") -> Iterator[Application]:
    """The application as the environment sets it; closed at the end."""
    settings = Settings()
    configure_log(settings.log_level)
    with Application(settings, what=what) as made:
        yield made


def as_person(function: F) -> F:
    """--as PERSON: who acts; by default the person of the settings."""
    return option("--as", "as", type=str, default=None, metavar=told("word.person"))(_named_person(function))


def _named_person(function: F) -> F:
    def run(*args: Any, **given: Any) -> Any:
        person = given.pop("as")
        return function(*args, person=person or Settings().person, **given)

    run.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    run.__name__, run.__doc__ = function.__name__, function.__doc__
    return run  # type: ignore[return-value]


def rows_option(function: F) -> F:
    """--rows N and --after MARK: one page of a list."""
    after = option("--after", "after", type=str, default="")
    return after(option("--rows", "rows", type=click.IntRange(1, 1000), default=ROWS, show_default=True)(function))


def submit(made: Application, stream: Stream, act: AnyAct, person: str, **more: Any) -> Answer:
    """Carry one act out at the one door, under a fresh id."""
    request = Request(
        id=f"cli:{made.dice.token(16).hex()}", stream=stream, act=act, acted_by=person, medium="cli", **more
    )
    return made.door.submit(request)


def find_case(made: Application, person: str, name: str) -> str:
    """The id of a case by its id or number; NotFound where this person may not see it."""
    from engine.runtime.reading import PageAsk
    from engine.store.queries import CaseFilter

    found = made.operating.cases(person, CaseFilter(number=name), PageAsk(limit=2), sort="opened_at", down=True).items
    return found[0].id if len(found) == 1 else name


def seen_case(made: Application, person: str, name: str) -> SeenCase:
    """A case by its id or number, as this person may see it."""
    return made.operating.case(person, find_case(made, person, name))


def data_from(pairs: Sequence[str], file: Path | None = None) -> dict[str, Any]:
    """Form data: a JSON object from a file, then FIELD=VALUE pairs; a field given twice becomes a list."""
    data: dict[str, Any] = {}
    if file is not None:
        try:
            told_by_file = orjson.loads(file.read_bytes())
        except orjson.JSONDecodeError as error:
            raise BadInput("not_json", field=file.name) from error
        if not isinstance(told_by_file, dict):
            raise BadInput("not_json", field=file.name)
        data.update(told_by_file)
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.BadParameter(told("usage.pair", got=pair))
        data[name] = [*_as_list(data[name]), value] if name in data else value
    return data


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def answered(answer: Answer, sentence: str, **data: Any) -> None:
    """Tell that an act was carried out, with its receipt."""
    told_more = {"stream": str(answer.stream), "seq": answer.seq, "leaf": answer.leaf, "command": answer.command}
    show({**told_more, **data}, sentence, told("answered", seq=answer.seq, leaf=answer.leaf[:16] or "-"))


def needs_person(person: str) -> str:
    """The person, who must be one of the directory; NotFound for the engine itself."""
    if person == SYSTEM:
        raise NotFound("person_needed")
    return person
