"""A small procedure of visits that nobody is told of: a team enters, fills in a checklist, and both sides sign.

planned (hidden from the unit) ─enter→ inside ─record→ signing ─conclude→ told, or left where the unit refuses to sign
planned ─drop→ dropped
"""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.core import command as cmd
from engine.core.compiler import compile_procedure
from engine.core.definition import (
    ActionSpec,
    AnswerSpec,
    ChecklistSpec,
    DeadlineSpec,
    FieldSpec,
    FormItem,
    GroupSpec,
    ItemSpec,
    Notify,
    PartySpec,
    Procedure,
    SealSpec,
    SetFields,
    SignSpec,
    StateSpec,
    TargetSpec,
    TaskSpec,
    TextSpec,
)
from engine.core.directory import Certificate, Directory
from engine.core.machine import Machine
from engine.proof.play import World
from tests.worlds import HOLDINGS, PLACES, ROLES, UNITS, calendar, local

LICENCE = "licence"
DOORS = ChecklistSpec(
    id="doors",
    version="1",
    title="门",
    answers=(
        AnswerSpec(id="good", title="好"),
        AnswerSpec(id="bad", title="坏", finding=True, note=True),
        AnswerSpec(id="none", title="无"),
    ),
    groups=(
        GroupSpec(id="ways", title="通道", items=(ItemSpec(id="front", text="前门"), ItemSpec(id="back", text="后门"))),
        GroupSpec(id="rest", title="其他", items=(ItemSpec(id="vault", text="库房"),)),
    ),
)
FINDINGS = FieldSpec(
    id="findings",
    title="问题",
    kind="table",
    maximum=3,
    columns=(
        FieldSpec(id="where", title="部位", kind="text", required=True, maximum=20),
        FieldSpec(id="grade", title="等级", kind="choice", options=(("low", "低"), ("high", "高"))),
        FieldSpec(id="cost", title="金额", kind="number", minimum=0),
        FieldSpec(id="by", title="期限", kind="date"),
        FieldSpec(id="fixed", title="已改", kind="flag"),
        FieldSpec(id="owner", title="单位", kind="unit"),
        FieldSpec(id="pictures", title="照片", kind="photo", many=True),
    ),
)
FIELDS = (
    FieldSpec(id="unit", title="单位", kind="unit", required=True),
    FieldSpec(id="place", title="场所", kind="place"),
    FieldSpec(id="subject", title="事项", kind="text", required=True, filtered=True),
    FieldSpec(
        id="team", title="人员", kind="person", many=True, minimum=2, maximum=4, certificate=LICENCE, required=True
    ),
    FieldSpec(id="answers", title="检查表", kind="checklist", checklist=DOORS, required=True),
    FINDINGS,
    FieldSpec(id="served_on", title="送达", kind="date"),
    FieldSpec(id="reason", title="理由", kind="text"),
)
PARTIES = (
    PartySpec(id="unit", title="被访单位", kind="unit", field="unit"),
    PartySpec(id="team", title="检查组", kind="person", field="team"),
    PartySpec(id="office", title="办公室", kind="role", role="office", region="place.region"),
    PartySpec(id="planner", title="安排人", kind="actor", actions=("plan",)),
)


def _to(state: str, when: str = "") -> TargetSpec:
    return TargetSpec(state=state, when=when)


def _form(*names: str) -> tuple[FormItem, ...]:
    return tuple(FormItem(field=name) for name in names)


PLAN = ActionSpec(
    id="plan",
    title="安排",
    by=("office",),
    form=_form("unit", "place", "subject", "team"),
    to=(_to("planned"),),
    do=(Notify(to=("team",), text="given"),),
)
ENTER = ActionSpec(
    id="enter", title="进入", certificate=LICENCE, on_site="True", evidence=("photo",), to=(_to("inside"),)
)
DROP = ActionSpec(id="drop", title="取消", form=_form("reason"), to=(_to("dropped"),))
RECORD = ActionSpec(id="record", title="记录", form=_form("answers", "findings"), to=(_to("signing"),))
NOTE = ActionSpec(id="note", title="先记一部分", form=(FormItem(field="answers", partial=True),))
CONCLUDE = ActionSpec(
    id="conclude",
    title="签字",
    certificate=LICENCE,
    signs=(SignSpec(party="", level="hand", count=2), SignSpec(party="unit", level="hand", refused="witness")),
    do=(SetFields(values={"served_on": "today"}, when="signed.unit"), Notify(to=("unit.principal",), text="given")),
    to=(_to("left", "refused.unit"), _to("told")),
)
LEAVE = ActionSpec(id="leave", title="留置", do=(SetFields(values={"served_on": "today"}),), to=(_to("told"),))
ANSWER = ActionSpec(id="answer", title="答复", to=(_to("over"),))


def _state(path: str, title: str, holder: str, *actions: ActionSpec, deadline: DeadlineSpec | None = None) -> StateSpec:
    task = TaskSpec(holder=holder, deadline=deadline, undated="" if deadline else "当场", actions=actions)
    return StateSpec(path=path, title=title, tasks=(task,))


VISIT = Procedure(
    id="visit",
    title="走访",
    plan="somewhere",
    number="V-{year}-{seq:05}",
    calendar="cn",
    fields=FIELDS,
    parties=PARTIES,
    starts=(PLAN,),
    states=(
        _state("planned", "待进入", "team", ENTER, DROP, deadline=DeadlineSpec(within="5 workdays")),
        _state("inside", "检查", "team", RECORD, NOTE),
        _state("signing", "签字", "team", CONCLUDE),
        _state("left", "留置", "team", LEAVE),
        _state(
            "told", "待答复", "unit.principal", ANSWER, deadline=DeadlineSpec(within="5 workdays", since="served_on")
        ),
        StateSpec(path="over", title="办结", kind="final", final="done"),
        StateSpec(path="dropped", title="取消", kind="final", final="dropped"),
    ),
    texts=(TextSpec(id="given", subject="{number} {unit}", body="{title} {subject}"),),
    unit_field="unit",
    place_field="place",
    title_field="subject",
    sealed=SealSpec(until=("enter",), hidden_from=("unit",)),
)

#: chen and zhou are licensed, zhou only up to the end of March
CERTIFICATES = (
    Certificate(id="1", person="chen", kind=LICENCE, number="A1", valid_to=date(2028, 1, 1)),
    Certificate(id="2", person="zhou", kind=LICENCE, number="A2", valid_to=date(2026, 4, 1)),
    Certificate(id="3", person="tang", kind="other", number="B1", valid_to=date(2028, 1, 1)),
)
TEAM = ["chen", "zhou"]
MONDAY = "2026-03-02 09:00"


def visits(procedure: Procedure = VISIT, at: str = MONDAY, **more: Any) -> World:
    """The world of `worlds`, with licences, running visits."""
    machine: Machine = compile_procedure(procedure)
    directory = Directory(version=1, holdings=HOLDINGS, certificates=CERTIFICATES, roles=ROLES)
    return World(
        [machine], directory=directory, calendar=calendar(), start=local(at), units=UNITS, places=PLACES, **more
    )


def planned(world: World, by: str = "lin", **data: Any) -> str:
    """A visit to unit U1, place P1, of which nobody is told."""
    return world.start(by, "visit", "plan", {"unit": "U1", "place": "P1", "subject": "门窗", "team": TEAM, **data})


def entered(world: World, case: str, by: str = "chen") -> str:
    """The same visit, begun on the spot."""
    world.submit(by, case, "enter", evidence=(world.file("photo"),), on_site=True)
    return case


def recorded(world: World, case: str, *findings: dict[str, Any]) -> str:
    """The same visit with every question answered."""
    answers = {"front": "good", "back": {"answer": "bad", "note": "上锁"}, "vault": "none"}
    world.submit("chen", case, "record", {"answers": answers, "findings": list(findings)})
    return case


def signed(world: World, *persons: str, **how: Any) -> tuple[list[cmd.Signature], list[cmd.EvidenceRef]]:
    """Signatures of members of the team, each with a drawing of its own."""
    files = [world.file("signature") for _ in persons]
    return [cmd.Signature(person=one, file=file.sha256) for one, file in zip(persons, files, strict=True)], files
