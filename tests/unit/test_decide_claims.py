"""Cases taken over from another record: as claimed, silent until triage says where their ladders start."""

from __future__ import annotations

import pytest

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case import Claim
from engine.errors import BadInput, Conflict, NotPermitted
from tests.worlds import fired, local, of_type, only_task, sample, wait, world

LONG_AGO = "2026-03-02 09:00"


def claim(play, by="clerk", name="K1", **changes):
    act = cmd.ClaimCase(
        **{
            "version": sample().version,
            "state": "doing",
            "data": {"subject": "旧隐患", "unit": "U1", "level": "low", "due_on": "2026-03-31"},
            "claimed_number": "旧-17",
            "claimed_opened_at": local(LONG_AGO),
            "source": "ledger.xlsx#17",
            **changes,
        }
    )
    play.do(by, name, act)
    return name


def triage(play, case, start, by="lin", until="", reason="集中清理"):
    return play.do(by, case, cmd.TriageCase(start=start, until=until, reason=reason))


def test_a_case_is_taken_over_where_its_record_says_it_stands():
    play = world()

    case = claim(play)

    opened, claimed, fields, entered, task = play.events(case)
    assert (opened.number, opened.region, opened.unit) == ("S-2026-00001", "/s/t1/", "U1")
    assert claimed == ev.CaseClaimed(claimed_number="旧-17", claimed_opened_at=local(LONG_AGO), source="ledger.xlsx#17")
    assert fields.values["due_on"] == "2026-03-31"
    assert entered == ev.StateEntered(state="doing", activation=1)
    assert (task.holder.persons, task.deadline.due_at) == (("wang",), local("2026-04-01 00:00"))
    state = play.case(case)
    assert (state.opened_at, state.claim) == (local(LONG_AGO), Claim(number="旧-17", opened_at=local(LONG_AGO)))


def test_before_triage_nothing_is_armed_and_nobody_gets_a_letter():
    play = world()
    cases = [claim(play, name=f"K{n}") for n in range(20)]

    assert wait(play, "2027-03-01 09:00") == 0

    assert play.messages == []
    assert all(only_task(play.case(case)).alarm is None for case in cases)


def test_a_span_runs_from_when_the_record_says_it_began():
    play = world()

    case = claim(play, state="opened")

    assert only_task(play.case(case)).deadline.due_at == local("2026-03-05 00:00")


def test_triage_now_records_the_overdue_and_fires_later_rungs_only():
    play = world()
    case = claim(play)
    wait(play, "2026-10-12 09:00")

    _, moved = triage(play, case, "now")
    wait(play, "2026-12-01 09:00")

    assert (moved.skipped, moved.cause) == (("remind", "overdue", "letter"), "triaged")
    assert fired(play, case)[0] == "expiry"
    (expired,) = (event for event in of_type(play.events(case), ev.DeadlineExpired) if event.task == 1)
    assert (expired.due_at, expired.system_late) == (local("2026-04-01 00:00"), 0)
    assert not of_type(play.events(case), ev.RungFired)


def test_triage_from_the_deadline_goes_through_all_rungs_in_order_once():
    play = world()
    case = claim(play)
    wait(play, "2026-10-12 09:00")

    triage(play, case, "deadline")
    wait(play, "2026-10-12 09:00")

    assert fired(play, case) == ["remind", "expiry", "overdue", "letter"]
    overdue = of_type(play.events(case), ev.RungFired)[1]
    assert (overdue.due_at, overdue.system_late, overdue.coalesced > 100) == (local("2026-04-01 00:00"), 0, True)


def test_triage_with_a_new_date_starts_afresh():
    play = world()
    case = claim(play)
    wait(play, "2026-10-12 09:00")

    triage(play, case, "until", until="2026-10-30")
    wait(play, "2026-10-31 09:00")

    assert fired(play, case)[:3] == ["remind", "expiry", "overdue"]
    assert of_type(play.events(case), ev.DeadlineMoved)[0].deadline.due_at == local("2026-10-31 00:00")


def test_triage_gives_a_date_to_what_had_none():
    play = world()
    case = claim(play, data={"subject": "旧隐患", "unit": "U1"})
    assert only_task(play.case(case)).undated == "waits_for:due_on"

    triage(play, case, "until", until="2026-10-30")

    assert only_task(play.case(case)).deadline.due_at == local("2026-10-31 00:00")
    assert only_task(play.case(case)).undated == ""


@pytest.mark.parametrize(
    ("start", "until", "reason", "code"),
    [
        ("now", "", " ", "reason_missing"),
        ("until", "", "x", "date_missing"),
        ("until", "2026-09-01", "x", "deadline_not_later"),
        ("until", "gestern", "x", "not_a_date"),
    ],
)
def test_triage_without_reason_or_date_is_refused(start, until, reason, code):
    play = world()
    case = claim(play)

    with pytest.raises(BadInput) as refused:
        triage(play, case, start, until=until, reason=reason)

    assert (refused.value.code, play.case(case).claim.triaged) == (code, False)


def test_triage_is_said_once_and_of_claimed_cases_only():
    play = world()
    case = claim(play)
    triage(play, case, "now")
    own = play.start("chen", "sample", "report", {"subject": "x", "unit": "U1"})

    for name in (case, own):
        with pytest.raises(Conflict) as refused:
            triage(play, name, "now")
        assert refused.value.code == "not_to_be_triaged"


def test_claiming_and_triage_are_permissions():
    play = world()

    with pytest.raises(NotPermitted) as refused:
        claim(play, by="chen")
    assert refused.value.data["permission"] == "import"

    case = claim(play)
    with pytest.raises(NotPermitted) as refused:
        triage(play, case, "now", by="clerk")
    assert refused.value.data["permission"] == "triage"


def test_after_triage_new_tasks_are_armed_as_usual():
    play = world()
    case = claim(play)
    triage(play, case, "now")

    photo = play.file("photo", "photos")
    play.submit("wang", case, "apply", {"photos": [photo.sha256]}, evidence=(photo,))

    assert only_task(play.case(case)).alarm is not None


def test_before_triage_people_may_act_and_the_new_task_waits_for_triage_too():
    play = world()
    case = claim(play)

    photo = play.file("photo", "photos")
    play.submit("wang", case, "apply", {"photos": [photo.sha256]}, evidence=(photo,))

    assert only_task(play.case(case)).alarm is None
    triage(play, case, "now")
    assert only_task(play.case(case)).alarm is not None


def test_a_record_of_an_ended_case_ends_when_it_says():
    play = world()

    case = claim(play, state="done", claimed_closed_at=local("2026-04-20 09:00"))

    state = play.case(case)
    assert (state.closed, state.closed_at, state.tasks) == ("completed", local("2026-04-20 09:00"), ())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "nowhere"}, "state_unknown"),
        ({"state": "reviewing"}, "state_unknown"),
        ({"state": "sorting"}, "state_unknown"),
        ({"state": "reviewing.left.asked"}, "state_in_parallel"),
        ({"claimed_opened_at": local("2026-10-01 09:00")}, "in_the_future"),
        ({"claimed_closed_at": local("2026-04-20 09:00")}, "closed_but_not_ended"),
        ({"state": "done", "claimed_closed_at": local("2026-01-20 09:00")}, "closed_before_opened_or_later"),
        ({"data": {"unit": "U1", "stranger": 1}}, "form_refused"),
        ({"data": {"unit": "U9"}}, "unit_unknown"),
        ({"data": {"unit": "U1", "due_on": "31.3.2026"}}, "form_refused"),
    ],
)
def test_a_record_that_cannot_be_is_refused(changes, code):
    play = world()

    with pytest.raises(BadInput) as refused:
        claim(play, **changes)

    assert (refused.value.code, play.cases) == (code, {})


def test_a_claimed_case_is_opened_once():
    play = world()
    claim(play)

    with pytest.raises(Conflict):
        claim(play)
