"""YAML text → nodes that know where they stand; what YAML readers disagree about is refused, never guessed.

The subset: maps with text keys, lists, texts, `true`/`false`, `null`, decimal integers and decimal fractions (kept
exact). Dates and times stay texts. Refused: duplicate keys, anchors, aliases, tags, merge keys, directives, tabs, YAML
1.1 booleans and sexagesimals without quotes, octal, hexadecimal and floating numbers, and files too large or too deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn

import yaml

from engine.errors import DefinitionError, Place

MOST_BYTES = 1_000_000
MOST_NODES = 200_000
MOST_DEPTH = 40

Scalar = str | int | bool | Decimal | None

_BOOLEAN_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false"})
_NULLS = frozenset({"", "~", "null"})
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_OTHER_NUMBER = re.compile(
    r"[-+]?(?:0[xob][0-9a-f_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|\.[0-9][0-9_]*(?:e[-+]?[0-9]+)?|\.inf|\.nan)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands; lines and columns count from 1."""

    value: Scalar | dict[str, Node] | list[Node]
    file: str
    line: int
    column: int
    #: of a map: where each key stands
    keys: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: str = "") -> Place:
        """The place of this node, under that dotted path."""
        return Place(file=self.file, line=self.line, column=self.column, path=path)

    def key_place(self, key: str, path: str = "") -> Place:
        """The place of a key of this map, or of the map if it has no such key."""
        line, column = self.keys.get(key, (self.line, self.column))
        return Place(file=self.file, line=line, column=column, path=path)

    def map(self) -> dict[str, Node]:
        """The entries of a map; {} of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def plain(self) -> Any:
        """The value without places."""
        match self.value:
            case dict() as entries:
                return {key: node.plain() for key, node in entries.items()}
            case list() as items:
                return [node.plain() for node in items]
            case scalar:
                return scalar


def read(text: str, *, file: str) -> list[Node]:
    """The documents of a file, each a map, or DefinitionError with its place."""
    _measure(text, file)
    try:
        documents = [node for node in _documents(text.removeprefix("\ufeff"), file) if node.value is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file=file, line=mark.line + 1 if mark else 1, column=mark.column + 1 if mark else 1, path="")
        raise DefinitionError("broken_yaml", place=place, expected="well-formed YAML", got=error.problem) from error
    except yaml.YAMLError as error:
        raise DefinitionError(
            "broken_yaml", place=_start(file), expected="well-formed YAML", got=str(error).splitlines()[0]
        ) from error
    for node in documents:
        if not isinstance(node.value, dict) or not node.value:
            raise DefinitionError("not_a_map", place=node.place(), expected="a map of keys", got=shown(node.plain()))
    return documents


def shown(value: object) -> str:
    """A value as an error shows it: short."""
    told = str(value)
    return told if len(told) <= 80 else told[:79] + "…"


def _start(file: str) -> Place:
    return Place(file=file, line=1, column=1, path="")


def _measure(text: str, file: str) -> None:
    size = len(text.encode("utf-8", errors="surrogatepass"))
    if size > MOST_BYTES:
        raise DefinitionError("file_too_large", place=_start(file), expected=f"at most {MOST_BYTES} bytes", got=size)
    if (tab := text.find("\t")) >= 0:
        line, column = text.count("\n", 0, tab) + 1, tab - text.rfind("\n", 0, tab)
        place = Place(file=file, line=line, column=column, path="")
        raise DefinitionError("tab", place=place, expected="spaces", got="a tab")


@dataclass(slots=True)
class _Open:
    """A map or list whose end has not come yet."""

    node: Node
    #: dotted path of the container
    path: str
    #: of a map: the key whose value comes next
    key: str | None = None

    def child_path(self) -> str:
        step = str(len(self.node.value)) if isinstance(self.node.value, list) else self.key or ""
        return f"{self.path}.{step}" if self.path else step


def _documents(text: str, file: str) -> Iterator[Node]:
    """Build nodes from parser events without recursion, so that depth and size are refused before they cost."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    stack: list[_Open] = []
    nodes = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.DocumentStartEvent):
            _check_directives(event, file)
        if not isinstance(event, yaml.NodeEvent):
            if isinstance(event, yaml.CollectionEndEvent):
                done = stack.pop().node
                if not stack:
                    yield done
                    continue
                _put(stack[-1], done)
            continue
        nodes += 1
        place = _place(event, file, stack[-1].child_path() if stack else "")
        _check_limits(nodes, len(stack), place)
        _check_plain(event, place)
        if isinstance(event, yaml.ScalarEvent):
            if _awaits_key(stack):
                _take_key(stack[-1], event, place)
                continue
            node = Node(_scalar(event, place), file, place.line, place.column)
            if not stack:
                yield node
            else:
                _put(stack[-1], node)
        else:
            if _awaits_key(stack):
                _refuse("key_not_text", place, "a key that is a text", "a map or list as key")
            opened: Node = (
                Node([], file, place.line, place.column)
                if isinstance(event, yaml.SequenceStartEvent)
                else Node({}, file, place.line, place.column, {})
            )
            stack.append(_Open(opened, place.path))


def _awaits_key(stack: list[_Open]) -> bool:
    return bool(stack) and isinstance(stack[-1].node.value, dict) and stack[-1].key is None


def _put(container: _Open, node: Node) -> None:
    value = container.node.value
    if isinstance(value, list):
        value.append(node)
    else:
        assert isinstance(value, dict)
        assert container.key is not None
        value[container.key] = node
        container.key = None


def _take_key(container: _Open, event: yaml.ScalarEvent, place: Place) -> None:
    key, plain = event.value, not event.style
    path = f"{container.path}.{key}" if container.path else key
    place = Place(file=place.file, line=place.line, column=place.column, path=path)
    if plain and key == "<<":
        _refuse("merge_key", place, "the entries written out, or `extends`", key)
    if plain and (key in _NULLS or key == "="):
        _refuse("key_not_text", place, "a key that is a text", key)
    # `on` is a word of the language; all keys are texts here, but other readers would not find these
    if plain and key.lower() in _BOOLEAN_WORDS and key != "on":
        _refuse("boolean_word", place, f'quotes around "{key}"', key)
    if len(key) > 200:
        _refuse("key_too_long", place, "a key of at most 200 characters", shown(key))
    entries = container.node.value
    assert isinstance(entries, dict)
    if key in entries:
        first, _ = container.node.keys[key]
        raise DefinitionError(
            "duplicate_key", place=place, expected=f"each key once (first at line {first})", got=key, first=first
        )
    assert isinstance(container.node.keys, dict)
    container.node.keys[key] = (place.line, place.column)
    container.key = key


def _scalar(event: yaml.ScalarEvent, place: Place) -> Scalar:
    text = str(event.value)
    if event.style:
        return text
    if text in _NULLS:
        return None
    if text in ("true", "false"):
        return text == "true"
    if text.lower() in _BOOLEAN_WORDS:
        _refuse("boolean_word", place, f'true or false, or quotes around "{text}"', text)
    if text.lower() == "null":
        _refuse("null_word", place, f'null, or quotes around "{text}"', text)
    if _SEXAGESIMAL.fullmatch(text):
        _refuse("sexagesimal", place, f'quotes around "{text}"', text)
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return Decimal(text)
    if _OTHER_NUMBER.fullmatch(text):
        _refuse("unclear_number", place, f'a plain decimal number, or quotes around "{text}"', text)
    return text


def _check_directives(event: yaml.DocumentStartEvent, file: str) -> None:
    if event.version or event.tags:
        _refuse("directive", _place(event, file, ""), "no directives", "%")


def _check_limits(nodes: int, depth: int, place: Place) -> None:
    if nodes > MOST_NODES:
        _refuse("too_many_nodes", place, f"at most {MOST_NODES} values", nodes)
    if depth > MOST_DEPTH:
        _refuse("too_deep", place, f"at most {MOST_DEPTH} levels", depth)


def _check_plain(event: yaml.NodeEvent, place: Place) -> None:
    if isinstance(event, yaml.AliasEvent):
        _refuse("alias", place, "the value written out", f"*{event.anchor}")
    if event.anchor is not None:
        _refuse("anchor", place, "no anchors", f"&{event.anchor}")
    if getattr(event, "tag", None) is not None:
        _refuse("tag", place, "no tags", getattr(event, "tag", None))


def _place(event: yaml.Event, file: str, path: str) -> Place:
    mark = event.start_mark
    assert mark is not None
    return Place(file=file, line=mark.line + 1, column=mark.column + 1, path=path)


def _refuse(code: str, place: Place, expected: str, got: object) -> NoReturn:
    raise DefinitionError(code, place=place, expected=expected, got=got)
