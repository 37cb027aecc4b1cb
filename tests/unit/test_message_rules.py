"""A place's rules for messages are data: what is left undecided, or disturbs people, is refused where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.budget import Hours, Rules
from engine.core.loader import load_library
from engine.core.resolve import ResolvedPlace, resolve
from engine.errors import DefinitionErrors
from engine.runtime.definitions import read_texts

BASE = read_texts(Path(__file__).with_name("faulty") / "base")
FILE = "library/messages.yaml"
NOTICES = """messages: notices
title: 消息规则
budget: 8
ceiling: 10
quiet: {from: "22:00", until: "07:00", except: on_duty}
quiet_days: [weekend, holiday]
own_quiet: {from: "18:00", until: "09:00"}
digests: ["14:00", "08:30"]
channels: {mail: 6}
"""
OPEN = (
    "messages: notices\ntitle: 消息规则\nparameters: {per_day: number, at: text}\n"
    "budget: $per_day\nceiling: $per_day\ndigests: [$at]\n"
)


def resolved(messages: str, plan: str = "", place: str = "") -> ResolvedPlace:
    texts = BASE | {FILE: messages}
    texts["plans/north/plan.yaml"] = texts["plans/north/plan.yaml"].replace("open:\n", f"open:\n{plan}")
    texts["plans/mill/place.yaml"] = texts["plans/mill/place.yaml"].replace("decides:\n", f"decides:\n{place}")
    return resolve(load_library(texts), "mill")


def refusals(old: str, new: str) -> list[str]:
    assert NOTICES.count(old) == 1
    with pytest.raises(DefinitionErrors) as caught:
        resolved(NOTICES.replace(old, new))
    return [f"{one.place} {one.code}: {one.got}" for one in caught.value.problems]


def test_a_place_has_the_rules_that_its_nearest_document_gives() -> None:
    assert resolved(NOTICES).messages == Rules(
        id="notices",
        title="消息规则",
        budget=8,
        ceiling=10,
        digests=("08:30", "14:00"),
        quiet=Hours(begins="22:00", ends="07:00"),
        quiet_days=("weekend", "holiday"),
        duty_excepted=True,
        own_quiet=Hours(begins="18:00", ends="09:00"),
        channels=(("mail", 6),),
    )


def test_where_nobody_speaks_of_the_numbers_left_open_there_are_no_rules() -> None:
    assert resolved(OPEN).messages is None


def test_a_place_decides_the_numbers_that_its_plan_leaves_open() -> None:
    left = "  notices.{name}: {{clause: north.3, says: 尽快}}\n"
    decided = "  notices.{name}: {{value: {value}, by: 街道办, on: 2026-01-05}}\n"
    plan = "".join(left.format(name=name) for name in ("per_day", "at"))
    place = "".join(decided.format(name=name, value=value) for name, value in (("per_day", "4"), ("at", '"09:15"')))

    assert resolved(OPEN, plan, place).messages == Rules(
        id="notices", title="消息规则", budget=4, ceiling=4, digests=("09:15",)
    )
    with pytest.raises(DefinitionErrors) as caught:
        resolved(OPEN, plan, decided.format(name="per_day", value="4"))
    assert [one.code for one in caught.value.problems] == ["still_open"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"08:30"', '"8:30"', f"{FILE}:8 digests.1 wrong_value: 8:30"),
        ('"08:30"', '"23:00"', f"{FILE}:8 digests.1 wrong_value: 23:00"),
        ('"14:00", "08:30"', "", f"{FILE}:8 digests wrong_value: []"),
        ("budget: 8", "budget: 0", f"{FILE}:1 wrong_value: 0"),
        ("ceiling: 10", "ceiling: 7", f"{FILE}:1 wrong_value: 7"),
        ("weekend", "sunday", f"{FILE}:6 quiet_days.0 wrong_value: sunday"),
        ("ceiling: 10\n", "", f"{FILE}:1 ceiling missing_key: None"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused_where_they_stand(old: str, new: str, said: str) -> None:
    assert refusals(old, new) == [said]
