"""The organisation on its pages: any day shown, changes said and kept, nothing for those it is not for."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture
from tests.contract.visiting import hidden, send, visit

PEOPLE = "/organisation/people/{}"


def form(api: Api, by: str, path: str, **said: Any) -> dict[str, Any]:  # noqa: F811
    """What a form of that page sends."""
    page = visit(api, by, path)
    assert page.status_code == 200, page.text
    carried = hidden(page.text)
    return {"_csrf": carried["_csrf"], "_key": carried["_key"], **said}


def record(api: Api, by: str, path: str, **said: Any) -> Any:  # noqa: F811
    """The answer to a change by whoever keeps the directory."""
    return send(api, by, "/organisation/record", form(api, by, path, **said))


def text_of(page: Any) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def test_the_tree_shows_regions_with_the_people_in_them_and_leads_to_each(api: Api) -> None:  # noqa: F811
    page = visit(api, "lin", "/organisation")

    assert page.status_code == 200
    assert "chen 某" in page.text
    assert PEOPLE.format("chen") in page.text
    assert visit(api, "lin", PEOPLE.format("chen")).status_code == 200


def test_a_search_finds_people_by_name_and_says_where_nobody_is_found(api: Api) -> None:  # noqa: F811
    assert "tang 某" not in visit(api, "lin", "/organisation?q=chen").text
    assert "没有找到" in visit(api, "lin", "/organisation?q=nobody-here").text


def test_who_is_not_in_sight_is_not_found(api: Api) -> None:  # noqa: F811
    assert visit(api, "wang", PEOPLE.format("tang")).status_code == 404


def test_a_role_is_granted_once_and_shown_on_its_days_only(api: Api) -> None:  # noqa: F811
    said = {"what": "role", "person": "chen", "role": "office", "region": "/s/", "valid_from": "2026-05-01"}
    sent = form(api, "lin", PEOPLE.format("chen"), **said, last="2026-05-31", reason="借调")

    answers = [send(api, "lin", "/organisation/record", sent) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    page = text_of(visit(api, "lin", PEOPLE.format("chen")))
    assert page.count("2026年5月1日至2026年5月31日") == 1
    assert "办公室" not in _line(api, "2026-04-30")
    assert "办公室" in _line(api, "2026-05-31")


def _line(api: Api, day: str) -> str:  # noqa: F811
    """What the tree of a day says of Chen."""
    page = visit(api, "lin", f"/organisation?on={day}&q=chen").text
    return unescape(page.partition('class="org-tree"')[2].partition("</main>")[0])


def test_what_was_recorded_later_is_not_known_at_an_earlier_day(api: Api) -> None:  # noqa: F811
    said = {"what": "role", "person": "chen", "role": "office", "region": "/s/", "valid_from": "2026-01-01"}
    record(api, "lin", PEOPLE.format("chen"), **said)
    today = api.district.clock.now().date().isoformat()

    known_now = visit(api, "lin", f"/organisation?on={today}&q=chen").text
    known_then = visit(api, "lin", f"/organisation?on={today}&known=2026-01-02&q=chen").text

    assert "chen 某" in known_now
    assert "截至" in known_then
    assert "chen 某" not in known_then


def test_one_sets_a_stand_in_for_oneself_and_ends_it(api: Api) -> None:  # noqa: F811
    said = {
        "what": "stand_in",
        "person": "chen",
        "f.substitute": "zhou",
        "valid_from": "2026-12-01",
        "last": "2026-12-05",
    }

    answer = send(api, "chen", "/organisation/own", form(api, "chen", PEOPLE.format("chen"), **said))

    assert answer.status_code == 303
    page = visit(api, "chen", f"{PEOPLE.format('chen')}?on=2026-12-03")
    assert "zhou 某代chen 某" in page.text
    assert "2026年12月1日至2026年12月5日" in page.text


def test_nobody_sets_a_stand_in_for_another_without_keeping_the_directory(api: Api) -> None:  # noqa: F811
    said = {
        "what": "stand_in",
        "person": "zhou",
        "f.substitute": "chen",
        "valid_from": "2026-12-01",
        "last": "2026-12-05",
    }

    own = send(api, "chen", "/organisation/own", form(api, "chen", PEOPLE.format("chen"), **said))
    keeps = send(api, "chen", "/organisation/record", form(api, "chen", PEOPLE.format("chen"), **said))

    assert (own.status_code, keeps.status_code) == (404, 403)


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(api: Api) -> None:  # noqa: F811
    said = {
        "what": "stand_in",
        "person": "chen",
        "t.substitute": "谁也不是",
        "valid_from": "2026-12-01",
        "last": "2026-12-05",
    }

    page = send(api, "chen", "/organisation/own", form(api, "chen", PEOPLE.format("chen"), **said))

    assert page.status_code in (400, 404, 422)
    assert 'id="stand_in-substitute-wrong"' in page.text
    assert 'value="谁也不是"' in page.text
    assert 'value="2026-12-05"' in page.text


def test_a_power_a_shift_and_a_succession_are_kept_and_shown(api: Api) -> None:  # noqa: F811
    power = {
        "what": "power",
        "f.body": "U1",
        "matter": "1201",
        "documents": "责令改正\n检查记录",
        "valid_from": "2026-01-01",
    }
    shift = {
        "what": "shift",
        "roster": "夜班",
        "f.person": "zhou",
        "region": "/s/t1/",
        "begins": "2026-03-04T20:00",
        "ends": "2026-03-05T08:00",
    }
    became = {"what": "succession", "f.former": "U1", "how": "merged", "f.successor": "U2", "valid_from": "2026-03-01"}

    answers = [
        record(api, "lin", "/organisation/powers", **power),
        record(api, "lin", "/organisation/rosters", **shift),
        record(api, "lin", "/organisation/successions", **became),
    ]

    assert [one.status_code for one in answers] == [303, 303, 303]
    assert "检查记录、责令改正" in visit(api, "lin", "/organisation/powers").text
    assert "20:00–08:00" in visit(api, "lin", "/organisation/rosters?on=2026-03-02").text
    assert "并入" in visit(api, "lin", "/organisation/successions?on=2026-03-02").text
    assert "没有登记过" in visit(api, "lin", "/organisation/successions?on=2026-02-01").text


def test_what_somebody_held_at_an_instant_leads_to_the_case(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()
    now = api.district.clock.now()
    held = f"{now:%Y}-12-31T10:00"

    page = visit(api, "lin", f"{PEOPLE.format('zhou')}?held={held}")

    assert f"/cases/{case}" in page.text
    assert "那一刻手上没有" in visit(api, "lin", f"{PEOPLE.format('zhou')}?held=2020-01-01T10:00").text


def test_a_day_that_is_none_is_refused(api: Api) -> None:  # noqa: F811
    assert visit(api, "lin", "/organisation?on=2026-02-30").status_code in (400, 422)


def test_a_shift_is_taken_back_and_a_power_ends_today(api: Api) -> None:  # noqa: F811
    power = {"what": "power", "f.body": "U1", "matter": "1201", "valid_from": "2026-01-01"}
    shift = {
        "what": "shift",
        "roster": "夜班",
        "f.person": "zhou",
        "region": "/s/t1/",
        "begins": "2026-12-04T20:00",
        "ends": "2026-12-05T08:00",
    }
    record(api, "lin", "/organisation/powers", **power)
    record(api, "lin", "/organisation/rosters", **shift)
    week = "/organisation/rosters?on=2026-12-01"
    before = ("1201" in visit(api, "lin", "/organisation/powers").text, "20:00–08:00" in visit(api, "lin", week).text)

    answers = [_press(api, "/organisation/powers", "end_power"), _press(api, week, "end_shift")]

    assert before == (True, True)
    assert [one.status_code for one in answers] == [303, 303]
    assert "1201" not in visit(api, "lin", "/organisation/powers").text
    assert "20:00–08:00" not in visit(api, "lin", week).text


def _press(api: Api, path: str, what: str) -> Any:  # noqa: F811
    """Send the small form of a row that says this."""
    page = visit(api, "lin", path).text
    found = next(one for one in re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL) if f'value="{what}"' in one)
    told = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', found)}
    return send(api, "lin", "/organisation/record", told)


def test_a_last_day_before_the_first_is_told_as_it_was_typed(api: Api) -> None:  # noqa: F811
    said = {"what": "role", "person": "chen", "role": "office", "region": "/s/", "valid_from": "2026-05-10"}

    page = record(api, "lin", PEOPLE.format("chen"), **said, last="2026-05-01")

    assert page.status_code in (400, 422)
    assert "最后一天不能早于第一天" in page.text
