"""Why a task is whose, in one line, and what stands behind it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.core.directory import Considered, Holding
from engine.core.why import PassedOver, Why
from web.catalogues import Titles
from web.pages.why_views import why_view

TITLES = Titles(
    parties={"checker": "核查人", "pool": "无主件", "unit": "责任单位"},
    roles={"checker": "核查员"},
    regions={"/s/": "示范区", "/s/t1/": "一镇"},
    industries={"steel": "钢铁"},
    persons={"chen": "陈某", "zhou": "周某", "wang": "王某"},
)
OFFICE: dict[str, Any] = {"party": "checker", "role": "checker", "region": "/s/t1/", "industry": "steel"}


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (Why(kind="role", **OFFICE), "核查人·一镇·钢铁"),
        (Why(kind="role", **OFFICE, until=date(2026, 10, 12)), "核查人·一镇·钢铁，任职至10月12日"),
        (
            Why(kind="substitute", **OFFICE, stands_for="wang", until=date(2026, 10, 12), reason="年假"),
            "代 王某 至 10月12日：核查人·一镇·钢铁",
        ),
        (Why(kind="given", **OFFICE, by="chen", reason="出差"), "由 陈某 转办（出差）"),
        (Why(kind="queue", party="checker", by_way_of="pool"), "没有找到核查人，由无主件代管"),
        (Why(kind="designated", **OFFICE, by="zhou", reason="按分工"), "核查人·一镇·钢铁，由 周某 指定（按分工）"),
        (Why(kind="handed", **OFFICE, by="chen", reason="属食品"), "陈某 移交，等待签收（属食品）"),
        (Why(kind="unit", party="unit", unit="U1"), "责任单位·一号厂"),
    ],
)
def test_the_reason_is_one_line_of_parties_places_and_names(why: Why, told: str) -> None:
    assert why_view(why, TITLES, {"U1": "一号厂"}).line == told


def test_behind_it_stands_who_else_fits_why_they_come_after_and_who_was_left_out() -> None:
    near = Holding(id="1", person="chen", role="checker", region="/s/t1/", industry="steel")
    wide = Holding(id="2", person="zhou", role="checker", region="/s/t1/")
    why = Why(
        kind="role",
        **OFFICE,
        considered=(
            Considered(holding=near, won=True, industry_exact=True, depth=2),
            Considered(holding=wide, won=False, industry_exact=False, depth=2),
        ),
        passed_over=(
            PassedOver(person="wang", how="recused", ground="kin"),
            PassedOver(person="chen", how="except", ground="unit"),
        ),
    )

    view = why_view(why, TITLES, {})

    assert view.more
    assert view.considered == (
        "陈某（核查员·一镇·钢铁）：承办",
        "周某（核查员·一镇）：不分行业，排在分管行业的之后",
    )
    assert view.left_out == ("王某：与当事人有亲属关系，应当回避", "陈某：是本件的责任单位，不能同时承办")


def test_where_nobody_else_fits_nothing_stands_behind_it() -> None:
    assert not why_view(Why(kind="role", **OFFICE), TITLES, {}).more
