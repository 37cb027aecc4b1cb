"""Extension in stages (分次延期): each has its limit and approver, all have one total; silence means what is said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import ApprovalSpec, AskSpec, DeadlineSpec, StageSpec
from engine.core.extending import Room, room
from engine.errors import BadInput, NotPermitted
from tests.samples import SAMPLE, with_action
from tests.worlds import calendar, confirmed, local, of_type, own_task, task_of, wait, world

APPROVE = ApprovalSpec(by="checker", deadline=DeadlineSpec(within="2 workdays"))
STAGES = (StageSpec(id="first", most="30 days"), StageSpec(id="second", most="30 days", by="office"))


def extending(ask: AskSpec, **approve: Any) -> Any:
    """The sample in which extensions are bound so."""
    return world(procedure=with_action(SAMPLE, "doing", "extend", ask=ask, approve=replace(APPROVE, **approve)))


def ask(play: Any, case: str, until: str, **more: Any) -> None:
    play.submit("wang", case, "extend", {"asked_until": until, "reason": "雨", **more})


def answer(play: Any, case: str, by: str, *, consent: bool = True) -> None:
    task = task_of(play.case(case), "approval").n
    play.do(by, case, cmd.AnswerApproval(task=task, consent=consent, reason="" if consent else "理由不足"))


def refused(do: Any, kind: type[Exception] = BadInput) -> tuple[str, dict[str, Any]]:
    with pytest.raises(kind) as found:
        do()
    return found.value.code, found.value.data  # type: ignore[attr-defined]


def offered(play: Any, case: str) -> list[str]:
    return [offer.action for offer in play.offers("wang", case)]


def test_a_stage_moves_the_deadline_no_further_than_its_limit_and_the_error_names_the_last_day():
    play = extending(AskSpec(stages=STAGES))
    case = confirmed(play, due_on="2026-10-20")

    code, data = refused(lambda: ask(play, case, "2026-11-20"))
    ask(play, case, "2026-11-19")

    assert (code, data) == (
        "extension_beyond_stage",
        {"field": "asked_until", "number": 1, "limit": "30 days", "latest_day": "2026-11-19"},
    )
    assert task_of(play.case(case), "approval").holder.party == "checker"


def test_the_second_extension_goes_to_the_approver_of_its_stage_and_a_third_there_is_not():
    play = extending(AskSpec(stages=STAGES))
    case = confirmed(play, due_on="2026-10-20")
    ask(play, case, "2026-11-10")
    answer(play, case, "chen")

    ask(play, case, "2026-12-10")
    second = task_of(play.case(case), "approval").holder.party
    answer(play, case, "lin")

    assert second == "office"
    assert refused(lambda: ask(play, case, "2026-12-20"), NotPermitted)[0] == "asked_too_often"
    assert "extend" not in offered(play, case)


def test_all_extensions_together_stay_within_the_total_counted_from_the_first_deadline():
    play = extending(AskSpec(total="45 days"))
    case = confirmed(play, due_on="2026-10-20")
    ask(play, case, "2026-11-19")
    answer(play, case, "chen")

    code, data = refused(lambda: ask(play, case, "2026-12-05"))
    left = room(AskSpec(total="45 days"), own_task(play.case(case)), calendar())
    ask(play, case, "2026-12-04")
    answer(play, case, "chen")

    assert (code, data) == (
        "extension_beyond_total",
        {"field": "asked_until", "limit": "45 days", "used": "30 days", "latest_day": "2026-12-04"},
    )
    assert left == Room(
        number=2,
        times=0,
        latest=date(2026, 12, 4),
        limit="45 days",
        which="total",
        total="45 days",
        used="30 days",
    )
    code, data = refused(lambda: ask(play, case, "2026-12-20"), NotPermitted)
    assert (code, data["latest_day"]) == ("extension_used_up", "2026-12-04")
    assert "extend" not in offered(play, case)


def test_workdays_and_months_are_limits_as_well():
    task = own_task(extending_case("2026-09-30"))

    latest = [room(AskSpec(total=one), task, calendar()) for one in ("2 workdays", "1 month")]

    assert [one.latest for one in latest if one] == [date(2026, 10, 9), date(2026, 10, 30)]


def extending_case(due_on: str) -> Any:
    play = world(at="2026-09-20 10:00")
    return play.case(confirmed(play, due_on=due_on))


def test_a_late_request_goes_to_the_higher_approver_and_keeps_within_the_limits():
    play = extending(AskSpec(stages=STAGES, total="40 days", late_by="office", late_form=("measures",)))
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-22 10:00")

    code, data = refused(lambda: ask(play, case, "2026-11-20", measures="值守"))
    ask(play, case, "2026-11-19", measures="值守")

    assert (code, data["latest_day"]) == ("extension_beyond_stage", "2026-11-19")
    assert task_of(play.case(case), "approval").holder.party == "office"
    answer(play, case, "lin")
    assert (own_task(play.case(case)).deadline.due_at, play.case(case).expiries) == (local("2026-11-20 00:00"), 1)


def test_long_after_the_total_has_passed_nothing_can_be_asked_for():
    play = extending(AskSpec(total="5 days", late_by="office"))
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-26 00:00")

    assert refused(lambda: ask(play, case, "2026-10-30"), NotPermitted)[0] == "extension_used_up"
    assert "extend" not in offered(play, case)


def test_where_nothing_is_said_a_request_that_nobody_decides_is_late_and_still_waits():
    play = extending(AskSpec())
    case = confirmed(play, due_on="2026-10-20")
    ask(play, case, "2026-11-10")

    wait(play, "2026-10-10 00:00")

    assert (play.case(case).expiries, task_of(play.case(case), "approval").asked.action) == (1, "extend")
    answer(play, case, "chen")
    assert own_task(play.case(case)).deadline.due_at == local("2026-11-11 00:00")


@pytest.mark.parametrize(("silence", "due"), [("granted", "2026-11-11 00:00"), ("refused", "2026-10-21 00:00")])
def test_silence_grants_or_refuses_where_the_definition_says_so_and_is_late_by_name(silence, due):
    play = extending(AskSpec(), silence=silence)
    case = confirmed(play, due_on="2026-10-20")
    ask(play, case, "2026-11-10")

    wait(play, "2026-10-10 00:00")

    state = play.case(case)
    assert ([task.kind for task in state.tasks], state.expiries) == (["own"], 1)
    assert own_task(state).deadline.due_at == local(due)
    (undecided,) = of_type(play.events(case), ev.RequestUndecided)
    assert undecided == ev.RequestUndecided(task=3, action="extend", silence=silence)


def test_silence_that_escalates_asks_somebody_else_once_and_their_silence_is_only_late():
    play = extending(AskSpec(), silence="escalates", silence_to="office")
    case = confirmed(play, due_on="2026-10-20")
    ask(play, case, "2026-11-10")

    wait(play, "2026-10-10 00:00")
    asked = task_of(play.case(case), "approval")
    wait(play, "2026-10-14 00:00")

    assert (asked.holder.party, asked.deadline.due_at) == ("office", local("2026-10-14 00:00"))
    assert (task_of(play.case(case), "approval").n, play.case(case).expiries) == (asked.n, 2)
    answer(play, case, "lin")
    assert own_task(play.case(case)).deadline.due_at == local("2026-11-11 00:00")
