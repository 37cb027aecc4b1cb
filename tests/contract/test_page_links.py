"""Cases named in forms and listed on pages: found by number, shown by name, from both ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.store import migrate
from tests.browsing import OpenSessions, headers_of
from tests.contract.hazard_api import UNIT, opened
from tests.definitions import name, named


class Pages:
    """The pages of the sample, with a hazard H and a listing L over it."""

    def __init__(self, http: TestClient, hazard: str, listing: str) -> None:
        self._http = http
        self.hazard = hazard
        self.listing = listing

    def get(self, person: str, path: str) -> Any:
        """A page as a person."""
        return self._http.get(path, headers=headers_of(person), follow_redirects=False)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """One installation for all questions: they change nothing."""
    folder = tmp_path_factory.mktemp("pages")
    url = f"sqlite:///{folder / 'zhiben.db'}"
    migrate.upgrade(url)
    with opened(folder, url) as office:
        app = office.made.web()
        app.state.services = dataclasses.replace(app.state.services, sessions=OpenSessions())
        hazard = office.as_("jin").report(place="罐区", level="重大")
        body = {
            "procedure": name("listed_supervision"),
            "action": name("propose"),
            "data": named(unit=UNIT, place="罐区", description="久拖不改", reason="难度大", hazards=[hazard]),
        }
        answer = office.as_("an").post("/cases", body)
        assert answer.status_code == 201, answer.text
        office.made.worker.drain()
        yield Pages(TestClient(app), hazard, answer.json()["stream"].removeprefix("case/"))


def test_a_form_that_names_cases_finds_them_by_number(pages: Pages) -> None:
    form = pages.get("an", f"/report/{name('listed_supervision')}/{name('propose')}")
    found = pages.get("an", "/lookup/case?q=YH-2026")

    assert (form.status_code, 'data-lookup="/lookup/case"' in form.text) == (200, True)
    assert f'data-id="{pages.hazard}"' in found.text
    assert "YH-2026-00001 防护罩缺失" in found.text


def test_who_may_see_no_case_finds_none_but_what_they_reported(pages: Pages) -> None:
    assert "data-id" not in pages.get("ji", "/lookup/case?q=YH-2026").text
    assert f'data-id="{pages.hazard}"' in pages.get("jin", "/lookup/case?q=YH-2026").text
    assert "data-id" not in pages.get("jin", "/lookup/case?q=GP-2026").text


def test_a_case_lists_what_it_links_and_what_links_it(pages: Pages) -> None:
    down = pages.get("an", f"/cases/{pages.listing}?tab=links").text
    up = pages.get("an", f"/cases/{pages.hazard}?tab=links").text

    assert "督办的隐患" in down
    assert f'href="/cases/{pages.hazard}">YH-2026-00001' in down
    assert "挂牌督办" in up
    assert f'href="/cases/{pages.listing}">GP-2026-0001' in up


def test_cases_among_the_data_are_told_by_name_and_not_by_id(pages: Pages) -> None:
    data = pages.get("an", f"/cases/{pages.listing}?tab=data").text

    assert "YH-2026-00001 防护罩缺失" in data
    assert f">{pages.hazard}<" not in data


def test_the_timeline_tells_of_links_once_and_in_words(pages: Pages) -> None:
    text = pages.get("an", f"/cases/{pages.listing}").text

    assert "关联一件办件（督办的隐患），见“关联”" in text
    assert text.count("关联办件YH-2026-00001已建立联系") == 1
    assert "收到关联办件" not in text
