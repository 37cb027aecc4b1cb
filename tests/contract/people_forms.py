"""The pages over the sample in which tasks are passed on, and cases in which each form about people is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.store.store import Store
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
