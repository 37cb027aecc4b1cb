"""Tables of obligations on both databases: the same lines, sums and filters, and for each reader their own reach."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.errors import BadInput, NotFound
from engine.runtime.duty_views import TableAsk
from engine.store.store import Store
from tests.duty_pages import duty_world

SPRING = TableAsk(duty="inspect", first=date(2026, 3, 1), last=date(2026, 5, 31))


def test_both_databases_read_the_same_tables(store: Store, tmp_path: Path) -> None:
    with duty_world(store, tmp_path / "evidence") as (api, _):
        views = api.services.duties
        seen = views.table("lin", SPRING)
        made_up = views.table("lin", TableAsk(duty="inspect", first=SPRING.first, last=SPRING.last, status="made_up"))
        town = views.table("tang", SPRING)
        line = views.lines("lin")[0]
        pages = [page.lines[0].subject for page in views.every_page("lin", _by_one())]

        assert [(one.subject, [(cell.period, cell.status) for cell in one.cells]) for one in seen.lines] == [
            ("A", [("2026-03", "done"), ("2026-04", "done"), ("2026-05", "open")]),
            ("B", [("2026-03", "done"), ("2026-04", "done"), ("2026-05", "acted")]),
            ("C", [("2026-Q1", "missed")]),
            ("D", [("2026-03", "exempt"), ("2026-04", "missed"), ("2026-05", "open")]),
        ]
        assert {(one.period, one.status, one.late, one.made_up): one.count for one in seen.totals} == {
            ("2026-03", "done", False, False): 1,
            ("2026-03", "done", True, True): 1,
            ("2026-03", "exempt", False, False): 1,
            ("2026-Q1", "missed", True, False): 1,
            ("2026-04", "done", False, False): 1,
            ("2026-04", "done", True, False): 1,
            ("2026-04", "missed", True, False): 1,
            ("2026-05", "acted", False, False): 1,
            ("2026-05", "open", False, False): 2,
        }
        assert ([one.subject for one in made_up.lines], made_up.subjects) == (["B"], 1)
        assert ([one.subject for one in town.lines], list(town.regions)) == (["D"], ["/s/", "/s/t2/"])
        assert pages == ["A", "B", "C", "D"]
        assert {(one.period, one.status): one.count for one in line.counts} == {
            ("2026-Q2", "open"): 1,
            ("2026-05", "open"): 2,
            ("2026-05", "acted"): 1,
        }


def test_what_cannot_be_drawn_or_is_not_in_reach_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    with duty_world(sqlite_store, tmp_path / "evidence") as (api, _):
        views = api.services.duties

        with pytest.raises(BadInput, match="too_many_windows"):
            views.table("lin", TableAsk(duty="inspect", first=date(2015, 1, 1), last=date(2026, 12, 31)))
        with pytest.raises(BadInput, match="days_in_wrong_order"):
            views.table("lin", TableAsk(duty="inspect", first=date(2026, 5, 1), last=date(2026, 4, 1)))
        with pytest.raises(NotFound, match="obligation_not_found"):
            views.check_reach("tang", "inspect", "A")
        with pytest.raises(NotFound, match="obligation_not_found"):
            views.to_act("p-A", "inspect/2026-05/B")
        with pytest.raises(NotFound, match="duty_not_found"):
            views.check_reach("lin", "nothing", "A")

        only_reading = api.as_("chen", "read")
        body = {"subject": "A", "period": "2026-05", "until": "2026-05-31", "reason": "停产"}
        assert only_reading.post("/duties/inspect/exemptions", body).status_code == 403
        assert only_reading.get("/duties/inspect").status_code == 200


def _by_one() -> TableAsk:
    return TableAsk(duty="inspect", first=SPRING.first, last=SPRING.last, limit=1)
