"""Forms of what may be done in a case: shown, sent once, and never losing what was typed."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import orjson

from tests.contract.api_fixtures import PNG, Api, api  # noqa: F401 - fixture
from tests.contract.visiting import hidden, send, visit

CONFIRM = "/cases/{case}/actions/1/confirm"


def filled(api: Api, case: str, person: str = "chen", **more: Any) -> dict[str, Any]:  # noqa: F811
    """The form to confirm, filled in."""
    page = visit(api, person, CONFIRM.format(case=case))
    assert page.status_code == 200, page.text
    return {**hidden(page.text), "f.level": "low", "f.due_on": "2026-03-20", **more}


SIGNED = {"file._signature": ("signature.png", PNG, "image/png")}


def test_a_form_that_is_filled_in_is_done_and_leads_to_its_case(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()

    answer = send(api, "chen", CONFIRM.format(case=case), filled(api, case), SIGNED)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}?done=2")
    assert api.as_("chen").get(f"/cases/{case}").json()["states"] == ["doing"]


def test_a_form_sent_twice_is_one_act(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()
    form = filled(api, case)

    answers = [send(api, "chen", CONFIRM.format(case=case), form, SIGNED) for _ in range(2)]

    assert [one.headers["location"] for one in answers] == [f"/cases/{case}?done=2"] * 2
    assert api.as_("chen").get(f"/cases/{case}").json()["seq"] == 2


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_or_uploaded_is_lost(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()
    form = filled(api, case, **{"f.due_on": "someday"})

    answer = send(api, "chen", CONFIRM.format(case=case), form, SIGNED)

    assert answer.status_code == 422
    assert 'value="someday"' in answer.text
    assert 'id="field-due_on-wrong"' in answer.text
    carried = re.search(r'name="kept" value="([^"]*)"', answer.text)
    assert carried
    assert orjson.loads(unescape(carried[1]))["kind"] == "signature"
    mended = {**form, "f.due_on": "2026-03-20", "kept": unescape(carried[1])}
    assert send(api, "chen", CONFIRM.format(case=case), mended).status_code == 303


def test_a_form_without_its_signature_is_shown_again(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()

    answer = send(api, "chen", CONFIRM.format(case=case), filled(api, case))

    assert answer.status_code == 422
    assert 'id="field-_signature-wrong"' in answer.text


def test_a_page_that_is_out_of_date_says_what_changed_and_keeps_what_was_typed(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()
    form = filled(api, case, **{"f.due_on": "2026-03-27"})
    api.as_("zhou").confirm(case)

    answer = send(api, "chen", CONFIRM.format(case=case), form, SIGNED)

    assert answer.status_code == 409
    assert "zhou 某" in answer.text
    assert "2026-03-27" in answer.text


def test_only_people_with_the_offer_get_its_form(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()

    assert visit(api, "qian", CONFIRM.format(case=case)).status_code == 404
    assert visit(api, "wang", CONFIRM.format(case=case)).status_code == 409


def test_a_stranger_cannot_send_a_form_and_learns_nothing(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()
    form = filled(api, case)

    answer = send(api, "qian", CONFIRM.format(case=case), form, SIGNED)

    assert answer.status_code == 404
    assert case not in answer.text


def test_a_form_sent_from_a_foreign_page_is_refused(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()

    answer = send(api, "chen", CONFIRM.format(case=case), filled(api, case), SIGNED, Origin="https://elsewhere.example")

    assert answer.status_code == 403
    assert api.as_("chen").get(f"/cases/{case}").json()["seq"] == 1


def test_what_people_typed_is_never_markup(api: Api) -> None:  # noqa: F811
    evil = "<img src=x onerror=alert(1)>\"'><script>"
    case = api.as_("chen").start(evil)
    page = visit(api, "chen", CONFIRM.format(case=case))

    answer = send(api, "chen", CONFIRM.format(case=case), filled(api, case, **{"f.due_on": evil, "_reason": evil}))

    for text in (page.text, answer.text):
        assert "<img src=x" not in text
        assert "<script>" not in text


def test_what_another_signed_on_paper_is_entered_with_its_scan_and_says_both(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()
    page = visit(api, "clerk", f"{CONFIRM.format(case=case)}?for=chen")
    said = {"f.level": "low", "f.due_on": "2026-03-20", "f._late_by": "chen", "_paper": "1"}
    form = {**hidden(page.text), **said}

    unproved = send(api, "clerk", CONFIRM.format(case=case), form)
    scan = {"file._scan": ("paper.png", PNG, "image/png")}
    entered = send(api, "clerk", CONFIRM.format(case=case), form, scan)

    assert (page.status_code, unproved.status_code, entered.status_code) == (200, 422, 303)
    assert 'id="field-_scan-wrong"' in unproved.text
    last = api.as_("chen").get(f"/cases/{case}/entries").json()["items"][-1]
    assert (last["acted_by"]["id"], last["entered_by"]["id"], last["medium"]) == ("chen", "clerk", "paper")


def test_nobody_without_the_permission_gets_the_form_of_another(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()

    assert visit(api, "wang", f"{CONFIRM.format(case=case)}?for=chen").status_code == 409
