"""How a unit stands to the caps that a command asks for: counted while the row of the cap is locked."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.cap_known import CapFact
from engine.core.command import Command
from engine.core.directory import Directory
from engine.core.watch_windows import running
from engine.core.watches import holds
from engine.errors import NotFound
from engine.runtime.kit import Kit
from engine.runtime.survey import Survey
from engine.store.session import Session


def caps_of(
    kit: Kit, session: Session, wanted: Iterable[tuple[str, str]], command: Command, directory: Directory
) -> dict[str, CapFact]:
    """Watch -> how the unit stands to it; whoever asks for the same at the same time waits until this is written.

    The rows are locked in the order of their names, before any number of a series is taken.
    """
    calendar = kit.catalog.calendar()
    survey = Survey(session, directory, calendar)
    found: dict[str, CapFact] = {}
    for name, unit in sorted(wanted):
        watch = kit.watches.get(name)
        if watch is None:
            raise NotFound("watch_not_found", watch=name)
        session.next_number(f"cap:{name}:{unit}")
        span = running(watch, calendar.local_day(command.occurred_at), calendar)
        (measured,) = survey.measured(watch, span, (unit,))
        found[name] = CapFact(
            title=watch.title,
            reached=holds(watch, measured.counts),
            counts={one.title: measured.counts[one.id] for one in watch.counts},
            limits={one.title: one.value for one in watch.limits},
        )
    return found
