"""A hidden case behind the one door, on both databases: what leaks nowhere, and what is recorded of who looked."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from engine.core.administration import DIRECTORY
from engine.core.command import (
    SYSTEM,
    EvidenceRef,
    GrantRole,
    RecordCertificates,
    RecordSubstitutions,
    SeeCase,
    Signature,
    StartCase,
    SubmitAction,
)
from engine.core.directory import Scope
from engine.errors import Broken, NotFound, NotPermitted
from engine.runtime.catalog import Directories
from engine.runtime.desk import Desk
from engine.runtime.reading import PageAsk, Reading
from engine.runtime.texts import Texts
from engine.store.queries import CaseFilter
from engine.store.store import Store
from engine.store.views import EvidenceRow
from engine.store.worklists import TaskFilter
from tests.districts import DISTRICT_ROLES, MASTER, PHOTO, District, case
from tests.visits import LICENCE, VISIT
from zhiben.operating import Operating

ANSWERS = {"front": "good", "back": {"answer": "bad", "note": "上锁"}, "vault": "none"}
PAGE = PageAsk(limit=50)


def drawn(name: str) -> EvidenceRef:
    return EvidenceRef(sha256=sha256(name.encode()).hexdigest(), kind="signature", size=9, media_type="image/png")


class Visits(District):
    """The district, with licences, running visits."""

    def settle(self) -> None:
        """As there, and the licences of the team."""
        super().settle()
        rows = tuple(
            {"person": person, "kind": LICENCE, "number": f"N-{person}", "valid_to": "2028-01-01"}
            for person in ("chen", "zhou")
        )
        self.do(self.request(DIRECTORY, RecordCertificates(certificates=rows), "lin"))
        with self.store.session() as session:
            for name in ("chen", "zhou", "unit"):
                one = drawn(name)
                session.evidence.put(
                    EvidenceRow(sha256=one.sha256, size=one.size, media_type=one.media_type, stored_at=0)
                )

    @property
    def read_from(self) -> dict[str, Any]:
        """What readers stand on."""
        return {
            "store": self.store,
            "catalog": self.catalog,
            "directories": Directories(DISTRICT_ROLES),
            "clock": self.clock,
            "master": MASTER,
        }

    @property
    def reading(self) -> Reading:
        """Reads that record first looks through the door."""
        return Reading(**self.read_from, note=self.do)

    def plan(self, name: str = "A", **data: Any) -> None:
        """A visit to unit U1 in the first town, of which nobody is told."""
        told = {"unit": "U1", "place": "P1", "subject": "门窗检查", "team": ["chen", "zhou"], **data}
        act = StartCase(version=self.machine.version, action="plan", data=told)
        self.do(self.request(case(name), act, "lin"))

    def enter(self, name: str = "A") -> None:
        """The visit begins on the spot."""
        act = SubmitAction(task=1, action="enter", evidence=(PHOTO,), on_site=True)
        self.do(self.request(case(name), act, "chen"))


@pytest.fixture
def visits(store: Store) -> Visits:
    """A settled world on each database."""
    made = Visits(store, procedure=VISIT)
    made.settle()
    return made


#: The unit's manager and officer, a colleague of the team with the whole town in sight, and one who sees everything.
OTHERS = ("wang", "li", "mayor", "he", "clerk")


def found(visits: Visits, person: str) -> dict[str, Any]:
    """Everything that any list, search or count tells a person."""
    reading = visits.reading
    with visits.store.read() as reader:
        mine = Directories(DISTRICT_ROLES).at(reader, reader.record.seq_of(DIRECTORY)).scope(person, reading.today())
        counts = {
            by: reader.counts(mine, by=by)
            for by in ("procedure", "state", "region", "unit", "industry", "closed", "claim")
        }
        tasks = reader.tasks(mine, case_id="A").items
        searched = (
            *reader.finding.numbered(mine, ["V-2026-00001"], ["visit"], limit=5),
            *reader.finding.beginning(mine, "V-", ["visit"], limit=5),
            *reader.finding.titled(mine, ["门窗"], limit=5),
        )
    lists = {
        word: [row.register for row in reading.cases(person, wanted, PAGE, sort="opened_at", down=True).items]
        for word, wanted in (
            ("all", CaseFilter()),
            ("unit", CaseFilter(unit="U1")),
            ("place", CaseFilter(place="P1")),
            ("region", CaseFilter(region="/s/")),
            ("title", CaseFilter(text="门窗")),
            ("number", CaseFilter(text="V-2026")),
            ("value", CaseFilter(values={"subject": "门窗检查"})),
        )
    }
    return {
        **lists,
        "counts": {by: count for by, count in counts.items() if count},
        "tasks": tasks,
        "searched": searched,
        "work": Desk(**visits.read_from).work(person, TaskFilter(), PAGE).items,
        "messages": reading.messages(person, PAGE).items,
    }


@pytest.mark.parametrize("substitute", ["wang", "mayor"])
def test_whoever_stands_in_for_one_of_the_team_learns_nothing_of_it(visits: Visits, substitute: str) -> None:
    row = {"person": "chen", "substitute": substitute, "valid_from": "2026-03-02", "valid_to": "2026-03-03"}
    visits.do(visits.request(DIRECTORY, RecordSubstitutions(substitutions=(row,)), "lin"))
    before = found(visits, substitute)

    visits.plan()

    assert found(visits, substitute) == before
    with pytest.raises(NotFound):
        visits.reading.case(substitute, "A")


@pytest.mark.parametrize("person", OTHERS)
def test_nothing_of_it_is_in_any_list_search_count_or_inbox_of_others(visits: Visits, person: str) -> None:
    visits.plan()

    assert all(not told for told in found(visits, person).values()), found(visits, person)


@pytest.mark.parametrize("person", OTHERS)
def test_to_others_there_is_no_such_case(visits: Visits, person: str) -> None:
    visits.plan()

    for read in (
        lambda: visits.reading.case(person, "A"),
        lambda: visits.reading.entries(person, "A", PAGE),
        lambda: visits.reading.told_before_opening(person, "A"),
        lambda: visits.do(visits.request(case("A"), SeeCase(), person)),
    ):
        with pytest.raises(NotFound, match="case_not_found"):
            read()


def test_registers_know_neither_whom_nor_where_it_concerns(visits: Visits) -> None:
    visits.plan()

    for person in ("lin", "chen"):
        (row,) = found(visits, person)["all"]
        named = {name: getattr(row, name) for name in ("region", "unit", "place", "industry", "title")}
        assert set(named.values()) == {""}
        assert found(visits, person)["value"] == found(visits, person)["unit"] == []
    (work,) = found(visits, "chen")["work"]
    assert (work.case.unit, work.case.title, work.case.fields, work.entities) == ("", "", {}, {})
    assert work.view.title == work.view.unit == ""


def test_messages_say_no_more_than_its_number(visits: Visits) -> None:
    visits.plan()
    texts = Texts(store=visits.store, catalog=visits.catalog, clock=visits.clock)
    with visits.store.session() as session:
        claims = session.outbox.claim(10**18, 10, 10**18)

    assert {claim.person for claim in claims} == {"chen", "zhou"}
    assert {texts.render(claim) for claim in claims} == {("V-2026-00001 …", "… …")}


def test_the_first_look_is_recorded_before_anything_is_shown(visits: Visits) -> None:
    visits.plan()

    seen = visits.reading.case("chen", "A")
    again = visits.reading.case("chen", "A")
    visits.reading.entries("zhou", "A", PAGE)

    assert (seen.case.unit, seen.case.seen, again.case.seq) == ("U1", ("chen",), seen.case.seq)
    assert visits.reading.case("lin", "A").case.seen == ("chen", "zhou", "lin")


def test_who_cannot_have_a_look_recorded_sees_nothing(visits: Visits) -> None:
    visits.plan()

    with pytest.raises(NotPermitted, match="look_not_recorded"):
        Reading(**visits.read_from).case("chen", "A")


def test_from_its_opening_on_it_is_found_like_any_other(visits: Visits) -> None:
    visits.plan()
    visits.enter()

    for person in ("mayor", "he", "wang"):
        told = found(visits, person)
        assert [row.unit for row in told["value"]] == ["U1"]
        assert len(told["all"]) == len(told["title"]) == len(told["unit"]) == len(told["region"]) == 1
        assert visits.reading.case(person, "A").case.seen == ()


def test_it_can_be_shown_that_nobody_of_the_unit_knew(visits: Visits) -> None:
    visits.plan()
    visits.reading.case("zhou", "A")
    visits.enter()

    before = visits.reading.told_before_opening("mayor", "A")

    assert before.persons == ("lin", "chen", "zhou")
    assert {one.person for one in before.told if one.how == "saw"} == {"zhou"}
    assert (before.hidden_from, before.leaked) == (("li", "wang"), ())


def test_who_joined_the_unit_before_the_opening_counts_as_of_the_unit(visits: Visits) -> None:
    visits.plan()
    grant = GrantRole(person="newcomer", role="officer", unit="U1", valid_from="2026-03-02")
    visits.do(visits.request(DIRECTORY, grant, "lin"))
    visits.enter()

    assert visits.reading.told_before_opening("mayor", "A").hidden_from == ("li", "newcomer", "wang")


def test_telling_the_unit_before_the_opening_is_a_hard_stop(visits: Visits) -> None:
    """One of the team joins the unit after the visit was planned: no act that would tell them is carried out."""
    grant = GrantRole(person="zhou", role="officer", unit="U1", valid_from="2026-01-01")
    visits.do(visits.request(DIRECTORY, grant, "lin"))

    with pytest.raises(Broken, match="sealed_case_told"):
        visits.plan()

    with visits.store.read() as reader:
        assert reader.cases(Scope(person="system", everything=True)).items == ()


def test_names_typed_under_signatures_are_in_no_entry(visits: Visits) -> None:
    visits.plan()
    visits.enter()
    act = SubmitAction(task=2, action="record", data={"answers": ANSWERS})
    visits.do(visits.request(case("A"), act, "chen"))
    files = tuple(drawn(name) for name in ("chen", "zhou", "unit"))
    signatures = (
        *(Signature(person=name, file=drawn(name).sha256) for name in ("chen", "zhou")),
        Signature(party="unit", name="张三丰", file=drawn("unit").sha256),
    )
    sign = SubmitAction(task=3, action="conclude", evidence=files, signatures=signatures)
    visits.do(visits.request(case("A"), sign, "chen"))

    with visits.store.read() as reader:
        bodies = b"".join(row.bytes for row in reader.record.entries(case("A")))
    assert "张三丰".encode() not in bodies
    assert visits.reading.case("lin", "A").case.signing == {"team": "signed", "unit": "signed"}


def test_the_answers_of_a_checklist_are_kept_and_read_whole(visits: Visits) -> None:
    visits.plan()
    visits.enter()
    rows = [{"where": "后门", "owner": "U2", "fixed": True}]
    act = SubmitAction(task=2, action="record", data={"answers": ANSWERS, "findings": rows})
    visits.do(visits.request(case("A"), act, "chen"))

    opened = visits.reading.case("lin", "A").opened

    assert opened["answers"] == {
        "front": {"answer": "good"},
        "back": {"answer": "bad", "note": "上锁"},
        "vault": {"answer": "none"},
    }
    assert opened["findings"] == rows


def test_a_revoked_licence_no_longer_counts_from_that_day(visits: Visits) -> None:
    visits.plan()
    row = {"person": "chen", "kind": LICENCE, "number": "N-chen", "valid_to": "2026-02-01"}
    visits.do(visits.request(DIRECTORY, RecordCertificates(certificates=(row,)), "lin"))

    with pytest.raises(NotPermitted, match="not_certified"):
        visits.enter()
    renewed = {**row, "number": "N-2", "valid_to": ""}
    visits.do(visits.request(DIRECTORY, RecordCertificates(certificates=(renewed,)), "lin"))
    visits.enter()


def test_who_keeps_the_directory_records_licences_and_nobody_else(visits: Visits) -> None:
    row = {"person": "tang", "kind": LICENCE, "number": "N-tang"}

    with pytest.raises(NotPermitted, match="permission_missing"):
        visits.do(visits.request(DIRECTORY, RecordCertificates(certificates=(row,)), "chen"))
    visits.do(visits.request(DIRECTORY, RecordCertificates(certificates=(row,)), "lin"))

    page = visits.reading.rows("lin", "certificate", visits.reading.today(), PAGE)
    assert {one.columns["person"] for one in page.items} == {"chen", "zhou", "tang"}
    mine = visits.reading.rows("tang", "certificate", visits.reading.today(), PAGE)
    assert {one.columns["person"] for one in mine.items} == {"tang"}


def test_who_reads_in_the_name_of_the_engine_must_say_who_they_are(visits: Visits) -> None:
    visits.plan()
    operating = Operating(**visits.read_from, note=visits.do)

    with pytest.raises(NotPermitted, match="look_not_recorded"):
        operating.case(SYSTEM, "A")
    visits.enter()

    assert operating.case(SYSTEM, "A").case.unit == "U1"
