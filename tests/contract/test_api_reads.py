"""What the API shows: only what a person may see, page by page, in a stable order."""

from __future__ import annotations

import pytest

from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture


def test_a_strangers_case_looks_like_one_that_does_not_exist(api: Api):  # noqa: F811
    case = api.as_("chen").start()
    qian = api.as_("qian")
    body = {"data": {}, "evidence": []}

    for method, path in (
        (qian.get, ""),
        (qian.get, "/entries"),
        (lambda path: qian.post(path, body), "/tasks/1/actions/confirm"),
        (lambda path: qian.post(path, body), "/actions/reopen"),
        (lambda path: qian.post(path, {}), "/tasks/1/consent"),
        (lambda path: qian.post(path, {"reason": "a"}), "/tasks/1/refuse"),
        (lambda path: qian.post(path, {}), "/tasks/1/issue"),
        (lambda path: qian.post(path, {"reason": "a"}), "/tasks/1/decline"),
        (lambda path: qian.post(path), "/tasks/1/read"),
        (lambda path: qian.post(path, {"start": "now", "reason": "a"}), "/triage"),
    ):
        hidden, absent = method(f"/cases/{case}{path}"), method(f"/cases/{'0' * 24}{path}")
        assert (hidden.status_code, hidden.content) == (404, absent.content), path
        assert {**hidden.headers} == {**absent.headers}, path
        assert hidden.json()["code"] == "not_found"


def test_a_register_shows_what_lies_in_sight_and_nothing_else(api: Api):  # noqa: F811
    chen = api.as_("chen")
    case = chen.start()

    seen = {
        name: [row["id"] for row in api.as_(name).get("/cases").json()["items"]]
        for name in ("chen", "lin", "wang", "tang", "qian")
    }

    assert seen == {"chen": [case], "lin": [case], "wang": [case], "tang": [], "qian": []}


def test_pages_follow_each_other_without_gap_or_repeat_while_cases_come_in(api: Api):  # noqa: F811
    chen = api.as_("chen")
    cases = [chen.start(f"第{n}件") for n in range(7)]

    first = chen.get("/cases", params={"limit": 3, "sort": "number"}).json()
    chen.start("后来的")
    second = chen.get("/cases", params={"limit": 3, "sort": "number", "after": first["after"]}).json()
    third = chen.get("/cases", params={"limit": 3, "sort": "number", "after": second["after"]}).json()

    shown = [row["id"] for page in (first, second, third) for row in page["items"]]
    assert shown[:7] == cases
    assert (len(shown), third["after"]) == (8, "")


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 3),
        ({"state": "doing"}, 1),
        ({"closed": "open"}, 3),
        ({"closed": "any"}, 0),
        ({"region": "/s/t1/"}, 3),
        ({"region": "/s/t2/"}, 0),
        ({"unit": "U1"}, 3),
        ({"industry": "food"}, 0),
        ({"overdue": "true"}, 0),
        ({"due_before": "2026-03-05T00:00:00+08:00"}, 2),
        ({"procedure": "sample"}, 3),
        ({"number": "S-2026-00002"}, 1),
        ({"q": "护栏"}, 1),
        ({"field.level": "low"}, 1),
        ({"field.level": "high"}, 0),
        ({"field.subject": "缺护栏"}, 1),
    ],
)
def test_filters_narrow_a_register(api: Api, filters, count):  # noqa: F811
    chen = api.as_("chen")
    chen.start("缺护栏")
    chen.start("线路老化")
    chen.confirm(chen.start("堵通道"))

    assert len(chen.get("/cases", params=filters).json()["items"]) == count


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"sort": "colour"}, "sort"),
        ({"after": "not-a-mark"}, "after"),
        ({"due_before": "2026-03-05"}, "due_before"),
        ({"overdue": "perhaps"}, "overdue"),
        ({"due_before": "0001-01-01T00:00:00+14:00"}, "due_before"),
        ({"region": "/s/\U0010ffff"}, "region"),
    ],
)
def test_a_query_that_means_nothing_is_refused_by_its_field(api: Api, query, field):  # noqa: F811
    answer = api.as_("chen").get("/cases", params=query)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_an_inbox_shows_own_tasks_with_what_is_left(api: Api):  # noqa: F811
    case = api.as_("chen").start()

    (task,) = api.as_("zhou").get("/tasks").json()["items"]

    assert (task["case"], task["task"], task["light"]) == (case, 1, "green")
    assert task["told"] == "还剩 2 个工作日（3月4日 周三 24:00）"
    assert api.as_("qian").get("/tasks").json() == {"items": [], "after": ""}
    assert api.as_("zhou").get("/drafts").json() == {"items": [], "after": ""}


def test_entries_tell_who_what_and_both_times(api: Api):  # noqa: F811
    chen = api.as_("chen")
    case = chen.start()
    chen.confirm(case)

    page = chen.get(f"/cases/{case}/entries", params={"limit": 1}).json()
    (second,) = chen.get(f"/cases/{case}/entries", params={"after": page["after"]}).json()["items"]

    assert [event["type"] for event in page["items"][0]["events"]] == [
        "case_opened",
        "fields_set",
        "action_taken",
        "state_entered",
        "task_opened",
    ]
    assert (second["seq"], second["acted_by"], second["medium"]) == (2, {"id": "chen", "name": "chen 某"}, "api")
    assert "chen 某：核实" in [event["told"] for event in second["events"]]


def test_a_confidential_value_is_withheld_from_all_but_its_parties(api: Api):  # noqa: F811
    chen = api.as_("chen")
    body = {"subject": "a", "unit": "U1", "place": "P1", "reporter": "赵某"}
    answer = chen.post("/cases", {"procedure": "sample", "action": "report", "data": body})
    case = answer.json()["stream"].removeprefix("case/")

    shown = {
        name: next(
            field for field in api.as_(name).get(f"/cases/{case}").json()["fields"] if field["field"] == "reporter"
        )
        for name in ("chen", "wang", "lin")
    }

    assert {name: (field["value"], field["withheld"]) for name, field in shown.items()} == {
        "chen": (None, True),
        "wang": (None, True),
        "lin": ("赵某", False),
    }
    assert "赵某" not in chen.get(f"/cases/{case}/entries").text
    assert "赵某" not in chen.get("/cases").text


def test_the_directory_is_shown_as_of_a_day_in_sight(api: Api):  # noqa: F811
    chen, lin = api.as_("chen"), api.as_("lin")

    def ids(person, table, **query):
        return [row["id"] for row in person.get(f"/directory/{table}", params=query).json()["items"]]

    assert (ids(chen, "units"), ids(lin, "units")) == (["U1"], ["U1", "U2"])
    assert ids(lin, "regions") == ["/s/", "/s/t1/", "/s/t2/"]
    assert ids(lin, "industries") == ["food", "steel"]
    assert "checker" in ids(chen, "roles")
    assert [row["role"] for row in chen.get("/directory/holdings").json()["items"]] == ["checker"]
    assert chen.get("/directory/holdings", params={"person": "tang"}).json()["items"] == []
    assert chen.get("/directory/holdings", params={"on": "2019-12-31"}).json()["items"] == []
    persons = {row["id"]: row["title"] for row in lin.get("/directory/persons").json()["items"]}
    assert persons["chen"] == "chen 某"


def test_records_of_the_directory_need_scope_and_permission(api: Api):  # noqa: F811
    unit = {"id": "U3", "title": "三号厂", "region": "/s/t1/", "industry": "steel", "valid_from": "2026-03-01"}

    by_lin = api.as_("lin").post("/directory/units", {"units": [unit]})
    by_chen = api.as_("chen").post("/directory/units", {"units": [unit]})
    without_scope = api.as_("lin", "read", "act").post("/directory/units", {"units": [unit]})

    assert (by_lin.status_code, by_lin.json()["stream"]) == (200, "directory/main")
    assert (by_chen.status_code, by_chen.json()["code"]) == (403, "permission_missing")
    assert (without_scope.status_code, without_scope.json()["code"]) == (403, "scope_missing")
    assert [row["id"] for row in api.as_("lin").get("/directory/units").json()["items"]] == ["U1", "U2", "U3"]


def test_a_role_is_granted_and_ended(api: Api):  # noqa: F811
    lin = api.as_("lin")
    granted = lin.post(
        "/directory/holdings", {"person": "sun", "role": "checker", "region": "/s/t2/", "valid_from": "2026-03-01"}
    )
    (held,) = lin.get("/directory/holdings", params={"person": "sun"}).json()["items"]

    ended = lin.post(f"/directory/holdings/{held['id']}/end", {"valid_to": "2026-03-02", "reason": "调离"})

    assert (granted.status_code, ended.status_code) == (200, 200)
    assert lin.get("/directory/holdings", params={"person": "sun"}).json()["items"] == []
    assert lin.post("/directory/holdings/none/end", {"valid_to": "2026-03-02"}).status_code == 404


def test_procedures_tell_how_a_case_is_opened(api: Api):  # noqa: F811
    chen = api.as_("chen")

    (row,) = chen.get("/procedures").json()["items"]
    told = chen.get(f"/procedures/{row['version']}").json()

    assert (row["procedure"], told["title"]) == ("sample", "样例")
    assert [field["field"] for field in told["starts"][0]["form"]][:2] == ["subject", "unit"]
    assert chen.get("/procedures/" + "0" * 64).json()["code"] == "not_found"


def test_an_import_is_read_for_its_owner_only(api: Api):  # noqa: F811
    lin, he = api.as_("lin"), api.as_("he")

    checked = lin.upload("/imports/units", b"PK", name="units.xlsx", dry_run="true")
    begun = lin.upload("/imports/units", b"PK", name="units.xlsx")

    assert (checked.status_code, checked.json()["status"]) == (202, "checked")
    assert lin.get(f"/imports/{begun.json()['id']}").json()["status"] == "done"
    assert he.get(f"/imports/{begun.json()['id']}").status_code == 404
    assert lin.upload("/imports/other", b"PK").json()["code"] == "import_kind_unknown"
    assert api.as_("chen").upload("/imports/units", b"PK").json()["code"] == "permission_missing"


def test_a_claimed_case_is_triaged_only_once_it_is_one(api: Api):  # noqa: F811
    lin = api.as_("lin")
    case = lin.start()

    answer = lin.post(f"/cases/{case}/triage", {"start": "now", "reason": "起算"})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_to_be_triaged")


@pytest.mark.parametrize(
    "attributes",
    [{"area": 1.5}, {"n": 2**60}, {"\U0001f600": 1}, {"text": "x" * 30_000}, {"a": [[[[[[[[[[[[1]]]]]]]]]]]]}],
)
def test_what_an_entry_has_no_bytes_for_is_refused_before_it_breaks_anything(api: Api, attributes):  # noqa: F811
    unit = {"id": "U3", "title": "三号厂", "region": "/s/t1/", "attributes": attributes}

    answer = api.as_("lin").post("/directory/units", {"units": [unit]})

    assert answer.status_code == 422
    assert answer.json()["code"].startswith(("value_", "input_"))
