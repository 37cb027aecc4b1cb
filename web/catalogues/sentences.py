"""Sentences by code: read once from the files, filled by a substituter that knows `{name}` and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from engine.core.yaml_source import Node, read
from engine.errors import Broken

LANGUAGE = "zh"
_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}", re.ASCII)
#: What stands for a placeholder whose value was not given.
_GAP = "…"
#: A told value is at most this long; what comes from outside must not fill a page.
_MOST_CHARACTERS = 400


@cache
def sentences() -> Mapping[str, str]:
    """All sentences by dotted code."""
    found: dict[str, str] = {}
    for folder in sorted(resources.files(__package__).joinpath(LANGUAGE).iterdir(), key=lambda file: file.name):
        if not folder.name.endswith(".yaml"):
            continue
        for document in read(folder.read_text(encoding="utf-8"), file=folder.name):
            for code, text in _flat(document, ""):
                if code in found:
                    raise Broken("sentence_repeated", code=code, file=folder.name)
                found[code] = text
    return MappingProxyType(found)


def _flat(node: Node, path: str) -> list[tuple[str, str]]:
    if isinstance(node.value, dict):
        return [one for key, child in node.value.items() for one in _flat(child, f"{path}.{key}" if path else key)]
    if isinstance(node.value, list):
        return [one for n, child in enumerate(node.value) for one in _flat(child, f"{path}.{n}")]
    return [(path, "" if node.value is None else str(node.value))]


def sentence_of(code: str) -> str | None:
    """The sentence of a code with its placeholders, None where there is none."""
    return sentences().get(code)


def placeholders(sentence: str) -> frozenset[str]:
    """The names of the placeholders in a sentence."""
    return frozenset(_PLACEHOLDER.findall(sentence))


def say(code: str, /, **data: Any) -> str:
    """The sentence of a code, its placeholders filled with told values; never raises for what the data lacks."""
    sentence = sentences().get(code)
    if sentence is None:
        return fill(sentences()["unknown_code"], {"code": code})
    return fill(sentence, {name: tell_value(name, data[name]) for name in placeholders(sentence) if name in data})


def fill(sentence: str, data: Mapping[str, str]) -> str:
    """Put the values in the place of `{name}`; a value is never read again for placeholders."""
    return _PLACEHOLDER.sub(lambda found: data.get(found[1], _GAP), sentence)


def tell_value(name: str, value: Any) -> str:
    """One value as people read it, chosen by the name of its placeholder where the catalogue lists it."""
    known = sentences()
    if isinstance(value, bool):
        return known[f"values.flag.{str(value).lower()}"]
    if value is None or value in ("", (), []):
        return known["values.blank"]
    if isinstance(value, list | tuple | set | frozenset):
        return known["values.joint"].join(tell_value(name, one) for one in value)[:_MOST_CHARACTERS]
    if isinstance(value, Mapping):
        return str(next((value[key] for key in ("header", "title", "column", "id") if value.get(key)), _GAP))
    told = str(value)
    return known.get(f"values.{name}.{told}", told if len(told) <= _MOST_CHARACTERS else told[:_MOST_CHARACTERS] + _GAP)
