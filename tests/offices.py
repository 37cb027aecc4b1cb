"""Offices that hand matters over to each other: the sample with hand-over, and a directory with industries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core.case import Task
from engine.core.definition import DeadlineSpec, HandlingSpec, HandOverSpec, LadderSpec, Procedure, RungSpec
from engine.core.directory import Directory, Holding
from engine.errors import ZhibenError
from engine.proof.play import World
from tests.samples import SAMPLE, SLOW, with_state
from tests.worlds import PAIR, ROLES, world

REGIONS = {"/s/": "本县", "/s/t1/": "一镇", "/s/t2/": "二镇"}
INDUSTRIES = {"food": "食品", "steel": "钢铁"}
#: Checkers of the first town besides those of everything: for food, for nothing but the day after the eve.
OFFICES = (
    *PAIR,
    Holding(id="30", person="feng", role="checker", region="/s/t1/", industry="food"),
    Holding(id="31", person="gu", role="checker", region="/s/t1/", industry="food"),
)
#: A reminder at the deadline, to who holds it and who supervises them.
PROMPT = LadderSpec(
    id="prompt",
    title="催",
    rungs=(RungSpec(id="late", title="逾期", at="deadline", to=("holder", "holder.superior"), text="told"),),
)
GROUNDS = (("not_ours", "不属本部门职责"), ("elsewhere", "不在本辖区"))
HAND_OVER = HandOverSpec(
    party="checker",
    receive=DeadlineSpec(within="1 workday"),
    ladder="prompt",
    grounds=GROUNDS,
    designate_by="office",
    designate=DeadlineSpec(within="2 workdays"),
    designate_ladder="prompt",
)


def with_hand_over(procedure: Procedure = SAMPLE, spec: HandOverSpec = HAND_OVER, **handling: Any) -> Procedure:
    """The procedure in which whatever lies with the checker may be handed over."""
    told = HandlingSpec(hand_over=spec, **handling)
    for state in procedure.states:
        if state.tasks:
            tasks = tuple(replace(task, handling=told) for task in state.tasks)
            procedure = with_state(procedure, state.path, tasks=tasks)
    return replace(procedure, ladders=(SLOW, PROMPT))


def directory(holdings: Iterable[Holding] = OFFICES, **more: Any) -> Directory:
    """A directory that knows the towns and the industries."""
    return Directory(version=1, holdings=holdings, roles=ROLES, regions=REGIONS, industries=INDUSTRIES, **more)


def offices(procedure: Procedure | None = None, holdings: Iterable[Holding] = OFFICES, **more: Any) -> World:
    """The world of the sample in which matters may be handed over."""
    play = world(procedure=procedure or with_hand_over())
    play.directory = directory(holdings, **more)
    return play


def hand_over(play: World, case: str, by: str = "chen", task: int = 0, **to: Any) -> Task:
    """Hand over the case's own task, to those for food unless said otherwise; the task of receipt."""
    own = task or next(one.n for one in play.case(case).tasks if one.kind == "own")
    to = to or {"industry": "food"}
    play.do(by, case, cmd.HandOver(task=own, reason=to.pop("reason", "属食品行业"), **to))
    return play.case(case).tasks[-1]


def answer(play: World, case: str, by: str, *, receive: bool = True, ground: str = "", reason: str = "") -> None:
    """Receive what was handed over, or refuse it."""
    task = next(one.n for one in play.case(case).tasks if one.kind == "receipt")
    play.do(by, case, cmd.AnswerHandOver(task=task, receive=receive, ground=ground, reason=reason))


def refuse(play: World, case: str, by: str = "feng", ground: str = "not_ours", reason: str = "属钢铁行业") -> None:
    """Refuse what was handed over."""
    answer(play, case, by, receive=False, ground=ground, reason=reason)


def designate(play: World, case: str, by: str = "lin", **to: Any) -> None:
    """Say whose the case is."""
    task = next(one.n for one in play.case(case).tasks if one.kind == "designation")
    play.do(by, case, cmd.Designate(task=task, reason=to.pop("reason", "按职责分工"), **to))


def code_of(kind: type[ZhibenError], do: Callable[[], object]) -> str:
    """The code with which it is refused, by exactly that kind of refusal."""
    with pytest.raises(kind) as refused:
        do()
    assert type(refused.value) is kind
    return refused.value.code


def kinds(play: World, person: str, case: str) -> list[tuple[int, str]]:
    """What is offered besides actions, by task."""
    return [(offer.task, offer.kind) for offer in play.offers(person, case) if offer.kind != "act"]
