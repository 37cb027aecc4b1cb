# ruff: noqa: F811 - fixtures are imported
"""Forms about the people of a task: each done, refused, sent twice, out of date, and not for who may not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.contract.api_fixtures import Api
from tests.contract.people_forms import (  # noqa: F401 - a fixture among them
    added,
    address,
    asked,
    claimed,
    delegated,
    do,
    form,
    handed,
    joint,
    people,
    refused,
    started,
    told,
)
from tests.contract.visiting import send, visit

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
