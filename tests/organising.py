"""Random organisations and random procedures of small building blocks, for people who do what they are offered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core.definition import (
    ActionSpec,
    ApprovalSpec,
    AskSpec,
    DeadlineSpec,
    FormItem,
    HandlingSpec,
    HandOverSpec,
    JointSpec,
    MoveDeadline,
    PartySpec,
    PowerSpec,
    Procedure,
    RecusedSpec,
    StateSpec,
    TargetSpec,
    TaskSpec,
    UrgeSpec,
    VotesSpec,
)
from engine.core.directory import Holding, Power, Recusal, Shift, Substitution
from tests.samples import REPORT, SAMPLE
from tests.worlds import EVE, local

PEOPLE = tuple("abcdefghij")
REGIONS = {"/s/": "本县", "/s/t1/": "一镇", "/s/t2/": "二镇"}
NEIGHBOURS = {"/s/t1/": ("/s/t2/",), "/s/t2/": ("/s/t1/",)}
INDUSTRIES = {"steel": "钢铁", "food": "食品"}
START = local(EVE).date()

# organisations ------------------------------------------------------------------------------------------------------

_people = st.sampled_from(PEOPLE)


def _from(days: int) -> date:
    return START + timedelta(days=days)


@st.composite
def holdings(draw: st.DrawFn, name: str) -> Holding:
    """Somebody's role in a region or a unit; some begin later or end mid-way."""
    inside = draw(st.integers(0, 3)) == 0
    begins, lasts = draw(st.sampled_from((-9, -9, -9, 2, 6))), draw(st.sampled_from((900, 900, 900, 12, 16)))
    where: dict[str, Any] = (
        {"role": draw(st.sampled_from(("principal", "officer"))), "unit": draw(st.sampled_from(("U1", "U2")))}
        if inside
        else {
            "role": draw(st.sampled_from(("checker", "checker", "office"))),
            "region": draw(st.sampled_from(tuple(REGIONS))),
            "industry": draw(st.sampled_from(("", "", "steel", "food"))),
            "body": draw(st.sampled_from(("B1", "B2"))),
        }
    )
    return Holding(id=name, person=draw(_people), valid_from=_from(begins), valid_to=_from(begins + lasts), **where)


@st.composite
def substitutions(draw: st.DrawFn, name: str) -> Substitution:
    """Somebody stands in for another, in all roles or one, from some day on."""
    person = draw(_people)
    begins = draw(st.integers(-2, 9))
    return Substitution(
        id=name,
        person=person,
        substitute=draw(_people.filter(lambda one: one != person)),
        role=draw(st.sampled_from(("", "", "checker", "office"))),
        valid_from=_from(begins),
        valid_to=_from(begins + draw(st.integers(1, 20))),
    )


@st.composite
def organisations(draw: st.DrawFn) -> dict[str, Any]:
    """Rows of a directory: at first somebody checks in the town, and an office and a principal are there."""
    base = (
        Holding(id="h1", person=draw(_people), role="checker", region="/s/t1/", body="B1"),
        Holding(id="h2", person=draw(_people), role="office", region="/s/", body="B1"),
        Holding(id="h3", person=draw(_people), role="principal", unit="U1"),
    )
    more = [draw(holdings(f"m{n}")) for n in range(draw(st.integers(5, 14)))]
    shifts = [
        Shift(id=f"w{n}", roster="watch", person=draw(_people), begins=begins, ends=begins + timedelta(hours=12))
        for n in range(draw(st.integers(0, 14)))
        for begins in (local(EVE) + timedelta(hours=12 * n - 6),)
    ]
    kin = [Recusal(id=f"k{n}", person=draw(_people), kind="kin", unit="U1") for n in range(draw(st.integers(0, 2)))]
    return {
        "holdings": (*base, *more),
        "substitutions": [draw(substitutions(f"s{n}")) for n in range(draw(st.integers(0, 4)))],
        "shifts": shifts,
        "recusals": kin,
        "powers": [Power(id="p1", body="B1", matter="works")],
    }


# procedures ---------------------------------------------------------------------------------------------------------

PARTIES = (
    PartySpec(id="unit", title="责任单位", kind="unit", field="unit"),
    PartySpec(
        id="checker",
        title="核查人",
        kind="role",
        role="checker",
        region="place.region",
        industry="unit.industry",
        none="pool",
    ),
    PartySpec(id="office", title="办公室", kind="role", role="office", region="place.region"),
    PartySpec(id="finder", title="发现人", kind="actor", actions=("report",)),
    PartySpec(id="first", title="先办的人", kind="actor", actions=("on0",)),
    PartySpec(
        id="fresh",
        title="复核人",
        kind="role",
        role="checker",
        region="place.region",
        excepts=("unit", "finder", "first"),
        recused=RecusedSpec(of=("unit",), grounds=("kin", "own_unit", "superiors")),
        none="beside",
    ),
    PartySpec(id="beside", title="邻近", kind="role", role="checker", region="place.region", beside=True, none="pool"),
    PartySpec(id="duty", title="值班", kind="roster", roster="watch", region="place.region", none="pool"),
    PartySpec(
        id="pool",
        title="待分派",
        kind="queue",
        role="office",
        region="place.region",
        designate=DeadlineSpec(within="2 workdays"),
    ),
)
HOLDERS = ("checker", "checker", "fresh", "duty", "office", "unit.principal")
HAND_OVER = HandOverSpec(
    party="checker",
    receive=DeadlineSpec(within="1 workday"),
    grounds=(("not_ours", "不属本单位职责"),),
    designate_by="office",
    designate=DeadlineSpec(within="2 workdays"),
    ladder="slow",
)
VOTERS = ("office", "unit.principal", "duty", "fresh")
_TO_NEXT = ("plain", "plain", "approve", "votes", "votes")
_RECALLS = ("", "until read", "2 days")


@st.composite
def handlings(draw: st.DrawFn, holder: str) -> HandlingSpec:
    """What may be done with a task besides its actions."""
    flags = [draw(st.booleans()) for _ in range(7)]
    return HandlingSpec(
        claim=flags[0],
        transfer=("office",) if flags[1] else (),
        delegate=("office", "unit") if flags[2] else (),
        copy=("office", "unit") if flags[3] else (),
        urge=UrgeSpec(by=("office",), every="1 workday") if flags[3] else None,
        superior=flags[4],
        recuse=flags[5],
        hand_over=HAND_OVER if flags[6] and holder == "checker" else None,
    )


@st.composite
def votes(draw: st.DrawFn) -> VotesSpec:
    """A vote of two or three."""
    by = tuple(draw(st.permutations(VOTERS)))[: draw(st.integers(2, 3))]
    return VotesSpec(
        by=by,
        rule=draw(st.sampled_from(("all", "any", "1/2", "2"))),
        veto=by[:1] if draw(st.booleans()) else (),
        quorum=draw(st.integers(0, 2)),
        order=draw(st.sampled_from(("parallel", "sequential"))),
        add=("checker", "unit") if draw(st.booleans()) else (),
        deadline=DeadlineSpec(within="1 workday"),
        ladder="slow",
        refused_to="dropped" if draw(st.integers(0, 3)) == 0 else "",
    )


def _moves(*states: str) -> tuple[TargetSpec, ...]:
    return tuple(TargetSpec(state=state) for state in states)


@st.composite
def actions(draw: st.DrawFn, n: int, count: int) -> tuple[ActionSpec, ...]:
    """What leads on from a state, back from it, and nowhere."""
    how = draw(st.sampled_from(_TO_NEXT))
    more: dict[str, Any] = {}
    if how == "approve":
        by = draw(st.sampled_from(("office", "fresh")))
        not_by = ("finder", "unit") if draw(st.booleans()) else ()
        more["approve"] = ApprovalSpec(by=by, not_by=not_by, deadline=DeadlineSpec(within="1 workday"), ladder="slow")
    elif how == "votes":
        more["votes"] = draw(votes())
    elif n + 1 < count:
        more["recall"] = draw(st.sampled_from(_RECALLS))
    if n and how != "votes":
        more["not_by"] = draw(st.sampled_from(((), ("finder",), ("first",))))
    on = ActionSpec(id=f"on{n}", title="办结", to=_moves(f"s{n + 1}" if n + 1 < count else "done"), **more)
    note = ActionSpec(
        id="note", title="记录", by=("office", "unit"), power=PowerSpec(matter="works") if draw(st.booleans()) else None
    )
    extend = ActionSpec(
        id="extend",
        title="申请延期",
        form=(FormItem(field="asked_until", required=True),),
        ask=AskSpec(times=1),
        approve=ApprovalSpec(by="office", deadline=DeadlineSpec(within="1 workday")),
        do=(MoveDeadline(until="asked_until"),),
    )
    back = ActionSpec(id="back", title="退回", back=True, to=_moves(*(f"s{m}" for m in range(n))))
    fail = ActionSpec(id="fail", title="不合格", to=_moves("s0"), recall=draw(st.sampled_from(_RECALLS)))
    return (on, note, extend, *((back, fail) if n else ()))


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    """Two to four states in a row, each with its holder, its time and what may be done about it."""
    count = draw(st.integers(2, 4))
    states = []
    for n in range(count):
        holder = draw(st.sampled_from(HOLDERS))
        asked = tuple(draw(st.permutations(("office", "unit.principal", "duty"))))[: draw(st.integers(1, 2))]
        joint = JointSpec(
            by=asked, deadline=DeadlineSpec(within="1 workday"), wait=draw(st.sampled_from(("due", "all", "none")))
        )
        task = TaskSpec(
            title="办理",
            holder=holder,
            deadline=DeadlineSpec(within=draw(st.sampled_from(("5 hours", "2 workdays", "5 days")))),
            ladder=draw(st.sampled_from(("slow", "slow", ""))),
            handling=draw(handlings(holder)),
            joint=joint if draw(st.integers(0, 3)) == 0 else None,
            actions=draw(actions(n, count)),
        )
        states.append(StateSpec(path=f"s{n}", title="办理", tasks=(task,)))
    reopen = ActionSpec(id="reopen", title="撤销", by=("office",), to=_moves("s0"))
    done = StateSpec(path="done", title="已完成", kind="final", final="completed", reopen=reopen)
    dropped = StateSpec(path="dropped", title="不予认定", kind="final", final="mistaken", reopen=reopen)
    # Where nobody votes it down, nothing leads there.
    voted = any(one.votes and one.votes.refused_to for state in states for one in state.tasks[0].actions)
    start = replace(REPORT, by=("checker", "office"), to=_moves("s0"))
    return replace(
        SAMPLE,
        parties=PARTIES,
        starts=(start,),
        states=(*states, done, *((dropped,) if voted else ())),
        same=None,
    )
