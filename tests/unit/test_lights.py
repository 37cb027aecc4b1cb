"""One rule for lights: wherever the same deadline is shown, at the same moment, it has the same light."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml

from engine.core.deadlines import NEAR, derive, near_until
from engine.core.points import OnDate
from engine.core.register_filters import Moment, light_of
from engine.runtime.projection import micros
from tests.conftest import ROOT
from tests.worlds import calendar, local
from web.api.telling import light_at
from web.catalogues.told_time import remaining
from web.pages.work_views import countdown_to

#: Around a weekend and the National Day of 2026, with deadlines that end on days off, too.
MOMENTS = ("2026-09-24 09:00", "2026-09-25 16:00", "2026-09-26 10:00", "2026-09-30 08:00", "2026-10-05 12:00")
DAYS = [date(2026, 9, 23) + timedelta(days=n) for n in range(21)]


@pytest.mark.parametrize("at", MOMENTS)
def test_work_register_board_case_and_api_show_the_same_light(at: str) -> None:
    now = local(at)
    soon = micros(near_until(now, calendar(), NEAR))
    moment = Moment(now=micros(now), soon=soon, today=now.date(), start_of=lambda day: 0)

    for day in DAYS:
        deadline = derive(OnDate(day=day), now - timedelta(days=90), calendar())
        due_at = deadline.due_at
        shown = {
            "register and board": light_of(micros(due_at), "", moment),
            "work": countdown_to(due_at, calendar(), now)[0],
            "case": remaining(deadline, calendar(), now).light,
            "api": light_at(micros(due_at), calendar(), now)["light"],
        }
        assert len(set(shown.values())) == 1, (day, shown)


def test_every_register_that_is_shipped_follows_that_rule() -> None:
    found = {
        (path.name, document["lights"]["yellow"])
        for path in (ROOT / "workflows" / "library" / "registers").glob("*.yaml")
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    }

    assert {span for _, span in found} == {NEAR}


def test_a_deadline_is_near_on_its_day_and_the_workday_before() -> None:
    deadline = derive(OnDate(day=date(2026, 9, 29)), local("2026-09-01 09:00"), calendar())
    moments = ("2026-09-25 23:00", "2026-09-28 00:00", "2026-09-29 23:59", "2026-09-30 00:00")

    lights = [remaining(deadline, calendar(), local(at)).light for at in moments]

    assert lights == ["green", "yellow", "yellow", "red"]
