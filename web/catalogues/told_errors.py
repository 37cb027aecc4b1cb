"""Errors as sentences: where it is, and what is wrong, from the code and the data of the error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.errors import DefinitionError, DefinitionErrors, ZhibenError
from web.catalogues.sentences import fill, placeholders, sentence_of, sentences, tell_value
from web.catalogues.titles import NO_TITLES, Titles
from web.catalogues.told_time import tell_instant, tell_rule

#: Placeholders that hold a span or point of the language, and those that hold an instant.
_RULES = frozenset({"window", "lead", "limit", "used"})
_ONE_OF = "one of "
#: Where a code has no sentence of its own, in this order.
_SPACES = ("form", "row", "definition")
_INSTANTS = frozenset({"due_at", "latest", "last", "closed_at", "begins", "again_at"})


def tell_error(error: ZhibenError, titles: Titles = NO_TITLES) -> str:
    """What a person is told of an error; several definition errors are told one a line."""
    if isinstance(error, DefinitionErrors):
        return "\n".join(tell_error(one, titles) for one in error.problems)
    if not isinstance(error, DefinitionError):
        return tell_problem(error.code, error.data, titles)
    told = tell_problem(error.code, error.data, titles, kind="definition")
    if error.place is None:
        return told
    return fill(sentences()["definition.at"], {"place": str(error.place), "sentence": told})


def tell_problem(code: str, data: Mapping[str, Any], titles: Titles = NO_TITLES, *, kind: str = "") -> str:
    """The sentence of a code, its data told with the titles of definitions.

    The same code may mean a little else in a definition, a form or a row of a spreadsheet: their own sentence is first.
    """
    names_of_code = (*((f"{kind}.{code}",) if kind else ()), code, *(f"{space}.{code}" for space in _SPACES))
    sentence = next((found for name in names_of_code if (found := sentence_of(name))), None)
    if sentence is None:
        return fill(sentences()["unknown_code"], {"code": code})
    names = placeholders(sentence).intersection(data)
    return fill(sentence, {name: _told(name, data[name], titles) for name in names})


def _told(name: str, value: Any, titles: Titles) -> str:
    if isinstance(value, str):
        if name == "expected" and value.startswith(_ONE_OF):
            return fill(sentences()["named_one_of"], {"names": value.removeprefix(_ONE_OF)})
        title = titles.of(name, value)
        if title is not None:
            return title
        if name in _RULES:
            return tell_rule(value)
        if name in _INSTANTS and (at := _instant(value)) is not None:
            return tell_instant(at)
    if isinstance(value, list | tuple):
        return sentences()["values.joint"].join(_told(name, one, titles) for one in value)
    return tell_value(name, value)


def _instant(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
