# ruff: noqa: F811 - fixtures are imported
"""One box finds by number, unit and words; what somebody may not see is not found."""

from __future__ import annotations

import re

from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture
from tests.contract.visiting import visit

SUBJECTS = ("安全出口锁闭", "配电箱无盖", "安全通道堵塞")


def found(text: str) -> dict[str, list[str]]:
    """Titles of what was found, by group."""
    groups = re.findall(
        r'<section class="panel found"><header><h2>(.*?)</h2>.*?</header>(.*?)</section>', text, re.DOTALL
    )
    return {title: re.findall(r'class="hit-title">(.*?)<', hits) for title, hits in groups}


def cases(api: Api) -> list[str]:
    """Three cases of one unit."""
    li = api.as_("li")
    return [li.start(subject) for subject in SUBJECTS]


def search(api: Api, q: str, person: str = "chen") -> dict[str, list[str]]:
    """What a person finds, asked for as a part of a page."""
    return found(visit(api, person, f"/search?q={q}").text)


def test_a_whole_number_leads_straight_to_its_case(api: Api) -> None:
    _, second, _ = cases(api)

    answer = visit(api, "chen", "/search?q=s-2026-00002")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{second}")


def test_a_number_is_found_by_its_count_and_by_how_it_begins(api: Api) -> None:
    cases(api)

    assert search(api, "2") == {"编号": ["配电箱无盖"]}
    assert search(api, "S-2026-0000") == {"编号": ["安全通道堵塞", "配电箱无盖", "安全出口锁闭"]}


def test_words_are_found_in_titles_all_of_them_in_any_order(api: Api) -> None:
    cases(api)

    assert sorted(search(api, "安全")["事项"]) == ["安全出口锁闭", "安全通道堵塞"]
    assert search(api, "锁闭 安全") == {"事项": ["安全出口锁闭"]}


def test_a_unit_is_found_and_shows_its_cases(api: Api) -> None:
    cases(api)
    text = visit(api, "chen", "/search?q=一号厂").text
    (address,) = re.findall(r'href="(/search\?unit=[^"]+)"', text)

    assert found(text) == {"单位": ["一号厂"]}
    shown = found(visit(api, "chen", address).text)
    assert {title: sorted(hits) for title, hits in shown.items()} == {"一号厂的办件": sorted(SUBJECTS)}


def test_nobody_finds_what_they_may_not_see(api: Api) -> None:
    cases(api)

    assert search(api, "安全", "qian") == {}
    assert search(api, "S-2026", "qian") == {}
    assert visit(api, "qian", "/search?q=S-2026-00001").status_code == 200
    assert visit(api, "qian", "/search?unit=nowhere").status_code == 404


def test_signs_that_a_pattern_would_mean_something_by_mean_themselves(api: Api) -> None:
    cases(api)

    assert [search(api, sign) for sign in ("%25", "_", "'", "[")] == [{}, {}, {}, {}]


def test_nothing_found_says_where_it_was_looked_for(api: Api) -> None:
    text = visit(api, "chen", "/search?q=无此事").text

    assert "没有找到“无此事”" in text
    assert "只在您能看到的范围内查找" in text


def test_only_who_signed_in_finds_anything(api: Api) -> None:
    answer = api.client.get("/search?q=x", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fsearch%3Fq%3Dx")
