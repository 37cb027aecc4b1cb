"""A case that is begun to meet an obligation: what its form begins with, and what is said above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request

from engine.errors import BadInput
from engine.runtime.projection import from_micros
from web.catalogues import say, tell_instant
from web.duty_words import period_words
from web.pages.duty_tables import obligation_address
from web.pages.visitor import Visitor
from web.pages.work_views import countdown_to

#: What the address of a form calls it.
NAME = "obligation"
LONGEST_KEY = 400


@dataclass(frozen=True, kw_only=True)
class ObligationMet:
    """The obligation that the case of a form is to meet."""

    key: str
    title: str
    #: by when, and what it means that it is late
    text: str
    late: bool
    filled: Mapping[str, str]
    back: str

    def posted_to(self, address: str) -> str:
        """The address of the form, which carries the obligation along."""
        return f"{address}?{urlencode({NAME: self.key})}"


def obligation_in(http: Request, visitor: Visitor) -> ObligationMet | None:
    """The obligation that an address names, None = it names none; NotFound where it is not the visitor's to meet."""
    key = http.query_params.get(NAME, "")
    if not key:
        return None
    if len(key) > LONGEST_KEY:
        raise BadInput("obligation_unknown", field=NAME, got=key[:LONGEST_KEY])
    found = visitor.services.duties.to_act(visitor.person, key)
    row, calendar = found.row, visitor.services.duties.calendar_of(found.spec)
    due_at = from_micros(row.due_at)
    now = visitor.now
    told = {"at": tell_instant(due_at, calendar.zone, now, ends_day=True)}
    if now < due_at:
        text = say("duties.for_due", **told, left=countdown_to(due_at, calendar, now)[1])
    else:
        until = tell_instant(found.until, calendar.zone, now, ends_day=True)
        text = say("duties.for_missed" if row.missed else "duties.for_late", **told, until=until)
    return ObligationMet(
        key=key,
        title=say("duties.for", duty=found.spec.title, whose=found.title, period=period_words(row.period)),
        text=text,
        late=now >= due_at,
        filled={name: str(value) for name, value in found.data.items()},
        back=obligation_address(row.duty, row.period, row.subject),
    )
