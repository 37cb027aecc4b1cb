"""What people do, as requests made beforehand: cases walked from the report to the write-off, many at a time."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from bench.world import Unit, World
from engine.core.command import AnswerApproval, AnyAct, EvidenceRef, Request, StartCase, Stream, SubmitAction
from engine.core.definition import ActionSpec, FieldSpec
from engine.core.form_values import Problem

#: Cases that one client has under way at once.
LANES = 64
#: Optional fields that people usually fill in.
_USUAL = ("standard", "measures")
_GENERAL = "一般"
_WORDS = (
    "车间安全出口被货物堵塞，疏散通道宽度不足一点四米，应急照明损坏两处，未见整改记录",
    "有限空间作业未办理审批手续，现场无监护人员，未配备气体检测仪和正压式呼吸器",
    "冲压设备光电保护装置失效，急停按钮损坏，操作人员未经培训上岗，现场无警示标志",
    "立即停止使用相关设备，清理疏散通道，更换损坏的应急照明，整改期间安排专人值守",
)


class Walks:
    """Endless requests of one client, each legal when all before it have been carried out."""

    def __init__(self, world: World, name: str, *, lanes: int = LANES, due_on: str = "") -> None:
        self._world = world
        self._name = name
        self._due_on = due_on
        self._dice = Random(name)
        self._cases = 0
        self._lanes = [self._lane() for _ in range(lanes)]

    def take(self, count: int) -> list[Request]:
        """The next requests, of lanes chosen by the dice."""
        return [next(self._dice.choice(self._lanes)) for _ in range(count)]

    def in_turn(self, lane: int, count: int) -> list[Request]:
        """The next requests of one lane, each of which must wait for the one before."""
        return [next(self._lanes[lane]) for _ in range(count)]

    def one(self, steps: int) -> list[Request]:
        """The first requests of a case of its own."""
        walk = self._walk()
        return [next(walk) for _ in range(steps)]

    def _lane(self) -> Iterator[Request]:
        while True:
            yield from self._walk()

    def _walk(self) -> Iterator[Request]:
        """One case: report, confirm, perhaps progress and an extension, apply, perhaps fail and apply, accept."""
        self._cases += 1
        dice = self._dice
        unit = dice.choice(self._world.units)
        case = _Requests(self._world, f"{self._name}-{self._cases:08d}", unit, dice, self._due_on)
        yield case.start("report", unit.inspector)
        yield case.act("reported", 1, "confirm", unit.supervisor)
        task = opened = 2
        if dice.random() < 0.4:
            yield case.act("rectifying", task, "progress", unit.safety_officer)
        if dice.random() < 0.3:
            yield case.act("rectifying", task, "extend", unit.safety_officer)
            opened += 1
            yield case.consent(opened, unit.supervisor)
        if dice.random() < 0.3:
            yield case.act("rectifying", task, "apply", unit.safety_officer)
            yield case.act("accepting", opened + 1, "fail", unit.supervisor)
            task = opened = opened + 2
        yield case.act("rectifying", task, "apply", unit.safety_officer)
        yield case.act("accepting", opened + 1, "accept", unit.supervisor)


class _Requests:
    """The requests of one case, numbered; forms are filled as their definitions ask."""

    def __init__(self, world: World, name: str, unit: Unit, dice: Random, due_on: str) -> None:
        self._world = world
        self._stream = Stream("case", name)
        self._unit = unit
        self._dice = dice
        self._due_on = due_on
        self._done = 0

    def _request(self, act: AnyAct, by: str) -> Request:
        self._done += 1
        return Request(id=f"{self._stream.id}:{self._done}", stream=self._stream, act=act, acted_by=by, medium="web")

    def start(self, action: str, by: str) -> Request:
        """Open the case."""
        spec, version = self._world.machine.starts[action], self._world.machine.version
        act = StartCase(version=version, action=action, data=self._filled(spec), evidence=self._photos(spec))
        return self._request(act, by)

    def act(self, state: str, task: int, action: str, by: str) -> Request:
        """An action of a task, with the evidence and signature it asks for."""
        spec = self._world.machine.actions[state, "", action]
        evidence = self._photos(spec) if "photo" in spec.evidence else ()
        if spec.sign == "hand":
            evidence = (*evidence, self._dice.choice(self._world.signatures))
        return self._request(SubmitAction(task=task, action=action, data=self._filled(spec), evidence=evidence), by)

    def consent(self, task: int, by: str) -> Request:
        """The consent of a second person."""
        return self._request(AnswerApproval(task=task, consent=True), by)

    def _filled(self, action: ActionSpec) -> dict[str, Any]:
        fields = self._world.machine.fields
        wanted = [
            fields[item.field]
            for item in action.form
            if item.required or fields[item.field].required or item.field in _USUAL
        ]
        return {spec.id: self._value(spec) for spec in wanted if spec.kind != "photo"}

    def _value(self, spec: FieldSpec) -> Any:
        match spec.kind:
            case "choice":
                return _GENERAL if _GENERAL in spec.choices else self._dice.choice(list(spec.choices))
            case "unit":
                return self._unit.id
            case "date" if spec.id == "found_on":
                return "2026-03-02"
            case "date" if self._due_on:
                return self._due_on
            case "date":
                # what is asked for later must be later than what was set before
                return f"2026-{'04' if spec.id == 'asked_date' else '03'}-{self._dice.randint(20, 30)}"
            case "text":
                # one of a kind: these hazards are not each other's return
                most = int(spec.maximum or 200)
                return f"{self._dice.choice(_WORDS)}（{self._stream.id}）"[-most:]
        raise Problem("no_value_for_kind", kind=spec.kind)

    def _photos(self, action: ActionSpec) -> tuple[EvidenceRef, ...]:
        asked = any(self._world.machine.fields[item.field].kind == "photo" for item in action.form)
        return (self._dice.choice(self._world.photos),) if asked else ()
