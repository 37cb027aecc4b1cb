"""A duty's rhythm is refused where it stands, when no period could ever keep it."""

from __future__ import annotations

import pytest

from engine.core.duty_documents import ResolvedDuty, duty_of
from engine.core.recurrence import Rhythm
from engine.core.yaml_source import read as read_yaml
from tests.duties import ROUND

DUTY = """\
duty: inspect
title: 带队检查
basis: [sample.9]
calendar: cn
for: units where unit.operating
every:
  - {when: unit.high_risk, period: month, window: calendar, holiday: next_workday, EVERY}
  - {period: quarter, window: calendar, holiday: none}
by: unit.principal
start: {procedure: round, action: begin, with: {unit: subject}}
done: [完成]
late: recorded
missed: {at: 10 days after}
made_up: never
joins: this
exempt: never
"""


def read(every: str) -> ResolvedDuty:
    (node,) = read_yaml(DUTY.replace("EVERY", every), file="inspect.yaml")
    return duty_of(node, "sample", {"round": ROUND}, ("principal",), ("sample.9",), {})


def test_a_rhythm_is_read_as_it_is_written() -> None:
    told = read("due: day 5 of next month, opens: end of month, covers: this")

    assert told.problems == ()
    assert told.duty is not None
    assert [one.rhythm for one in told.duty.rhythms] == [
        Rhythm(period="month", due="day 5 of next month", opens="end of month", holiday="next_workday"),
        Rhythm(period="quarter"),
    ]


@pytest.mark.parametrize(
    ("every", "code"),
    [
        ("due: day 5 of month, opens: day 6 of month", "opens_after_due"),
        ("due: day 15 of quarter", "due_before_period"),
    ],
)
def test_a_rhythm_that_no_period_can_keep_is_refused_at_its_line(every: str, code: str) -> None:
    told = read(every)

    assert told.duty is None
    assert [(one.code, str(one.place)) for one in told.problems] == [(code, "inspect.yaml:7 every.0")]
