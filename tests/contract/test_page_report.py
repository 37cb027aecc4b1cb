"""To begin a case from a page: what one may begin, once, with what was typed kept; files and names on the way."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import orjson

from tests.contract.api_fixtures import PNG, Api, api  # noqa: F401 - fixture
from tests.contract.visiting import hidden, send, visit

FORM = "/report/sample/report"
#: Everything that must be filled in.
REPORTED = {"f.subject": "缺护栏", "f.unit": "U1", "f.place": "P1"}


def begun(api: Api, person: str, **more: Any) -> dict[str, Any]:  # noqa: F811
    """The form to report, filled in."""
    page = visit(api, person, FORM)
    assert page.status_code == 200, page.text
    return {**hidden(page.text), **REPORTED, **more}


def test_what_is_reported_becomes_a_case_and_its_page_is_the_receipt(api: Api) -> None:  # noqa: F811
    answer = send(api, "chen", FORM, begun(api, "chen"))

    assert answer.status_code == 303
    page = visit(api, "chen", answer.headers["location"])
    assert "回执" in page.text
    assert "缺护栏" in page.text


def test_a_report_sent_twice_is_one_case(api: Api) -> None:  # noqa: F811
    form = begun(api, "chen")

    places = {send(api, "chen", FORM, form).headers["location"] for _ in range(2)}

    assert len(places) == 1
    assert len(api.as_("chen").get("/cases").json()["items"]) == 1


def test_a_unit_is_meant_by_its_name_as_well_as_by_choosing_it(api: Api) -> None:  # noqa: F811
    form = {**begun(api, "chen"), "f.unit": "", "t.unit": "一号厂"}

    answer = send(api, "chen", FORM, form)

    case = answer.headers["location"].removeprefix("/cases/").partition("?")[0]
    assert api.as_("chen").get(f"/cases/{case}").json()["unit"] == "U1"


def test_a_name_that_several_bear_is_asked_back_with_a_choice(api: Api) -> None:  # noqa: F811
    form = {**begun(api, "lin"), "f.unit": "", "t.unit": "号厂"}

    answer = send(api, "lin", FORM, form)

    assert answer.status_code == 422
    assert re.findall(r'type="radio" name="f.unit" value="(U[12])"', answer.text) == ["U1", "U2"]


def test_what_is_missing_is_said_and_the_rest_is_kept(api: Api) -> None:  # noqa: F811
    answer = send(api, "chen", FORM, begun(api, "chen", **{"f.subject": "", "f.cost": "很多"}))

    assert answer.status_code == 422
    assert 'id="field-subject-wrong"' in answer.text
    assert 'value="很多"' in answer.text


def test_who_may_begin_nothing_finds_no_form_and_cannot_send_one(api: Api) -> None:  # noqa: F811
    form = begun(api, "chen")

    assert visit(api, "wang", FORM).status_code == 404
    assert send(api, "wang", FORM, form).status_code == 404


def test_a_report_from_a_foreign_page_is_refused(api: Api) -> None:  # noqa: F811
    answer = send(api, "chen", FORM, begun(api, "chen"), Origin="https://elsewhere.example")

    assert answer.status_code == 403
    assert api.as_("chen").get("/cases").json()["items"] == []


def test_people_of_one_unit_find_it_in_the_form(api: Api) -> None:  # noqa: F811
    page = visit(api, "li", FORM)

    assert 'name="f.unit" value="U1"' in page.text


def test_a_file_goes_ahead_and_is_carried_by_the_form(api: Api) -> None:  # noqa: F811
    name = "<img src=x onerror=alert(1)>.png"
    answer = send(api, "chen", "/uploads", {"slot": "photos", "kind": "photo"}, {"file": (name, PNG, "image/png")})

    assert answer.status_code == 200
    assert "<img src=x" not in answer.text
    found = re.search(r'name="kept" value="([^"]*)"', answer.text)
    assert found is not None
    carried = unescape(found[1])
    assert orjson.loads(carried)["field"] == "photos"
    sent = send(api, "chen", FORM, begun(api, "chen", kept=carried))
    assert sent.status_code == 303


def test_a_file_that_is_none_of_the_accepted_kinds_is_told_in_words(api: Api) -> None:  # noqa: F811
    script = {"file": ("x.png", b"<script>alert(1)</script>", "image/png")}

    answer = send(api, "chen", "/uploads", {"slot": "photos", "kind": "photo"}, script)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/plain; charset=utf-8")


def test_one_looks_up_only_what_lies_where_one_works(api: Api) -> None:  # noqa: F811
    mine, others = visit(api, "chen", "/lookup/unit?q=号厂").text, visit(api, "lin", "/lookup/unit?q=号厂").text

    assert ("一号厂" in mine, "二号厂" in mine) == (True, False)
    assert "二号厂" in others
