"""A digest in plain words: what is due first stands first, each with its link; the rest is counted."""

from __future__ import annotations

from engine.core.command import Stream
from engine.runtime.digest import Digest, Line, matters_of
from engine.store.digests import Member
from web.catalogues.told_digest import write_digest

LATE = Line(subject="S-2026-00001 已逾期", due="2026年10月9日", case="c/1")
TOLD = Line(subject="S-2026-00002 已办结", case="c2")


def member(key: str, case: str, task: int) -> Member:
    return Member(key=key, stream=Stream("case", case), text=key, references=b"{}", task=task)


def test_each_matter_is_a_line_with_its_day_and_its_link() -> None:
    assert write_digest(Digest(lines=(LATE, TOLD), more=28), origin="https://z.example") == (
        "30件事请您办理或者知悉",
        (
            "以下各件按办理期限排列，先到期的在前：\n"
            "1. S-2026-00001 已逾期（应于2026年10月9日前办结）\n"
            "   https://z.example/cases/c%2F1\n"
            "2. S-2026-00002 已办结\n"
            "   https://z.example/cases/c2\n"
            "其余28件见待办。\n"
            "全部待办：https://z.example/work"
        ),
    )


def test_where_nobody_said_what_the_address_is_there_are_no_links_and_the_last_of_a_day_says_so() -> None:
    assert write_digest(Digest(lines=(LATE,), last=True)) == (
        "1件事请您办理或者知悉",
        (
            "以下各件按办理期限排列，先到期的在前：\n"
            "1. S-2026-00001 已逾期（应于2026年10月9日前办结）\n"
            "今天发给您的消息已满，后来的请到收件页查看，下次汇总时发送。"
        ),
    )


def test_of_one_task_only_the_latest_is_told_at_the_place_of_the_first() -> None:
    told = [member("soon", "A", 1), member("other", "B", 1), member("late", "A", 1), member("x", "A", 0)]

    assert [one.key for one in matters_of([*told, member("y", "A", 0)])] == ["late", "other", "x", "y"]
