"""Urging (催办), copies (抄送) and reading them (已阅): so that others know, without doing anything about the task."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case_people import Copy, Urged
from engine.core.definition import HandlingSpec, UrgeSpec
from engine.errors import BadInput, NotPermitted
from tests.holding import handled, kinds, nameable
from tests.visits import VISIT, planned, visits
from tests.worlds import EVE, confirmed, local, only_task, reported, wait, world


def playing(procedure: Any = None, **more: Any) -> Any:
    play = world(procedure=procedure or handled(), **more)
    return play, reported(play)


def code_of(do: Any, kind: Any = NotPermitted) -> str:
    with pytest.raises(kind) as refused:
        do()
    return refused.value.code


# urging ------------------------------------------------------------------------------------------------------------


def test_who_may_urge_urges_and_the_holders_are_told():
    play, case = playing()

    events = play.do("lin", case, cmd.UrgeTask(task=1, note="请抓紧"))

    assert events == (
        ev.TaskUrged(task=1, note="请抓紧"),
        ev.MessageQueued(n=1, to="chen", text="told", task=1),
        ev.MessageQueued(n=2, to="zhou", text="told", task=1),
    )
    assert only_task(play.case(case)).urged == (Urged(person="lin", at=local(EVE)),)


def test_without_a_text_the_work_list_alone_shows_it():
    play, case = playing(handled(urge=UrgeSpec(by=("office",), every="2 hours")))

    assert play.do("lin", case, cmd.UrgeTask(task=1)) == (ev.TaskUrged(task=1),)


@pytest.mark.parametrize(
    ("every", "before", "after"),
    [
        # Wednesday is the eve of a week of holidays: the next working day is the Thursday after it.
        ("1 workday", "2026-10-07 23:59", "2026-10-08 00:00"),
        ("1 day", "2026-09-30 23:59", "2026-10-01 00:00"),
        ("2 hours", "2026-09-30 11:59", "2026-09-30 12:00"),
    ],
)
def test_one_person_urges_once_in_a_span(every, before, after):
    play, case = playing(handled(urge=UrgeSpec(by=("office",), every=every)))
    play.do("lin", case, cmd.UrgeTask(task=1))
    wait(play, before)

    assert "urge" not in kinds(play, "lin", case)
    assert code_of(lambda: play.do("lin", case, cmd.UrgeTask(task=1))) == "urged_already"
    wait(play, after)

    assert "urge" in kinds(play, "lin", case)
    play.do("lin", case, cmd.UrgeTask(task=1))


def test_another_person_may_urge_at_once():
    play, case = playing()
    play.do("lin", case, cmd.UrgeTask(task=1))

    play.do("he", case, cmd.UrgeTask(task=1))

    assert [one.person for one in only_task(play.case(case)).urged] == ["lin", "he"]


@pytest.mark.parametrize(("person", "code"), [("wang", "may_not_urge"), ("chen", "holder_cannot_urge")])
def test_who_was_not_named_or_holds_it_does_not_urge(person, code):
    play, case = playing(handled(urge=UrgeSpec(by=("office", "checker"), every="1 day")))

    assert code_of(lambda: play.do(person, case, cmd.UrgeTask(task=1))) == code


# copies ------------------------------------------------------------------------------------------------------------


def test_a_copy_is_sent_and_read():
    play, case = playing()

    play.do("chen", case, cmd.CopyCase(task=1, to=("lin", "wang", "lin"), note="供参考"))
    wait(play, "2026-09-30 15:00")
    play.do("lin", case, cmd.ReadCopy())

    at = local(EVE)
    assert play.case(case).copies == (
        Copy(person="lin", by="chen", at=at, read_at=local("2026-09-30 15:00")),
        Copy(person="wang", by="chen", at=at),
    )
    assert play.do("lin", case, cmd.ReadCopy()) == ()


def test_a_second_copy_is_to_be_read_again():
    play, case = playing()
    play.do("chen", case, cmd.CopyCase(task=1, to=("lin",)))
    play.do("lin", case, cmd.ReadCopy())

    play.do("zhou", case, cmd.CopyCase(task=1, to=("lin",)))

    assert [(one.by, one.read_at) for one in play.case(case).copies] == [("zhou", None)]


def test_who_got_no_copy_reads_none_and_nobody_reads_for_another():
    play, case = playing()
    play.do("chen", case, cmd.CopyCase(task=1, to=("lin",)))

    assert code_of(lambda: play.do("he", case, cmd.ReadCopy())) == "no_copy_for_you"
    assert code_of(lambda: play.do("lin", case, cmd.ReadCopy(), entered_by="clerk")) == "read_by_another"


def test_copies_go_to_those_whom_the_procedure_names():
    play, case = playing()

    assert nameable(play, case, only_task(play.case(case)), "copy") == ("he", "li", "lin", "wang")
    assert code_of(lambda: play.do("chen", case, cmd.CopyCase(task=1, to=("lin", "qian")))) == "not_of_the_parties"
    assert code_of(lambda: play.do("chen", case, cmd.CopyCase(task=1, to=())), BadInput) == "nobody_named"
    many = tuple(f"p{n}" for n in range(51))
    assert code_of(lambda: play.do("chen", case, cmd.CopyCase(task=1, to=many)), BadInput) == "too_many_copies"


def test_only_who_holds_the_task_sends_copies():
    play, case = playing()

    assert code_of(lambda: play.do("lin", case, cmd.CopyCase(task=1, to=("he",)))) == "not_your_task"


def hidden(**handling: Any) -> Any:
    """A visit of which the unit must not know, planned for a team."""
    play = visits(handled(VISIT, HandlingSpec(**handling)))
    return play, planned(play)


def test_a_hidden_case_is_never_copied():
    play, case = hidden(copy=("office",))

    assert "copy" not in kinds(play, "chen", case)
    assert code_of(lambda: play.do("chen", case, cmd.CopyCase(task=1, to=("he",)))) == "case_still_hidden"


def test_a_hidden_case_is_passed_to_nobody_from_whom_it_is_hidden():
    play, case = hidden(transfer=("unit", "office"))

    refused = lambda: play.do("chen", case, cmd.TransferTask(task=1, to="wang", reason="x"))  # noqa: E731

    assert code_of(refused) == "case_still_hidden"
    assert nameable(play, case, only_task(play.case(case)), "transfer") == ("chen", "he", "lin", "mayor", "zhou")
    play.do("chen", case, cmd.TransferTask(task=1, to="he", reason="x"))
    assert play.case(case).sealed


def test_a_copy_is_read_after_the_case_is_closed():
    play = world(procedure=handled())
    case = confirmed(play)
    play.do("wang", case, cmd.CopyCase(task=2, to=("lin",)))
    photo = play.file("photo", "photos")
    play.submit("wang", case, "apply", {"photos": [photo.sha256]}, evidence=(photo,))
    play.submit("zhou", case, "accept", evidence=(play.file("signature"),), on_site=True)

    assert play.case(case).closed
    assert play.do("lin", case, cmd.ReadCopy()) == (ev.CopyRead(person="lin"),)
