"""Forms about the people of a task: each done, refused, sent twice, out of date, and not for who may not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.store.store import Store
from tests.browsing import headers_of
from tests.contract.api_fixtures import Api, opened
from tests.contract.visiting import hidden, send, visit
from tests.handled import HANDLED, settle


@pytest.fixture
def people(sqlite_store: Store, tmp_path: Path) -> Iterator[Api]:
    """The pages over the sample in which tasks are passed on."""
    with opened(sqlite_store, tmp_path / "evidence", procedure=HANDLED) as api:
        settle(api.district)
        yield api


def address(case: str, kind: str, task: int = 1) -> str:
    """Where a form is shown and posted."""
    return f"/cases/{case}/people/{task}/{kind}"


def form(api: Api, person: str, path: str, **filled: Any) -> dict[str, Any]:
    """The form as a person sees it, filled in."""
    page = visit(api, person, path)
    assert page.status_code == 200, page.text
    return {**hidden(page.text), **filled}


def do(
    api: Api, person: str, case: str, kind: str, task: int = 1, query: str = "", filled: Mapping[str, str] | None = None
) -> Any:
    """Open a form, fill it in, send it; it must be done."""
    path = address(case, kind, task) + query
    answer = send(api, person, path, form(api, person, path, **(filled or {})))
    assert answer.status_code == 303, answer.text
    return answer


def told(api: Api, person: str, case: str) -> dict[str, Any]:
    """The case as a person sees it by the API."""
    found: dict[str, Any] = api.as_(person).get(f"/cases/{case}").json()
    return found


def types(api: Api, case: str) -> list[str]:
    """Types of the events of a case."""
    entries = api.as_("lin").get(f"/cases/{case}/entries").json()["items"]
    return [event["type"] for entry in entries for event in entry["events"]]


def holders(api: Api, case: str, task: int = 1) -> list[str]:
    """Who holds a task."""
    (found,) = [one for one in told(api, "lin", case)["tasks"] if one["task"] == task]
    return [one["id"] for one in found["holder"]["persons"]]


def started(api: Api) -> str:
    """A case reported by the unit: its task lies with the checkers of the town."""
    return api.as_("li").start()


def claimed(api: Api) -> str:
    case = started(api)
    do(api, "chen", case, "claim")
    return case


def delegated(api: Api) -> str:
    case = claimed(api)
    do(api, "chen", case, "delegate", filled={"f.to": "he", "_reason": "下乡"})
    return case


def handed(api: Api) -> str:
    case = started(api)
    do(api, "chen", case, "hand_over", filled={"f.target": "/s/t1/|food", "_reason": "属食品"})
    return case


def refused(api: Api) -> str:
    case = handed(api)
    do(api, "feng", case, "refuse_receipt", 2, filled={"f.ground": "not_ours", "_reason": "属钢铁"})
    return case


def asked(api: Api) -> str:
    """Three are asked whether the case may be ended."""
    case = started(api)
    answer = api.as_("chen").post(f"/cases/{case}/tasks/1/actions/settle", {})
    assert answer.status_code == 200, answer.text
    return case


def added(api: Api) -> str:
    case = asked(api)
    do(api, "chen", case, "add_voice", filled={"f.to": "zhou", "_reason": "分管"})
    return case


def joint(api: Api) -> str:
    """The unit applied for acceptance: three give their opinions beside the checker."""
    case = started(api)
    api.as_("chen").confirm(case)
    wang = api.as_("wang")
    photo = {**wang.upload("/evidence", _photo()).json(), "kind": "photo", "field": "photos"}
    body = {"data": {"photos": [photo["sha256"]]}, "evidence": [photo]}
    answer = wang.post(f"/cases/{case}/tasks/2/actions/apply", body)
    assert answer.status_code == 200, answer.text
    return case


def _photo() -> bytes:
    from tests.contract.api_fixtures import png

    return png("green")


#: kind -> who, after what, at which task, with what, and which event tells it
FORMS: dict[str, tuple[str, Callable[[Api], str], int, str, dict[str, str], str]] = {
    "claim": ("chen", started, 1, "", {}, "holder_changed"),
    "release": ("chen", claimed, 1, "", {}, "holder_changed"),
    "transfer": ("chen", claimed, 1, "", {"f.to": "zhou", "_reason": "出差"}, "holder_changed"),
    "delegate": ("chen", claimed, 1, "", {"f.to": "he", "_reason": "出差"}, "holder_changed"),
    "give_back": ("he", delegated, 1, "", {"f.opinion": "情况属实"}, "holder_changed"),
    "take_back": ("chen", delegated, 1, "", {}, "holder_changed"),
    "urge": ("lin", started, 1, "", {"f.note": "请尽快"}, "task_urged"),
    "copy": ("chen", started, 1, "", {"f.to": "he", "f.note": "请知悉"}, "case_copied"),
    "recuse": ("chen", started, 1, "", {"_reason": "亲属"}, "person_recused"),
    "hand_over": ("chen", started, 1, "", {"f.target": "/s/t1/|food", "_reason": "属食品"}, "task_opened"),
    "receive": ("feng", handed, 2, "", {}, "hand_over_answered"),
    "refuse_receipt": (
        "feng", handed, 2, "", {"f.ground": "not_ours", "_reason": "属钢铁"}, "hand_over_answered",
    ),
    "designate": ("lin", refused, 3, "", {"f.target": "/s/t1/|food", "_reason": "按分工"}, "party_assigned"),
    "vote": ("lin", asked, 2, "?answer=consent", {}, "voices_changed"),
    "add_voice": ("chen", asked, 1, "", {"f.to": "zhou", "_reason": "分管"}, "voices_changed"),
    "remove_voice": ("chen", added, 1, "", {"f.voice": "4", "_reason": "不必"}, "voices_changed"),
    "opinion": ("lin", joint, 4, "", {"f.opinion": "同意验收"}, "opinion_given"),
    "recall": ("chen", asked, 1, "", {}, "round_closed"),
}  # fmt: skip
EVERY = pytest.mark.parametrize("kind", FORMS)
#: Forms in which something must be filled in.
ASKING = pytest.mark.parametrize("kind", [kind for kind, one in FORMS.items() if one[4] and kind != "urge"])


@EVERY
def test_a_form_says_what_it_does_and_is_done_once_however_often_it_is_sent(people: Api, kind: str) -> None:
    person, before, task, query, filled, event = FORMS[kind]
    case = before(people)
    path = address(case, kind, task) + query
    sent = form(people, person, path, **filled)
    seq = told(people, "lin", case)["seq"]

    answers = [send(people, person, path, sent) for _ in range(2)]

    assert [(one.status_code, one.headers["location"]) for one in answers] == [(303, f"/cases/{case}")] * 2
    entry = people.as_("lin").get(f"/cases/{case}/entries").json()["items"][-1]
    assert entry["seq"] == seq + 1
    assert event in [one["type"] for one in entry["events"]]
    lead = re.findall(r'<p class="lead">([^<]+)</p>', visit_again(people, person, path, case))
    assert all(len(one) > 8 for one in lead)


def visit_again(api: Api, person: str, path: str, case: str) -> str:
    """What the form's address shows after it was done: another form, or that it is over."""
    page = visit(api, person, path)
    assert page.status_code in (200, 409), page.text
    return str(page.text)


@ASKING
def test_a_form_that_lacks_something_is_shown_again_with_what_was_typed(people: Api, kind: str) -> None:
    person, before, task, query, filled, _ = FORMS[kind]
    case = before(people)
    path = address(case, kind, task) + query
    last = list(filled)[-1] if kind != "copy" else "f.to"
    kept = {name: value for name, value in filled.items() if name != last}
    seq = told(people, "lin", case)["seq"]

    answer = send(people, person, path, form(people, person, path, **kept))

    assert answer.status_code in (403, 422), answer.text
    assert "data-focus" in answer.text
    assert told(people, "lin", case)["seq"] == seq


@EVERY
def test_what_is_over_meanwhile_says_so_and_what_happened(people: Api, kind: str) -> None:
    person, before, task, query, filled, _ = FORMS[kind]
    case = before(people)
    path = address(case, kind, task) + query
    sent = form(people, person, path, **filled)
    over(people, case, kind)

    answer = send(people, person, path, {**sent, "_key": "another-key-0001"})

    assert answer.status_code in (403, 409), answer.text
    assert "这件事已经不能办理" in answer.text
    assert "您打开这一页以后" in answer.text


def over(api: Api, case: str, kind: str) -> None:
    """Somebody else does what makes the form pointless."""
    match kind:
        case "give_back":
            do(api, "chen", case, "take_back")
        case "take_back":
            do(api, "he", case, "give_back", filled={"f.opinion": "已查"})
        case "receive":
            do(api, "gu", case, "refuse_receipt", 2, filled={"f.ground": "not_ours", "_reason": "属钢铁"})
        case "refuse_receipt":
            do(api, "gu", case, "receive", 2)
        case "designate":
            do(api, "he", case, "designate", 3, filled={"f.target": "/s/t1/|food", "_reason": "按分工"})
        case "vote":
            do(api, "he", case, "vote", 2, "?answer=consent")
        case "opinion":
            do(api, "he", case, "opinion", 4, filled={"f.opinion": "同意"})
        case "remove_voice":
            do(api, "zhou", case, "vote", 5, "?answer=consent")
        case "add_voice" | "recall":
            for voter, task in (("wang", 3), ("li", 4)):
                do(api, voter, case, "vote", task, "?answer=consent")
        case "release" | "transfer" | "delegate":
            api.as_("chen").confirm(case)
        case _:
            api.as_("zhou").confirm(case)


@EVERY
def test_a_form_is_not_for_whoever_may_not(people: Api, kind: str) -> None:
    person, before, task, query, filled, _ = FORMS[kind]
    case = before(people)
    path = address(case, kind, task) + query
    sent = form(people, person, path, **filled)
    seq = told(people, "lin", case)["seq"]

    unseen = (visit(people, "qian", path).status_code, send(people, "qian", path, sent).status_code)
    clerk = (visit(people, "clerk", path).status_code, send(people, "clerk", path, sent).status_code)
    foreign = send(people, person, path, sent, Origin="https://elsewhere.example")
    unkeyed = send(people, person, path, {**sent, "_key": ""})

    assert unseen == (404, 404)
    assert clerk[0] == 409
    assert clerk[1] in (403, 409)
    assert (foreign.status_code, unkeyed.status_code) == (403, 422)
    assert told(people, "lin", case)["seq"] == seq


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
