"""Events of links in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from engine.core import event as ev
from engine.core.definition_links import RETURN, RETURN_LATER
from web.catalogues.sentences import say, sentence_of
from web.catalogues.titles import Titles


def _linked(event: ev.CaseLinked, titles: Titles, who: str) -> str:
    if event.how in (RETURN, RETURN_LATER):
        return say(f"event.case_linked.{event.how}")
    return say("event.case_linked.declared", title=titles.links.get(event.how, event.how))


def _linked_back(event: ev.LinkedBack, titles: Titles, who: str) -> str:
    return say("event.linked_back", number=event.number)


def _linked_changed(event: ev.LinkedChanged, titles: Titles, who: str) -> str:
    return say(f"event.linked_changed.{event.what}", number=event.number, closed=event.closed)


def _signal_sent(event: ev.SignalSent, titles: Titles, who: str) -> str:
    code = f"event.signal_told.{event.name}"
    return say(code) if sentence_of(code) else say("event.signal_sent", name=event.name)


def _signal_received(event: ev.SignalReceived, titles: Titles, who: str) -> str:
    return say("event.signal_heard", number=str(event.data.get("number", "")))


TELLERS = cast(
    "dict[type, Callable[[Any, Titles, str], str]]",
    {
        ev.CaseLinked: _linked,
        ev.LinkedBack: _linked_back,
        ev.LinkedChanged: _linked_changed,
        ev.SignalSent: _signal_sent,
        ev.SignalReceived: _signal_received,
    },
)
