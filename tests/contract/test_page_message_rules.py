"""The page of message rules: what holds here, what came today, what one chose; and what became of each message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from engine.core.budget import Hours, Rules, Wish
from engine.runtime.message_desk import MessageDesk
from engine.runtime.projection import micros
from engine.store.schema import message, message_wish
from engine.store.store import Store
from tests.contract.api_fixtures import Api, opened
from tests.contract.test_page_inbox import late_case
from tests.contract.visiting import send, visit
from tests.integration.posts import Post, worker

RULES = Rules(
    id="notices",
    title="消息规则",
    budget=8,
    ceiling=10,
    digests=("08:30", "14:00"),
    quiet=Hours(begins="22:00", ends="07:00"),
    quiet_days=("weekend",),
    duty_excepted=True,
    own_quiet=Hours(begins="18:00", ends="09:00"),
    channels=(("mail", 6),),
)
PATH = "/inbox/rules"


@pytest.fixture
def api(sqlite_store: Store, tmp_path: Path) -> Iterator[Api]:
    """Pages of a place that has rules."""
    with opened(sqlite_store, tmp_path / "evidence") as made:
        desk = MessageDesk(store=sqlite_store, catalog=made.district.catalog, rules=RULES)
        yield Api(made.district, replace(made.services, message_desk=desk))


def test_the_rules_are_told_in_words(api: Api) -> None:
    text = visit(api, "chen", PATH).text

    for told in (
        "至多8条，连同紧急的至多10条",
        "每天08:30、14:00",
        "22:00至次日07:00、周末全天；值班的人在值班期间不受此限",
        "须在18:00至次日09:00以内",
        "今天已发给您0条。",
        "没有等待汇总的",
    ):
        assert told in text


def test_what_one_chose_is_kept_and_shown_again(api: Api) -> None:
    chosen = {"digest_only": "yes", "quiet_from": "19:00", "quiet_until": "08:30"}

    answer = send(api, "chen", PATH, chosen)

    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    with api.district.store.read() as reader:
        wish = reader.message_days.wish("chen")
    assert wish == Wish(digest_only=True, quiet=Hours(begins="19:00", ends="08:30"))
    text = visit(api, "chen", PATH).text
    assert 'value="19:00"' in text
    assert 'value="yes" checked' in text

    send(api, "chen", PATH, {})
    with api.district.store.session() as session:
        assert session.run(select(message_wish)).all() == []


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        ("17:00", "08:00", "免打扰时段超出了允许的范围"),
        ("19:00", "", "免打扰时段要填写起止两个时刻"),
        ("19:00", "19:00", "免打扰时段要填写起止两个时刻"),
    ],
)
def test_quiet_hours_beyond_what_the_place_allows_are_refused_with_what_was_typed(
    api: Api, begins: str, ends: str, said: str
) -> None:
    answer = send(api, "chen", PATH, {"quiet_from": begins, "quiet_until": ends})

    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{begins}"' in answer.text


def test_looking_changes_nothing_and_foreign_pages_choose_nothing(api: Api) -> None:
    assert send(api, "chen", PATH, {"digest_only": "yes"}, **{"X-CSRF": "wrong"}).status_code == 403
    assert send(api, "chen", PATH, {"quiet_from": "7 o'clock"}).status_code == 422
    assert visit(api, "", PATH).status_code in (303, 401)

    with api.district.store.session() as session:
        assert session.run(select(message_wish)).all() == []


def test_only_who_operates_sees_how_much_is_held_back_for_all(api: Api) -> None:
    assert "等待汇总0件，超出当天条数并入汇总的0件，免打扰时段待发0件。" in visit(api, "lin", PATH).text
    assert "全部人员" not in visit(api, "wang", PATH).text


def test_a_place_without_rules_says_so(sqlite_store: Store, tmp_path: Path) -> None:
    with opened(sqlite_store, tmp_path / "evidence") as api:
        assert "没有定消息规则" in visit(api, "chen", PATH).text
        assert send(api, "chen", PATH, {"digest_only": "yes"}).status_code == 404
        assert PATH not in visit(api, "chen", "/inbox").text


def test_the_inbox_tells_of_each_message_how_it_left(api: Api) -> None:
    late_case(api)
    with api.district.store.session() as session:
        session.run(update(message).where(message.c.person == "chen").values(manner="digest"))
    sender = worker(api.district, Post(), rules=RULES)
    sender.drain()
    waiting = visit(api, "chen", "/inbox").text
    api.district.clock.advance(timedelta(hours=4))
    sender.drain()
    told = visit(api, "chen", "/inbox").text

    assert waiting.count("将并入") == 2
    assert told.count("已并入") == 2
    assert "14:00 汇总消息" in told
    assert PATH in told


def test_a_case_tells_in_which_digest_its_messages_went(api: Api) -> None:
    case = late_case(api)
    with api.district.store.session() as session:
        session.run(update(message).where(message.c.person == "chen").values(manner="digest"))
    sender = worker(api.district, Post(), rules=RULES)
    sender.drain()
    waiting = visit(api, "chen", f"/cases/{case}").text
    api.district.clock.advance(timedelta(hours=4))
    sender.drain()
    text = visit(api, "chen", f"/cases/{case}").text

    assert re.search("chen 某：将并入3月5日.{4}14:00 的汇总消息", waiting)
    assert re.search("chen 某：已并入3月5日.{4}14:00 汇总消息", text)


def test_what_was_done_before_its_digest_says_so(api: Api) -> None:
    case = late_case(api)
    with api.district.store.session() as session:
        session.run(update(message).where(message.c.person == "chen").values(manner="digest"))
    sender = worker(api.district, Post(), rules=RULES)
    sender.drain()
    assert api.as_("chen").confirm(case).status_code == 200
    api.district.clock.advance(timedelta(hours=4))

    sender.drain()

    assert visit(api, "chen", "/inbox").text.count("汇总以前已经办过，没有再发") == 2
    with api.district.store.session() as session:
        sent = select(message.c.next_at).where(message.c.status == "overtaken")
        assert {row.next_at for row in session.run(sent)} == {micros(api.district.clock.now())}
