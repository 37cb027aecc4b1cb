"""The guide's examples of rhythms come to what the guide says."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from engine.core.recurrence import Rhythm, parse_key, window_at
from engine.core.recurrence_checks import check_rhythm
from engine.runtime.calendars import load_calendar

_CELLS = re.compile(r"^\| (.+) \|$", re.MULTILINE)


def _rows(root: Path, columns: int) -> list[list[str]]:
    text = (root / "docs/guide/rhythms.md").read_text(encoding="utf-8")
    rows = [[cell.strip().strip("`") for cell in row.split("|")] for row in _CELLS.findall(text)]
    return [row for row in rows if len(row) == columns and row[0] != "period"]


def test_every_example_of_a_rhythm_opens_and_is_due_as_the_guide_says(root: Path) -> None:
    cn = load_calendar(root / "workflows/library/calendars/cn.yaml")
    told, reckoned = [], []
    for period, due, opens, day, key, opens_at, due_at in _rows(root, 7):
        rhythm = Rhythm(period=period, due=due, opens=opens)  # type: ignore[arg-type]
        check_rhythm(rhythm)
        window = window_at(rhythm, date.fromisoformat(day), cn)
        assert window is not None
        last = window.deadline.due_at.astimezone(cn.zone)
        whole = f"{last - timedelta(1):%Y-%m-%d} 24:00"
        told.append((key, opens_at, due_at))
        reckoned.append(
            (
                window.key,
                f"{window.opens_at.astimezone(cn.zone):%Y-%m-%d %H:%M}",
                whole if f"{last:%H:%M}" == "00:00" else f"{last:%Y-%m-%d %H:%M}",
            )
        )

    assert len(told) == 12
    assert reckoned == told


def test_the_guide_writes_the_keys_of_periods_as_they_are(root: Path) -> None:
    cn = load_calendar(root / "workflows/library/calendars/cn.yaml")
    told = {period: key for period, _, key in _rows(root, 3)}

    windows = {
        period: window_at(Rhythm(period=period), parse_key(key)[0], cn)  # type: ignore[arg-type]
        for period, key in told.items()
    }

    assert len(told) == 7
    assert {period: window.key for period, window in windows.items() if window} == told
