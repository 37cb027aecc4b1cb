"""Pages and interface of watches: lights, subjects, the cases behind each number, the answer that ends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from engine.core.definition_watches import Limit, Measure, Watch
from engine.core.recurrence import Rhythm
from engine.runtime.deeds import fold_deeds
from engine.runtime.watching import Watching
from engine.runtime.worker import fire_due
from engine.store.store import Store
from tests.browsing import CSRF
from tests.contract.api_fixtures import Api, opened
from tests.contract.visiting import hidden, send, visit
from tests.worlds import local

BUSY = Watch(
    id="busy",
    title="事项多发",
    plan="sample",
    per="unit",
    every=Rhythm(period="quarter"),
    counts=(
        Measure(id="opened", title="登记数", source="cases", procedure="sample", by="opened"),
        Measure(id="acts", title="核实数", source="acts", actions=("confirm",)),
    ),
    limits=(Limit(id="most", title="上限", value=2),),
    when="opened >= most",
    light="red",
    explain="登记数到了上限的单位",
    basis=("sample.1",),
)
SUBJECT = "/watches/busy/subject?" + urlencode({"period": "2026-Q1", "subject": "U1"})


@pytest.fixture
def api(sqlite_store: Store, tmp_path: Path) -> Iterator[Api]:
    """The interface over a district with one watch, which found U1 in the first quarter."""
    with opened(sqlite_store, tmp_path / "evidence", watches={"busy": BUSY}) as made:
        district = made.district
        for name in ("A", "B"):
            district.do(district.start(name))
        district.do(district.confirm("A"))
        district.do(district.start("C", by="lin", unit="U2", place="P2"))
        district.clock.set(local("2026-04-02 09:00"))
        while made.services.door.run(fire_due):
            pass
        made.services.door.run(fold_deeds)
        made.services.door.run(Watching().step)
        yield made


def answer(api: Api, person: str = "lin", **told: str) -> Any:
    page = visit(api, "lin", SUBJECT)
    said = {"period": "2026-Q1", "subject": "U1", "how": "justified", "reason": "集中登记"}
    return send(api, person, "/watches/busy/answer", {"_csrf": CSRF, **hidden(page.text), **said, **told})


def test_the_list_shows_each_watch_with_its_lights(api: Api) -> None:
    page = visit(api, "lin", "/watches")

    assert page.status_code == 200
    assert "事项多发" in page.text
    assert "1个待说明" in page.text
    assert 'class="light red"' in page.text


def test_a_watch_shows_findings_subjects_and_numbers_that_lead_to_cases(api: Api) -> None:
    page = visit(api, "lin", "/watches/busy")

    assert page.status_code == 200
    assert "2026年第1季度" in page.text
    assert 'href="/watches/busy/subject?period=2026-Q1&amp;subject=U1&amp;count=opened">2</a>' in page.text
    assert 'href="/watches/busy/subject?period=2026-Q1&amp;subject=U2&amp;count=opened">1</a>' in page.text


def test_a_number_explains_itself_down_to_its_cases(api: Api) -> None:
    whole = visit(api, "lin", SUBJECT)
    acts = visit(api, "lin", SUBJECT + "&count=acts")

    assert (whole.status_code, acts.status_code) == (200, 200)
    assert ("/cases/A" in whole.text, "/cases/B" in whole.text, "/cases/C" in whole.text) == (True, True, False)
    assert ("/cases/A" in acts.text, "/cases/B" in acts.text) == (True, False)


def test_an_answer_puts_the_light_out_under_the_name_of_who_gave_it(api: Api) -> None:
    sent = answer(api)
    page = visit(api, "lin", "/watches/busy")

    assert (sent.status_code, sent.headers["location"]) == (303, SUBJECT)
    assert "lin 某" in page.text
    assert "集中登记" in page.text
    assert 'class="light red"' not in page.text.split("最近一期")[0]


def test_an_answer_without_a_reason_is_sent_back_with_what_was_typed(api: Api) -> None:
    sent = answer(api, reason="", how="examined")

    assert sent.status_code == 400 or sent.status_code == 422
    assert 'value="examined" checked' in sent.text


def test_strangers_and_those_without_the_permission_see_nothing(api: Api) -> None:
    assert visit(api, "chen", "/watches").status_code == 403
    assert visit(api, "chen", SUBJECT).status_code == 403
    assert api.client.get("/watches", follow_redirects=False).status_code == 303
    assert answer(api, person="chen").status_code == 403


def test_there_is_no_watch_or_count_of_another_name(api: Api) -> None:
    assert visit(api, "lin", "/watches/nothing").status_code == 404
    assert visit(api, "lin", SUBJECT + "&count=nothing").status_code == 404
    assert visit(api, "lin", "/watches/busy/subject?period=2026-05&subject=U1").status_code in (400, 422)


def test_the_interface_tells_the_same_and_takes_the_answer_once(api: Api) -> None:
    lin = api.as_("lin")
    lines = lin.get("/watches").json()["items"]
    watch = lin.get("/watches/busy").json()
    counted = lin.get("/watches/busy/subject?period=2026-Q1&subject=U1&count=opened").json()
    body = {"period": "2026-Q1", "subject": "U1", "how": "examined", "reason": "逐件看过"}
    first = lin.post("/watches/busy/answers", body)
    again = lin.post("/watches/busy/answers", body)

    assert [(one["id"], one["lit"], one["period"]) for one in lines] == [("busy", {"red": 1}, "2026-Q1")]
    assert [(one["subject"], one["holds"], one["counts"]) for one in watch["subjects"]] == [
        ("U1", True, {"opened": 2, "acts": 1}),
        ("U2", False, {"opened": 1, "acts": 0}),
    ]
    assert ([one["id"] for one in counted["cases"]], counted["behind"]) == (["A", "B"], 2)
    assert (first.status_code, again.status_code) == (200, 404)
