"""Cases that have to do with each other, behind the one door of both databases: rows, commands, what readers see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from msgspec.structs import replace
from sqlalchemy import select

from engine.core.administration import LIBRARY
from engine.core.case import Case, Linked, LinkedBy
from engine.core.command import (
    SYSTEM,
    Answer,
    PublishProcedure,
    ReceiveSignal,
    Request,
    StartCase,
    StartLinked,
    Stream,
    SubmitAction,
)
from engine.core.compiler import compile_procedure
from engine.core.definition import Procedure, WaitSpec
from engine.core.links import child_id
from engine.errors import BadInput, NotFound, ZhibenError
from engine.runtime.catalog import procedure_bytes
from engine.runtime.door import answer_of
from engine.runtime.linked import LinkedCase
from engine.runtime.projection import micros
from engine.runtime.reading import Reading
from engine.runtime.replay import bytes_of, replay
from engine.runtime.verification import verify_all
from engine.runtime.worker import deliver_due, fire_due
from engine.store.records import DefinitionRow, SignalRow
from engine.store.schema import incident, link, signal
from engine.store.store import Store
from tests.districts import MASTER, District, case
from tests.integration.test_verification import Shelf
from tests.linked_samples import mend, watch

HEARS = ("started", "ended", "reopened", "overdue")


class Watched(District):
    """A district that runs things to mend and watches over them."""

    def __init__(self, store: Store, *, over: Procedure | None = None) -> None:
        super().__init__(store, procedure=mend(proposes=True))
        self.settle()
        self.over = compile_procedure(over or watch())
        self.publish(self.over.procedure)

    def publish(self, procedure: Procedure) -> None:
        """Publish one more procedure."""
        machine = compile_procedure(procedure)
        body = DefinitionRow(
            version=machine.version,
            procedure=procedure.id,
            plan=procedure.plan,
            title=procedure.title,
            body=procedure_bytes(procedure),
            published_at=micros(self.clock.now()),
        )
        act = PublishProcedure(version=body.version, procedure=body.procedure, plan=body.plan, title=body.title)
        told = Request(id=f"publish:{body.version}", stream=LIBRARY, act=act, acted_by=SYSTEM, medium="system")
        answer_of(self.service.execute([told], [body])[0])

    def report(self, name: str, unit: str = "U1", by: str = "chen") -> Answer:
        """Report a thing to mend."""
        act = StartCase(version=self.machine.version, action="report", data={"unit": unit, "what": name})
        return self.do(self.request(case(name), act, by))

    def watch(self, name: str, *things: str, by: str = "lin") -> Answer:
        """Begin a watch over things."""
        act = StartCase(version=self.over.version, action="begin", data={"unit": "U1", "things": list(things)})
        return self.do(self.request(case(name), act, by))

    def take(self, name: str, action: str, by: str, task: int = 1, **data: Any) -> Answer:
        """Do an action."""
        return self.do(self.request(case(name), SubmitAction(task=task, action=action, data=data), by))

    def deliver(self) -> int:
        """Deliver signals until none waits; how many there were."""
        total = 0
        while count := deliver_due(self.service):
            total += count
        return total

    def state(self, name: str) -> Case:
        """A case as its entries make it."""
        with self.store.read() as reader:
            return replay(reader.record, case(name))

    def rows(self, table: Any) -> list[tuple[Any, ...]]:
        """All rows of a table, in order."""
        with self.store.session() as session:
            return sorted(tuple(row) for row in session.run(select(table)))

    def faults(self) -> list[str]:
        """What an examination of the whole record finds."""
        reading = self.reading()
        today = self.catalog.calendar().local_day(self.clock.now())
        told = verify_all(self.store, self.catalog, Shelf(), reading.directory(), today)
        return [one.code for one in told.findings]

    def reading(self) -> Reading:
        """The side that is read."""
        return Reading(
            store=self.store,
            catalog=self.catalog,
            directories=self.service.directories,
            clock=self.clock,
            master=MASTER,
        )


@pytest.fixture
def district(store: Store) -> Watched:
    """Things A and B to mend, on each database."""
    made = Watched(store)
    made.report("A")
    made.report("B")
    return made


def test_a_link_is_a_row_and_travels_as_a_command_caused_by_the_entry_that_made_it(district: Watched) -> None:
    district.watch("W", "A", "B")
    district.deliver()

    assert district.rows(link) == [("W", "watches", "A"), ("W", "watches", "B")]
    with district.store.read() as reader:
        noted = orjson.loads(list(bytes_of(reader.record, case("A")))[-1])
    assert (noted["command"]["id"], noted["caused_by"], noted["acted_by"]) == ("signal:case/W:1:1", "case/W:1", SYSTEM)
    assert district.state("A").linked_by == (LinkedBy(how="watches", case="W", procedure="watch", hears=HEARS),)
    assert [one.number for one in district.state("W").linked] == ["M-2026-00001", "M-2026-00002"]
    assert (district.rows(signal), district.faults()) == ([], [])


def test_what_waits_goes_on_once_the_last_one_has_ended_and_waits_again_when_it_is_put_back(district: Watched) -> None:
    district.watch("W", "A", "B")
    district.deliver()
    district.take("A", "mend", "chen")
    district.take("B", "dismiss", "chen")
    district.deliver()
    assert district.state("W").leaves() == ("accepting",)

    district.take("A", "put_back", "lin", task=0)
    district.deliver()

    assert district.state("W").leaves() == ("watching",)
    assert [one.closed for one in district.state("W").linked] == ["", "不算"]
    assert district.faults() == []


def test_signals_that_are_delivered_twice_change_nothing_the_second_time(district: Watched) -> None:
    district.watch("W", "A")
    with district.store.session() as session:
        waiting = session.signals.claim(2**62, 10)
    district.deliver()
    before = district.state("A")

    again = [district.do(_carried_out(one)) for one in waiting]

    assert district.state("A") == before
    assert [one.seq for one in again] == [before.seq]


def _carried_out(one: SignalRow) -> Request:
    act = ReceiveSignal(source=one.source, source_seq=one.seq, n=one.n, name=one.name, data=orjson.loads(one.data))
    return Request(
        id=one.id,
        stream=one.target,
        act=act,
        acted_by=SYSTEM,
        entered_by=SYSTEM,
        medium="signal",
        caused_by=f"{one.source}:{one.seq}",
    )


def test_each_row_begins_a_case_whose_id_follows_from_the_command_in_the_name_of_who_signed(store: Store) -> None:
    district = Watched(store, over=watch(wait=WaitSpec(link="watches", how_many="any")))
    district.watch("W")
    district.take("W", "add", "he", rows=[{"what": "一"}, {"what": "二"}])
    ids = [child_id(f"signal:case/W:2:{n}") for n in (1, 2)]

    district.deliver()

    made = [district.state(name) for name in ids]
    assert [(one.title, one.number, one.signed[0].person) for one in made] == [
        ("一", "M-2026-00001", "he"),
        ("二", "M-2026-00002", "he"),
    ]
    assert district.state("W").linked == tuple(Linked(how="watches", case=one.id, number=one.number) for one in made)
    with district.store.read() as reader:
        entry = orjson.loads(next(iter(bytes_of(reader.record, case(ids[0])))))
    assert (entry["command"]["act"], entry["acted_by"], entry["caused_by"], entry["medium"]) == (
        "start_linked",
        "he",
        "case/W:2",
        "signal",
    )
    assert "late" not in entry
    assert district.faults() == []


def test_a_batch_that_opens_a_case_may_link_it_at_once(store: Store) -> None:
    district = Watched(store)
    report = StartCase(version=district.machine.version, action="report", data={"unit": "U1", "what": "x"})
    begin = StartCase(version=district.over.version, action="begin", data={"unit": "U1", "things": ["N"]})

    outcomes = district.service.execute(
        [district.request(case("N"), report, "chen"), district.request(case("W"), begin, "lin")]
    )

    assert [outcome for outcome in outcomes if isinstance(outcome, ZhibenError)] == []
    assert district.rows(link) == [("W", "watches", "N")]


def test_a_thing_proposes_a_watch_over_itself(district: Watched) -> None:
    district.take("A", "propose", "chen")
    district.deliver()

    (by,) = district.state("A").linked_by
    made = district.state(by.case)
    assert (made.procedure, made.number, made.links) == ("watch", "W-2026-00001", (("watches", "A"),))
    assert made.signed[0].person == "chen"


def test_a_passed_deadline_reddens_the_watch(district: Watched) -> None:
    district.watch("W", "A")
    district.deliver()
    district.clock.advance(timedelta(days=12))

    while fire_due(district.service):
        pass
    district.deliver()

    assert district.state("W").fields["behind"] is True
    assert district.faults() == []


def test_a_procedure_that_nobody_published_cannot_be_begun(store: Store) -> None:
    district = District(store, procedure=mend(proposes=True))
    district.settle()
    act = StartCase(version=district.machine.version, action="report", data={"unit": "U1", "what": "A"})
    district.do(district.request(case("A"), act, "chen"))

    with pytest.raises(ZhibenError) as refused:
        district.do(district.request(case("A"), SubmitAction(task=1, action="propose"), "chen"))

    assert refused.value.code == "procedure_not_published"


def test_nobody_begins_a_case_as_if_another_one_had(district: Watched) -> None:
    act = StartLinked(
        version=district.machine.version,
        action="report",
        data={"unit": "U1", "what": "x"},
        source=Stream("case", "W"),
        source_seq=1,
        how="watches",
        procedure="watch",
    )

    with pytest.raises(ZhibenError) as refused:
        district.do(district.request(case("X"), act, "lin"))

    assert refused.value.code == "system_only"


# what readers see ---------------------------------------------------------------------------------------------------


def test_linked_cases_are_listed_from_both_ends_with_their_titles(district: Watched) -> None:
    district.watch("W", "A")
    district.deliver()
    reading = district.reading()

    (down,) = reading.linked("lin", "W")
    (up,) = reading.linked("lin", "A")

    assert (down.how, down.title, down.back, down.case and down.case.register.number) == (
        "watches", "督办的事项", False, "M-2026-00001"
    )  # fmt: skip
    assert (up.how, up.title, up.back, up.case and up.case.register.number) == (
        "watches", "督办", True, "W-2026-00001"
    )  # fmt: skip


def test_of_a_case_that_one_may_not_see_one_learns_only_that_it_is_linked(district: Watched) -> None:
    district.report("far", unit="U2", by="he")
    district.watch("W", "A", "far")
    district.deliver()
    reading = district.reading()

    seen = reading.linked("chen", "W")

    assert [one.case.id if one.case else None for one in seen] == ["A", None]
    assert seen[1] == LinkedCase(how="watches", title="督办的事项", back=False, case=None)
    with pytest.raises(NotFound):
        reading.linked("tang", "A")


def test_a_case_that_one_may_not_see_cannot_be_named(district: Watched) -> None:
    district.report("far", unit="U2", by="he")
    starts = tuple(_by_checkers(start) for start in watch().starts)
    district.publish(watch(starts=starts))
    version = compile_procedure(watch(starts=starts)).version
    act = StartCase(version=version, action="begin", data={"unit": "U1", "things": ["A", "far", "gone"]})

    with pytest.raises(BadInput) as refused:
        district.do(district.request(case("W"), act, "chen"))

    assert [(one["code"], one["got"]) for one in refused.value.data["problems"]] == [
        ("case_unknown", "far"),
        ("case_unknown", "gone"),
    ]


def _by_checkers(start: Any) -> Any:
    return replace(start, by=("checker",))


# examination --------------------------------------------------------------------------------------------------------


def test_a_link_row_that_is_gone_is_found(district: Watched) -> None:
    district.watch("W", "A")
    district.deliver()
    with district.store.session() as session:
        session.run(link.delete())

    assert sorted(district.faults()) == ["link_not_made", "links_differ"]


def test_a_case_that_never_learnt_of_its_link_is_found(district: Watched) -> None:
    district.watch("W", "A")
    assert district.faults() == []
    with district.store.session() as session:
        session.run(signal.delete())

    assert district.faults() == ["link_not_known"]
    assert district.rows(incident) == []
