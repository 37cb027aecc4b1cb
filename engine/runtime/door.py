"""The one door, as faces and workers see it: requests in, answers out, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol, TypeVar

from engine.core.command import Answer, Request
from engine.errors import ZhibenError
from engine.runtime.service import Outcome, Service

T = TypeVar("T")

__all__ = ["Door", "Outcome", "answer_of"]


class Door(Protocol):
    """Carries out requests; clicks go before batches."""

    def submit(self, request: Request) -> Answer:
        """Carry out one request and wait; raises what refused it (Refusal, BadInput, Busy, Broken)."""

    def submit_later(self, request: Request) -> Future[Answer]:
        """Hand over one request; the future ends with its answer or raises what refused it."""

    def submit_batch(self, requests: Sequence[Request]) -> list[Outcome]:
        """Carry out many at low priority, each by itself: one that is refused holds up no other."""

    def run(self, job: Callable[[Service], T]) -> T:
        """Run work of the machine's own (due timers, publications) at low priority and wait for its result."""


def answer_of(outcome: Outcome) -> Answer:
    """The answer, or the refusal raised."""
    if isinstance(outcome, ZhibenError):
        raise outcome
    return outcome
