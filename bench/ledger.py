"""A district with many cases to read: rows as registers see them, made from a few real cases without their entries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from sqlalchemy import select, text

from bench.one_client import one_at_a_time
from bench.proof import answered
from bench.walks import Walks
from bench.world import MASTER, MORNING, World, place, world
from engine.core.directory import RolePower
from engine.runtime.projection import micros
from engine.runtime.registers import Registers
from engine.runtime.tallying import count_changed
from engine.store.schema import FOREVER, case_value, stream, task, uncounted

_DAY = 86_400_000_000
_TOGETHER = 5_000
#: Steps of a walk after which a model is taken: reported, under rectification, written off.
_STEPS = (1, 2, 4)
_MODELS = 24
#: Of a hundred cases so many are open.
OPEN = 15
Row = dict[str, Any]


@contextmanager
def ledger(url: str, cases: int, *, seed: str = "ledger") -> Iterator[tuple[World, Registers]]:
    """A settled world with so many cases of one year, counted ahead."""
    with world(url) as district:
        models = _models(district)
        dice = Random(seed)
        with district.store.session() as session:
            for at in range(0, cases, _TOGETHER):
                many = [_case(district, models, dice, n) for n in range(at, min(at + _TOGETHER, cases))]
                for table, rows in ((stream, [one[0] for one in many]), (task, [r for one in many for r in one[1]]),
                                    (case_value, [r for one in many for r in one[2]])):  # fmt: skip
                    if rows:
                        session.run(table.insert(), rows)
        with district.store.session() as session:
            made = select(stream.c.id).where(stream.c.kind == "case")
            session.run(uncounted.delete())
            session.run(uncounted.insert().from_select(["case"], made))
        while count_changed(district.service):
            pass
        with district.store.session() as session:
            session.run(text("ANALYZE"))
        yield district, registers(district)


def registers(district: World) -> Registers:
    """Registers as the people of the district read them."""
    roles: dict[str, RolePower] = dict(place().roles)
    service = district.service
    service.directories.roles = roles
    return Registers(
        registers=place().registers,
        store=district.store,
        catalog=service.catalog,
        directories=service.directories,
        clock=district.clock,
        master=MASTER,
    )


def _models(district: World) -> dict[int, list[tuple[Row, list[Row]]]]:
    """Rows of real cases by how far they are: the case, and its open tasks."""
    found: dict[int, list[tuple[Row, list[Row]]]] = {}
    for steps in _STEPS:
        walks = Walks(district, f"model{steps}")
        answers = answered(one_at_a_time(district, [one for _ in range(_MODELS) for one in walks.one(steps)]))
        ids = list(dict.fromkeys(answer.stream.id for answer in answers))
        with district.store.session() as session:
            rows = [dict(row._mapping) for row in session.run(select(stream).where(stream.c.id.in_(ids)))]
            tasks = [dict(row._mapping) for row in session.run(select(task).where(task.c.case.in_(ids)))]
        found[steps] = [(row, [one for one in tasks if one["case"] == row["id"]]) for row in rows]
    return found


def _case(district: World, models: Any, dice: Random, n: int) -> tuple[Row, list[Row], list[Row]]:
    """The rows of one case: open ones are due from three weeks ago to two months ahead."""
    now, name = micros(MORNING), f"ledger-{n:08d}"
    unit = district.units[dice.randrange(len(district.units))]
    is_open = dice.randrange(100) < OPEN
    row, tasks = dice.choice(models[_STEPS[dice.randrange(2)] if is_open else _STEPS[2]])
    opened = now - dice.randrange(60 if is_open else 365) * _DAY - dice.randrange(_DAY)
    due = now + dice.randrange(-21, 60) * _DAY
    told = {
        **row,
        "id": name,
        "number": f"YH-2026-{n:07d}",
        "region": unit.region,
        "unit": unit.id,
        "industry": unit.industry,
        "opened_at": opened,
        "due_at": due if is_open else FOREVER,
        "closed_at": FOREVER if is_open else opened + dice.randrange(1, 30) * _DAY,
        "closed": "" if is_open else "整改",
        "state": row["state"] if is_open else "closed",
        "overdue": is_open and due <= now,
    }
    values = {
        "level": "重大" if dice.randrange(10) == 0 else "一般",
        "channel": dice.choice(("企业自查", "检查发现", "群众举报", "上级交办", "监测预警")),
        "rectify_by": f"2026-{dice.randrange(1, 7):02d}-{dice.randrange(1, 29):02d}",
        "stop_ordered": "true" if dice.randrange(50) == 0 else "false",
        "unit": unit.id,
    }
    mine = [{**one, "case": name, "person": unit.supervisor, "due_at": due} for one in tasks[:1]] if is_open else []
    return told, mine, [{"field": field, "value": value, "case": name} for field, value in values.items()]
