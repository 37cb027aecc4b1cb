"""Errors as sentences: where it is, and what is wrong, from the code and the data of the error."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.errors import DefinitionError, DefinitionErrors, ZhibenError
from web.catalogues.sentences import fill, placeholders, sentence_of, sentences, tell_value
from web.catalogues.titles import NO_TITLES, Titles
from web.catalogues.told_time import tell_instant, tell_rule

#: Placeholders that hold a span or point of the language, and those that hold an instant.
_RULES = frozenset({"window", "lead"})
_INSTANTS = frozenset({"due_at", "latest", "last", "closed_at"})


def tell_error(error: ZhibenError, titles: Titles = NO_TITLES) -> str:
    """What a person is told of an error; several definition errors are told one a line."""
    if isinstance(error, DefinitionErrors):
        return "\n".join(tell_error(one, titles) for one in error.problems)
    told = tell_problem(error.code, error.data, titles)
    if isinstance(error, DefinitionError) and error.place is not None:
        return fill(sentences()["definition"], {"place": str(error.place), "sentence": told})
    return told


def tell_problem(code: str, data: dict[str, Any], titles: Titles = NO_TITLES) -> str:
    """The sentence of a code, its data told with the titles of definitions."""
    sentence = sentence_of(code)
    if sentence is None:
        return fill(sentences()["unknown_code"], {"code": code})
    names = placeholders(sentence).intersection(data)
    return fill(sentence, {name: _told(name, data[name], titles) for name in names})


def _told(name: str, value: Any, titles: Titles) -> str:
    if isinstance(value, str):
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
