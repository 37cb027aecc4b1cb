"""A duty of no domain over units of a small world, and short words for what tests do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from msgspec.structs import replace

from engine.core.administration import DIRECTORY, MOST_ROWS
from engine.core.command import (
    SYSTEM,
    Answer,
    GrantRole,
    PublishDuty,
    RecordUnits,
    Request,
    StartCase,
    Stream,
    SubmitAction,
)
from engine.core.definition import (
    ActionSpec,
    FieldSpec,
    FormItem,
    PartySpec,
    Procedure,
    StateSpec,
    TargetSpec,
    TaskSpec,
    TextSpec,
)
from engine.core.definition_duties import DutySpec, ExemptSpec, PopulationSpec, ReminderSpec, RhythmSpec
from engine.core.obligation_rows import ObligationRow
from engine.core.recurrence import Rhythm
from engine.runtime.door import answer_of
from engine.runtime.duty_facts import duty_stream, duty_version
from engine.runtime.duty_turning import LateCases, turn_due
from engine.runtime.projection import from_micros, micros
from engine.runtime.worker import fire_due
from engine.store.obligations import every_row, obligation_row
from tests.districts import District

_TO_DONE = (TargetSpec(state="done"),)
_TO_WORKING = (TargetSpec(state="working"),)

#: working ─finish→ done, ─drop→ dropped; begun by a unit's principal, or by the engine for whoever is late.
ROUND = Procedure(
    id="round",
    title="自查",
    plan="sample",
    number="ZC-{year}-{seq:05}",
    calendar="cn",
    fields=(
        FieldSpec(id="unit", title="单位", kind="unit", required=True),
        FieldSpec(id="period", title="周期", kind="text"),
        FieldSpec(id="note", title="情况", kind="text"),
    ),
    parties=(PartySpec(id="unit", title="责任单位", kind="unit", field="unit"),),
    starts=(
        ActionSpec(
            id="begin",
            title="开始",
            by=("unit.principal",),
            form=(FormItem(field="unit", required=True), FormItem(field="period")),
            to=_TO_WORKING,
            late_entry="20 days",
        ),
        ActionSpec(
            id="call",
            title="催办",
            by=("unit.principal",),
            form=(FormItem(field="unit", required=True), FormItem(field="period")),
            to=_TO_WORKING,
        ),
    ),
    states=(
        StateSpec(
            path="working",
            title="进行中",
            tasks=(
                TaskSpec(
                    title="自查",
                    holder="unit.principal",
                    undated="以周期为限",
                    actions=(
                        ActionSpec(
                            id="finish", title="完成", form=(FormItem(field="note"),), to=_TO_DONE, late_entry="20 days"
                        ),
                        ActionSpec(id="drop", title="作废", to=(TargetSpec(state="dropped"),)),
                    ),
                ),
            ),
        ),
        StateSpec(
            path="done",
            title="已完成",
            kind="final",
            final="完成",
            reopen=ActionSpec(id="undo", title="撤销", by=("unit.principal",), to=_TO_WORKING),
        ),
        StateSpec(path="dropped", title="已作废", kind="final", final="作废"),
    ),
    unit_field="unit",
)

MONTHLY = RhythmSpec(rhythm=Rhythm(period="month"))
QUARTERLY = RhythmSpec(rhythm=Rhythm(period="quarter"))


def duty(**changes: Any) -> DutySpec:
    """Every unit that operates, once a month, or (not of high risk) once a quarter; made up within 30 days."""
    spec = DutySpec(
        id="inspect",
        title="负责人带队检查",
        plan="sample",
        calendar="cn",
        population=PopulationSpec(kind="units", where="unit.operating"),
        rhythms=(replace(MONTHLY, when="unit.high_risk"), QUARTERLY),
        by="unit.principal",
        procedure="round",
        action="begin",
        values=(("unit", "subject"), ("period", "period")),
        done=("完成",),
        missed_at="10 days after",
        record="no_screening",
        made_up_within="30 days",
        joins="this",
        reminders=(ReminderSpec(id="soon", title="临期提醒", at="3 workdays before", text="duty_soon"),),
        exempt=ExemptSpec(by=("checker",), most="6 months"),
        texts=(TextSpec(id="duty_soon", subject="{title}", body="{title}（{period}）应于{due}前完成"),),
        basis=("sample.9",),
    )
    return replace(spec, **changes)


def unit_row(name: str, *, region: str = "/s/t1/", **attributes: Any) -> dict[str, Any]:
    """A unit as it is recorded; it operates unless told otherwise."""
    return {"id": name, "title": name, "region": region, "attributes": {"operating": True, **attributes}}


class Duties:
    """A district with duties."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.clock = district.clock
        self.store = district.store
        self.service = district.service
        self.late_cases = LateCases()

    def units(self, told: Mapping[str, Mapping[str, Any]], *, principals: bool = True) -> None:
        """Record units by id, each operating in the first town unless told otherwise, with a principal `p-<id>`."""
        rows = tuple(unit_row(name, **more) for name, more in told.items())
        for start in range(0, len(rows), MOST_ROWS):
            self.directory(RecordUnits(units=rows[start : start + MOST_ROWS]))
        for name in told if principals else ():
            self.directory(GrantRole(person=f"p-{name}", role="principal", unit=name, valid_from="2020-01-01"))

    def directory(self, act: Any) -> Answer:
        """Change the directory as the engine."""
        request = self.district.request(DIRECTORY, act, SYSTEM, medium="system")
        return self.district.do(request)

    def publish(self, spec: DutySpec) -> Answer:
        """Let the duty hold from now on, and open what begins at once."""
        act = PublishDuty(version=duty_version(spec), spec=spec)
        answer = self.district.do(self.district.request(duty_stream(spec.id), act, SYSTEM, medium="system"))
        self.turn()
        return answer

    def turn(self) -> int:
        """Let everything due happen; how many steps."""
        steps = 0
        while done := fire_due(self.service) + turn_due(self.service) + self.late_cases.step(self.service):
            steps += done
        return steps

    def pass_to(self, at: datetime) -> None:
        """Let time pass from one alarm to the next, as it would with a worker awake."""
        while (now := self.clock.now()) < at:
            with self.store.session() as session:
                fires = [timer.fire_at for timer in session.timers.claim(micros(at), 50)]
                fires += [timer.fire_at for timer in session.timers.claim(micros(at), 50, duties=True)]
            then = min([at, *(from_micros(fire_at) for fire_at in fires)])
            self.clock.advance(max(then - now, timedelta()))
            self.turn()

    def begin(
        self, unit: str, period: str, *, by: str = "", name: str = "", duty: str = "inspect", **how: Any
    ) -> Request:
        """Act on an obligation."""
        act = StartCase(
            version=self.district.machine.version,
            action="begin",
            data={"unit": unit, "period": period},
            obligation=f"{duty}/{period}/{unit}",
        )
        return self.district.request(Stream("case", name or f"{unit}-{period}"), act, by or f"p-{unit}", **how)

    def end(self, name: str, action: str = "finish", *, by: str, task: int = 1, **how: Any) -> Request:
        """End the case of an obligation."""
        return self.district.request(Stream("case", name), SubmitAction(task=task, action=action), by, **how)

    def done(self, unit: str, period: str) -> None:
        """Begin and finish."""
        self.district.do(self.begin(unit, period))
        self.district.do(self.end(f"{unit}-{period}", by=f"p-{unit}"))

    def rows(self, duty: str = "inspect") -> list[ObligationRow]:
        """All rows, in order of periods and subjects."""
        with self.store.session() as session:
            return [obligation_row(row) for row in session.run(every_row(duty))]

    def told(self, duty: str = "inspect") -> dict[tuple[str, str], str]:
        """(period, subject) → how it stands."""
        return {(row.period, row.subject): row.status for row in self.rows(duty)}

    def row(self, unit: str, period: str, duty: str = "inspect") -> ObligationRow:
        """One row."""
        return next(row for row in self.rows(duty) if (row.subject, row.period) == (unit, period))

    def events(self, duty: str = "inspect") -> list[dict[str, Any]]:
        """All events of a duty's stream, as stored."""
        with self.store.session() as session:
            rows = session.record.entries(duty_stream(duty), limit=10_000)
        return [event for row in rows for event in orjson.loads(row.bytes)["events"]]

    def outcomes(self, requests: Sequence[Request]) -> list[Any]:
        """What becomes of requests."""
        return [_code(outcome) for outcome in self.service.execute(requests)]


def _code(outcome: Any) -> str:
    return "done" if isinstance(outcome, Answer) else str(outcome.code)


def answered(outcomes: Iterable[Any]) -> None:
    """Raise what refused any of them."""
    for outcome in outcomes:
        answer_of(outcome)
