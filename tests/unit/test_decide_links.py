"""Cases that link cases: who is told what, what is waited for, what follows by itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import event as ev
from engine.core.case import Linked, LinkedBy
from engine.core.command import ReceiveSignal, Stream
from engine.core.definition import (
    ActionSpec,
    FormItem,
    LadderSpec,
    LinkCases,
    ReactionSpec,
    RungSpec,
    StartSpec,
    WaitSpec,
)
from engine.errors import BadInput, NotPermitted
from tests.linked_samples import mend, things, watch, with_act, world
from tests.worlds import local

HEARS = ("started", "ended", "reopened", "overdue")


def test_a_linked_case_knows_by_which_case_and_is_known_there_by_its_number() -> None:
    play = world()
    things(play, "A", "B")

    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A", "B"]}, case="W")

    assert play.case("W").linked == (
        Linked(how="watches", case="A", number="M-2026-00001"),
        Linked(how="watches", case="B", number="M-2026-00002"),
    )
    assert play.case("A").linked_by == (LinkedBy(how="watches", case="W", procedure="watch", hears=HEARS),)


def test_a_case_that_waits_goes_on_when_the_last_of_those_it_waits_for_has_ended() -> None:
    play = world()
    things(play, "A", "B")
    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A", "B"]}, case="W")

    play.submit("chen", "A", "mend")
    after_one = play.case("W").leaves()
    play.submit("chen", "B", "dismiss")

    assert (after_one, play.case("W").leaves()) == (("watching",), ("accepting",))
    assert [one.closed for one in play.case("W").linked] == ["完成", "不算"]


def test_a_case_that_was_put_back_is_waited_for_again() -> None:
    play = world()
    things(play, "A")
    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A"]}, case="W")
    play.submit("chen", "A", "mend")

    play.submit("lin", "A", "put_back", task=0)

    assert play.case("W").leaves() == ("watching",)
    assert play.case("W").linked == (Linked(how="watches", case="A", number="M-2026-00001"),)


def test_a_case_that_had_ended_before_it_was_linked_tells_so_at_once() -> None:
    play = world()
    things(play, "A")
    play.submit("chen", "A", "mend")

    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A"]}, case="W")

    assert play.case("W").leaves() == ("accepting",)


def test_where_nothing_is_linked_nothing_is_waited_for() -> None:
    play = world()

    play.start("lin", "watch", "begin", {"unit": "U1"}, case="W")

    assert play.case("W").leaves() == ("accepting",)


def test_two_watches_over_one_case_are_each_told_and_neither_ends_the_other() -> None:
    play = world()
    things(play, "A")
    for name in ("city", "district"):
        play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A"]}, case=name)
    play.submit("chen", "A", "mend")

    play.submit("lin", "district", "lift")

    assert [one.case for one in play.case("A").linked_by] == ["city", "district"]
    assert (play.case("district").closed, play.case("city").closed) == ("完成", "")
    assert play.case("city").leaves() == ("accepting",)


def test_a_deadline_that_passes_in_a_linked_case_is_told_and_reacted_to() -> None:
    play = world()
    things(play, "A")
    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A"]}, case="W")

    play.advance(local("2026-03-14 09:00"))

    assert play.case("W").fields["behind"] is True
    assert play.case("W").linked[0].overdue == 1
    told = [one.message.to for one in play.messages if one.case == "W" and one.message.text == "late"]
    assert told == ["he", "lin"]


def test_nothing_that_nobody_listens_to_is_told() -> None:
    play = world(mend(), watch(on=()))
    things(play, "A")
    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A"]}, case="W")

    play.advance(local("2026-03-14 09:00"))

    sent = [event.name for event in play.events("A") if isinstance(event, ev.SignalSent)]
    assert sent == ["started"]


def test_every_row_of_a_table_for_which_the_condition_holds_begins_a_case_of_its_own() -> None:
    play = world(mend(), watch(wait=WaitSpec(link="watches", how_many="any")))
    play.start("lin", "watch", "begin", {"unit": "U1"}, case="W")
    rows = [{"what": "一"}, {"what": "二", "small": True}, {"what": "三"}]
    play.submit("he", "W", "add", {"rows": rows})

    first, second = (play.case(play.id_of(name)) for name in ("W.1", "W.2"))
    assert [(one.title, one.unit, one.number) for one in (first, second)] == [
        ("一", "U1", "M-2026-00001"),
        ("三", "U1", "M-2026-00002"),
    ]
    assert [one.person for one in first.signed] == ["he"]
    assert first.linked_by == (LinkedBy(how="watches", case="W", procedure="watch", hears=HEARS),)
    assert [one.number for one in play.case("W").linked] == ["M-2026-00001", "M-2026-00002"]


def test_what_a_new_case_would_refuse_is_told_to_who_begins_it_and_nothing_happens() -> None:
    play = world(mend(), watch(wait=WaitSpec(link="watches", how_many="any")))
    play.start("lin", "watch", "begin", {"unit": "U1"}, case="W")
    before = play.case("W")

    with pytest.raises(BadInput) as refused:
        play.submit("he", "W", "add", {"rows": [{"what": "一"}, {"what": "字" * 1999 + "：" * 10}]})

    assert refused.value.code == "form_refused"
    assert play.case("W") == before


def test_a_case_may_begin_another_that_links_it_in_turn() -> None:
    play = world(mend(proposes=True), watch())
    things(play, "A")

    play.submit("chen", "A", "propose")

    made = play.case(play.id_of("A.1"))
    assert made.linked == (Linked(how="watches", case="A", number="M-2026-00001"),)
    assert [one.case for one in play.case("A").linked_by] == [made.id]
    assert made.signed[0].person == "chen"


@pytest.mark.parametrize(
    ("wait", "left"),
    [
        (WaitSpec(link="watches", how_many="any"), True),
        (WaitSpec(link="watches", how_many="any", ends=("完成",)), False),
        (WaitSpec(link="watches", how_many="all"), False),
        (WaitSpec(link="watches", how_many="none", ends=("不算",)), False),
    ],
)
def test_what_is_waited_for_is_what_the_definition_says(wait: WaitSpec, left: bool) -> None:
    play = world(mend(), watch(wait=wait))
    things(play, "A", "B")
    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A", "B"]}, case="W")

    play.submit("chen", "A", "dismiss")

    assert (play.case("W").leaves() == ("accepting",)) is left


def test_none_is_over_when_all_have_ended_and_none_so() -> None:
    play = world(mend(), watch(wait=WaitSpec(link="watches", how_many="none", ends=("不算",))))
    things(play, "A")
    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A"]}, case="W")

    play.submit("chen", "A", "mend")

    assert play.case("W").leaves() == ("accepting",)


@pytest.mark.parametrize("name", ["X", "W0", "far"])
def test_a_case_that_is_not_there_of_another_procedure_or_not_to_be_seen_is_unknown(name: str) -> None:
    play = world(mend(), watch(starts=(replace(watch().starts[0], by=("checker",)),)))
    play.start("chen", "watch", "begin", {"unit": "U1"}, case="W0")
    things(play, "far", unit="U2", by="he")

    with pytest.raises(BadInput) as refused:
        play.start("chen", "watch", "begin", {"unit": "U1", "things": [name]}, case="W")

    assert refused.value.data["problems"] == [{"field": "things", "code": "case_unknown", "got": name}]


def test_a_case_is_linked_once_however_often_it_is_named() -> None:
    again = ActionSpec(
        id="again",
        title="再次关联",
        by=("office",),
        form=(FormItem(field="things"),),
        do=(LinkCases(how="watches", field="things"),),
    )
    first, *rest = watch().states
    play = world(mend(), watch(states=(with_act(first, again), *rest)))
    things(play, "A", "B")
    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A"]}, case="W")

    play.submit("lin", "W", "again", {"things": ["A", "B"]})

    assert play.case("W").links == (("watches", "A"), ("watches", "B"))


def test_a_signal_is_noted_but_moves_nothing_once_the_case_has_ended() -> None:
    play = world(mend(), watch(on=(ReactionSpec(link="watches", when="any_reopened"),)))
    things(play, "A")
    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A"]}, case="W")
    play.submit("chen", "A", "mend")
    play.submit("lin", "W", "lift")

    play.submit("lin", "A", "put_back", task=0)

    assert (play.case("W").closed, play.case("W").linked[0].closed) == ("完成", "")


def test_nobody_but_the_engine_takes_note_for_a_case() -> None:
    play = world()
    things(play, "A")

    with pytest.raises(NotPermitted):
        play.do("lin", "A", ReceiveSignal(source=Stream("case", "W"), source_seq=1, n=1, name="ended"))


def test_a_rung_begins_a_case_in_nobodys_name() -> None:
    start = StartSpec(procedure="watch", action="begin", values={"unit": "unit", "things": "case.id"})
    rung = RungSpec(id="list", title="挂牌", at="2 days after", start=start)
    opened, *rest = mend().states
    own = replace(opened.tasks[0], ladder="slow")
    child = mend(
        states=(replace(opened, tasks=(own,)), *rest),
        ladders=(LadderSpec(id="slow", title="慢", rungs=(rung,)),),
    )
    play = world(child, watch())
    things(play, "A")

    play.advance(local("2026-03-16 09:00"))

    made = play.case(play.id_of("A.1"))
    assert [one.person for one in made.signed] == ["system"]
    assert [one.case for one in play.case("A").linked_by] == [made.id]
    assert [event.rung for event in play.events("A") if isinstance(event, ev.RungFired)] == ["list"]
