"""Registers of the sample procedure, for tests of what is read and shown of registers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.language.reading import understand
from engine.core.language.register import RegisterDocument
from engine.core.register import Register
from engine.core.registers import register_of
from engine.core.yaml_source import read
from engine.runtime.catalog import Directories
from engine.runtime.registers import Registers
from tests.districts import DISTRICT_ROLES, MASTER, District
from tests.samples import SAMPLE

TEXT = """register: all_cases
title: 样例台账
of: sample
columns: [light, number, unit, region, place, subject, level, measures, state, holder, due, opened, due_on, cost]
filters: [region, industry, level, state, light, opened, unit, holder, escalated, was_escalated, reopened, subject]
totals: [open, soon, overdue, escalated, ended]
sort: opened down
lights: {yellow: 1 workday}
---
register: high_cases
title: 重大样例
of: sample where level == 'high' and open
columns: [light, number, subject, opinion, due]
filters: [level, state]
totals: [open]
sort: due
lights: {yellow: 1 workday}
"""


def ledgers() -> Mapping[str, Register]:
    """The registers, resolved against the sample."""
    found: dict[str, Register] = {}
    for node in read(TEXT, file="ledgers.yaml"):
        model, problems = understand(node, RegisterDocument)
        assert model is not None, problems
        made = register_of(model, node, {"sample": SAMPLE})
        assert made.register is not None, [str(one) for one in made.problems]
        found[made.register.id] = made.register
    return found


def registers_of(district: District) -> Registers:
    """Registers as people of a district read them."""
    read_from: dict[str, Any] = {
        "store": district.store,
        "catalog": district.catalog,
        "directories": Directories(DISTRICT_ROLES),
        "clock": district.clock,
        "master": MASTER,
    }
    return Registers(registers=ledgers(), **read_from)
