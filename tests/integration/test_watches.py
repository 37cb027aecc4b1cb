"""Watches on both databases: every kind counts what people did, finds once, and starts what follows once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from engine.core.command import Answer, AnswerApproval, AnswerFinding, Request
from engine.core.directory import Scope
from engine.errors import BadInput, Conflict, NotFound, NotPermitted
from engine.runtime.door import answer_of
from engine.runtime.watch_decisions import stream_of
from engine.runtime.watch_verification import watch_findings
from engine.store.schema import finding
from engine.store.store import Store
from tests.watching import EVERYTHING, Quay, photo


def visit(quay: Quay, name: str, by: str, house: str = "mill", occurred: str = "") -> None:
    quay.start(name, "look_in", "visit", by, occurred=occurred, house=house, note="看过")


def told(quay: Quay, name: str, by: str = "chen", house: str = "mill", grade: str = "轻", **data: Any) -> None:
    quay.start(name, "fault", "tell", by, house=house, what="滴水", grade=grade, **data)


def fixed(quay: Quay, name: str, asked: str, passed: str, by: str = "chen", owner: str = "wang") -> None:
    """A fault that was looked at, asked to be accepted and accepted at these times."""
    quay.act(name, "look", by)
    quay.at(asked)
    quay.act(name, "ask", owner, task=2, photos=(photo(name),))
    quay.at(passed)
    quay.act(name, "pass", by, task=3)


def test_a_count_over_a_quarter_finds_a_subject_once_with_its_cases(store: Store) -> None:
    quay = Quay(store, "2026-02-02 09:00", ("many_faults",))
    for name in "ABC":
        told(quay, name, grade="重" if name != "C" else "轻")
    told(quay, "D", by="zhou", house="barn", grade="重")

    turned = quay.turn("2026-04-01 01:00")
    again = quay.turn("2026-04-02 01:00")

    (found,) = quay.findings("many_faults")
    assert (turned, again) == (1, 0)
    assert (found.period, found.subject, found.title, found.light, found.region, found.status) == (
        "2026-Q1", "mill", "磨坊", "yellow", "/quay/east/", "open",
    )  # fmt: skip
    assert (orjson.loads(found.counts), sorted(orjson.loads(found.cases)["behind"]), found.behind) == (
        {"faults": 2}, ["A", "B"], 2,
    )  # fmt: skip


def test_a_department_that_inspects_and_never_fines_is_asked_to_an_interview_once(store: Store) -> None:
    quay = Quay(store, "2026-02-02 09:00", ("lenient",))
    visit(quay, "V1", "chen")
    visit(quay, "V2", "chen")
    visit(quay, "V3", "zhou", "barn")
    visit(quay, "V4", "zhou", "barn")
    quay.start("F1", "fine", "fined", "zhou", house="barn", note="1号")

    quay.turn("2026-04-01 01:00")
    quay.turn("2026-04-02 01:00")

    (found,) = quay.findings("lenient")
    (started,) = orjson.loads(found.cases)["started"]
    with store.read() as reader:
        talk = reader.case(Scope(person="boss", everything=True), started)
    assert (found.subject, found.light, orjson.loads(found.counts)) == ("office", "red", {"checks": 2, "fines": 0})
    assert talk is not None
    assert (talk.register.procedure, talk.register.title) == ("talk", "东片所")


def test_the_share_of_late_entries_needs_a_least_number_of_acts(store: Store) -> None:
    quay = Quay(store, "2026-03-10 09:00", ("late_share",))
    visit(quay, "V1", "chen")
    visit(quay, "V2", "chen", occurred="2026-03-04 10:00")
    visit(quay, "V3", "zhou", "barn", occurred="2026-03-05 10:00")

    quay.turn("2026-04-01 01:00")

    assert quay.measured("late_share") == {"chen": {"acts": 2, "late": 1}, "zhou": {"acts": 1, "late": 1}}
    assert [one.subject for one in quay.findings("late_share")] == ["chen"]


def test_a_quota_finds_who_did_too_little_and_those_who_did_nothing(store: Store) -> None:
    quay = Quay(store, "2026-03-10 09:00", ("quota",))
    visit(quay, "V1", "chen")

    quay.turn("2026-04-01 01:00")

    assert quay.measured("quota") == {"chen": {"visits": 1}, "zhou": {"visits": 0}}
    assert [one.subject for one in quay.findings("quota")] == ["zhou"]


def test_a_cap_counts_the_visits_of_everybody(store: Store) -> None:
    quay = Quay(store, "2026-03-10 09:00", ("visit_cap",))
    visit(quay, "V1", "chen")
    visit(quay, "V2", "boss")
    visit(quay, "V3", "zhou", "barn")

    quay.turn("2027-01-01 01:00")

    assert [(one.subject, orjson.loads(one.counts)) for one in quay.findings("visit_cap")] == [("mill", {"visits": 2})]


def test_a_streak_counts_periods_in_a_row_without(store: Store) -> None:
    quay = Quay(store, "2025-12-10 09:00", ("quiet_house",))
    visit(quay, "V1", "chen")
    quay.at("2026-02-10 09:00")
    visit(quay, "V2", "zhou", "barn")

    quay.turn("2026-07-01 01:00")

    assert quay.measured("quiet_house") == {"mill": {"quiet": 2}, "barn": {"quiet": 1}}
    assert [one.subject for one in quay.findings("quiet_house")] == ["mill"]


def test_a_visit_within_three_months_of_the_last_is_found_and_its_light_goes_out_by_new_counts(store: Store) -> None:
    quay = Quay(store, "2026-01-10 09:00", ("no_repeat",))
    visit(quay, "V1", "chen")
    quay.at("2026-03-20 09:00")
    visit(quay, "V2", "boss")

    quay.turn("2026-03-21 01:00")
    lit = [(one.period, one.status) for one in quay.findings("no_repeat")]
    quay.turn("2026-03-25 01:00")
    quay.turn("2026-04-12 01:00")

    (found,) = quay.findings("no_repeat")
    assert lit == [("2026-03-20", "open")]
    assert (found.period, found.status, found.ended_at) == ("2026-03-20", "cleared", quay.micros("2026-04-12 01:00"))
    assert quay.state("no_repeat").open == ()


def test_a_surge_of_closings_draws_some_of_them_for_another_look(store: Store) -> None:
    quay = Quay(store, "2026-03-02 09:00", ("surge",))
    for name in ("A", "B", "C"):
        told(quay, name)
    fixed(quay, "A", "2026-03-03 09:00", "2026-03-04 09:00")
    quay.at("2026-03-16 08:00")
    fixed(quay, "B", "2026-03-17 09:00", "2026-03-18 09:00")
    fixed(quay, "C", "2026-03-18 10:00", "2026-03-19 09:00")

    quay.turn("2026-03-23 01:00")

    (found,) = quay.findings("surge")
    cases = orjson.loads(found.cases)
    with store.read() as reader:
        looked = [reader.case(Scope(person="boss", everything=True), one) for one in cases["started"]]
    assert (found.subject, orjson.loads(found.counts)) == ("/quay/east/", {"closed": 2, "earlier": 1})
    assert (sorted(cases["behind"]), len(cases["drawn"]), set(cases["drawn"]) <= {"B", "C"}) == (["B", "C"], 1, True)
    assert [one.register.procedure for one in looked if one] == ["again"]


def test_the_same_picture_in_two_cases_is_found(store: Store) -> None:
    quay = Quay(store, "2026-03-02 09:00", ("same_photo",))
    told(quay, "A", photos=(photo("wall"),))
    told(quay, "B", by="zhou", house="barn", photos=(photo("wall"), photo("door")))

    quay.turn("2026-03-03 01:00")

    (found,) = quay.findings("same_photo")
    assert (found.subject, orjson.loads(found.counts)) == (photo("wall").sha256, {"cases": 2})
    assert sorted(orjson.loads(found.cases)["behind"]) == ["A", "B"]


def test_a_device_on_which_several_signed_in_is_found(store: Store) -> None:
    quay = Quay(store, "2026-03-02 09:00", ("shared_device",))
    quay.signed_in(b"one", "chen")
    quay.signed_in(b"two", "chen", "zhou")

    quay.turn("2026-03-03 01:00")

    (found,) = quay.findings("shared_device")
    assert (found.subject, orjson.loads(found.counts), found.region) == (b"two".hex(), {"people": 2}, "")
    assert quay.findings("shared_device", Scope(person="east", regions=("/quay/east/",))) == []


def test_an_acceptance_within_minutes_of_its_application_is_found(store: Store) -> None:
    quay = Quay(store, "2026-03-02 09:00", ("quick_pass",))
    told(quay, "A")
    told(quay, "B", by="zhou", house="barn")
    fixed(quay, "A", "2026-03-03 09:00", "2026-03-03 09:04")
    fixed(quay, "B", "2026-03-04 09:00", "2026-03-04 11:00", by="zhou", owner="qian")

    quay.turn("2026-04-01 01:00")

    assert [(one.subject, orjson.loads(one.counts)) for one in quay.findings("quick_pass")] == [("chen", {"quick": 1})]


def test_dismissals_count_for_who_asked_and_not_for_who_consented(store: Store) -> None:
    quay = Quay(store, "2026-03-02 09:00", ("friendly",))
    told(quay, "A")
    told(quay, "B", grade="重")
    quay.act("A", "drop", "chen", cause="不属实")
    quay.at("2026-03-02 15:00")
    quay.do("A", AnswerApproval(task=2, consent=True), "boss")
    quay.act("B", "lower", "chen", cause="经核实")

    quay.turn("2026-04-01 01:00")

    assert [(one.subject, orjson.loads(one.counts)) for one in quay.findings("friendly")] == [
        ("chen", {"dropped": 1, "lowered": 1})
    ]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (("2026-01-10", "2026-03-10", "2026-06-10"), ["mill"]),
        (("2025-09-10", "2026-01-10", "2026-06-10"), []),
        (("2025-07-20", "2025-10-10", "2026-01-10", "2026-06-10"), ["mill"]),
    ],
)
def test_three_fines_in_half_a_year_or_four_in_a_year_are_found(
    store: Store, days: tuple[str, ...], found: list[str]
) -> None:
    quay = Quay(store, f"{days[0]} 09:00", ("fined_often",))
    for n, day in enumerate(days):
        quay.at(f"{day} 10:00")
        quay.start(f"F{n}", "fine", "fined", "chen", house="mill", note=f"{n}号")

    quay.turn("2026-07-01 01:00")

    assert [one.subject for one in quay.findings("fined_often")] == found


def test_after_downtime_every_period_that_ended_is_looked_at_once_in_order(store: Store) -> None:
    quay = Quay(store, "2026-02-02 09:00", ("many_faults", "no_repeat"))
    quay.turn()
    told(quay, "A", grade="重")
    told(quay, "B", grade="重")
    quay.at("2026-05-04 09:00")
    told(quay, "C", grade="重")
    told(quay, "D", grade="重")

    turned = quay.turn("2026-07-15 01:00")

    assert turned == 3
    assert sorted(one.period for one in quay.findings("many_faults")) == ["2026-Q1", "2026-Q2"]


# answers --------------------------------------------------------------------------------------------------------------


def answer(quay: Quay, by: str, subject: str = "mill", reason: str = "专项检查期间", **more: str) -> None:
    act = AnswerFinding(period="2026-Q1", subject=subject, how="justified", reason=reason)
    request = Request(
        id=f"answer:{by}:{subject}:{reason}", stream=stream_of("many_faults"), act=act, acted_by=by, medium="web"
    )
    answer_of(quay.service.execute([request])[0])


def test_a_light_goes_out_by_a_named_person_with_a_reason_and_only_within_their_region(store: Store) -> None:
    quay = Quay(store, "2026-02-02 09:00", ("many_faults",))
    for name in "AB":
        told(quay, name, grade="重")
    for name in "CD":
        told(quay, name, by="zhou", house="barn", grade="重")
    quay.turn("2026-04-01 01:00")

    with pytest.raises(NotPermitted):
        answer(quay, "chen")
    with pytest.raises(NotPermitted):
        answer(quay, "east", "barn")
    answer(quay, "east")
    with pytest.raises((Conflict, NotFound)):
        answer(quay, "boss", reason="再说一次")

    east = Scope(person="east", regions=("/quay/east/",))
    assert [(one.subject, one.status, one.answered_by, one.reason) for one in quay.findings("many_faults", east)] == [
        ("mill", "justified", "east", "专项检查期间")
    ]
    assert [one.subject for one in quay.state("many_faults").open] == ["barn"]


# caps -----------------------------------------------------------------------------------------------------------------


def test_beyond_a_cap_a_visit_is_refused_or_says_why_and_goes_another_way(store: Store) -> None:
    quay = Quay(store, "2026-02-02 09:00", ("visit_cap",))
    visit(quay, "V1", "chen")
    quay.start("V2", "look_in", "call_in", "boss", house="mill", note="看过")

    with pytest.raises(NotPermitted) as never:
        quay.start("V3", "look_in", "never_over", "chen", house="mill", note="看过")
    with pytest.raises(BadInput) as asked:
        quay.start("V4", "look_in", "call_in", "chen", house="mill", note="看过")
    quay.start("V5", "look_in", "call_in", "chen", house="mill", note="看过", again="群众举报")
    quay.start("V6", "look_in", "never_over", "zhou", house="barn", note="看过")

    with store.read() as reader:
        states = {name: found.register.state for name in ["V2", "V5", "V6"] if (found := reader.case(EVERYTHING, name))}
    assert never.value.data == {"title": "检查上限", "count": 2, "most": 2}
    assert (asked.value.code, asked.value.field) == ("cap_reached", "again")
    assert states == {"V2": "seen", "V5": "approving", "V6": "seen"}


def test_a_new_year_begins_the_cap_anew(store: Store) -> None:
    quay = Quay(store, "2026-11-02 09:00", ("visit_cap",))
    visit(quay, "V1", "chen")
    visit(quay, "V2", "boss")

    quay.at("2027-01-04 09:00")
    quay.start("V3", "look_in", "never_over", "chen", house="mill", note="看过")

    assert quay.measured("visit_cap") == {"mill": {"visits": 2}}


def test_of_many_who_take_the_last_place_under_a_cap_at_once_one_gets_it(store: Store) -> None:
    quay = Quay(store, "2026-02-02 09:00", ("visit_cap",))
    visit(quay, "V0", "chen")
    requests = [quay.asked(f"V{n}", "look_in", "never_over", "chen", house="mill", note="看过") for n in range(1, 7)]

    if store.kind == "postgresql":
        with ThreadPoolExecutor(6) as pool:
            outcomes = list(pool.map(lambda one: quay.another().execute([one])[0], requests))
    else:
        outcomes = quay.service.execute(requests)

    assert sum(isinstance(one, Answer) for one in outcomes) == 1
    assert {one.code for one in outcomes if not isinstance(one, Answer)} == {"cap_reached"}


def test_a_list_of_findings_that_was_tampered_with_is_told(store: Store) -> None:
    quay = Quay(store, "2026-02-02 09:00", ("many_faults",))
    for name in "AB":
        told(quay, name, grade="重")
    quay.turn("2026-04-01 01:00")

    def found() -> list[str]:
        stream = stream_of("many_faults")
        with store.read() as reader:
            return [one.code for one in watch_findings(reader, stream, reader.record.entries(stream))]

    honest = found()
    with store.session() as session:
        session.run(update(finding).values(status="unfounded"))

    assert (honest, found()) == ([], ["finding_differs"])
