"""What became of a message, in words: alone or in a digest, when, or why not yet; pure."""

from __future__ import annotations

from datetime import datetime

from engine.core.calendar import Calendar
from engine.core.ports import INBOX
from engine.runtime.projection import from_micros
from engine.store.views import MessageView
from web.catalogues import say, sentence_of, tell_instant

#: Ways in which a message did not reach its person.
_LOST = ("failed", "dead", "unknown")


def fate_of(view: MessageView, calendar: Calendar, now: datetime) -> str:
    """What became of a message outside of the inbox; "" where there is nothing to tell."""
    at = tell_instant(from_micros(view.next_at), calendar.zone, now)
    match view.status:
        case "waiting":
            return say(f"message_fate.waiting.{view.why or 'digest'}", at=at)
        case "overtaken":
            return say(f"message_fate.overtaken.{view.reason}")
        case "sent" if view.digest:
            return say("message_fate.digest", at=at)
        case "sent" if view.channel != INBOX:
            return say("message_fate.alone", at=at, channel=channel_called(view.channel))
        case "pending" if view.why:
            return say(f"message_fate.waits.{view.why}", at=at)
        case status if status in _LOST:
            return say("message_fate.lost_digest" if view.digest else "message_fate.lost")
        case _:
            return ""


def channel_called(channel: str) -> str:
    """What people call a way out."""
    code = f"message_channel.{channel}"
    return say(code) if sentence_of(code) is not None else channel
