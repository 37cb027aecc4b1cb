"""Substitutions, powers, duty, recusals and successions by the API: who reads them, who records them, as of when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture

LEAVE = {"person": "chen", "substitute": "zhou", "reason": "休假", "valid_from": "2026-03-02", "valid_to": "2026-04-01"}
KIN = {"person": "chen", "kind": "kin", "other": "wang", "valid_from": "2026-03-02"}
FIRE = {"body": "U1", "matter": "fire", "documents": ["order"], "region": "/s/", "basis": "第七十条"}
NIGHT = {"roster": "leak", "person": "chen", "region": "/s/t1/",
         "begins": "2026-03-02T20:00:00+08:00", "ends": "2026-03-03T08:00:00+08:00"}  # fmt: skip
MERGED = {"id": "U1", "successor": "U2", "how": "merged", "valid_from": "2026-03-01"}


def listed(api: Api, person: str, path: str, **query: str) -> list[dict[str, Any]]:  # noqa: F811
    """What a person reads there, without the ids, which are made of what the rows say."""
    answer = api.as_(person).get(f"/directory/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return [{key: value for key, value in row.items() if key != "id"} for row in answer.json()["items"]]


def told(api: Api, person: str, path: str, rows: list[dict[str, Any]], *scopes: str, **more: str) -> tuple[int, str]:  # noqa: F811
    """Record rows as a person: the status and, where it is refused, the code."""
    answer = api.as_(person, *scopes).post(f"/directory/{path}", {path: rows, **more})
    return answer.status_code, "" if answer.status_code == 200 else answer.json()["code"]


def test_a_substitution_is_read_by_those_who_have_either_in_sight(api: Api):  # noqa: F811
    assert told(api, "chen", "substitutions", [LEAVE]) == (200, "")

    row = {**LEAVE, "role": "", "procedure": ""}
    assert listed(api, "chen", "substitutions") == listed(api, "lin", "substitutions") == [row]
    assert listed(api, "tang", "substitutions") == []
    assert listed(api, "chen", "substitutions", on="2026-04-01") == []


def test_what_was_known_before_a_change_can_be_asked(api: Api):  # noqa: F811
    told(api, "chen", "substitutions", [LEAVE])
    before = api.district.clock.now().isoformat()
    api.district.clock.set(api.district.clock.now() + timedelta(days=3))

    assert told(api, "chen", "substitutions", [{**LEAVE, "valid_to": "2026-03-06"}]) == (200, "")

    assert listed(api, "chen", "substitutions", on="2026-03-10") == []
    assert [row["valid_to"] for row in listed(api, "chen", "substitutions", on="2026-03-10", known_at=before)] == [
        "2026-04-01"
    ]


def test_a_recusal_is_read_by_the_person_and_by_who_keeps_the_directory(api: Api):  # noqa: F811
    assert told(api, "chen", "recusals", [KIN]) == (200, "")

    row = {**KIN, "unit": "", "valid_to": "9999-12-31"}
    assert listed(api, "chen", "recusals") == listed(api, "lin", "recusals") == [row]
    assert listed(api, "zhou", "recusals") == listed(api, "wang", "recusals") == []


@pytest.mark.parametrize("path", ["substitutions", "recusals"])
def test_rows_of_others_need_the_permission_and_a_token_for_it(api: Api, path: str):  # noqa: F811
    row = LEAVE if path == "substitutions" else KIN

    assert told(api, "zhou", path, [row]) == (403, "permission_missing")
    assert told(api, "lin", path, [row], "act") == (403, "scope_missing")
    assert told(api, "lin", path, [row], "act", "directory") == (200, "")
    assert told(api, "clerk", path, [row], "act", acted_by="chen") == (200, "")


def test_powers_and_successions_are_for_every_member_to_read(api: Api):  # noqa: F811
    assert told(api, "lin", "powers", [FIRE]) == (200, "")
    assert told(api, "lin", "successions", [MERGED]) == (200, "")

    power = {**FIRE, "valid_from": "1900-01-01", "valid_to": "9999-12-31"}
    assert listed(api, "qian", "powers") == listed(api, "qian", "powers", body="U1", matter="fire") == [power]
    assert listed(api, "qian", "powers", matter="gas") == []
    assert listed(api, "qian", "successions") == [
        {"successor": "U2", "how": "merged", "valid_from": "2026-03-01", "valid_to": "9999-12-31"}
    ]
    assert told(api, "chen", "powers", [FIRE]) == (403, "permission_missing")


def test_shifts_are_read_by_those_for_whom_somebody_is_on_duty(api: Api):  # noqa: F811
    assert told(api, "lin", "shifts", [NIGHT]) == (200, "")

    row = {**NIGHT, "begins": "2026-03-02T12:00:00Z", "ends": "2026-03-03T00:00:00Z"}
    assert listed(api, "zhou", "shifts") == listed(api, "lin", "shifts", roster="leak", on="2026-03-03") == [row]
    assert listed(api, "tang", "shifts") == listed(api, "zhou", "shifts", on="2026-03-04") == []
    assert listed(api, "zhou", "shifts", on="2026-02-01", until="2026-03-02") == [row]
    refused = api.as_("zhou").get("/directory/shifts", params={"on": "2026-03-02", "until": "2026-03-01"})
    assert (refused.status_code, refused.json()["code"]) == (422, "days_of_roster")


def test_the_roles_of_a_person_are_told_with_when_they_were_believed(api: Api):  # noqa: F811
    lin = api.as_("lin")
    (held,) = lin.get("/directory/holdings", params={"person": "zhou"}).json()["items"]
    since = api.district.clock.now().isoformat().replace("+00:00", "Z")
    api.district.clock.set(api.district.clock.now() + timedelta(days=1))
    lin.post(f"/directory/holdings/{held['id']}/end", {"valid_to": "2026-03-03"})

    at = api.district.clock.now().isoformat().replace("+00:00", "Z")
    times = lin.get("/directory/persons/zhou/roles").json()["items"]
    assert [(one["role"], one["valid_to"], one["recorded_from"], one["recorded_to"]) for one in times] == [
        ("checker", "9999-12-31", since, at),
        ("checker", "2026-03-03", at, None),
    ]
    assert api.as_("tang").get("/directory/persons/zhou/roles").status_code == 404


def test_neighbours_and_organs_are_told_with_regions_and_roles(api: Api):  # noqa: F811
    lin = api.as_("lin")
    lin.post("/directory/regions", {"neighbours": {"/s/t1/": ["/s/t2/"]}})
    grant = {"person": "new", "role": "checker", "region": "/s/t1/", "body": "U1", "valid_from": "2026-01-01"}
    lin.post("/directory/holdings", grant)

    regions = {row["id"]: row["attributes"] for row in lin.get("/directory/regions").json()["items"]}
    (held,) = lin.get("/directory/holdings", params={"person": "new"}).json()["items"]
    assert regions == {"/s/": {}, "/s/t1/": {"neighbours": ["/s/t2/"]}, "/s/t2/": {}}
    assert held["body"] == "U1"
