"""What a command needs to know of the world before it is decided."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core.definition import FieldSpec, FormItem
from engine.core.facts import Needs, Same, needs
from tests.samples import REPORT, SAMPLE
from tests.worlds import calendar, confirmed, local, reported, sample, world


def command(act, at="2026-10-09 10:00"):
    return cmd.Command(
        id="x",
        stream=cmd.Stream(kind="case", id="C1"),
        act=act,
        acted_by="chen",
        entered_by="chen",
        occurred_at=local(at),
        recorded_at=local(at),
        medium="web",
    )


def start(**data):
    return command(cmd.StartCase(version="v", action="report", data=data))


def test_a_report_needs_its_unit_its_place_a_number_and_former_cases():
    assert needs(sample(), None, start(unit="U1", place="P1"), calendar()) == Needs(
        units=("U1",),
        places=("P1",),
        number="S-{year}-{seq:05}",
        same=Same(procedure="sample", values={"unit": "U1", "place": "P1"}, closed_since=date(2025, 10, 10)),
    )


@pytest.mark.parametrize("data", [{"unit": "U1"}, {"unit": "U1", "place": ""}, {"unit": "", "place": "P1"}])
def test_without_all_that_makes_it_the_same_nothing_is_looked_for(data):
    assert needs(sample(), None, start(**data), calendar()).same is None


def test_texts_are_compared_as_former_cases_kept_them():
    spec = replace(SAMPLE.same, fields=("unit", "subject"))
    machine = replace(sample(), procedure=replace(SAMPLE, same=spec))

    asked = needs(machine, None, start(unit="U1", subject=" 缺护栏 "), calendar())

    assert asked.same.values == {"unit": "U1", "subject": "缺护栏"}


def test_values_of_a_report_may_be_anything_before_they_are_read():
    asked = needs(sample(), None, start(unit=["U1"], place=7, stranger={}), calendar())

    assert (asked.units, asked.places) == ((), ())


def test_an_act_needs_what_its_case_names():
    play = world()
    state = play.case(reported(play))

    asked = needs(sample(), state, command(cmd.FireTimer(task=1, rung="remind", epoch=1)), calendar())

    assert asked == Needs(units=("U1",), places=("P1",))


def test_every_field_that_names_a_unit_is_looked_up():
    lessor = FieldSpec(id="lessor", title="出租方", kind="unit")
    form = (*REPORT.form, FormItem(field="lessor"))
    procedure = replace(SAMPLE, fields=(*SAMPLE.fields, lessor), starts=(replace(REPORT, form=form),))
    play = world(procedure=procedure)
    state = play.case(confirmed(play, lessor="U2"))

    asked = needs(next(iter(play.machines.values())), state, command(cmd.ReadTask(task=1)), calendar())

    assert asked.units == ("U1", "U2")


def test_a_claimed_case_is_numbered_but_compared_with_none():
    act = cmd.ClaimCase(
        version="v", state="doing", data={"unit": "U1", "place": "P1"}, claimed_opened_at=local("2026-01-05 09:00")
    )

    asked = needs(sample(), None, command(act), calendar())

    assert (asked.number, asked.same, asked.units) == ("S-{year}-{seq:05}", None, ("U1",))
