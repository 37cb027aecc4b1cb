"""Finds words of the domain in folders that must not know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.checks.sources import CHINESE, Said, said_by_python, said_by_text, words

FOLDERS = ("engine", "adapters", "web")
CATALOGUES = Path("web/catalogues")
#: Folders and files that others wrote, or that are made from what we wrote.
NOT_OURS = frozenset({"__pycache__", "node_modules", "vendor", "package-lock.json"})
TERMS = Path(__file__).with_name("domain_terms.txt")
SHARED = Path(__file__).with_name("shared_words.txt")
ID_MAPS = ("states", "actions", "parties", "fields", "parameters", "rungs", "roles", "people", "choices", "regions")
NAMED_BY = ("procedure", "ladder", "form", "plan", "place", "register", "board", "duty", "watch")
SHORTEST_ID = 5


@dataclass(frozen=True, kw_only=True)
class Slip:
    """A word of the domain in a place that must not know it."""

    file: str
    line: int
    word: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.word}"


def listed(path: Path) -> list[str]:
    """The lines of a word list, without comments and blanks."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def files_in_scope(root: Path) -> Iterator[Path]:
    """Files of the folders that know no domain; the catalogues of Chinese texts are excepted."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            ours = NOT_OURS.isdisjoint(path.parts)
            if path.is_file() and ours and not in_catalogues(path.relative_to(root)):
                yield path


def in_catalogues(path: Path) -> bool:
    """Whether the path, relative to the repository, lies in the product's own Chinese texts."""
    return path.is_relative_to(CATALOGUES) or path == CATALOGUES.with_suffix(".py")


def said(path: Path) -> Iterable[Said]:
    """What a file says, by its kind."""
    source = path.read_bytes().decode("utf-8", errors="replace")
    return said_by_python(source) if path.suffix == ".py" else said_by_text(source, path.suffix)


def slips(root: Path) -> list[Slip]:
    """Chinese literals and terms of the plans in the folders that know no domain."""
    terms = [tuple(term.split("_")) for term in listed(TERMS)]
    return [
        Slip(file=str(path.relative_to(root)), line=one.line, word=word)
        for path in files_in_scope(root)
        for one in said(path)
        for word in _words_of_domain(one, terms)
    ]


def _words_of_domain(one: Said, terms: list[tuple[str, ...]]) -> Iterator[str]:
    if one.literal and (found := CHINESE.search(one.text)):
        yield f"{found.group()} in {one.text.strip()[:40]!r}"
    spoken = words(one.text)
    for term in terms:
        if any(_matches(spoken[at : at + len(term)], term) for at in range(len(spoken) - len(term) + 1)):
            yield "_".join(term)


def _matches(spoken: list[str], term: tuple[str, ...]) -> bool:
    return all(
        word.startswith(part[:-1]) if part.endswith("*") else word == part
        for word, part in zip(spoken, term, strict=True)
    )


def defined_ids(text: str) -> set[str]:
    """Ids a definition gives: its own name and the keys of its maps of states, actions, fields, roles …"""
    found: set[str] = set()
    for document in yaml.compose_all(text, Loader=yaml.BaseLoader):
        _collect(document, found)
    return found


def _collect(node: yaml.Node | None, found: set[str]) -> None:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _collect(item, found)
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if key.value in ID_MAPS and isinstance(value, yaml.MappingNode):
            found.update(str(name.value) for name, _ in value.value)
        if key.value in NAMED_BY and isinstance(value, yaml.ScalarNode):
            found.add(str(value.value))
        _collect(value, found)


def borrowed_ids(root: Path) -> list[Slip]:
    """String literals of the engine, adapters and web that are ids of some definition in workflows/."""
    ids = {
        name
        for path in sorted((root / "workflows").rglob("*.yaml"))
        for name in defined_ids(path.read_text(encoding="utf-8"))
        if name.isascii() and len(name) >= SHORTEST_ID
    } - set(listed(SHARED))
    return [
        Slip(file=str(path.relative_to(root)), line=one.line, word=one.text)
        for path in files_in_scope(root)
        if path.suffix == ".py"
        for one in said(path)
        if one.literal and ids.intersection(one.text.split("."))
    ]
