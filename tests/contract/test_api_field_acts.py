"""Field acts by the API: what an offer asks, certificates, a checklist, signatures of both sides, a hidden case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.store.store import Store
from tests.contract.api_fixtures import Api, Person, opened, png
from tests.visits import LICENCE, VISIT

ANSWERS = {"front": "good", "back": {"answer": "bad", "note": "上锁"}, "vault": "none"}


@pytest.fixture
def visits(store: Store, tmp_path: Path) -> Iterator[Api]:
    """The API with visits, and the team licensed by the API itself."""
    with opened(store, tmp_path, procedure=VISIT) as api:
        rows = [{"person": one, "kind": LICENCE, "number": f"N-{one}"} for one in ("chen", "zhou")]
        answer = api.as_("lin").post("/directory/certificates", {"certificates": rows})
        assert answer.status_code == 200, answer.text
        yield api


def plan(api: Api, **data: Any) -> Any:
    told = {"unit": "U1", "place": "P1", "subject": "门窗", "team": ["chen", "zhou"], **data}
    return api.as_("lin").post("/cases", {"procedure": "visit", "action": "plan", "data": told})


def planned(api: Api) -> str:
    answer = plan(api)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["stream"].removeprefix("case/"))


def offer_of(person: Person, case: str, action: str) -> dict[str, Any]:
    offers: list[dict[str, Any]] = person.get(f"/cases/{case}").json()["offers"]
    return next(one for one in offers if one["action"] == action)


def do(person: Person, case: str, action: str, **body: Any) -> Any:
    """Do what is offered, at the address that the offer names."""
    return person.post(offer_of(person, case, action)["post"].removeprefix("/api/v1"), body)


def picture(person: Person, colour: str, kind: str) -> dict[str, Any]:
    return {**person.upload("/evidence", png(colour)).json(), "kind": kind}


def test_a_visit_goes_from_plan_to_signatures_by_offers_alone(visits: Api) -> None:
    case, chen = planned(visits), visits.as_("chen")

    entered = do(chen, case, "enter", on_site=True, evidence=[picture(chen, "red", "photo")])
    recorded = do(chen, case, "record", data={"answers": ANSWERS, "findings": [{"where": "后门", "fixed": True}]})
    drawn = [picture(chen, colour, "signature") for colour in ("green", "blue", "black")]
    persons: tuple[dict[str, str], ...] = ({"person": "chen"}, {"person": "zhou"}, {"party": "unit", "name": "张三"})
    signatures = [{**who, "file": file["sha256"]} for who, file in zip(persons, drawn, strict=True)]
    signed = do(chen, case, "conclude", evidence=drawn, signatures=signatures)

    assert [answer.status_code for answer in (entered, recorded, signed)] == [200, 200, 200], signed.text
    told = {one["field"]: one for one in visits.as_("lin").get(f"/cases/{case}").json()["fields"]}
    assert told["answers"]["told"] == "好1项、坏1项、无1项"
    assert told["findings"]["told"] == "1行"
    assert told["findings"]["value"] == [{"where": "后门", "fixed": True}]
    entries = visits.as_("lin").get(f"/cases/{case}/entries").json()["items"]
    events = [event for entry in entries for event in entry["events"]]
    names = [event["data"].get("name") for event in events if event["type"] == "party_signed"]
    assert names == [None, None, {"withheld": True}]
    assert "张三" not in str(entries)


def test_an_offer_describes_columns_questions_and_signatures(visits: Api) -> None:
    case, chen = planned(visits), visits.as_("chen")
    do(chen, case, "enter", on_site=True, evidence=[picture(chen, "red", "photo")])

    form = {one["field"]: one for one in offer_of(chen, case, "record")["form"]}
    do(chen, case, "record", data={"answers": ANSWERS})
    asked = offer_of(chen, case, "conclude")

    assert [column["field"] for column in form["findings"]["columns"]][:3] == ["where", "grade", "cost"]
    checklist = form["answers"]["checklist"]
    assert (checklist["checklist"], checklist["version"]) == ("doors", "1")
    assert [item["item"] for group in checklist["groups"] for item in group["items"]] == ["front", "back", "vault"]
    assert [one["note"] for one in checklist["answers"]] == [False, True, False]
    assert asked["certificate"] == LICENCE
    assert asked["signs"] == [
        {"party": "", "title": "检查组", "level": "hand", "count": 2, "refused": False},
        {"party": "unit", "title": "被访单位", "level": "hand", "count": 1, "refused": True},
    ]


def test_faults_of_cells_items_and_signatures_are_told_one_by_one(visits: Api) -> None:
    case, chen = planned(visits), visits.as_("chen")
    do(chen, case, "enter", on_site=True, evidence=[picture(chen, "red", "photo")])

    wrong = do(chen, case, "record", data={"answers": {"front": "good"}, "findings": [{"cost": -1}]})
    do(chen, case, "record", data={"answers": ANSWERS})
    unsigned = do(chen, case, "conclude", signatures=[{"person": "chen"}])

    assert [(one["field"], one["code"]) for one in wrong.json()["errors"]] == [
        ("answers.back", "unanswered"),
        ("answers.vault", "unanswered"),
        ("findings.0.where", "missing"),
        ("findings.0.cost", "too_small"),
    ]
    assert (unsigned.status_code, unsigned.json()["code"]) == (422, "signatures_refused")
    assert [one["code"] for one in unsigned.json()["errors"]] == [
        "signers_missing",
        "signature_missing",
        "signers_missing",
    ]


def test_who_holds_no_licence_is_named_and_listed_as_such(visits: Api) -> None:
    answer = plan(visits, team=["chen", "tang"])

    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("team", "not_certified")]
    listed = visits.as_("lin").get("/directory/certificates").json()["items"]
    assert [(one["person"], one["title"], one["number"]) for one in sorted(listed, key=lambda one: one["person"])] == [
        ("chen", LICENCE, "N-chen"),
        ("zhou", LICENCE, "N-zhou"),
    ]


@pytest.mark.parametrize("person", ["wang", "li", "he", "mayor"])
def test_before_its_opening_there_is_no_such_case_for_others(visits: Api, person: str) -> None:
    case, other = planned(visits), visits.as_(person)

    answers = [
        other.get(f"/cases/{case}"),
        other.get(f"/cases/{case}/entries"),
        other.post(f"/cases/{case}/tasks/1/read"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert other.get("/cases").json()["items"] == []
    assert other.get("/cases", params={"text": "门窗"}).json()["items"] == []


def test_a_first_look_by_the_api_is_recorded_once(visits: Api) -> None:
    case, chen = planned(visits), visits.as_("chen")

    first, again = chen.get(f"/cases/{case}"), chen.get(f"/cases/{case}")

    assert (first.json()["seq"], again.json()["seq"]) == (2, 2)
    entries = chen.get(f"/cases/{case}/entries").json()["items"]
    assert [event["type"] for event in entries[-1]["events"]] == ["case_seen"]


def test_who_knew_before_the_opening_is_told_with_names(visits: Api) -> None:
    case, chen = planned(visits), visits.as_("chen")
    chen.get(f"/cases/{case}")
    do(chen, case, "enter", on_site=True, evidence=[picture(chen, "red", "photo")])

    told = visits.as_("mayor").get(f"/cases/{case}/before-opening").json()

    known = {(one["person"]["id"], one["how"]) for one in told["known"]}
    assert known == {
        ("lin", "created"), ("chen", "sent"), ("zhou", "sent"), ("chen", "held"), ("zhou", "held"), ("chen", "saw"),
        ("chen", "acted"),
    }  # fmt: skip
    assert [one["id"] for one in told["hidden_from"]] == ["li", "wang"]
    assert (told["leaked"], told["opened_at"] is not None) == ([], True)
    assert told["known"][0]["person"]["name"] == "lin 某"
