"""Digests: one message to a person in the place of many. Each of those keeps its row, its key and its own fate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select, update

from engine.core.budget import Manner, Why
from engine.core.command import Stream
from engine.store.parts import Insert, Run
from engine.store.records import Row
from engine.store.schema import FOREVER, HELD_BACK, message, task
from engine.store.views import ClaimedMessage, MessageView, message_view

#: Kind of the stream that digests belong to: none, for they tell of many.
DIGEST = "digest"


class Member(Row, frozen=True, kw_only=True):
    """A message that is told in a digest, the most urgent first."""

    key: str
    stream: Stream
    text: str
    references: bytes
    task: int


class Held(Row, frozen=True, kw_only=True):
    """How many messages are held back, and why."""

    #: they can wait
    digest: int = 0
    #: enough was sent today
    budget: int = 0
    #: their persons are not to be disturbed
    quiet: int = 0

    @property
    def together(self) -> int:
        """How many wait for digests."""
        return self.digest + self.budget


class Digests:
    """Joins messages to digests, and ends them with these."""

    def __init__(self, run: Run, insert: Insert) -> None:
        self._run = run
        self._insert = insert

    def open(self, person: str, name: str, at: int, now: int, manner: Manner) -> str:
        """The key of the person's digest of that name, to go at an instant; "" where it is under way or gone.

        Its row is locked: nobody claims it before what joins it has joined it.
        """
        key = f"{DIGEST}/{person}:{name}"
        row = self._insert(message).values(
            key=key, kind=DIGEST, id=person, seq=0, person=person, text=DIGEST, references=b"{}", created_at=now,
            manner=manner, task=0, due_at=FOREVER, status="pending", next_at=at, attempts=0, epoch=0, channel="",
            receipt="", reason="", read_at=now, digest="", why="", counted_on="",
        )  # fmt: skip
        self._run(row.on_conflict_do_nothing(index_elements=["key"]))
        found = self._run(select(message.c.status).where(message.c.key == key).with_for_update()).scalar_one()
        return key if found == "pending" else ""

    def join(self, claim: ClaimedMessage, key: str, at: int, why: Why) -> bool:
        """Let a claimed message wait for a digest; False if the claim had lapsed."""
        told = {"status": "waiting", "digest": key, "why": why, "next_at": at, "attempts": claim.attempts - 1}
        return self._run(update(message).where(_held(claim)).values(**told)).rowcount == 1

    def join_others(self, claim: ClaimedMessage, key: str, at: int, why: Why, manners: Sequence[str]) -> int:
        """The same for all messages to the person that are due by now and of these manners."""
        others = _others(claim, manners)
        told = {"status": "waiting", "digest": key, "why": why, "next_at": at}
        return self._run(update(message).where(*others).values(**told)).rowcount

    def wait(self, claim: ClaimedMessage, until: int, why: Why, manners: Sequence[str]) -> bool:
        """Try a claimed message, and all to the person that are as it is, anew then; False if the claim had lapsed."""
        told = {"status": "pending", "why": why, "next_at": until}
        held = self._run(update(message).where(_held(claim)).values(attempts=claim.attempts - 1, **told)).rowcount == 1
        if held:
            self._run(update(message).where(*_others(claim, manners)).values(**told))
        return held

    def put_off(self, claim: ClaimedMessage, until: int, why: Why) -> bool:
        """Let a digest wait, with all that is in it; False if the claim had lapsed."""
        told = {"status": "pending", "why": why, "next_at": until, "attempts": claim.attempts - 1}
        held = self._run(update(message).where(_held(claim)).values(**told)).rowcount == 1
        if held:
            self._run(update(message).where(*_in(claim.person, claim.key)).values(next_at=until))
        return held

    def take_over(self, person: str, key: str, at: int, *, due_by: int = FOREVER) -> int:
        """What waits for other digests of the person due by an instant goes with this one, unless it is under way."""
        mine = (message.c.person == person, message.c.kind == DIGEST, message.c.key != key)
        keys = self._run(
            select(message.c.key).where(*mine, message.c.status == "pending", message.c.next_at <= due_by)
        ).scalars()
        waiting = (message.c.person == person, message.c.status == "waiting", message.c.digest.in_(list(keys)))
        return self._run(update(message).where(*waiting).values(digest=key, next_at=at)).rowcount

    # what is in it -------------------------------------------------------------------------------------------------

    def overtake(self, person: str, key: str, at: int) -> int:
        """Drop from a digest what asks for something in vain, and say why; how many messages are left in it."""
        for reason, moot in (("task_over", ~_asked()), ("deadline_moved", ~_asked(task.c.due_at == message.c.due_at))):
            gone = (*_in(person, key), message.c.task != 0, moot)
            self._run(update(message).where(*gone).values(status="overtaken", reason=reason, next_at=at))
        return int(self._run(select(func.count()).select_from(message).where(*_in(person, key))).scalar_one())

    def is_moot(self, claim: ClaimedMessage) -> str:
        """Why a message asks for something in vain by now; "" = it does not."""
        mine = (message.c.key == claim.key, message.c.task != 0)
        told = select(_asked(), _asked(task.c.due_at == message.c.due_at)).where(*mine)
        row = self._run(told).one_or_none()
        return "" if row is None or row[1] else "deadline_moved" if row[0] else "task_over"

    def members(self, person: str, key: str) -> list[Member]:
        """What is in a digest that has not gone: what is due first comes first."""
        columns = (message.c.key, message.c.kind, message.c.id, message.c.text, message.c.references, message.c.task)
        order = (message.c.due_at, message.c.created_at, message.c.key)
        rows = self._run(select(*columns).where(*_in(person, key)).order_by(*order))
        return [
            Member(
                key=row.key,
                stream=Stream(row.kind, row.id),
                text=row.text,
                references=bytes(row.references),
                task=row.task,
            )
            for row in rows
        ]

    def held(self, person: str = "") -> Held:
        """What is held back: for one person, or for everybody."""
        wanted = [HELD_BACK, message.c.kind != DIGEST, message.c.why != ""]
        wanted += [message.c.person == person] if person else []
        counted = select(message.c.why, func.count()).where(*wanted).group_by(message.c.why)
        return Held(**{str(why): int(count) for why, count in self._run(counted)})

    def of_case(self, case: str) -> list[MessageView]:
        """Messages of a case that stand or stood in a digest, or were held back, in order."""
        # keys are case/ID:seq:n, so that those of a case lie together
        mine = (message.c.key >= f"case/{case}:", message.c.key < f"case/{case};", message.c.why != "")
        rows = self._run(select(message).where(*mine).order_by(message.c.seq, message.c.key))
        return [message_view(row) for row in rows]

    def settle(self, claim: ClaimedMessage, status: str, **told: Any) -> int:
        """What is in a digest ends as that did."""
        return self._run(update(message).where(*_in(claim.person, claim.key)).values(status=status, **told)).rowcount


def _held(claim: ClaimedMessage) -> ColumnElement[bool]:
    return and_(message.c.key == claim.key, message.c.status == "sending", message.c.epoch == claim.epoch)


def _in(person: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return (message.c.person == person, message.c.digest == key, message.c.status == "waiting")


def _others(claim: ClaimedMessage, manners: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    """What else would be decided as the claimed message was."""
    return (
        message.c.person == claim.person,
        message.c.status == "pending",
        message.c.kind != DIGEST,
        message.c.manner.in_(manners),
        message.c.next_at <= claim.claimed_at,
    )


def _asked(*as_asked: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the task that a message asks for is open."""
    return exists(select(task.c.task).where(task.c.case == message.c.id, task.c.task == message.c.task, *as_asked))
