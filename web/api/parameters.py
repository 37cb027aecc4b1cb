"""Parameters that several routes share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from engine.runtime.reading import PageAsk
from web.policy import Caller

CaseId = Annotated[str, Path(min_length=1, max_length=100)]
TaskNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
ActionId = Annotated[str, Path(min_length=1, max_length=100)]
After = Annotated[str, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=200)]
Word = Annotated[str, Query(max_length=200)]
#: A region and everything below it; paths end with a slash.
RegionPath = Annotated[str, Query(max_length=200, pattern="^(/|/.+/)?$")]
OnDay = Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]


def page_of(caller: Caller, after: str, limit: int) -> PageAsk:
    """The page asked for, within what the settings allow."""
    return PageAsk(after=after, limit=min(limit, caller.services.settings.most_page_rows))
