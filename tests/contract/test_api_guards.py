"""The API admits by policy and token, reads bodies without goodwill and tells nothing of its inside."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import schemathesis
from fastapi import APIRouter
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from engine.core.command import Answer, Request
from engine.errors import (
    BadInput,
    Broken,
    Busy,
    Conflict,
    DefinitionError,
    DefinitionErrors,
    ExpressionError,
    NotFound,
    NotPermitted,
    Refusal,
    Stale,
    ZhibenError,
)
from engine.store.store import Store
from tests.contract.api_fixtures import PNG, Api, api, opened  # noqa: F401 - fixture
from web import errors
from web.api.described import operations
from web.app import BASE, ROUTERS, create_app
from web.policy import POLICIES, Gate, gates_of, routes_of
from web.problems import STATUSES, problem_of, status_of

READ = ("GET", f"{BASE}/cases")


def _code(answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# ---------------------------------------------------------------------------------------------- tokens


def test_a_request_without_token_is_refused(api: Api):  # noqa: F811
    answer = api.client.get(f"{BASE}/cases")

    assert _code(answer) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic abc", "Bearer", "Bearer \x7f", "bearer " + "x" * 300])
def test_a_wrong_token_is_refused(api: Api, header: str):  # noqa: F811
    answer = api.client.get(f"{BASE}/cases", headers={"Authorization": header})

    assert answer.status_code == 401


def test_a_revoked_or_expired_token_is_refused_at_once(api: Api):  # noqa: F811
    revoked = api.token("chen", revoked=True)
    short = api.token("chen", days=1)

    before = api.client.get(f"{BASE}/cases", headers={"Authorization": f"Bearer {short}"})
    api.district.clock.set(api.district.clock.now() + timedelta(days=1))
    after = api.client.get(f"{BASE}/cases", headers={"Authorization": f"Bearer {short}"})

    assert _code(api.client.get(f"{BASE}/cases", headers={"Authorization": f"Bearer {revoked}"}))[1] == "token_refused"
    assert before.status_code == 200
    assert _code(after) == (401, "token_refused")


def test_every_route_refuses_whom_its_policy_does_not_admit(sqlite_store: Store, tmp_path: Path):
    """S1: generated from the route table; a token of the wrong scope gets no further than the gate."""
    # there are more routes than refusals that one address is given in a minute
    with opened(sqlite_store, tmp_path / "evidence", refused_rate="1000/minute") as api:  # noqa: F811
        _check_every_route(api)


def _check_every_route(api: Api) -> None:  # noqa: F811
    for route in routes_of(api.app.routes):
        gates = [gate for gate in gates_of(route) if isinstance(gate, Gate)]
        if not gates or not gates[0].policy.scope:
            continue
        (gate,) = gates
        others = tuple({"read", "act", "import", "directory", "operate"} - {gate.policy.scope})
        person = api.as_("lin", *others)
        path = BASE + route.path if not route.path.startswith(BASE) else route.path
        for name in ("case", "task", "action", "table", "holding", "holder", "kind", "id", "version"):
            path = path.replace("{" + name + "}", "units" if name in ("table", "kind") else "1")
        (method,) = route.methods - {"HEAD"}
        files = {"file": ("a.png", PNG)} if "evidence" in path or "imports/units" in path else None
        sent = {**person.headers, "Idempotency-Key": "some-key-1"}
        answer = api.client.request(
            method, path, headers=sent, **({"files": files} if files else {"json": {}} if method == "POST" else {})
        )
        assert _code(answer) == (403, "scope_missing"), (method, path)
        nobody = api.client.request(
            method, path, **({"files": files} if files else {"json": {}} if method == "POST" else {})
        )
        assert _code(nobody) == (401, "not_signed_in"), (method, path)


def test_an_application_with_a_route_that_names_no_policy_cannot_be_built(api: Api, monkeypatch):  # noqa: F811
    bare = APIRouter()
    bare.add_api_route("/forgotten", lambda: {"secret": 1})
    monkeypatch.setattr("web.app.ROUTERS", (*ROUTERS, bare))

    with pytest.raises(Broken) as refused:
        create_app(api.services)

    assert refused.value.code == "route_without_policy"
    assert refused.value.data["route"].endswith("/forgotten")


def test_every_policy_is_used_by_some_route(api: Api):  # noqa: F811
    used = {gate.policy.name for route in routes_of(api.app.routes) for gate in gates_of(route)}

    assert used == set(POLICIES)


# ---------------------------------------------------------------------------------------------- bodies


@pytest.mark.parametrize(
    ("content", "type_", "told"),
    [
        (b'{"a": 1, "a": 2}', "application/json", (422, "json_repeated_key")),
        (b'{"a": {"b": 1, "b": 2}}', "application/json", (422, "json_repeated_key")),
        (b'{"procedure": "sample"', "application/json", (422, "not_json")),
        (b'{"a": NaN}', "application/json", (422, "not_json")),
        (b'{"a": Infinity}', "application/json", (422, "not_json")),
        (b'\xff\xfe{"a": 1}', "application/json", (422, "not_json")),
        (b"", "application/json", (422, "body_missing")),
        (b'{"a": "\\u0000"}', "application/json", (422, "text_forbidden")),
        (b'{"a": "\\ud800"}', "application/json", (422, "value_half_character")),
        (b'{"a": ' + b"9" * 5000 + b"}", "application/json", (422, "value_integer_too_large")),
        (b'{"a": ' + b"[" * 30 + b"]" * 30 + b"}", "application/json", (422, "json_too_deep")),
        (b"[" * 100_000 + b"]" * 100_000, "application/json", (422, "json_too_deep")),
        (b'{"action": "report"}', "text/plain", (415, "content_type_refused")),
        (b'{"action": "report"}', "", (415, "content_type_refused")),
        (b"action=report", "application/x-www-form-urlencoded", (415, "content_type_refused")),
        (b'{"action": "report"}', "application/jsonp", (415, "content_type_refused")),
        (b"[]", "application/json", (422, "input_unreadable")),
        (b'{"action": "report", "is_admin": true}', "application/json", (422, "input_unreadable")),
    ],
)
def test_a_body_that_can_be_read_in_two_ways_or_none_is_refused(api: Api, content, type_, told):  # noqa: F811
    chen = api.as_("chen")
    sent = {**chen.headers, "Idempotency-Key": "a-key-for-it", **({"Content-Type": type_} if type_ else {})}

    answer = api.client.post(f"{BASE}/cases", content=content, headers=sent)

    assert _code(answer) == told


def test_a_body_larger_than_the_limit_is_refused_announced_or_not(sqlite_store: Store, tmp_path: Path):
    with opened(sqlite_store, tmp_path / "evidence", request_bytes=1000, file_bytes=2000) as api:  # noqa: F811
        chen = api.as_("chen")
        sent = {**chen.headers, "Content-Type": "application/json", "Idempotency-Key": "a-key-for-it"}
        large = b'{"action": "' + b"x" * 2000 + b'"}'

        announced = api.client.post(f"{BASE}/cases", content=large, headers=sent)
        streamed = api.client.post(f"{BASE}/cases", content=iter([large[:1500], large[1500:]]), headers=sent)
        file = chen.upload("/evidence", PNG + b"\0" * 3000)
        huge = chen.upload("/evidence", b"\0" * 200_000)

        assert _code(announced) == (413, "body_too_large")
        assert _code(streamed) == (413, "body_too_large")
        assert _code(file) == (422, "file_too_large")
        assert _code(huge) == (413, "body_too_large")


@pytest.mark.parametrize("query", ["q=%00", "q=%0a", "q=%ff", "q=" + "x" * 9000])
def test_an_address_no_database_could_keep_is_refused(api: Api, query):  # noqa: F811
    answer = api.client.get(f"{BASE}/cases?{query}", headers=api.as_("chen").headers)

    assert _code(answer) == (422, "text_forbidden")


# ---------------------------------------------------------------------------------------------- responses


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{BASE}/health", 200),
        ("GET", f"{BASE}/cases", 401),
        ("GET", f"{BASE}/docs", 404),
        ("GET", f"{BASE}/openapi.json", 404),
        ("POST", f"{BASE}/health", 405),
        ("TRACE", f"{BASE}/health", 405),
        ("PUT", f"{BASE}/cases", 405),
        ("DELETE", f"{BASE}/cases/x", 405),
        ("OPTIONS", f"{BASE}/cases", 405),
    ],
)
def test_every_response_has_the_headers_that_protect_and_no_banner(api: Api, method, path, status):  # noqa: F811
    answer = api.client.request(method, path)

    assert answer.status_code == status
    told = {name: answer.headers.get(name) for name in ("x-content-type-options", "cache-control", "referrer-policy")}
    assert told == {
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
    }
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers


def test_health_tells_nothing_but_that_it_answers(api: Api):  # noqa: F811
    assert api.client.get(f"{BASE}/health").json() == {"status": "ok"}


KINDS: list[tuple[ZhibenError, int]] = [
    (BadInput("missing", field="a"), 422),
    (DefinitionError("tab"), 422),
    (DefinitionErrors([DefinitionError("tab")]), 422),
    (Refusal("task_not_open"), 409),
    (NotPermitted("not_your_task"), 403),
    (NotFound("case_not_found"), 404),
    (Stale("task_not_open"), 409),
    (Conflict("case_exists"), 409),
    (ExpressionError("expression_failed", text="secret", why="x"), 403),
    (Busy("database_busy"), 503),
    (Broken("database", reason="secret"), 500),
    (ZhibenError("anything"), 500),
    (errors.NotSignedIn("not_signed_in"), 401),
    (errors.PasswordDue("password_due"), 403),
    (errors.PinDue("pin_due"), 403),
    (errors.DrawnForAnother("drawn_for_another"), 409),
    (errors.NoSuchMethod("method_not_allowed"), 405),
    (errors.TooLarge("body_too_large", most=1), 413),
    (errors.WrongType("content_type_refused", accepted="a"), 415),
    (errors.TooOften("too_many_requests", seconds=1), 429),
    (errors.PreconditionFailed("task_not_open"), 412),
]


@pytest.mark.parametrize(("error", "status"), KINDS, ids=lambda value: type(value).__name__)
def test_every_kind_of_error_has_its_status_and_tells_no_secret(error, status):
    body = problem_of(error, incident="abc")

    assert (status_of(error), body["status"]) == (status, status)
    assert set(body) - {"errors", "incident"} == {"type", "title", "status", "detail", "code"}
    assert "secret" not in str(body)
    assert "…" not in body["detail"] or type(error) is ZhibenError


def test_the_table_of_errors_names_every_class_that_was_tested():
    assert {type(error) for error, _ in KINDS} == set(STATUSES)


class BreakingDoor:
    """A door behind which something fails in a way of the test's choice."""

    def __init__(self, failure: Exception | None) -> None:
        self._failure = failure

    def submit_later(self, request: Request) -> Future[Answer]:
        """Fail, or never answer."""
        future: Future[Answer] = Future()
        if self._failure is not None:
            future.set_exception(self._failure)
        return future


def _behind(api: Api, failure: Exception | None) -> TestClient:  # noqa: F811
    impatient = replace(api.services.settings, answer_seconds=0.05)
    app = create_app(replace(api.services, door=BreakingDoor(failure), settings=impatient))
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("failure", [Broken("database", reason="password=hunter2"), ValueError("password=hunter2")])
def test_what_breaks_is_an_incident_and_tells_nothing_of_the_inside(api: Api, failure):  # noqa: F811
    person = api.as_("chen")
    body = {"procedure": "sample", "action": "report", "data": {}}

    answer = _behind(api, failure).post(
        f"{BASE}/cases", json=body, headers={**person.headers, "Idempotency-Key": "a-key-for-it"}
    )

    assert _code(answer) == (500, "broken")
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    incident = answer.json()["incident"]
    assert len(incident) == 16
    assert answer.json()["detail"] == f"系统出现异常，已记录为事件{incident}，请联系运行人员"


@pytest.mark.parametrize(
    ("failure", "code"), [(Busy("too_many_waiting", waiting=4096), "too_many_waiting"), (None, "commit_unknown")]
)
def test_who_must_wait_is_told_when_to_come_back(api: Api, failure, code):  # noqa: F811
    person = api.as_("chen")
    body = {"procedure": "sample", "action": "report", "data": {}}

    answer = _behind(api, failure).post(
        f"{BASE}/cases", json=body, headers={**person.headers, "Idempotency-Key": "a-key-for-it"}
    )

    assert _code(answer) == (503, code)
    assert int(answer.headers["retry-after"]) >= 1


def test_a_token_that_asks_too_often_is_told_to_wait_and_others_are_not(sqlite_store: Store, tmp_path: Path):
    with opened(sqlite_store, tmp_path / "evidence", caller_rate="5/hour", refused_rate="3/hour") as api:  # noqa: F811
        chen, lin = api.as_("chen"), api.as_("lin")

        statuses = [chen.get("/tasks").status_code for _ in range(6)]
        stranger = [
            api.client.get(f"{BASE}/tasks", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(4)
        ]

        assert statuses == [200] * 5 + [429]
        assert int(chen.get("/tasks").headers["retry-after"]) >= 1
        assert lin.get("/tasks").status_code == 200
        assert stranger == [401] * 3 + [429]


# ---------------------------------------------------------------------------------------------- the document


def _texts(node, path=""):
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("description", "summary") and isinstance(value, str):
                yield f"{path}.{key}", value
            else:
                yield from _texts(value, f"{path}.{key}")
    elif isinstance(node, list):
        for n, value in enumerate(node):
            yield from _texts(value, f"{path}.{n}")


def test_the_document_describes_every_operation_parameter_and_field_in_chinese(api: Api):  # noqa: F811
    document = api.app.openapi()

    plain = {where: text for where, text in _texts(document) if "操作未能完成（" in text or text.isascii()}

    assert plain == {}
    assert len(list(_texts(document))) > 300


def test_the_document_is_served_only_where_the_settings_say_so(sqlite_store: Store, tmp_path: Path):
    with opened(sqlite_store, tmp_path / "evidence", docs=True) as api:  # noqa: F811
        served = api.client.get(f"{BASE}/openapi.json")

        assert served.json()["info"]["title"] == "治本接口"
        assert api.client.get("/docs").status_code == 404


_CONFORM = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("examples", [4, pytest.param(200, marks=pytest.mark.nightly)])
def test_generated_requests_find_no_server_error_and_no_answer_outside_the_document(
    sqlite_store: Store, tmp_path: Path, examples: int
):
    """S20: schemathesis over every operation of the document, with the ids of a case that is there."""
    with opened(sqlite_store, tmp_path / "evidence", docs=True, caller_rate="100000/minute") as api:  # noqa: F811
        lin = api.as_("lin")
        known = {"case": lin.start(), "task": 1, "version": api.district.machine.version}
        schema = schemathesis.openapi.from_asgi(f"{BASE}/openapi.json", api.app)
        tried: set[str] = set()

        for operation in schema.get_all_operations():

            @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.ok().as_strategy())
            def meets_its_document(case: schemathesis.Case) -> None:
                tried.add(case.operation.label)
                for name in known.keys() & case.path_parameters.keys():
                    case.path_parameters[name] = known[name]
                sent = {**case.headers, **lin.headers, "Idempotency-Key": api.key()}
                answer = case.call(headers=sent)
                case.validate_response(answer, checks=_CONFORM)

            meets_its_document()

        assert len(tried) == len(list(operations(api.app.openapi())))
