"""How a case begins."""

from __future__ import annotations

import msgspec
import pytest

from engine.core import event as ev
from engine.core.command import Stream
from engine.core.event import Alarm, Holder
from engine.errors import BadInput, Conflict, NotFound, NotPermitted
from tests.samples import SAMPLE
from tests.worlds import PLACES, accepted, applied, confirmed, local, of_type, only_task, reported, sample, wait, world


def test_a_report_opens_a_case_with_number_place_holder_and_deadline():
    play = world()

    case = reported(play, urgent=True)

    opened, fields, taken, entered, task = play.events(case)
    assert opened == ev.CaseOpened(
        procedure="sample",
        version=sample().version,
        number="S-2026-00001",
        region="/s/t1/",
        unit="U1",
        place="P1",
        industry="steel",
        title="缺护栏",
    )
    assert taken == ev.ActionTaken(action="report", party="checker")
    assert fields == ev.FieldsSet(values={"subject": "缺护栏", "unit": "U1", "place": "P1", "urgent": True})
    assert entered == ev.StateEntered(state="opened", activation=1)
    assert isinstance(task, ev.TaskOpened)
    assert task.holder == Holder(
        party="checker", persons=("chen", "zhou"), role="checker", region="/s/t1/", industry="steel"
    )
    assert task.deadline is not None
    assert (task.deadline.due_at, task.deadline.derivation.basis) == (local("2026-10-10 00:00"), ("sample.2",))
    assert task.alarm == Alarm(rung="remind", at=local("2026-10-08 00:00"), epoch=1)


def test_numbers_count_within_the_year():
    play = world("2026-12-31 10:00")

    cases = [reported(play), reported(play)]
    wait(play, "2027-01-01 09:00")
    cases.append(reported(play))

    assert [play.case(case).number for case in cases] == ["S-2026-00001", "S-2026-00002", "S-2027-00001"]


def test_a_case_without_a_place_lies_where_its_unit_lies():
    play = world()

    case = play.start("lin", "sample", "report", {"subject": "x", "unit": "U2"})

    assert play.case(case).region == "/s/t2/"
    assert only_task(play.case(case)).holder.region == "/s/t2/"


def test_what_nobody_holds_goes_to_the_queue_and_says_so():
    play = world()

    case = play.start("lin", "sample", "report", {"subject": "x", "unit": "U2", "place": "P2"})

    # The only checker of the second town is for another industry.
    assert only_task(play.case(case)).holder == Holder(
        party="checker", persons=("he", "lin"), queue="pool", role="checker", region="/s/t2/", industry="food"
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"unit": "U9"}, "unit_unknown"),
        ({"place": "P9"}, "place_unknown"),
        ({"unit": None}, "form_refused"),
        ({"subject": ""}, "form_refused"),
        ({"stranger": 1}, "form_refused"),
    ],
)
def test_a_report_about_nothing_known_is_refused(data, code):
    play = world()

    with pytest.raises(BadInput) as refused:
        reported(play, **data)

    assert refused.value.code == code
    assert (play.cases, play.log) == ({}, [])


def test_a_unit_that_lies_nowhere_cannot_have_a_case():
    play = world()
    play.units["U3"] = msgspec.structs.replace(play.units["U1"], id="U3", region="")

    with pytest.raises(BadInput) as refused:
        play.start("lin", "sample", "report", {"subject": "x", "unit": "U3"})

    assert refused.value.code == "nowhere"


@pytest.mark.parametrize("person", ["tang", "wang", "qian", "clerk", "stranger"])
def test_only_parties_of_the_start_may_report(person):
    play = world()

    with pytest.raises(NotPermitted) as refused:
        reported(play, by=person)

    assert (refused.value.code, play.log) == ("not_your_task", [])


def test_a_unit_reports_itself_by_the_officer_it_names():
    play = world()

    case = reported(play, by="li")

    assert play.case(case).signed[0].party == "unit.officer"


def test_a_start_action_that_is_none_is_not_found():
    play = world()

    with pytest.raises(NotFound):
        play.start("lin", "sample", "confirm", {})


def test_a_case_id_opens_one_case():
    play = world()
    case = reported(play)

    with pytest.raises(Conflict) as refused:
        play.start("chen", "sample", "report", {"subject": "x", "unit": "U1"}, case=case)

    assert (refused.value.code, len(play.log)) == ("case_exists", 1)


def test_a_late_report_dates_the_case_and_its_deadline_from_when_it_was_found():
    play = world("2026-10-12 09:00")

    case = play.start(
        "chen",
        "sample",
        "report",
        {"subject": "x", "unit": "U1"},
        occurred_at=local("2026-10-08 15:00"),
    )

    state = play.case(case)
    assert state.opened_at == local("2026-10-08 15:00")
    assert only_task(state).deadline.due_at == local("2026-10-11 00:00")  # Saturday the 10th is worked
    assert only_task(state).alarm == Alarm(
        rung="remind", at=local("2026-10-09 00:00"), epoch=1, armed_at=local("2026-10-12 09:00")
    )


def test_what_comes_back_within_the_window_is_linked_and_the_former_acceptor_told():
    play = world()
    first = accepted(play, applied(play, confirmed(play)))
    wait(play, "2027-03-01 09:00")

    second = reported(play)

    assert of_type(play.events(second), ev.CaseLinked) == [ev.CaseLinked(to=first, how="same")]
    (sent,) = of_type(play.events(second), ev.SignalSent)
    assert (sent.to, sent.name) == (Stream(kind="case", id=first), "same")
    received, linked, told = play.log[-1].events
    assert play.log[-1].command.id == f"signal:case/{second}:1:{sent.n}"
    assert received == ev.SignalReceived(
        source=Stream(kind="case", id=second),
        source_seq=1,
        name="same",
        data={"case": second, "number": play.case(second).number},
    )
    assert linked == ev.CaseLinked(to=second, how="same_later")
    assert told == ev.MessageQueued(n=1, to="zhou", text="told")


@pytest.mark.parametrize(
    ("place", "when"),
    [("P1", "2027-11-01 09:00"), ("P2", "2026-12-01 09:00")],
    ids=["after the window", "at another place"],
)
def test_what_is_elsewhere_or_after_the_window_is_no_return(place, when):
    play = world()
    play.places["P2"] = msgspec.structs.replace(PLACES["P2"], region="/s/t1/")
    accepted(play, applied(play, confirmed(play)))
    wait(play, when)

    second = reported(play, place=place)

    assert of_type(play.events(second), ev.CaseLinked, ev.SignalSent) == []


def test_a_case_still_open_is_not_a_former_one():
    play = world()
    reported(play)

    second = reported(play)

    assert of_type(play.events(second), ev.CaseLinked) == []


def test_a_report_needs_what_the_procedure_asks_of_every_case():
    machine = sample()

    assert machine.procedure == SAMPLE
    assert [item.field for item in machine.starts["report"].form if item.required] == ["subject", "unit"]
