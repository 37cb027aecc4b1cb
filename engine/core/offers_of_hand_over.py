"""What a person may do now about handing over, receiving and designating."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from engine.core import handing
from engine.core.case import Case, Task
from engine.core.facts import Facts
from engine.core.handing import hand_over_targets as hand_over_targets
from engine.core.machine import Machine
from engine.core.offer import Offer, OfferKind


def offers(
    machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date, at: datetime
) -> Iterator[Offer]:
    """What the person may do with an open task besides its actions; offices to choose from: `hand_over_targets`."""
    match task.kind:
        case "own" | "extra":
            if handing.why_not_hand_over(machine, case, facts, task, person, day) is None:
                yield _offer("hand_over", task, reason=True)
        case "receipt":
            if handing.why_not_receive(machine, case, facts, task, person, day) is None:
                yield _offer("receive", task)
            if handing.why_not_refuse(machine, case, facts, task, person, day) is None:
                spec = handing.spec_of(machine, case, task)
                grounds = tuple(ground for ground, _ in spec.grounds) if spec is not None else ()
                yield _offer("refuse_receipt", task, reason=True, among=grounds)
        case "designation":
            if handing.why_not_designate(machine, case, facts, task, person, day) is None:
                yield _offer("designate", task, reason=True)
        case _:
            pass


def _offer(kind: OfferKind, task: Task, *, reason: bool = False, among: tuple[str, ...] = ()) -> Offer:
    return Offer(task=task.n, kind=kind, action="", title="", party=task.holder.party, reason=reason, among=among)
