"""The sample in which tasks are passed on, voted on, handed over: every act about people once, for tests of the faces.

Besides the people of `worlds`: feng and gu check food in the first town; feng stands in for zhou in March 2026.
"""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, AnyAct, GrantRole, RecordPersons, RecordSubstitutions
from engine.core.definition import (
    ActionSpec,
    DeadlineSpec,
    FormItem,
    HandlingSpec,
    HandOverSpec,
    JointSpec,
    Procedure,
    TargetSpec,
    UrgeSpec,
    VotesSpec,
)
from tests.districts import District
from tests.samples import SAMPLE, with_action, with_state

HAND_OVER = HandOverSpec(
    party="checker",
    receive=DeadlineSpec(within="1 workday"),
    grounds=(("not_ours", "不属本部门职责"), ("elsewhere", "不在本辖区")),
    designate_by="office",
    designate=DeadlineSpec(within="2 workdays"),
)
HANDLING = HandlingSpec(
    claim=True,
    transfer=("checker",),
    delegate=("checker", "office"),
    copy=("office", "unit"),
    urge=UrgeSpec(by=("office",), every="1 workday"),
    superior=True,
    recuse=True,
    hand_over=HAND_OVER,
)
#: Three voices decide; a checker may be asked besides.
SETTLE = ActionSpec(
    id="settle",
    title="会商结案",
    to=(TargetSpec(state="dropped"),),
    votes=VotesSpec(
        by=("office", "unit.principal", "unit.officer"),
        rule="2/3",
        add=("checker",),
        deadline=DeadlineSpec(within="1 workday"),
    ),
)
BACK = ActionSpec(
    id="send_back",
    title="退回",
    form=(FormItem(field="reason", required=True),),
    back=True,
    to=(TargetSpec(state="opened"), TargetSpec(state="doing")),
)


def handled(procedure: Procedure = SAMPLE) -> Procedure:
    """The procedure with all of it."""
    made = with_action(procedure, "opened", "confirm", recall="until read")
    opened, checking = (next(one for one in made.states if one.path == path) for path in ("opened", "checking"))
    (task,) = opened.tasks
    made = with_state(made, "opened", tasks=(replace(task, handling=HANDLING, actions=(*task.actions, SETTLE)),))
    (task,) = checking.tasks
    joint = JointSpec(by=("office", "unit.principal", "unit.officer"), deadline=DeadlineSpec(within="1 workday"))
    return with_state(made, "checking", tasks=(replace(task, joint=joint, actions=(*task.actions, BACK)),))


HANDLED = handled()


def _more() -> list[AnyAct]:
    persons = tuple({"id": one, "name": f"{one} 某"} for one in ("feng", "gu"))
    granted = [
        GrantRole(person=one, role="checker", region="/s/t1/", industry="food", valid_from="2020-01-01")
        for one in ("feng", "gu")
    ]
    stands_in = RecordSubstitutions(
        substitutions=(
            {
                "id": "s1",
                "person": "zhou",
                "substitute": "feng",
                "valid_from": "2026-03-01",
                "valid_to": "2026-04-01",
                "reason": "年假",
            },
        )
    )
    return [RecordPersons(persons=persons), *granted, stands_in]


def settle(district: District) -> None:
    """Record the people besides, and the substitution."""
    for act in _more():
        district.do(district.request(DIRECTORY, act, SYSTEM, medium="system"))
