"""The product's own inbox as a channel: what was put there was delivered."""

from __future__ import annotations

from collections.abc import Callable

from engine.core.ports import Message, Sent
from engine.errors import Busy


class InAppMessenger:
    """Hands messages to the inbox; `deliver` keeps one message a key, however often it comes."""

    channel = "inapp"
    idempotent = True

    def __init__(self, deliver: Callable[[Message], None]) -> None:
        self._deliver = deliver

    def send(self, message: Message) -> Sent:
        """Always sent, unless the inbox takes nothing at the moment (retry)."""
        try:
            self._deliver(message)
        except Busy as busy:
            return Sent(outcome="retry", reason=busy.code)
        return Sent(outcome="sent", receipt=message.key)
