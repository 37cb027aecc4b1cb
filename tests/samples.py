"""A small procedure of no domain, built from structs: every capability once, for tests of deciding and folding.

opened ─confirm→ doing ─apply→ checking ─accept→ done (reopen → doing)      opened ─dismiss, approved→ dropped
opened ─confirm, level high→ reviewing{left, right} ─then→ sorting ─at once→ checking if urgent, else doing
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.core.definition import (
    ActionSpec,
    ApprovalSpec,
    AskSpec,
    DeadlineSpec,
    FieldSpec,
    FormItem,
    LadderSpec,
    MoveDeadline,
    Notify,
    PartySpec,
    Procedure,
    RungSpec,
    SameSpec,
    SetFields,
    StateSpec,
    TargetSpec,
    TaskSpec,
    TextSpec,
)

FIELDS = (
    FieldSpec(id="subject", title="事项", kind="text", required=True, maximum=200, filtered=True),
    FieldSpec(id="unit", title="单位", kind="unit", required=True),
    FieldSpec(id="place", title="场所", kind="place"),
    FieldSpec(id="level", title="等级", kind="choice", options=(("low", "一般"), ("high", "重大")), filtered=True),
    FieldSpec(id="urgent", title="紧急", kind="flag"),
    FieldSpec(id="cost", title="金额", kind="number", minimum=0, maximum=1_000_000),
    FieldSpec(id="due_on", title="期限", kind="date"),
    FieldSpec(id="asked_until", title="申请延至", kind="date"),
    FieldSpec(id="measures", title="临时措施", kind="text", long=True),
    FieldSpec(id="reason", title="理由", kind="text", long=True),
    FieldSpec(id="opinion", title="意见", kind="text"),
    FieldSpec(id="checked_on", title="核查日期", kind="date"),
    FieldSpec(id="reporter", title="报告人", kind="text", personal=True, confidential=("office",)),
    FieldSpec(id="photos", title="照片", kind="photo", many=True, maximum=9),
)

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
    PartySpec(id="acceptor", title="验收人", kind="actor", actions=("accept",)),
    PartySpec(id="pool", title="待分派", kind="queue", role="office", region="place.region"),
)

SLOW = LadderSpec(
    id="slow",
    title="进展缓慢",
    rungs=(
        RungSpec(id="remind", title="提醒", at="1 workday before", to=("holder",), text="told"),
        RungSpec(
            id="overdue", title="逾期", at="deadline", to=("holder", "holder.superior"), text="told", every="1 workday"
        ),
        RungSpec(
            id="letter",
            title="函告",
            at="3 workdays after",
            to=("unit.principal",),
            draft="letter",
            by="office",
            issue_within="2 workdays",
        ),
    ),
    basis=("sample.1",),
)


def _to(*states: str, **when: str) -> tuple[TargetSpec, ...]:
    """Branches in order: those of `when` first (state=guard), then the plain ones."""
    return (
        *(TargetSpec(state=state, when=guard) for state, guard in when.items()),
        *(TargetSpec(state=state) for state in states),
    )


def _form(*required: str, optional: tuple[str, ...] = ()) -> tuple[FormItem, ...]:
    return (*(FormItem(field=name, required=True) for name in required), *(FormItem(field=name) for name in optional))


REPORT = ActionSpec(
    id="report",
    title="报告",
    by=("checker", "office", "unit.officer"),
    form=_form("subject", "unit", optional=("place", "urgent", "cost", "reporter", "photos")),
    to=_to("opened"),
    late_entry="5 days",
)

OPENED = StateSpec(
    path="opened",
    title="待核实",
    tasks=(
        TaskSpec(
            title="核实",
            holder="checker",
            deadline=DeadlineSpec(within="2 workdays", basis=("sample.2",)),
            ladder="slow",
            actions=(
                ActionSpec(
                    id="confirm",
                    title="核实",
                    form=_form("level", "due_on"),
                    sign="hand",
                    to=_to("doing", reviewing="level == 'high'"),
                    do=(
                        SetFields(values={"checked_on": "today"}),
                        Notify(to=("unit.principal",), text="told"),
                    ),
                ),
                ActionSpec(
                    id="dismiss",
                    title="不予认定",
                    form=_form("reason"),
                    to=_to("dropped"),
                    approve=ApprovalSpec(
                        by="office",
                        not_by=("checker", "finder"),
                        deadline=DeadlineSpec(within="1 workday"),
                        ladder="slow",
                    ),
                ),
            ),
        ),
    ),
)

DOING = StateSpec(
    path="doing",
    title="办理中",
    tasks=(
        TaskSpec(
            title="办理",
            holder="unit.principal",
            deadline=DeadlineSpec(until="due_on"),
            ladder="slow",
            expiry_opens="recheck",
            actions=(
                ActionSpec(id="apply", title="申请验收", evidence=("photo",), form=_form("photos"), to=_to("checking")),
                ActionSpec(
                    id="extend",
                    title="申请延期",
                    form=_form("asked_until", "reason", optional=("measures",)),
                    ask=AskSpec(lead="3 workdays", late_by="office", late_form=("measures",), times=1),
                    approve=ApprovalSpec(by="checker", deadline=DeadlineSpec(within="2 workdays")),
                    do=(MoveDeadline(until="asked_until"),),
                ),
            ),
        ),
        TaskSpec(
            id="recheck",
            title="到期复查",
            holder="checker",
            deadline=DeadlineSpec(within="3 workdays"),
            actions=(
                ActionSpec(id="note", title="复查记录", form=_form("opinion")),
                ActionSpec(id="take_over", title="直接验收", when="level != 'high'", to=_to("checking")),
            ),
        ),
    ),
)

CHECKING = StateSpec(
    path="checking",
    title="待验收",
    tasks=(
        TaskSpec(
            title="验收",
            holder="checker",
            deadline=DeadlineSpec(within="3 workdays"),
            ladder="slow",
            actions=(
                ActionSpec(
                    id="accept",
                    title="验收合格",
                    not_by=("finder", "unit"),
                    batch=False,
                    on_site="level == 'high'",
                    sign="hand",
                    to=_to("done"),
                ),
                ActionSpec(id="fail", title="验收不合格", form=_form("reason"), to=_to("doing")),
            ),
        ),
    ),
)


def _region(name: str, title: str, holder: str, *more: ActionSpec) -> tuple[StateSpec, ...]:
    path = f"reviewing.{name}"
    answer = ActionSpec(id="answer", title="答复", form=_form("opinion"), to=_to(f"{path}.given"))
    return (
        StateSpec(path=path, title=title, kind="nested", initial="asked", children=("asked", "given")),
        StateSpec(
            path=f"{path}.asked",
            title="待答复",
            tasks=(
                TaskSpec(
                    title="答复",
                    holder=holder,
                    deadline=DeadlineSpec(within="2 workdays"),
                    ladder="slow",
                    actions=(answer, *more),
                ),
            ),
        ),
        StateSpec(path=f"{path}.given", title="已答复", kind="final"),
    )


REVIEWING = (
    StateSpec(path="reviewing", title="会商", kind="parallel", children=("left", "right"), then=_to("sorting")),
    *_region("left", "甲方", "office", ActionSpec(id="withdraw", title="撤回", to=_to("opened"))),
    *_region("right", "乙方", "checker"),
)

SORTING = StateSpec(path="sorting", title="分流", then=_to("doing", checking="urgent == True"))

DONE = StateSpec(
    path="done",
    title="已完成",
    kind="final",
    final="completed",
    reopen=ActionSpec(id="reopen", title="撤销", by=("office",), form=_form("reason", "due_on"), to=_to("doing")),
)

DROPPED = StateSpec(path="dropped", title="不予认定", kind="final", final="mistaken")

SAMPLE = Procedure(
    id="sample",
    title="样例",
    plan="somewhere",
    number="S-{year}-{seq:05}",
    calendar="cn",
    fields=FIELDS,
    parties=PARTIES,
    starts=(REPORT,),
    states=(OPENED, DOING, CHECKING, *REVIEWING, SORTING, DONE, DROPPED),
    ladders=(SLOW,),
    texts=(TextSpec(id="told", subject="{number}", body="{title}：{state}"),),
    same=SameSpec(fields=("unit", "place"), within="12 months", notify=("acceptor",), text="told"),
    unit_field="unit",
    place_field="place",
    title_field="subject",
    basis=("sample",),
)


def with_state(procedure: Procedure, path: str, **changes: Any) -> Procedure:
    """The procedure with one state changed, for a test that needs it a little different."""
    states = tuple(
        msgspec.structs.replace(state, **changes) if state.path == path else state for state in procedure.states
    )
    return msgspec.structs.replace(procedure, states=states)


def with_action(procedure: Procedure, path: str, action: str, **changes: Any) -> Procedure:
    """The procedure with one action of a state's tasks changed."""
    tasks = tuple(
        msgspec.structs.replace(
            task,
            actions=tuple(
                msgspec.structs.replace(each, **changes) if each.id == action else each for each in task.actions
            ),
        )
        for state in procedure.states
        if state.path == path
        for task in state.tasks
    )
    return with_state(procedure, path, tasks=tasks)


def with_changed_party(procedure: Procedure, party: str, **changes: Any) -> Procedure:
    """The procedure with one party changed."""
    parties = tuple(msgspec.structs.replace(one, **changes) if one.id == party else one for one in procedure.parties)
    return msgspec.structs.replace(procedure, parties=parties)
