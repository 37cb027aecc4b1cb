"""A hazard from its report to its end through the JSON API, in the ids of the definitions under test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.hazard_api import UNIT, Office, opened
from tests.definitions import name


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path / "data", sqlite_url) as office:
        yield office


def _values(told, *fields):
    found = {one["field"]: one["value"] for one in told["fields"]}
    return tuple(found.get(name(field)) for field in fields)


def _rectifying(office, until="2026-03-13"):
    """A hazard that was reported by the inspector and confirmed."""
    case = office.as_("jin").report()
    office.as_("sun").done(case, "confirm", level="一般", standard="检查标准第3条", rectify_by=until)
    return case


def test_a_general_hazard_is_written_off_by_who_did_not_find_it(office: Office) -> None:
    sun, song, qin = office.as_("sun"), office.as_("song"), office.as_("qin")
    case = sun.report()
    assert sun.get(f"/cases/{case}")["number"] == "YH-2026-00001"
    sun.done(case, "confirm", level="一般", standard="检查标准第3条", rectify_by="2026-03-13")
    office.wait("2026-03-05 15:00")
    qin.done(case, "apply", remedies="防护罩已装")
    accepting = song.get(f"/cases/{case}")

    own = sun.get(f"/cases/{case}")["offers"]
    post = song.offer(case, "accept")["post"]
    by_the_finder = sun.post(post, {"data": {name("opinion"): "合格"}, "evidence": sun.evidence(_asks("photo"))})
    song.done(case, "accept", opinion="合格")

    assert (accepting["states"], accepting["state_titles"]) == ([name("accepting")], ["待验收"])
    assert name("accept") not in [one["action"] for one in own]
    assert (by_the_finder.status_code, by_the_finder.json()["code"]) == (403, "separation_of_duties")
    told = song.get(f"/cases/{case}")
    assert (told["states"], told["closed"], told["tasks"]) == ([name("closed")], "整改", [])
    assert _values(told, "unit", "level", "remedies") == (UNIT, "一般", "防护罩已装")
    texts = [one["text"] for one in office.as_("gao").get("/messages")["items"]]
    assert texts == [name("written_off"), name("to_rectify")]


def _asks(*kinds, sign="hand"):
    return {"evidence": list(kinds), "sign": sign}


def test_an_extension_asked_for_in_time_takes_effect_when_the_supervisor_consents(office: Office) -> None:
    case = _rectifying(office)
    qin, sun = office.as_("qin"), office.as_("sun")
    office.wait("2026-03-13 16:00")

    qin.done(case, "extend", asked_date="2026-03-27", reason="配件未到货")
    asked = [one for one in sun.get(f"/cases/{case}")["tasks"] if one["kind"] == "approval"]
    assert sun.answer(case, "consent").status_code == 200
    office.wait("2026-03-16 09:00")

    assert [(one["asked_action"], one["asked_by"]) for one in asked] == [(name("extend"), "qin")]
    told = sun.get(f"/cases/{case}")
    (task,) = told["tasks"]
    assert (task["state"], task["extensions"], task["expired_at"]) == (name("rectifying"), 1, None)
    assert task["deadline"]["derivation"]["due_on"] == "2026-03-27"
    assert _values(told, "rectify_by") == ("2026-03-27",)


def test_a_late_extension_needs_the_leader_and_says_what_protects_meanwhile(office: Office) -> None:
    case = _rectifying(office)
    qin, sun, lu = office.as_("qin"), office.as_("sun"), office.as_("lu")
    office.wait("2026-03-16 16:00")

    without = qin.act(case, "extend", asked_date="2026-03-27", reason="配件未到货")
    qin.done(case, "extend", asked_date="2026-03-27", reason="配件未到货", interim_measures="专人值守")
    by_the_supervisor = [one["kind"] for one in sun.get(f"/cases/{case}")["offers"] if one["kind"] == "consent"]
    assert lu.answer(case, "consent").status_code == 200

    problem = without.json()
    assert (problem["code"], [one["field"] for one in problem["errors"]]) == (
        "form_refused",
        [name("interim_measures")],
    )
    assert by_the_supervisor == []
    told = lu.get(f"/cases/{case}")
    own = next(one for one in told["tasks"] if one["kind"] == "own" and one["extensions"])
    assert (own["deadline"]["derivation"]["due_on"], told["expiries"]) == ("2026-03-27", 1)


def test_silence_opens_the_recheck_and_drafts_what_a_person_issues_or_declines(office: Office) -> None:
    case = _rectifying(office)
    an, lu, sun = office.as_("an"), office.as_("lu"), office.as_("sun")

    office.wait("2026-03-19 10:00")
    letters = an.get("/drafts")["items"]
    assert an.answer(case, "issue").status_code == 200
    office.wait("2026-03-25 10:00")
    silent, told = lu.answer(case, "decline"), lu.answer(case, "decline", reason="已约企业负责人当面督促")

    assert [(row["case"], row["unit"]) for row in letters] == [(case, UNIT)]
    assert (silent.status_code, told.status_code) == (422, 200)
    seen = sun.get(f"/cases/{case}")
    assert seen["states"] == [name("rectifying")]
    own = next(task for task in seen["tasks"] if task["ladder"] == name("slow"))
    assert own["fired"] == [name(rung) for rung in ("remind", "overdue", "letter", "circular")]
    assert (own["expired_at"], seen["expiries"]) == ("2026-03-13T16:00:00Z", 2)  # the recheck is late, too
    assert {name("found_done"), name("found_open")} <= {offer["action"] for offer in seen["offers"]}
    assert an.get("/drafts")["items"] == []
    types = [event["type"] for entry in an.get(f"/cases/{case}/entries")["items"] for event in entry["events"]]
    assert [kind for kind in types if kind.startswith("draft_")] == ["draft_issued", "draft_declined"]


def test_a_major_hazard_stops_work_until_resumption_is_permitted(office: Office) -> None:
    jin, sun, gao, qin = (office.as_(person) for person in ("jin", "sun", "gao", "qin"))
    case = jin.report(level="重大")
    sun.done(case, "confirm", level="重大", standard="判定标准第四条", rectify_by="2026-04-03")
    assert sun.get(f"/cases/{case}")["states"] == [name("notifying")]

    sun.done(case, "tell", note="已当面告知")
    sun.done(case, "order_stop", stop_scope="一车间", reason="排除前无法保证安全")
    both = gao.get(f"/cases/{case}")["states"]
    gao.done(case, "finish", remedies="已更换防护罩")
    gao.done(case, "ask_resume", remedies="已自查")
    stopped = sun.get(f"/cases/{case}")
    sun.done(case, "permit", opinion="同意恢复")
    accepting = sun.get(f"/cases/{case}")
    sun.done(case, "accept", opinion="合格")

    assert both == [name("suspended.remedy.working"), name("suspended.operation.halted")]
    assert stopped["states"] == [name("suspended.remedy.finished"), name("suspended.operation.examining")]
    assert (_values(stopped, "stop_ordered"), _values(accepting, "stop_ordered")) == ((True,), (False,))
    assert accepting["states"] == [name("accepting")]
    assert qin.get(f"/cases/{case}")["closed"] == "整改"


def test_a_dismissal_takes_a_second_person_who_neither_found_nor_supervises(office: Office) -> None:
    sun, an = office.as_("sun"), office.as_("an")
    case = office.as_("jin").report()

    sun.done(case, "dismiss", reason="现场核查，属正常检修状态")
    waiting = sun.get(f"/cases/{case}")
    assert an.answer(case, "consent").status_code == 200

    assert (waiting["states"], waiting["closed"]) == ([name("reported")], "")
    assert "consent" not in {offer["kind"] for offer in waiting["offers"]}
    told = an.get(f"/cases/{case}")
    assert (told["states"], told["closed"]) == ([name("dismissed")], "误报")


def test_a_write_off_is_undone_by_the_leader_with_a_new_deadline(office: Office) -> None:
    case = _rectifying(office)
    sun, lu = office.as_("sun"), office.as_("lu")
    office.as_("qin").done(case, "apply", remedies="防护罩已装")
    sun.done(case, "accept", opinion="合格")
    body = {"data": {name("reason"): "防护罩被拆", name("new_deadline"): "2026-04-10"}}
    reopen = lu.offer(case, "", "reopen")

    by_the_supervisor = sun.post(reopen["post"], body)
    lu.done(case, "", "reopen", reason="防护罩被拆", new_deadline="2026-04-10")

    assert (by_the_supervisor.status_code, by_the_supervisor.json()["code"]) == (403, "not_your_task")
    told = sun.get(f"/cases/{case}")
    (task,) = told["tasks"]
    assert (told["closed"], told["reopened"], told["states"]) == ("", 1, [name("rectifying")])
    assert task["deadline"]["derivation"]["due_on"] == "2026-04-10"
    assert _values(told, "rectify_by") == ("2026-04-10",)


def test_the_register_is_filtered_by_the_fields_that_the_definitions_declare(office: Office) -> None:
    jin, sun = office.as_("jin"), office.as_("sun")
    major, general = jin.report(level="重大"), jin.report(place="二车间")
    (row,) = (one for one in sun.get("/procedures")["items"] if one["procedure"] == name("hazard"))

    declared = sun.get(f"/procedures/{row['version']}")

    assert declared["filters"] == [name(field) for field in ("channel", "level", "rectify_by", "stop_ordered")]
    for level, cases in (("重大", [major]), ("一般", [general])):
        found = sun.get("/cases", **{f"field.{name('level')}": level, "state": name("reported")})["items"]
        assert [one["id"] for one in found] == cases
