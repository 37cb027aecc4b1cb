# ruff: noqa: F811 - fixtures are imported
"""Whoever leaves: their tasks with a successor each, what would happen, giving them, and what was refused."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, GrantRole
from tests.browsing import CSRF
from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture
from tests.contract.visiting import hidden, send, visit


def town(api: Api, count: int = 3) -> list[str]:
    """Cases that wang, the principal of a unit, must deal with; li and clerk, officers of it, could take them over."""
    held = GrantRole(person="clerk", role="officer", unit="U1", valid_from="2020-01-01")
    api.district.do(api.district.request(DIRECTORY, held, SYSTEM, medium="system"))
    names = [f"L{n:02}" for n in range(count)]
    api.district.service.execute([api.district.start(name) for name in names])
    api.district.service.execute([api.district.confirm(name) for name in names])
    return names


def selects(html: str) -> dict[str, list[tuple[str, bool]]]:
    """Fields of the page that say to whom a task goes: the persons, and which of them is chosen."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for name, options in re.findall(r'<select class="input" name="(to:[^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        found[unescape(name)] = [
            (value, bool(chosen)) for value, chosen in re.findall(r'<option value="([^"]*)"( selected)?>', options)
        ]
    return found


def chosen(html: str) -> dict[str, str]:
    """What the page would send if nothing were touched."""
    return {name: next((value for value, marked in told if marked), "") for name, told in selects(html).items()}


def preview(api: Api, *, person: str = "lin", reason: str = "调离", **to: str) -> Any:
    """The page that says what would happen."""
    told = {**chosen(visit(api, "lin", "/leavers/wang").text), **to}
    return send(api, person, "/leavers/wang/preview", {"_csrf": CSRF, "reason": reason, **told})


def begin(api: Api, shown: Any, *, person: str = "lin", **more: str) -> Any:
    """Do what the page before offers."""
    data = {**carried(shown.text), **more}
    answer = send(api, person, "/leavers/wang/begin", {"_csrf": CSRF, **data})
    api.services.bulk_runs.wait()
    return answer


def carried(html: str) -> dict[str, str]:
    """Everything that the form of a preview carries."""
    told = re.findall(r'<input type="hidden" name="((?:to:|reason)[^"]*)" value="([^"]*)"', html)
    return {**hidden(html), **{unescape(name): unescape(value) for name, value in told}}


# choosing ---------------------------------------------------------------------------------------------------------


def test_people_are_found_by_name_with_how_much_lies_with_them(api: Api) -> None:
    town(api)

    every, found, none = (visit(api, "lin", f"/leavers{query}").text for query in ("", "?q=wang", "?q=nobody"))

    assert re.search(r'href="/leavers/wang">wang 某</a>.*?3件', every, re.DOTALL)
    assert ("wang 某" in found, "li 某" in found) == (True, False)
    assert "没有找到这样的人" in none


def test_each_task_has_a_successor_chosen_so_that_nobody_gets_all(api: Api) -> None:
    town(api, 4)

    html = visit(api, "lin", "/leavers/wang").text

    assert "wang 某名下的任务" in html
    assert sorted(chosen(html).values()) == ["clerk", "clerk", "li", "li"]
    assert all([value for value, _ in told] == ["", "clerk", "li"] for told in selects(html).values())


def test_one_person_is_chosen_for_all_with_one_click_and_nothing_is_written(api: Api) -> None:
    names = town(api)
    told = {**chosen(visit(api, "lin", "/leavers/wang").text), "everyone": "li", "reason": "调离"}

    html = send(api, "lin", "/leavers/wang/choose", {"_csrf": CSRF, **told}).text

    assert set(chosen(html).values()) == {"li"}
    assert ">调离</textarea>" in html
    assert all(api.services.reader.case("lin", name).case.seq == 2 for name in names)


def test_with_whom_nothing_lies_the_page_says_so(api: Api) -> None:
    assert "名下没有可以转办的任务" in visit(api, "lin", "/leavers/li").text


# what would happen ------------------------------------------------------------------------------------------------


def test_before_anything_is_done_the_page_says_who_gets_how_much_and_what_stays(api: Api) -> None:
    names = town(api)

    html = preview(api, **{f"to:{names[0]}:2": "", f"to:{names[1]}:2": "li", f"to:{names[2]}:2": "li"}).text

    assert "把wang 某的2件任务转出去" in html
    assert re.search(r"<b>li 某</b>.*?2件", html, re.DOTALL)
    assert "理由“调离”" in html
    assert "另有1件不转" in html
    assert all(api.services.reader.case("lin", name).case.seq == 2 for name in names)


def test_without_a_reason_or_a_task_it_goes_no_further(api: Api) -> None:
    names = town(api, 1)

    no_reason, no_task = preview(api, reason=""), preview(api, **{f"to:{names[0]}:2": ""})

    assert (no_reason.status_code, no_task.status_code) == (422, 422)
    assert 'aria-invalid="true"' in no_reason.text
    assert "没有选中任何要转办的任务" in no_task.text


# five questions ---------------------------------------------------------------------------------------------------


def test_it_works_each_task_lies_with_whom_was_named_and_the_case_says_why(api: Api) -> None:
    names = town(api)

    answer = begin(api, preview(api, reason="王某调任"))
    html = visit(api, "lin", answer.headers["location"]).text

    assert answer.status_code == 303
    for words in ("转办完成", "已处理3件，共3件", "wang 某名下已经没有任务"):
        assert words in html
    holders = [api.services.reader.case("lin", name).case.tasks[0].holder.persons for name in names]
    assert sorted(holders) == [("clerk",), ("clerk",), ("li",)]
    assert "王某调任" in visit(api, "lin", f"/cases/{names[0]}").text


def test_it_refuses_get(api: Api) -> None:
    town(api, 1)

    assert [visit(api, "lin", f"/leavers/wang/{what}").status_code for what in ("begin", "preview", "choose")] == [
        405
    ] * 3


def test_it_refuses_strangers(api: Api) -> None:
    town(api, 1)
    shown = preview(api)

    looked = [visit(api, "chen", path).status_code for path in ("/leavers", "/leavers/wang")]

    assert (looked, begin(api, shown, person="chen").status_code) == ([403, 403], 403)
    assert 'href="/leavers"' not in visit(api, "chen", "/inbox").text
    assert 'href="/leavers"' in visit(api, "lin", "/inbox").text


def test_it_refuses_a_stale_page(api: Api) -> None:
    names = town(api)
    shown = preview(api)
    gone = {f"to:{names[0]}:9": "li"}

    answer = begin(api, shown, **gone)

    assert answer.status_code == 409
    assert "选好以后情况变了" in answer.text


def test_it_shows_what_was_refused_and_leads_to_mending_it(api: Api) -> None:
    names = town(api)
    shown = preview(api)

    answer = begin(api, shown, **{f"to:{names[0]}:2": "qian"})
    html = visit(api, "lin", answer.headers["location"]).text

    assert "其中1件没有转成" in html
    assert f'href="/cases/{names[0]}"' in html
    assert re.search(r'href="/leavers/wang">重新选择接手的人（wang 某名下还有1件）', html)


def test_a_second_click_is_the_same_operation(api: Api) -> None:
    names = town(api, 1)
    shown = preview(api)

    first, second = begin(api, shown), begin(api, shown)

    assert first.headers["location"] == second.headers["location"]
    assert api.services.reader.case("lin", names[0]).case.seq == 3
