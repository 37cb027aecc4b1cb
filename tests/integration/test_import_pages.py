"""The import page: a spreadsheet is looked at first, its wrong rows can be fetched, and nothing begins by looking."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, AnyAct, GrantRole, RecordPersons, Request
from tests.browsing import CSRF, OpenSessions, headers_of
from tests.definitions import name
from tests.installations import UNITS, install, unit_row
from tests.workbooks import workbook
from web.app import create_app
from zhiben.composition import Application
from zhiben.story.samples import UNIT_HEADERS

PERSONS = ("zhao", "sun")


class Pages:
    """The pages of an installation, visited by whoever names themselves."""

    def __init__(self, application: Application, folder: Path) -> None:
        self.application = application
        self.folder = folder
        services = replace(application.services, sessions=OpenSessions())
        self.client = TestClient(create_app(services), follow_redirects=False)

    def get(self, path: str, person: str = "zhao") -> Any:
        return self.client.get(path, headers=headers_of(person))

    def post(self, path: str, person: str = "zhao", **more: Any) -> Any:
        return self.client.post(path, headers=headers_of(person), **more)

    def upload(self, *rows: list[object], kind: str = "", person: str = "zhao") -> Any:
        path = workbook(self.folder / "units.xlsx", UNIT_HEADERS, *rows)
        files = {"file": ("单位.xlsx", path.read_bytes())}
        return self.post("/import", person, data={"kind": kind or name("units"), "_csrf": CSRF}, files=files)


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    """An installation in which zhao and sun may import."""
    with install(tmp_path / "data").open() as made:
        people = RecordPersons(persons=tuple({"id": one, "name": one} for one in PERSONS))
        acts: list[AnyAct] = [people]
        where = name("/sample/")
        acts += [
            GrantRole(person=one, role=name("registrar"), region=where, valid_from="2020-01-01") for one in PERSONS
        ]
        for n, act in enumerate(acts):
            made.door.submit(Request(id=f"p{n}", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="system"))
        yield Pages(made, tmp_path)


def good(count: int = 3) -> list[list[object]]:
    return [unit_row(title, code) for title, code in UNITS[:count]]


def units(pages: Pages) -> list[str]:
    with pages.application.store.read() as reader:
        return sorted(row.columns["title"] for row in reader.directory.rows("unit"))


def test_the_form_says_which_columns_each_kind_knows(pages: Pages) -> None:
    html = pages.get(f"/import?kind={name('units')}").text

    for words in ("上传并检查", "单位名称", "统一社会信用代码", "必填"):
        assert words in html


def test_what_was_read_is_shown_before_anything_is_written(pages: Pages) -> None:
    uploaded = pages.upload(*good())
    html = pages.get(uploaded.headers["location"]).text

    assert uploaded.status_code == 303
    for words in ("导入 3 行", "共 3 行", "单位.xlsx", "各列怎么读"):
        assert words in html
    assert units(pages) == []


def test_rows_with_something_wrong_are_told_and_can_be_fetched_as_they_were_typed(pages: Pages) -> None:
    bad = unit_row("假码厂", "91990100MA0000001H")
    where = pages.upload(*good(2), bad).headers["location"]
    html = pages.get(where).text

    book = openpyxl.load_workbook(io.BytesIO(pages.get(f"{where}/wrong").content))
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]

    assert "先导入其余 2 行" in html
    assert "第4行" in html.replace(" ", "")
    assert [row[1] for row in rows] == [UNIT_HEADERS[0], "假码厂"]
    assert rows[1][0]


def test_an_import_begins_by_a_click_once_and_tells_how_far_it_is(pages: Pages) -> None:
    where = pages.upload(*good()).headers["location"]

    first = pages.post(f"{where}/begin")
    again = pages.post(f"{where}/begin")
    pages.application.imports.wait()
    html = pages.get(first.headers["location"]).text

    assert first.headers["location"] == again.headers["location"] == f"{where}/progress"
    assert "导入完成" in html
    assert units(pages) == sorted(title for title, _ in UNITS)


def test_an_import_that_was_stopped_goes_on_where_it_was(pages: Pages) -> None:
    where = pages.upload(*good()).headers["location"]
    token = where.rpartition("/")[2]
    pages.application.imports._halted.add(token)
    pages.post(f"{where}/begin")
    pages.application.imports.wait()
    stopped = pages.get(f"{where}/progress").text

    pages.post(f"{where}/go-on")
    pages.application.imports.wait()

    assert "导入已停止" in stopped
    assert "导入完成" in pages.get(f"{where}/progress").text
    assert units(pages) == sorted(title for title, _ in UNITS)


def test_looking_begins_nothing_and_foreign_requests_are_refused(pages: Pages) -> None:
    where = pages.upload(*good()).headers["location"]

    assert pages.get(f"{where}/begin").status_code == 405
    foreign = {**headers_of("zhao"), "Origin": "http://elsewhere.example"}
    assert pages.client.post(f"{where}/begin", headers=foreign).status_code == 403
    assert units(pages) == []


def test_another_person_finds_nothing_of_it_and_who_may_not_import_is_refused(pages: Pages) -> None:
    where = pages.upload(*good()).headers["location"]

    for path in (where, f"{where}/wrong", f"{where}/progress"):
        assert pages.get(path, "sun").status_code == 404
    assert pages.post(f"{where}/begin", "sun").status_code == 404
    assert pages.get("/import", "stranger").status_code == 403
    assert pages.upload(*good(), person="stranger").status_code == 403


@pytest.mark.parametrize("data", [b"", b"no spreadsheet", b"PK\x03\x04 broken"])
def test_what_is_no_spreadsheet_is_told_on_the_form(pages: Pages, data: bytes) -> None:
    answer = pages.post("/import", data={"kind": name("units")}, files={"file": ("a.xlsx", data)})

    assert answer.status_code == 422
    assert re.search(r'role="alert"', answer.text)
    assert "上传并检查" in answer.text


def test_a_form_without_a_file_or_with_an_unknown_kind_is_told(pages: Pages) -> None:
    assert pages.post("/import", data={"kind": name("units")}).status_code == 422
    assert pages.upload(*good(), kind="nothing").status_code == 422


def test_a_preview_that_is_gone_is_told_as_such(pages: Pages) -> None:
    assert pages.get("/import/0123456789ab").status_code == 404
