# ruff: noqa: F811 - fixtures are imported
"""My work: what waits for a person, due first, with why it is theirs and what may be done; nothing else."""

from __future__ import annotations

import re

from tests.browsing import headers_of
from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture
from tests.contract.visiting import hidden, send, visit
from tests.worlds import local


def rows(text: str) -> list[str]:
    """What each row says, in order, but for what is folded behind its reason."""
    folded = r'<span class="only-read">为什么是我</span>|<div class="within">.*?</div>'
    shown = re.sub(folded, "", text, flags=re.DOTALL)
    found = re.findall(r'<tr class="row".*?</tr>', shown, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in found]


def tabs(text: str) -> dict[str, str]:
    """The groups and how many each holds."""
    return dict(
        re.findall(
            r">([^<>]+)<span class=\"count quiet\">(\d+)</span></a>", text.split('class="tabs"')[1].split("</nav>")[0]
        )
    )


def two_cases(api: Api) -> tuple[str, str]:
    """One case reported on Monday, one on Wednesday; both wait for the checkers of their town."""
    first = api.as_("li").start("安全出口锁闭")
    api.district.clock.set(local("2026-03-04 09:00"))
    return first, api.as_("li").start("配电箱无盖")


def test_what_is_due_first_stands_first_with_why_it_is_mine(api: Api) -> None:
    two_cases(api)

    page = visit(api, "chen", "/work")

    assert page.status_code == 200
    rest = "核查人·一镇·钢铁（另有 2 人可办） 核实 不予认定"
    first = "应于 3月4日 周三 24:00 前办结；2个工作日，自03-02次日起；03-03、03-04；日历 国办2026 第1版；依据 sample.2"
    second = "应于 3月6日 周五 24:00 前办结；2个工作日，自03-04次日起；03-05、03-06；日历 国办2026 第1版；依据 sample.2"
    assert rows(page.text) == [
        f"今天到期 {first} 待核实 S-2026-00001 一镇·一号厂 安全出口锁闭 {rest}",
        f"还剩 2 个工作日 {second} 待核实 S-2026-00002 一镇·一号厂 配电箱无盖 {rest}",
    ]
    assert tabs(page.text) == {"全部": "2", "逾期": "0", "今天": "1", "本周": "1", "以后": "0"}


def test_the_page_shows_only_what_its_address_asks_for(api: Api) -> None:
    first, _ = two_cases(api)
    api.wait(first, local("2026-03-05 10:00"))

    late = visit(api, "chen", "/work?due=late").text
    both = visit(api, "chen", "/work?due=late&kind=draft").text

    assert [row.split(" ")[0] for row in rows(late)] == ["逾期1个工作日"]
    assert rows(both) == []
    assert "这个条件下没有等您办理的事" in both
    assert "全部 2 件" in both


def test_a_formal_act_that_waits_leads_to_its_draft_and_says_why(api: Api) -> None:
    first, _ = two_cases(api)
    api.wait(first, local("2026-03-10 09:00"))

    (row,) = rows(visit(api, "lin", "/work?kind=draft").text)

    for words in ("待签发", "办公室·一镇；已到“函告”，拟letter", "看稿签发"):
        assert words in row


def test_on_a_day_without_anything_due_the_page_says_when_the_next_is(api: Api) -> None:
    api.as_("li").start()

    page = visit(api, "chen", "/work?due=today").text

    assert "今天没有到期的事，下一件在 3月4日 周三 24:00" in page
    assert rows(page) == []


def test_nobody_sees_the_work_of_others(api: Api) -> None:
    two_cases(api)

    page = visit(api, "qian", "/work")

    assert (page.status_code, rows(page.text)) == (200, [])
    assert "没有等您办理的事" in page.text


def test_a_visitor_without_a_session_is_led_to_sign_in(api: Api) -> None:
    page = api.client.get("/work?due=late", follow_redirects=False)

    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=%2Fwork%3Fdue%3Dlate")


def test_a_list_goes_on_page_by_page(api: Api) -> None:
    li = api.as_("li")
    for n in range(53):
        li.start(f"第{n}处")

    first = visit(api, "chen", "/work").text
    second = visit(api, "chen", re.findall(r'href="([^"]+)">下一页', first)[0].replace("&amp;", "&")).text

    assert (len(rows(first)), len(rows(second))) == (50, 3)
    assert set(rows(first)).isdisjoint(rows(second))
    assert ("下一页" in second, "回到首页" in second) == (False, True)


def test_a_mark_of_another_list_is_refused(api: Api) -> None:
    page = visit(api, "chen", "/work?after=zzz")

    assert page.status_code == 422


def test_opening_a_task_is_noted_once_and_only_for_who_holds_it(api: Api) -> None:
    case, _ = two_cases(api)
    address = f"/cases/{case}/tasks/1/read"

    answers = [send(api, person, address, {}).status_code for person in ("chen", "chen", "lin")]

    entries = api.as_("lin").get(f"/cases/{case}/entries").json()["items"]
    read = [
        (event["data"]["person"], entry["medium"])
        for entry in entries
        for event in entry["events"]
        if event["type"] == "task_read"
    ]
    assert answers == [204, 204, 204]
    assert read == [("chen", "web")]
    assert "data-reads=" in visit(api, "zhou", "/work").text
    assert f'data-reads="{address}"' not in visit(api, "chen", "/work").text


def test_a_reading_is_not_noted_by_looking_nor_for_strangers_nor_from_elsewhere(api: Api) -> None:
    case, _ = two_cases(api)
    address = f"/cases/{case}/tasks/1/read"

    assert visit(api, "chen", address).status_code == 405
    assert send(api, "qian", address, {}).status_code == 404
    assert send(api, "chen", address, {}, **{"X-CSRF": "wrong"}).status_code == 403
    assert send(api, "chen", address, {}, Origin="http://elsewhere").status_code == 403
    types = [
        event["type"]
        for entry in api.as_("lin").get(f"/cases/{case}/entries").json()["items"]
        for event in entry["events"]
    ]
    assert "task_read" not in types


def test_the_marks_answer_with_nothing_until_something_changed(api: Api) -> None:
    two_cases(api)
    first = visit(api, "chen", "/marks")
    drawn = re.findall(r'data-marks="([^"]*)"', visit(api, "chen", "/work").text)[0].split()

    again = api.client.get("/marks", headers={**headers_of("chen"), "If-None-Match": first.headers["etag"]})
    api.as_("li").start("灭火器过期")
    changed = api.client.get("/marks", headers={**headers_of("chen"), "If-None-Match": first.headers["etag"]})

    assert first.json() == {"tasks": 2, "drafts": 0, "unread": 0, "marks": drawn}
    assert (again.status_code, again.content) == (304, b"")
    assert (changed.status_code, changed.json()["tasks"]) == (200, 3)
    assert set(drawn) < set(changed.json()["marks"])


def test_what_needs_nothing_filled_in_is_done_at_one_click_and_a_second_does_nothing(api: Api) -> None:
    case, _ = two_cases(api)
    api.as_("chen").confirm(case, data={"level": "high", "due_on": "2026-03-20"})
    text = visit(api, "lin", "/work").text
    (form,) = re.findall(r'<form method="post" action="[^"]*withdraw".*?</form>', text, re.DOTALL)
    address = re.findall(r'action="([^"]+)"', form)[0]

    done = [send(api, "lin", address, hidden(form)) for _ in range(2)]

    assert [answer.status_code for answer in done] == [200, 200]
    told = api.as_("lin").get(f"/cases/{case}").json()
    assert told["states"] == ["opened"]
    stale = send(api, "he", address, {**hidden(form), "_key": "another-key-0001"})
    assert stale.status_code == 409
