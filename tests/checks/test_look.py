"""The look has one source: colours are tokens, and no page carries a style or a script within itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab)\(")
_WITHIN = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle\s*=|\son[a-z]+\s*=|javascript:", re.IGNORECASE)
#: Where colours are decided: on the screen, and on paper.
_DECIDED = {"tokens.css", "print.css"}


def _lines(folder: Path, suffix: str) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob(f"*{suffix}")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            yield f"{path.name}:{number}", line


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("color: #fff;", True),
        ("color: rgb(0 0 0);", True),
        ("color: var(--ink);", False),
        ("#keys { margin: 0 }", False),
    ],
)
def test_the_pattern_knows_a_colour(line: str, found: bool) -> None:
    assert bool(_COLOUR.search(line)) is found


def test_colours_are_decided_in_one_place(root: Path) -> None:
    found = [
        f"{where} {line.strip()}"
        for where, line in _lines(root / "web" / "static" / "css", ".css")
        if _COLOUR.search(line) and where.split(":")[0] not in _DECIDED
    ]

    assert found == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("<p style='x'>", True),
        ("<a onclick=x>", True),
        ("<script>x</script>", True),
        ('<script src="/a.js" defer></script>', False),
        ('<button data-opens="x">', False),
    ],
)
def test_the_pattern_knows_what_stands_within_a_page(line: str, found: bool) -> None:
    assert bool(_WITHIN.search(line)) is found


def test_no_page_carries_a_style_or_a_script_within_itself(root: Path) -> None:
    found = [f"{where} {line.strip()}" for where, line in _lines(root / "web" / "templates", ".html")]

    assert [line for line in found if _WITHIN.search(line)] == []
