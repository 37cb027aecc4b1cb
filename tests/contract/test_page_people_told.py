# ruff: noqa: F811 - fixtures are imported
"""What pages tell of who passes a task on, stands in, votes and takes back."""

from __future__ import annotations

import re

from tests.browsing import headers_of
from tests.contract.api_fixtures import Api
from tests.contract.people_forms import (  # noqa: F401 - a fixture among them
    address,
    delegated,
    do,
    form,
    holders,
    joint,
    people,
    started,
    told,
    types,
)
from tests.contract.visiting import hidden, send, visit


def test_a_task_that_was_claimed_can_be_put_back_from_the_notice(people: Api) -> None:
    case = started(people)
    done = do(people, "chen", case, "claim")
    cookie = done.headers["set-cookie"].split(";")[0]

    page = people.client.get(
        f"/cases/{case}", headers={"Cookie": f"__Host-zhiben=chen; {cookie}", "Origin": "http://testserver"}
    )
    undo = re.findall(r'action="([^"]*/people/1/release\?undo=[0-9a-f]+)"', page.text)[0]
    answers = [send(people, "chen", undo, {}) for _ in range(2)]

    assert "已签收，由您一人办理。" in page.text
    assert [one.status_code for one in answers] == [303, 303]
    assert holders(people, case) == ["chen", "mayor", "zhou"]


def test_a_page_names_who_works_on_a_delegated_task_and_to_whom_it_comes_back(people: Api) -> None:
    case = delegated(people)

    page = visit(people, "lin", f"/cases/{case}").text

    assert re.search(r"正由 he 某 办理（[^）]+由 chen 某 委派，下乡），交回后由 chen 某 定。", page)


def test_the_chain_of_responsibility_shows_everybody_who_held_a_task(people: Api) -> None:
    case = delegated(people)
    do(people, "he", case, "give_back", filled={"f.opinion": "情况属实"})

    page = visit(people, "lin", f"/cases/{case}?tab=duties").text
    rows = re.findall(r'data-head="承办人">([^<]*)</td>', page)
    why = re.findall(r'data-head="因何"><div>([^<]*)', page)

    assert rows == ["chen 某、mayor 某、zhou 某", "chen 某", "he 某", "chen 某"]
    assert why[2] == "由chen 某委派，办后交回，理由：下乡"
    assert why[3].endswith("受托人交回，理由：情况属实")


def test_a_timeline_tells_each_act_with_names(people: Api) -> None:
    case = delegated(people)
    do(people, "he", case, "give_back", filled={"f.opinion": "情况属实"})
    do(people, "lin", case, "urge", filled={"f.note": "今天办结"})
    do(people, "chen", case, "copy", filled={"f.to": "mayor"})

    entries = people.as_("lin").get(f"/cases/{case}/entries").json()["items"]
    lines = [event["told"] for entry in entries for event in entry["events"]]

    assert [line for line in lines if line.startswith(("chen", "he", "lin"))] == [
        "chen 某签收“待核实”",
        "chen 某委派he 某办理“待核实”，办后交回，理由：下乡",
        "he 某交回“待核实”，由chen 某定，意见：情况属实",
        "lin 某催办“待核实”，附言：今天办结",
        "chen 某抄送mayor 某",
    ]


def test_a_superior_says_why_they_act_and_the_record_tells_it(people: Api) -> None:
    case = started(people)
    path = f"/cases/{case}/actions/1/dismiss"
    sent = form(people, "lin", path, **{"f.reason": "重复"})

    silent = send(people, "lin", path, sent)
    done = send(people, "lin", path, {**sent, "f._instead": "承办人均在外地"})

    assert silent.status_code == 422
    assert 'id="field-_instead-wrong"' in silent.text
    assert done.status_code == 303, done.text
    assert "acted_for" in types(people, case)
    page = visit(people, "lin", f"/cases/{case}").text
    assert "代下级chen 某、mayor 某、zhou 某办理，理由：承办人均在外地" in page


def test_who_stands_in_sees_for_whom_on_every_button_and_in_the_list_of_work(people: Api) -> None:
    case = started(people)

    page, work = visit(people, "feng", f"/cases/{case}").text, visit(people, "feng", "/work?whose=others").text

    assert "核实（代 zhou 某）" in page
    assert "代 zhou 某 至 3月31日" in work
    assert re.search(r'aria-current="true">代办', work)
    assert "安全出口锁闭" not in visit(people, "chen", "/work?whose=others").text


def test_an_action_leads_back_to_the_state_that_was_chosen(people: Api) -> None:
    case = joint(people)
    for person, task in (("lin", 4), ("wang", 5), ("li", 6)):
        do(people, person, case, "opinion", task, filled={"f.opinion": "同意"})
    path = f"/cases/{case}/actions/3/send_back"
    page = visit(people, "chen", path).text

    nowhere = send(people, "chen", path, {**hidden(page), "f.reason": "照片不清"})
    done = send(people, "chen", path, {**hidden(page), "f.reason": "照片不清", "f._back_to": "opened"})

    assert re.findall(r'name="f._back_to" value="([a-z]+)"', page) == ["opened", "doing"]
    assert nowhere.status_code == 422
    assert 'id="field-_back_to-wrong"' in nowhere.text
    assert done.status_code == 303, done.text
    assert told(people, "lin", case)["states"] == ["opened"]


def test_voices_and_opinions_are_listed_with_who_when_and_who_is_late_by_name(people: Api) -> None:
    case = joint(people)
    do(people, "lin", case, "opinion", 4, filled={"f.opinion": "同意验收"})
    from tests.worlds import local

    people.wait(case, local("2026-03-04 09:00"))
    page = visit(people, "chen", f"/cases/{case}").text
    listed = re.findall(
        r'<li class="voice at-(\w+)"><span class="voice-who">([^<]+)</span><span class="[^"]+">([^<]+)', page
    )

    assert [(status, who) for status, who, _ in listed] == [
        ("given", "办公室（lin 某）"),
        ("waiting", "责任单位·负责人（wang 某）"),
        ("waiting", "责任单位·管理员（li 某）"),
    ]
    assert [said.strip() for _, _, said in listed][1:] == ["逾期未提出", "逾期未提出"]
    assert "同意验收" in page


def test_a_copy_is_read_at_the_inbox_once(people: Api) -> None:
    case = started(people)
    do(people, "chen", case, "copy", filled={"f.to": "he", "f.note": "请知悉"})
    page = visit(people, "he", "/inbox").text
    (copy,) = re.findall(rf'<form[^>]*action="/cases/{case}/read-copy">.*?</form>', page, re.DOTALL)

    answers = [send(people, "he", f"/cases/{case}/read-copy", hidden(copy)) for _ in range(2)]

    assert [(one.status_code, one.headers["location"]) for one in answers] == [(303, "/inbox")] * 2
    assert types(people, case).count("copy_read") == 1
    assert f"/cases/{case}/read-copy" not in visit(people, "he", "/inbox").text


def test_whoever_acted_may_take_it_back_from_the_receipt_until_it_is_read(people: Api) -> None:
    case = started(people)
    people.as_("chen").confirm(case)

    page = visit(people, "chen", f"/cases/{case}?done=2").text
    done = do(people, "chen", case, "recall", 0, filled={"f.note": "等级填错"})

    assert f'href="/cases/{case}/people/0/recall">拿回：核实</a>' in page
    assert done.headers["location"] == f"/cases/{case}"
    assert told(people, "lin", case)["states"] == ["opened"]
    assert "/people/0/recall" not in visit(people, "chen", f"/cases/{case}").text


def test_what_is_done_beneath_a_task_draws_the_page_anew_and_beneath_a_row_only_the_row(people: Api) -> None:
    case = started(people)
    path = address(case, "urge")
    partial = {"HX-Request": "true"}
    within = [
        people.client.get(f"{path}{query}", headers={**headers_of("lin"), **partial}).text
        for query in ("", "?within=case")
    ]

    row = send(people, "lin", path, {**hidden(within[0]), "f.note": "快"}, **partial)
    again = send(people, "he", path, {**hidden(within[1]), "_key": "another-key-0002"}, **partial)

    assert ["<html" in text for text in within] == [False, False]
    assert [hidden(text)["_within"] for text in within] == ["row", "case"]
    assert (row.status_code, "data-done" in row.text) == (200, True)
    assert (again.status_code, again.headers["hx-redirect"]) == (200, f"/cases/{case}")
