"""Acts about people by the API: each at the address its offer names, once, refused by code, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.store.store import Store
from tests.contract.api_fixtures import Api, opened, png
from tests.handled import HANDLED, settle
from tests.worlds import local
from web.app import BASE

Body = dict[str, Any]


@pytest.fixture
def people(store: Store, tmp_path: Path) -> Iterator[Api]:
    """The API over the sample in which tasks are passed on."""
    with opened(store, tmp_path / "evidence", procedure=HANDLED) as api:
        settle(api.district)
        yield api


def offer(api: Api, person: str, case: str, kind: str) -> Body:
    """What is offered to a person of one kind."""
    offers: list[Body] = api.as_(person).get(f"/cases/{case}").json()["offers"]
    found = [one for one in offers if one["kind"] == kind]
    assert found, [(one["kind"], one["task"]) for one in offers]
    return found[0]


def post(api: Api, person: str, case: str, kind: str, body: Body | None = None, *, key: str = "") -> Any:
    """Do what is offered, at the address that the offer names."""
    return api.as_(person).post(offer(api, person, case, kind)["post"].removeprefix(BASE), body or {}, key=key)


def do(api: Api, person: str, case: str, kind: str, body: Body | None = None) -> str:
    """The same; it must be accepted. The case."""
    answer = post(api, person, case, kind, body)
    assert answer.status_code == 200, answer.text
    return case


def started(api: Api) -> str:
    return api.as_("li").start()


def claimed(api: Api) -> str:
    return do(api, "chen", started(api), "claim")


def delegated(api: Api) -> str:
    return do(api, "chen", claimed(api), "delegate", {"to": "he", "reason": "下乡"})


def handed(api: Api) -> str:
    return do(api, "chen", started(api), "hand_over", {"region": "/s/t1/", "industry": "food", "reason": "属食品"})


def refused(api: Api) -> str:
    return do(api, "feng", handed(api), "refuse_receipt", {"ground": "not_ours", "reason": "属钢铁"})


def asked(api: Api) -> str:
    case = started(api)
    answer = api.as_("chen").post(f"/cases/{case}/tasks/1/actions/settle", {})
    assert answer.status_code == 200, answer.text
    return case


def added(api: Api) -> str:
    return do(api, "chen", asked(api), "add_voice", {"person": "zhou", "reason": "分管"})


def joint(api: Api) -> str:
    case, wang = started(api), api.as_("wang")
    api.as_("chen").confirm(case)
    photo = {**wang.upload("/evidence", png("green")).json(), "kind": "photo", "field": "photos"}
    body = {"data": {"photos": [photo["sha256"]]}, "evidence": [photo]}
    assert wang.post(f"/cases/{case}/tasks/2/actions/apply", body).status_code == 200
    return case


#: kind -> who, after what, with what, which event tells it
ACTS: dict[str, tuple[str, Callable[[Api], str], Body, str]] = {
    "claim": ("chen", started, {}, "holder_changed"),
    "release": ("chen", claimed, {}, "holder_changed"),
    "transfer": ("chen", claimed, {"to": "zhou", "reason": "出差"}, "holder_changed"),
    "delegate": ("chen", claimed, {"to": "he", "reason": "出差"}, "holder_changed"),
    "give_back": ("he", delegated, {"opinion": "情况属实"}, "holder_changed"),
    "take_back": ("chen", delegated, {}, "holder_changed"),
    "urge": ("lin", started, {"note": "请尽快"}, "task_urged"),
    "copy": ("chen", started, {"to": ["he", "wang"], "note": "请知悉"}, "case_copied"),
    "recuse": ("chen", started, {"reason": "亲属"}, "person_recused"),
    "hand_over": ("chen", started, {"region": "/s/t1/", "industry": "food", "reason": "属食品"}, "task_opened"),
    "receive": ("feng", handed, {}, "hand_over_answered"),
    "refuse_receipt": ("feng", handed, {"ground": "not_ours", "reason": "属钢铁"}, "hand_over_answered"),
    "designate": ("lin", refused, {"region": "/s/t1/", "industry": "food", "reason": "按分工"}, "party_assigned"),
    "vote": ("lin", asked, {"consent": True}, "voices_changed"),
    "add_voice": ("chen", asked, {"person": "zhou", "reason": "分管"}, "voices_changed"),
    "remove_voice": ("chen", added, {"voice": 4, "reason": "不必"}, "voices_changed"),
    "opinion": ("lin", joint, {"opinion": "同意验收"}, "opinion_given"),
    "recall": ("chen", asked, {}, "round_closed"),
}
#: Bodies that say less than they must, or what nobody knows.
WRONG: dict[str, Body] = {
    "transfer": {"to": "zhou"},
    "delegate": {"reason": "出差"},
    "give_back": {},
    "copy": {"to": []},
    "recuse": {},
    "hand_over": {"region": "/nowhere/", "reason": "x"},
    "refuse_receipt": {"ground": "none", "reason": "x"},
    "designate": {"reason": "按分工"},
    "vote": {"consent": False},
    "add_voice": {"person": "zhou"},
    "remove_voice": {"voice": 99, "reason": "x"},
    "opinion": {"opinion": ""},
    "claim": {"surprise": 1},
}


@pytest.mark.parametrize("kind", ACTS)
def test_an_act_is_done_once_where_its_offer_says_and_told_by_its_event(people: Api, kind: str) -> None:
    person, before, body, event = ACTS[kind]
    case = before(people)
    address = offer(people, person, case, kind)["post"].removeprefix(BASE)

    answers = [people.as_(person).post(address, body, key="the-one-key") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert answers[0].json() == answers[1].json()
    last = people.as_("lin").get(f"/cases/{case}/entries").json()["items"][-1]
    assert (last["seq"], last["acted_by"]["id"]) == (answers[0].json()["seq"], person)
    assert event in [one["type"] for one in last["events"]]
    assert all(one["told"] and "（" + one["type"] + "）" not in one["told"] for one in last["events"])


@pytest.mark.parametrize("kind", WRONG)
def test_what_lacks_something_is_refused_field_by_field(people: Api, kind: str) -> None:
    person, before, _, _ = ACTS[kind]
    case = before(people)

    answer = post(people, person, case, kind, WRONG[kind])

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


@pytest.mark.parametrize("kind", ACTS)
def test_an_act_is_refused_to_whoever_may_not_and_hidden_from_strangers(people: Api, kind: str) -> None:
    person, before, body, _ = ACTS[kind]
    case = before(people)
    address = offer(people, person, case, kind)["post"].removeprefix(BASE)

    clerk, stranger = people.as_("clerk").post(address, body), people.as_("qian").post(address, body)

    assert (clerk.status_code, stranger.status_code) == (403, 404), clerk.text
    assert clerk.json()["detail"]
    assert stranger.json()["code"] == "not_found"


def test_an_offer_says_among_what_is_chosen_and_in_whose_place_one_acts(people: Api) -> None:
    case = handed(people)

    refusing, instead = offer(people, "feng", case, "refuse_receipt"), offer(people, "lin", case, "act")
    place = offer(people, "feng", started(people), "act")

    assert refusing["among"] == [
        {"id": "not_ours", "title": "不属本部门职责"},
        {"id": "elsewhere", "title": "不在本辖区"},
    ]
    assert refusing["reason"] is True
    assert (instead["superior"], instead["stands_for"]) == (True, None)
    assert place["stands_for"] == {"id": "zhou", "name": "zhou 某"}
    assert offer(people, "chen", case, "transfer")["parties"] == ["checker"]


def test_a_superior_acts_with_a_reason_and_an_action_leads_back_where_it_is_told(people: Api) -> None:
    case = joint(people)
    for person in ("lin", "wang", "li"):
        do(people, person, case, "opinion", {"opinion": "同意"})
    address = f"/cases/{case}/tasks/3/actions/send_back"

    nowhere = people.as_("chen").post(address, {"data": {"reason": "照片不清"}})
    done = people.as_("chen").post(address, {"data": {"reason": "照片不清"}, "back_to": "opened"})
    silent = people.as_("lin").post(f"/cases/{case}/tasks/7/actions/dismiss", {"data": {"reason": "重复"}})
    said = people.as_("lin").post(
        f"/cases/{case}/tasks/7/actions/dismiss", {"data": {"reason": "重复"}, "instead": "承办人在外"}
    )

    assert [one.status_code for one in (nowhere, done, silent, said)] == [422, 200, 422, 200], said.text
    assert nowhere.json()["errors"][0]["field"] == "back_to"
    assert silent.json()["errors"][0]["field"] == "instead"


def test_a_case_tells_with_whom_a_task_lies_who_urged_it_who_votes_and_who_has_a_copy(people: Api) -> None:
    case = delegated(people)
    do(people, "lin", case, "urge", {"note": "快"})
    do(people, "chen", asked(people), "copy", {"to": ["he"]})

    told = people.as_("lin").get(f"/cases/{case}").json()
    (task,) = told["tasks"]

    assert (task["given"]["person"]["name"], task["given"]["how"], task["given"]["reason"]) == (
        "he 某",
        "delegated",
        "下乡",
    )
    assert (task["back_to"]["person"]["id"], task["urged"][0]["person"]["name"]) == ("chen", "lin 某")


def test_a_vote_under_way_and_late_opinions_are_told_by_name(people: Api) -> None:
    vote, opinions = asked(people), joint(people)
    do(people, "lin", vote, "vote", {"consent": True})
    do(people, "lin", opinions, "opinion", {"opinion": "同意"})
    people.wait(opinions, local("2026-03-05 09:00"))
    do(people, "wang", opinions, "opinion", {"opinion": "补充"})

    (under_way,) = people.as_("chen").get(f"/cases/{vote}").json()["rounds"]
    given = people.as_("chen").get(f"/cases/{opinions}").json()["opinions"]

    assert [(one["title"], one["answer"]) for one in under_way["voices"]] == [
        ("办公室", "consent"),
        ("责任单位·principal", ""),
        ("责任单位·officer", ""),
    ]
    assert under_way["voices"][0]["answered_by"] == {"id": "lin", "name": "lin 某"}
    assert [(one["person"]["id"], one["late"]) for one in given if one["person"]] == [("lin", False), ("wang", True)]


def test_who_was_sent_a_copy_reads_it_once(people: Api) -> None:
    case = do(people, "chen", started(people), "copy", {"to": ["he"]})

    answers = [people.as_("he").post(f"/cases/{case}/read-copy") for _ in range(2)]
    stranger = people.as_("mayor").post(f"/cases/{case}/read-copy")

    assert [one.status_code for one in answers] == [200, 200]
    assert stranger.status_code == 403
    (copy,) = people.as_("chen").get(f"/cases/{case}").json()["copies"]
    assert copy["read_at"] is not None


def test_a_leavers_task_goes_to_whom_is_named_by_whoever_may_say_so(people: Api) -> None:
    case = claimed(people)

    answer = people.as_("chen").post(f"/cases/{case}/tasks/1/reassign", {"to": "zhou", "reason": "调离"})

    assert (answer.status_code, answer.json()["code"]) == (403, "may_not_reassign")


def test_an_act_is_taken_back_before_anybody_read_what_followed(people: Api) -> None:
    case = started(people)
    people.as_("chen").confirm(case)
    taken = offer(people, "chen", case, "recall")

    done = people.as_("chen").post(taken["post"].removeprefix(BASE), {"reason": "等级填错"})

    assert (taken["title"], done.status_code) == ("拿回：核实", 200), done.text
    seen = people.as_("chen").get(f"/cases/{case}").json()
    assert seen["states"] == ["opened"]
    told = people.as_("chen").get(f"/cases/{case}/entries").json()["items"][-1]["events"]
    assert "chen 某拿回“核实”，理由：等级填错" in [one["told"] for one in told]
