"""Messages of duties from their templates; they name the duty, its window and when it is due, and nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import msgspec

from engine.core.command import Stream
from engine.core.definition import TextSpec
from engine.core.recurrence import parse_key
from engine.runtime.duty_facts import stored_duty
from engine.store.record import Record


class DutyReferences(msgspec.Struct, frozen=True):
    """What a message of a duty refers to."""

    rung: str = ""
    period: str = ""
    rhythm: int = 0
    #: ISO, the local day on which it is due
    due_on: str = ""


def duty_letter(
    record: Record, of: Stream, text: str, references: bytes, tell_day: Callable[[date], str]
) -> tuple[TextSpec, Mapping[str, str]]:
    """The template that a message is written from, and what stands in its places."""
    told = msgspec.json.decode(references or b"{}", type=DutyReferences)
    state = stored_duty(record, of.id)
    spec = state.spec if state is not None else None
    found = next((one for one in spec.texts if one.id == text), None) if spec else None
    reminder = next((one.title for one in spec.reminders if one.id == told.rung), "") if spec else ""
    first, last = parse_key(told.period) if told.period else (None, None)
    names = {
        "title": spec.title if spec else of.id,
        "period": told.period,
        "first": tell_day(first) if first else "",
        "last": tell_day(last) if last else "",
        "due": tell_day(date.fromisoformat(told.due_on)) if told.due_on else "",
        "rung": reminder,
    }
    return found or TextSpec(id=text, subject="{title}", body="{title} {period}"), names
