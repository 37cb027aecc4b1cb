"""Leaves out of a style sheet every rule about classes that nobody uses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_CLASS = re.compile(r"\.(-?[A-Za-z_](?:\\.|[\w-])*)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|url\([^)]*\)")
#: A breakpoint or a measure at the end of a class belongs to its family: `col-md-6`, `mt-3`, `d-lg-none`, `gap-2`.
_TAIL = re.compile(r"(?:-(?:xs|sm|md|lg|xl|xxl|print|auto|\d+|[a-z]+))*", re.ASCII)


def trim(sheet: str, kept: Collection[str]) -> str:
    """The rules of a sheet whose selectors name no class, or only classes of the kept families."""
    return "".join(_kept(_COMMENT.sub("", sheet).replace('@charset "UTF-8";', ""), frozenset(kept)))


def _kept(sheet: str, kept: frozenset[str]) -> Iterator[str]:
    for head, body in _blocks(sheet):
        if head.startswith(("@media", "@supports", "@layer", "@container")):
            inner = "".join(_kept(body, kept))
            if inner:
                yield f"{head}{{{inner}}}"
        elif head.startswith("@"):
            if not head.startswith(("@keyframes", "@-webkit-keyframes")):
                yield f"{head}{{{body}}}"
        else:
            selectors = [one for one in _split(head) if all(_known(name, kept) for name in _CLASS.findall(one))]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"


def _known(name: str, kept: frozenset[str]) -> bool:
    if name in kept:
        return True
    parts = name.split("-")
    return any("-".join(parts[:n]) in kept and _TAIL.fullmatch(name, len("-".join(parts[:n]))) for n in (1, 2))


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """Head and body of every rule of one level; strings and addresses may hold braces."""
    strings = {match.start(): match.end() for match in _STRING.finditer(sheet)}
    depth, start, opened, at = 0, 0, 0, 0
    while at < len(sheet):
        at = strings.get(at, at)
        letter = sheet[at : at + 1]
        if letter == "{":
            depth += 1
            opened = at if depth == 1 else opened
        elif letter == "}":
            depth -= 1
            if depth == 0:
                yield sheet[start:opened].strip(), sheet[opened + 1 : at]
                start = at + 1
        at += 1


def _split(head: str) -> list[str]:
    """The selectors of a list; a comma inside brackets belongs to one selector."""
    found, depth, start = [], 0, 0
    for at, letter in enumerate(head):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            found.append(head[start:at])
            start = at + 1
    return [one.strip() for one in [*found, head[start:]]]
