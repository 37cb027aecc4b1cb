"""The API carries acts out once, for whom the token acts, and tells refusals by code."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.store.store import Store
from tests.contract.api_fixtures import PNG, Api, api, opened, png  # noqa: F401 - fixture
from tests.worlds import local
from web.app import BASE


def _problem(answer, status, code):
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)
    return answer.json()


def test_a_case_is_opened_and_told_with_deadline_derivation_and_offers(api: Api):  # noqa: F811
    chen = api.as_("chen")

    case = chen.start("缺护栏")

    seen = chen.get(f"/cases/{case}")
    assert (seen.status_code, seen.headers["etag"]) == (200, '"1"')
    told = seen.json()
    assert (told["number"], told["state_titles"], told["title"]) == ("S-2026-00001", ["待核实"], "缺护栏")
    (task,) = told["tasks"]
    assert task["deadline"]["told"] == "还剩 2 个工作日（3月4日 周三 24:00）"
    assert task["deadline"]["derivation"]["told"].startswith(
        "2个工作日，自03-02次日起；03-03、03-04；日历 国办2026 第1版"
    )
    assert [person["id"] for person in task["holder"]["persons"]] == ["chen", "mayor", "zhou"]
    assert [offer["action"] for offer in told["offers"]] == ["confirm", "dismiss"]
    assert told["offers"][0]["post"] == f"{BASE}/cases/{case}/tasks/1/actions/confirm"


def test_what_is_offered_can_be_posted_where_the_offer_says(api: Api):  # noqa: F811
    chen = api.as_("chen")
    case = chen.start()
    offer = chen.get(f"/cases/{case}").json()["offers"][0]

    answer = chen.post(
        offer["post"].removeprefix(BASE), {"data": {"level": "low", "due_on": "2026-03-20"}, "evidence": [chen.sign()]}
    )

    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    assert answer.json()["stream"] == f"case/{case}"
    assert chen.get(f"/cases/{case}").json()["state_titles"] == ["办理中"]


def test_a_repeated_key_gets_the_first_answer_and_changes_nothing(api: Api):  # noqa: F811
    chen = api.as_("chen")
    body = {"procedure": "sample", "action": "report", "data": {"subject": "a", "unit": "U1", "place": "P1"}}

    first = chen.post("/cases", body, key="report-2026-1")
    again = chen.post("/cases", body, key="report-2026-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert len(chen.get("/cases").json()["items"]) == 1


def test_a_key_used_for_something_else_is_refused(api: Api):  # noqa: F811
    chen = api.as_("chen")
    body = {"procedure": "sample", "action": "report", "data": {"subject": "a", "unit": "U1"}}
    chen.post("/cases", body, key="report-2026-1")

    other = chen.post("/cases", {**body, "data": {"subject": "b", "unit": "U1"}}, key="report-2026-1")

    _problem(other, 409, "command_id_reused")


def test_two_persons_may_use_the_same_key(api: Api):  # noqa: F811
    chen, zhou = api.as_("chen"), api.as_("zhou")
    body = {"procedure": "sample", "action": "report", "data": {"subject": "a", "unit": "U1"}}

    first, second = chen.post("/cases", body, key="the-same-key"), zhou.post("/cases", body, key="the-same-key")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["stream"] != second.json()["stream"]


@pytest.mark.parametrize("key", ["short", "x" * 129, "with blank", "ümlaut-key"])
def test_a_change_needs_a_fitting_key(api: Api, key: str):  # noqa: F811
    chen = api.as_("chen")

    answer = api.client.post(
        f"{BASE}/cases", json={}, headers={**chen.headers, "Idempotency-Key": key.encode("latin-1")}
    )

    assert "Idempotency-Key" in [one["field"] for one in _problem(answer, 422, "input_unreadable")["errors"]]


def test_a_change_without_key_is_refused(api: Api):  # noqa: F811
    chen = api.as_("chen")

    answer = api.client.post(f"{BASE}/cases", json={}, headers=chen.headers)

    assert {"field": "Idempotency-Key", "code": "input_missing", "detail": "缺少这一项"} in _problem(
        answer, 422, "input_unreadable"
    )["errors"]


def test_a_task_that_was_done_meanwhile_is_stale(api: Api):  # noqa: F811
    chen, zhou = api.as_("chen"), api.as_("zhou")
    case = chen.start()
    chen.confirm(case)

    assert _problem(zhou.confirm(case), 409, "task_not_open")["detail"] == "这项任务已经办结、退回或收回，请刷新后再看"


def test_what_if_match_named_and_has_changed_is_412(api: Api):  # noqa: F811
    chen, zhou = api.as_("chen"), api.as_("zhou")
    case = chen.start()
    chen.confirm(case)
    body = {"data": {"level": "low", "due_on": "2026-03-20"}, "evidence": [zhou.sign()]}

    late = zhou.post(f"/cases/{case}/tasks/1/actions/confirm", body, headers={"If-Match": '"1"'})

    _problem(late, 412, "task_not_open")


def test_an_etag_that_is_still_so_is_accepted(api: Api):  # noqa: F811
    chen = api.as_("chen")
    case = chen.start()
    body = {"data": {"level": "low", "due_on": "2026-03-20"}, "evidence": [chen.sign()]}
    tag = chen.get(f"/cases/{case}").headers["etag"]

    answer = chen.post(f"/cases/{case}/tasks/1/actions/confirm", body, headers={"If-Match": tag})

    assert answer.status_code == 200


def test_a_form_tells_all_its_problems_at_once_by_field(api: Api):  # noqa: F811
    chen = api.as_("chen")

    answer = chen.post("/cases", {"procedure": "sample", "action": "report", "data": {"cost": -1, "colour": "red"}})

    errors = {one["field"]: (one["code"], one["detail"]) for one in _problem(answer, 422, "form_refused")["errors"]}
    assert errors == {
        "colour": ("unknown_field", "表单没有这一项"),
        "subject": ("missing", "没有填写"),
        "unit": ("missing", "没有填写"),
        "cost": ("too_small", "不能小于0"),
    }


def test_who_does_not_hold_the_task_is_refused_by_title(api: Api):  # noqa: F811
    chen, wang = api.as_("chen"), api.as_("wang")
    case = chen.start()

    _problem(wang.confirm(case), 403, "not_your_task")


def test_separation_of_duties_is_told_in_the_definitions_words(api: Api):  # noqa: F811
    chen = api.as_("chen")
    case = chen.start()
    chen.confirm(case)
    wang = api.as_("wang")
    photo = {**wang.upload("/evidence", png("red")).json(), "kind": "photo", "field": "photos"}
    applied = wang.post(
        f"/cases/{case}/tasks/2/actions/apply", {"data": {"photos": [photo["sha256"]]}, "evidence": [photo]}
    )
    assert applied.status_code == 200

    refused = chen.post(f"/cases/{case}/tasks/3/actions/accept", {"evidence": [chen.sign()], "on_site": True})

    problem = _problem(refused, 403, "separation_of_duties")
    assert problem["detail"] == "您是本件的发现人，按岗位分离要求不能办理“验收合格”"


def test_a_second_person_consents_and_the_action_takes_effect(api: Api):  # noqa: F811
    chen, lin = api.as_("chen"), api.as_("lin")
    case = chen.start()
    asked = chen.post(f"/cases/{case}/tasks/1/actions/dismiss", {"data": {"reason": "重复"}})
    assert asked.status_code == 200
    offers = lin.get(f"/cases/{case}").json()["offers"]
    consent = next(offer for offer in offers if offer["kind"] == "consent")

    answer = lin.post(consent["post"].removeprefix(BASE), {})

    assert (consent["title"], answer.status_code) == ("同意：不予认定", 200)
    assert lin.get(f"/cases/{case}").json()["closed"] == "mistaken"


def test_a_refused_request_needs_a_reason(api: Api):  # noqa: F811
    chen, lin = api.as_("chen"), api.as_("lin")
    case = chen.start()
    chen.post(f"/cases/{case}/tasks/1/actions/dismiss", {"data": {"reason": "重复"}})
    refuse = next(
        offer["post"] for offer in lin.get(f"/cases/{case}").json()["offers"] if offer["kind"] == "refuse"
    ).removeprefix(BASE)

    silent, told = lin.post(refuse, {}), lin.post(refuse, {"reason": "不重复"})

    assert _problem(silent, 422, "reason_missing")["errors"][0]["field"] == "reason"
    assert told.status_code == 200


def test_a_first_read_is_recorded_and_a_second_changes_nothing(api: Api):  # noqa: F811
    chen = api.as_("chen")
    case = chen.start()

    first, second = chen.post(f"/cases/{case}/tasks/1/read"), chen.post(f"/cases/{case}/tasks/1/read")

    assert (first.json()["seq"], second.json()["seq"]) == (2, 0)
    assert chen.get(f"/cases/{case}").json()["tasks"][0]["readers"] == ["chen"]


def test_a_clerk_enters_what_another_signed_on_paper_with_a_scan(api: Api):  # noqa: F811
    clerk = api.as_("clerk")
    scan = {**clerk.upload("/evidence", png("blue")).json(), "kind": "scan"}
    body = {
        "procedure": "sample",
        "action": "report",
        "data": {"subject": "a", "unit": "U1", "place": "P1"},
        "acted_by": "chen",
        "medium": "paper",
        "occurred_at": "2026-02-27T10:00:00+08:00",
    }

    without, with_scan = clerk.post("/cases", body), clerk.post("/cases", {**body, "evidence": [scan]})

    _problem(without, 422, "scan_missing")
    assert with_scan.status_code == 201
    case = with_scan.json()["stream"].removeprefix("case/")
    (entry,) = clerk.get(f"/cases/{case}/entries").json()["items"]
    assert (entry["acted_by"]["id"], entry["entered_by"]["id"], entry["medium"]) == ("chen", "clerk", "paper")
    assert (entry["occurred_at"], entry["recorded_at"]) == ("2026-02-27T02:00:00Z", "2026-03-02T01:00:00Z")
    assert entry["late_entry"] is True
    assert entry["told"].startswith("2月27日 周五 10:00 ")
    assert entry["told"].endswith("（3月2日 周一 09:00补录）（clerk 某录入）")


def test_nobody_acts_for_another_without_the_permission(api: Api):  # noqa: F811
    chen = api.as_("chen")
    body = {"procedure": "sample", "action": "report", "data": {"subject": "a", "unit": "U1"}, "acted_by": "lin"}

    _problem(chen.post("/cases", body), 403, "may_not_enter_for_others")


def test_a_closed_case_is_reopened_by_who_may(api: Api):  # noqa: F811
    chen, zhou, wang, lin = (api.as_(name) for name in ("chen", "zhou", "wang", "lin"))
    case = chen.start()
    chen.confirm(case)
    photo = {**wang.upload("/evidence", png("red")).json(), "kind": "photo", "field": "photos"}
    wang.post(f"/cases/{case}/tasks/2/actions/apply", {"data": {"photos": [photo["sha256"]]}, "evidence": [photo]})
    zhou.post(f"/cases/{case}/tasks/3/actions/accept", {"evidence": [zhou.sign()], "on_site": True})
    assert lin.get(f"/cases/{case}").json()["closed"] == "completed"

    answer = lin.post(f"/cases/{case}/actions/reopen", {"data": {"reason": "复发", "due_on": "2026-04-01"}})

    assert answer.status_code == 200
    told = lin.get(f"/cases/{case}").json()
    assert (told["closed"], told["reopened"], told["state_titles"]) == ("", 1, ["办理中"])


def test_a_batch_does_each_by_itself_and_refuses_what_must_be_done_alone(api: Api):  # noqa: F811
    chen, zhou, wang = (api.as_(name) for name in ("chen", "zhou", "wang"))
    cases = [chen.start("一"), chen.start("二")]
    for case in cases:
        chen.confirm(case)
        photo = {**wang.upload("/evidence", png("red")).json(), "kind": "photo", "field": "photos"}
        wang.post(f"/cases/{case}/tasks/2/actions/apply", {"data": {"photos": [photo["sha256"]]}, "evidence": [photo]})
    items = [
        {"case": cases[0], "task": 3, "action": "fail", "data": {"reason": "未改"}},
        {"case": cases[1], "task": 3, "action": "accept", "evidence": [zhou.sign()]},
        {"case": "0" * 24, "task": 1, "action": "fail"},
    ]

    answer = zhou.post("/batch", {"items": items}, key="batch-2026-1")
    again = zhou.post("/batch", {"items": items}, key="batch-2026-1")

    told = answer.json()
    assert (told["done"], told["refused"]) == (1, 2)
    assert told["results"][0]["receipt"]["stream"] == f"case/{cases[0]}"
    assert [one["problem"]["code"] for one in told["results"][1:]] == ["never_a_batch", "not_found"]
    assert again.json() == told


@pytest.mark.parametrize(
    ("answer", "body", "events"),
    [
        ("issue", {}, ["draft_issued", "message_queued", "task_ended"]),
        ("decline", {"reason": "已当面督促"}, ["draft_declined", "task_ended"]),
    ],
)
def test_a_drafted_act_waits_for_its_owner_to_issue_or_decline_it(api: Api, answer, body, events):  # noqa: F811
    chen, lin = api.as_("chen"), api.as_("lin")
    case = chen.start()

    api.wait(case, local("2026-03-11 09:00"))

    (draft,) = lin.get("/drafts").json()["items"]
    offer = next(one for one in lin.get(f"/cases/{case}").json()["offers"] if one["kind"] == answer)
    refused = chen.post(f"/cases/{case}/tasks/{draft['task']}/{answer}", body)
    done = lin.post(offer["post"].removeprefix(BASE), body)
    _problem(refused, 403, "not_your_task")
    assert (draft["case"], draft["kind"], done.status_code) == (case, "draft", 200)
    assert lin.get("/drafts").json()["items"] == []
    last = lin.get(f"/cases/{case}/entries").json()["items"][-1]
    assert [event["type"] for event in last["events"]] == events
    assert lin.get(f"/cases/{case}").json()["tasks"][0]["deadline"]["told"] == "逾期5个工作日"
    (message, *_) = chen.get("/messages").json()["items"]
    assert message["stream"] == f"case/{case}"


def test_an_uploaded_file_is_named_by_its_content(api: Api):  # noqa: F811
    chen = api.as_("chen")

    first, again = chen.upload("/evidence", PNG), chen.upload("/evidence", PNG)

    assert (first.status_code, first.json()) == (201, again.json())
    assert first.json()["media_type"] == "image/png"


def test_a_disguised_file_is_refused(api: Api):  # noqa: F811
    chen = api.as_("chen")

    _problem(chen.upload("/evidence", b"<html>not a picture</html>", name="photo.png"), 422, "file_kind_refused")
    _problem(chen.upload("/evidence", PNG[:30], name="photo.png"), 422, "file_disguised")
    _problem(chen.upload("/evidence", b"", name="photo.png"), 422, "file_empty")


def test_evidence_that_was_never_uploaded_is_refused(api: Api):  # noqa: F811
    chen = api.as_("chen")
    case = chen.start()
    sign = {"sha256": "0" * 64, "kind": "signature", "size": 3, "media_type": "image/png"}

    answer = chen.confirm(case, evidence=[sign])

    _problem(answer, 422, "evidence_unknown")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-02T08:00:00", "now"])
def test_an_instant_no_calendar_knows_is_refused(api: Api, at: str):  # noqa: F811
    body = {"procedure": "sample", "action": "report", "data": {"subject": "a", "unit": "U1"}, "occurred_at": at}

    answer = api.as_("chen").post("/cases", body)

    assert [one["field"] for one in _problem(answer, 422, "input_unreadable")["errors"]] == ["occurred_at"]


def test_what_has_not_happened_yet_is_not_entered(api: Api):  # noqa: F811
    body = {"procedure": "sample", "action": "report", "data": {"subject": "a", "unit": "U1", "place": "P1"}}

    answer = api.as_("chen").post("/cases", {**body, "occurred_at": "2026-03-02T09:01:00+08:00"})

    assert _problem(answer, 422, "in_the_future")["errors"][0]["field"] == "occurred_at"


def test_the_same_requests_are_answered_alike_on_both_databases(store: Store, tmp_path: Path):
    with opened(store, tmp_path / "evidence") as api:  # noqa: F811
        chen, zhou, qian = api.as_("chen"), api.as_("zhou"), api.as_("qian")
        body = {"procedure": "sample", "action": "report", "data": {"subject": "a", "unit": "U1", "place": "P1"}}

        first = chen.post("/cases", body, key="report-2026-1")
        again = chen.post("/cases", body, key="report-2026-1")
        case = first.json()["stream"].removeprefix("case/")
        confirmed, stale, hidden = chen.confirm(case), zhou.confirm(case), qian.confirm(case)

        assert [answer.status_code for answer in (first, again, confirmed, stale, hidden)] == [201, 201, 200, 409, 404]
        assert first.json() == again.json()
        assert [
            row["id"] for row in chen.get("/cases", params={"q": "S-2026", "field.level": "low"}).json()["items"]
        ] == [case]
        assert [entry["seq"] for entry in chen.get(f"/cases/{case}/entries").json()["items"]] == [1, 2]
