"""Two procedures that have to do with each other: things to mend, and watches over them; for tests of links."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from engine.core.compiler import compile_procedure
from engine.core.definition import (
    ActionSpec,
    DeadlineSpec,
    FieldSpec,
    FormItem,
    LadderSpec,
    LinkCases,
    LinkSpec,
    Notify,
    OpenTask,
    PartySpec,
    Procedure,
    ReactionSpec,
    RungSpec,
    SetFields,
    StartEach,
    StartSpec,
    StateSpec,
    TargetSpec,
    TaskSpec,
    TextSpec,
    WaitSpec,
)
from engine.core.directory import Directory, Holding
from engine.proof.play import World
from tests.worlds import PAIR, PLACES, ROLES, UNITS, calendar, local

UNIT = FieldSpec(id="unit", title="单位", kind="unit", required=True)
PARTIES = (
    PartySpec(id="unit", title="单位", kind="unit", field="unit"),
    PartySpec(id="checker", title="核查员", kind="role", role="checker", region="unit.region"),
    PartySpec(id="office", title="办公室", kind="role", role="office", region="unit.region"),
)
END = StateSpec(path="done", title="完成", kind="final", final="完成")
#: what an office reacts to in whatever state
REDDEN = ReactionSpec(
    link="watches", when="any_overdue", do=(SetFields(values={"behind": "True"}), Notify(to=("office",), text="late"))
)


def _to(state: str) -> tuple[TargetSpec, ...]:
    return (TargetSpec(state=state),)


def mend(*, proposes: bool = False, **changes: Any) -> Procedure:
    """Something to mend within ten days; it may end in two ways, be put back, and propose a watch over itself."""
    propose = ActionSpec(
        id="propose",
        title="提请",
        by=("checker",),
        do=(StartSpec(procedure="watch", action="begin", values={"unit": "unit", "things": "case.id"}),),
    )
    actions = (
        ActionSpec(id="mend", title="整改", by=("checker",), to=_to("done")),
        ActionSpec(id="dismiss", title="不算", by=("checker",), to=_to("nothing")),
        *((propose,) if proposes else ()),
    )
    back = ActionSpec(id="put_back", title="撤销", by=("office",), to=_to("open"))
    made: dict[str, Any] = {
        "id": "mend",
        "title": "整改",
        "plan": "s",
        "number": "M-{year}-{seq:05}",
        "calendar": "cn",
        "fields": (UNIT, FieldSpec(id="what", title="事项", kind="text")),
        "parties": PARTIES,
        "starts": (
            ActionSpec(id="report", title="上报", by=("checker", "office"), form=_form("unit", "what"), to=_to("open")),
        ),
        "states": (
            StateSpec(
                path="open",
                title="整改中",
                tasks=(TaskSpec(holder="checker", deadline=DeadlineSpec(within="10 days"), actions=actions),),
            ),
            StateSpec(path="done", title="完成", kind="final", final="完成", reopen=back),
            StateSpec(path="nothing", title="不算", kind="final", final="不算"),
        ),
        "unit_field": "unit",
        "title_field": "what",
    }
    return Procedure(**(made | changes))


def _form(*required: str) -> tuple[FormItem, ...]:
    return tuple(FormItem(field=name, required=True) for name in required)


def watch(*, wait: WaitSpec | None = None, on: tuple[ReactionSpec, ...] = (REDDEN,), **changes: Any) -> Procedure:
    """A watch over things to mend: it begins more of them, asks for reports, and ends when they have ended."""
    add = ActionSpec(
        id="add",
        title="逐行交办",
        by=("office",),
        form=(FormItem(field="rows"),),
        do=(
            StartEach(
                of="rows",
                procedure="mend",
                action="report",
                link="watches",
                values={"unit": "unit", "what": "item.what"},
                when="not item.small",
            ),
        ),
    )
    report = ActionSpec(id="report_month", title="报告进展", by=("office",))
    made: dict[str, Any] = {
        "id": "watch",
        "title": "督办",
        "plan": "s",
        "number": "W-{year}-{seq:05}",
        "calendar": "cn",
        "fields": (
            UNIT,
            FieldSpec(id="things", title="事项", kind="case", procedure="mend", many=True),
            FieldSpec(
                id="rows",
                title="清单",
                kind="table",
                columns=(
                    FieldSpec(id="what", title="事项", kind="text", required=True),
                    FieldSpec(id="small", title="小事", kind="flag"),
                ),
            ),
            FieldSpec(id="behind", title="有逾期", kind="flag"),
        ),
        "parties": PARTIES,
        "links": (LinkSpec(id="watches", title="督办的事项", back="督办", to=("mend",), many=True),),
        "on": on,
        "starts": (
            ActionSpec(
                id="begin",
                title="挂牌",
                by=("office",),
                form=(FormItem(field="unit", required=True), FormItem(field="things")),
                do=(LinkCases(how="watches", field="things"), OpenTask(task="receipt")),
                to=_to("watching"),
            ),
        ),
        "states": (
            StateSpec(
                path="watching",
                title="督办中",
                tasks=(
                    TaskSpec(holder="office", undated="随事项办结", actions=(add,)),
                    TaskSpec(
                        id="receipt",
                        holder="office",
                        deadline=DeadlineSpec(within="2 workdays"),
                        actions=(ActionSpec(id="sign", title="签收", by=("office",)),),
                    ),
                    TaskSpec(
                        id="monthly",
                        holder="office",
                        every="1 month",
                        deadline=DeadlineSpec(within="1 month"),
                        ladder="late",
                        actions=(report,),
                    ),
                ),
                wait=wait or WaitSpec(link="watches", how_many="all"),
                then=_to("accepting"),
            ),
            StateSpec(
                path="accepting",
                title="待摘牌",
                tasks=(
                    TaskSpec(
                        holder="office",
                        deadline=DeadlineSpec(within="5 workdays"),
                        actions=(ActionSpec(id="lift", title="摘牌", by=("office",), to=_to("done")),),
                    ),
                ),
                on=(ReactionSpec(link="watches", when="any_reopened", to=_to("watching")),),
            ),
            END,
        ),
        "ladders": (
            LadderSpec(
                id="late",
                title="迟报",
                rungs=(RungSpec(id="press", title="催报", at="1 day after", to=("office",), text="late"),),
            ),
        ),
        "texts": (TextSpec(id="late", subject="{number}", body="{number}"),),
        "unit_field": "unit",
    }
    return Procedure(**(made | changes))


def world(*procedures: Procedure, at: str = "2026-03-02 09:00", holdings: Iterable[Holding] = PAIR) -> World:
    """A world that runs these procedures, or the two samples."""
    directory = Directory(version=1, holdings=holdings, roles=ROLES, regions={}, industries={})
    machines = [compile_procedure(one) for one in procedures or (mend(), watch())]
    return World(machines, directory=directory, calendar=calendar(), start=local(at), units=UNITS, places=PLACES)


def things(of: World, *names: str, unit: str = "U1", by: str = "chen") -> None:
    """Report things to mend, each under a name."""
    for name in names:
        of.start(by, "mend", "report", {"unit": unit, "what": name}, case=name)


def with_act(state: StateSpec, action: ActionSpec) -> StateSpec:
    """A state whose own task has one more action."""
    own, *others = state.tasks
    return replace(state, tasks=(replace(own, actions=(*own.actions, action)), *others))
