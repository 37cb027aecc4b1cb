"""Events of the working calendar as lines of a timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from engine.core import event as ev
from engine.core.event_calendar import MOVED
from web.catalogues.sentences import say
from web.catalogues.titles import Titles
from web.catalogues.told_people import task_called
from web.catalogues.told_time import tell_instant

#: Seen from here every day is told with its year: what moves into another year must say so.
_LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


def _deadline_redated(event: ev.DeadlineRedated, titles: Titles, who: str) -> str:
    was, due_at = event.was.due_at, event.deadline.due_at
    how = "moved" if was != due_at else "confirmed" if event.was != event.deadline else "rearmed"
    told = say(
        f"event.deadline_redated.{how}",
        task=task_called(event.task, titles),
        was=tell_instant(was, now=_LONG_AGO, ends_day=True),
        due_at=tell_instant(due_at, now=_LONG_AGO, ends_day=True),
        notice=event.title,
        source=event.source,
    )
    if not event.passed:
        return told
    rungs = [titles.rungs.get(rung, rung) for rung in event.passed]
    return say("event.deadline_redated.passed", sentence=told, rungs=rungs)


def tell_plain(text: str, references: bytes) -> tuple[str, str]:
    """Subject and body of a message that belongs to no case; one that is not known stands as it is."""
    if text != MOVED:
        return text, text
    told = msgspec.json.decode(references)
    return say("calendar.told.subject", count=told["count"]), say("calendar.told.body", **told)


TELLERS: dict[type, Callable[[Any, Titles, str], str]] = {ev.DeadlineRedated: _deadline_redated}
