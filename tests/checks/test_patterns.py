"""All 43 resource patterns are answered, each with something that shows it or a plain no."""

from __future__ import annotations

import re
from pathlib import Path

ROW = re.compile(r"^\| (R\d\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def rows(root: Path) -> list[tuple[str, ...]]:
    """Number, pattern, answer, what shows it."""
    text = (root / "docs" / "patterns.md").read_text(encoding="utf-8")
    return [tuple(cell.strip() for cell in row) for row in ROW.findall(text)]


def test_every_pattern_of_the_catalogue_is_answered_once(root: Path) -> None:
    assert [number for number, *_ in rows(root)] == [f"R{n:02}" for n in range(1, 44)]


def test_every_answer_is_shown_or_says_no(root: Path) -> None:
    unshown = [
        number for number, _, answer, shown in rows(root) if shown == "–" and not answer.startswith(("No", "Not"))
    ]

    assert unshown == []
    assert all((root / shown.strip("`")).exists() for *_, shown in rows(root) if shown != "–")
