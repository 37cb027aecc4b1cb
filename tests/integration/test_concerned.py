"""Who reported a case and who was sent a copy may see that case and no other, by every way there is; both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, CopyCase, GrantRole, RecordPersons, RecordSubstitutions, StartCase
from engine.core.definition import HandlingSpec, PartySpec, Procedure
from engine.errors import NotFound
from engine.runtime.reading import PageAsk, Reading
from engine.runtime.searching import Search
from engine.store.queries import CaseFilter
from engine.store.schema import case_value
from engine.store.store import Store
from tests.districts import MASTER, District, case
from tests.samples import SAMPLE, with_state


def reported_by_scouts(*, secret: bool = False) -> Procedure:
    """The sample, which scouts may report, too; they see no cases by their role. Checkers may send copies."""
    (report,) = SAMPLE.starts
    form = report.form if secret else tuple(item for item in report.form if item.field != "reporter")
    scouts = PartySpec(id="scouts", title="巡查员", kind="role", role="scout", region="place.region")
    (tasks,) = (state.tasks for state in SAMPLE.states if state.path == "opened")
    procedure = replace(
        SAMPLE,
        parties=(*SAMPLE.parties, scouts),
        starts=(replace(report, by=(*report.by, "scouts"), form=form),),
    )
    copied = replace(tasks[0], handling=HandlingSpec(copy=("scouts",)))
    return with_state(procedure, "opened", tasks=(copied,))


class Scouts(District):
    """A district with two scouts."""

    def settle(self) -> None:
        """See District."""
        super().settle()
        for person in ("gu", "fan"):
            named = RecordPersons(persons=({"id": person, "name": f"{person} 某"},))
            held = GrantRole(person=person, role="scout", region="/s/t1/", valid_from="2020-01-01")
            for act in (named, held):
                self.do(self.request(DIRECTORY, act, SYSTEM, medium="system"))
        for name, by in (("A", "gu"), ("B", "chen"), ("C", "fan")):
            told = {"subject": f"护栏缺失{name}", "unit": "U1", "place": "P1"}
            start = StartCase(version=self.machine.version, action="report", data=told)
            self.do(self.request(case(name), start, by))

    def seen(self, person: str) -> list[str]:
        """The cases a person sees, which every way to look must agree about."""
        told: dict[str, Any] = {
            "store": self.store,
            "catalog": self.catalog,
            "directories": self.service.directories,
            "clock": self.clock,
            "master": MASTER,
        }
        reading, search = Reading(**told), Search(**told)
        listed = reading.cases(person, CaseFilter(), PageAsk(), sort="opened_at", down=False).items
        found = sorted(one.id for one in listed)
        assert sorted(one.id for one in search.find(person, "护栏缺失").titled) == found
        assert sorted(reading.case_names(person, "ABC")) == found
        opened = []
        for name in "ABC":
            try:
                opened.append(reading.case(person, name).case.id)
                assert reading.entries(person, name, PageAsk()).items
            except NotFound:
                with pytest.raises(NotFound):
                    reading.entries(person, name, PageAsk())
        assert opened == found
        return found


@pytest.fixture
def town(store: Store) -> Scouts:
    """Cases A and C were reported by scouts, B by a checker."""
    made = Scouts(store, procedure=reported_by_scouts())
    made.settle()
    return made


def test_whoever_reports_sees_what_they_reported_and_nothing_else(town: Scouts) -> None:
    assert (town.seen("gu"), town.seen("fan")) == (["A"], ["C"])
    assert town.seen("chen") == ["A", "B", "C"]
    assert town.seen("tang") == []  # of another town


def test_they_see_it_after_their_task_has_ended_and_may_not_act(town: Scouts) -> None:
    town.do(town.confirm("A"))

    assert town.seen("gu") == ["A"]


def test_whoever_was_sent_a_copy_sees_that_case_from_then_on(town: Scouts) -> None:
    town.do(town.request(case("B"), CopyCase(task=1, to=("gu",)), "chen"))
    town.do(town.confirm("B"))

    assert (town.seen("gu"), town.seen("fan")) == (["A", "B"], ["C"])


def test_where_reports_may_be_confidential_no_list_says_who_reported(store: Store) -> None:
    town = Scouts(store, procedure=reported_by_scouts(secret=True))
    town.settle()

    assert (town.seen("gu"), town.seen("fan")) == ([], [])
    with store.session() as session:
        assert session.run(case_value.select().where(case_value.c.field == ".concerned")).all() == []


def test_whoever_stands_in_for_a_holder_sees_the_cases_of_their_tasks_and_only_for_those_days(town: Scouts) -> None:
    row = {"person": "wang", "substitute": "tang", "valid_from": "2026-03-02", "valid_to": "2026-03-03"}
    town.do(town.request(DIRECTORY, RecordSubstitutions(substitutions=(row,)), SYSTEM, medium="system"))
    before = town.seen("tang")

    town.do(town.confirm("A"))
    during = town.seen("tang")
    town.clock.advance(timedelta(days=1))

    assert (before, during, town.seen("tang")) == ([], ["A"], [])
