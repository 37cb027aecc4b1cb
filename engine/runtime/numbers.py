"""Numbers of cases: a format with {year} and {seq:05}, counted anew for each of what it says besides."""

from __future__ import annotations

import re

_PLACE = re.compile(r"\{(year|seq)(?::0?(\d{1,2}))?\}")


def series_of(pattern: str, year: int) -> str:
    """The name of the counter that a format counts with."""
    return _PLACE.sub(lambda found: str(year) if found[1] == "year" else "#", pattern)


def written_number(pattern: str, year: int, seq: int) -> str:
    """The number as people write it."""
    return _PLACE.sub(lambda found: str(year) if found[1] == "year" else str(seq).zfill(int(found[2] or 0)), pattern)
