"""Who has left acts no more, not even with an earlier date; what they signed before may be entered by who may."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from engine.core.command import DelegateTask, GiveBackTask
from engine.errors import NotPermitted
from tests.holding import changed, handled, refreshed
from tests.samples import SAMPLE
from tests.worlds import PAIR, confirmed, only_task, reported, with_windows, world

#: zhou's last day is 30 September.
LEFT = tuple(replace(one, valid_to=date(2026, 10, 1)) if one.person == "zhou" else one for one in PAIR)


def test_who_has_left_cannot_date_an_act_back_to_when_they_held_the_role() -> None:
    town = world("2026-09-30 09:00", procedure=with_windows(SAMPLE), holdings=LEFT)
    case = reported(town)
    then = town.now + timedelta(hours=1)
    town.advance(town.now + timedelta(days=1))

    with pytest.raises(NotPermitted) as refused:
        town.submit(
            "zhou",
            case,
            "confirm",
            {"level": "low", "due_on": "2026-10-20"},
            evidence=(town.file("signature"),),
            occurred_at=then,
        )

    assert refused.value.code == "late_entry_by_who_left"


def test_what_they_signed_while_they_held_it_is_entered_by_a_clerk() -> None:
    town = world("2026-09-30 09:00", procedure=with_windows(SAMPLE), holdings=LEFT)
    case = reported(town)
    then = town.now + timedelta(hours=1)
    town.advance(town.now + timedelta(days=1))

    town.submit(
        "zhou",
        case,
        "confirm",
        {"level": "low", "due_on": "2026-10-20"},
        evidence=(town.file("scan"), town.file("signature")),
        occurred_at=then,
        entered_by="clerk",
    )

    assert only_task(town.cases[case]).state == "doing"


def test_a_delegate_keeps_what_there_is_nobody_to_give_back_to() -> None:
    town = world(procedure=handled())
    case = confirmed(town)
    task = only_task(town.case(case))
    town.do("wang", case, DelegateTask(task=task.n, to="lin", reason="下乡"))
    before = {offer.kind for offer in town.offers("lin", case)}
    changed(town, ended=("6",))
    refreshed(town, case)

    with pytest.raises(NotPermitted) as refused:
        town.do("lin", case, GiveBackTask(task=task.n, opinion="已核"))

    assert ("give_back" in before, refused.value.code) == (True, "nobody_else")
    assert "give_back" not in {offer.kind for offer in town.offers("lin", case)}
    assert only_task(town.case(case)).holder.persons == ("lin",)
