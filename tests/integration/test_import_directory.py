"""Spreadsheets of people with their roles, of powers and of duty rosters, on the import page of an installation."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, AnyAct, GrantRole, RecordPersons, RecordUnits, Request
from engine.store.directory import told_columns
from tests.browsing import CSRF, OpenSessions, headers_of
from tests.definitions import name
from tests.installations import install
from tests.workbooks import workbook
from web.app import create_app
from zhiben.composition import Application

TOP, TOWN, OTHER = "/sample/", "/sample/town01/", "/sample/town02/"
BUREAU = "示范区应急管理局"
SINCE = "2020-01-01"
POSTS = ("姓名", "人员编号", "手机", "岗位", "辖区", "行业领域", "所在机关", "起始日期", "截止日期(含当日)")
POWERS = ("机关", "事项", "文书", "辖区", "依据", "起始日期", "截止日期(含当日)")
DUTY = ("值班表", "值班人", "人员编号", "辖区", "开始", "结束")
#: a Monday of the installation
TODAY = date(2026, 3, 2)


def at(text: str) -> datetime:
    """A local moment as it stands in a cell."""
    return datetime.fromisoformat(text)


class Desk:
    """The import page, visited by whoever names themselves."""

    def __init__(self, application: Application, folder: Path) -> None:
        self.application = application
        self._folder = folder
        services = replace(application.services, sessions=OpenSessions())
        self._client = TestClient(create_app(services), follow_redirects=False)

    def get(self, path: str, person: str = "zhao") -> Any:
        return self._client.get(path, headers=headers_of(person))

    def upload(self, kind: str, *rows: Sequence[object], person: str = "zhao") -> Any:
        path = workbook(self._folder / f"{kind}.xlsx", HEADERS[kind], *rows)
        files = {"file": (f"{kind}.xlsx", path.read_bytes())}
        data = {"kind": name(kind), "_csrf": CSRF}
        return self._client.post("/import", headers=headers_of(person), data=data, files=files)

    def seen(self, kind: str, *rows: Sequence[object], person: str = "zhao") -> str:
        """Where the preview of these rows is."""
        answer = self.upload(kind, *rows, person=person)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def taken(self, kind: str, *rows: Sequence[object], person: str = "zhao") -> str:
        """What the page says after the good ones of these rows were imported."""
        where = self.seen(kind, *rows, person=person)
        begun = self._client.post(f"{where}/begin", headers=headers_of(person), data={"_csrf": CSRF})
        assert begun.status_code == 303, begun.text
        self.application.imports.wait()
        return str(self.get(f"{where}/progress", person).text)

    def wrong(self, kind: str, *rows: Sequence[object], person: str = "zhao") -> list[tuple[int, str]]:
        """Row number and what is wrong there, as the preview tells it."""
        html = self.get(self.seen(kind, *rows, person=person), person).text
        told = re.findall(r"第\s*(\d+)\s*行[A-Z]+列“([^”]*)”", re.sub(r"<[^>]+>", "", html))
        return sorted({(int(row), column) for row, column in told})

    def roles(self, person: str) -> list[tuple[str, str, str, str, str]]:
        """Role, region, body, first day and end of what a person ever held."""
        return sorted(
            (one.role, one.region, one.body, one.valid_from.isoformat(), one.valid_to.isoformat())
            for one in self.application.services.reader.directory().ever_held(person)
        )

    def people(self, called: str) -> list[str]:
        """Ids of everybody of that name."""
        with self.application.store.read() as reader:
            ids = [row.id for row in reader.directory.rows("person")]
        names = self.application.services.reader.names(ids)
        return sorted(person for person, told in names.items() if told == called)


HEADERS = {"posts": POSTS, "authority": POWERS, "duty": DUTY}


def post(called: str, **changes: object) -> list[object]:
    """A row about somebody, good unless changed."""
    told = dict(
        zip(
            POSTS,
            (called, None, None, "负有安全生产监督管理职责的部门监管员", "一镇", "工贸", None, TODAY, None),
            strict=True,
        )
    )
    return list({**told, **changes}.values())


def shift(**changes: object) -> list[object]:
    """A night that 王值班 is on duty, unless changed."""
    night = (at("2026-03-02 20:00"), at("2026-03-03 08:00"))
    told = dict(zip(DUTY, ("夜间值守", "王值班", None, "一镇", *night), strict=True))
    return list({**told, **changes}.values())


def power(**changes: object) -> list[object]:
    """A power of the bureau, unless changed."""
    told = dict(zip(POWERS, (BUREAU, "行政检查", "检查记录、整改通知书", "一镇", "条例第3条", None, None), strict=True))
    return list({**told, **changes}.values())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """zhao keeps the directory of the whole place, qian that of one town; li may import and keeps none."""
    with install(tmp_path / "data").open() as made:
        keeper, clerk, role = name("registrar"), name("clerk"), name("supervisor")
        people = {
            "zhao": "赵管理",
            "qian": "钱管理",
            "li": "李内勤",
            "wang": "王值班",
            "wu1": "吴同名",
            "wu2": "吴同名",
        }
        unit = {"id": "B1", "title": BUREAU, "region": name(TOP)}
        acts: list[AnyAct] = [
            RecordPersons(persons=tuple({"id": one, "name": told} for one, told in people.items())),
            RecordUnits(units=(unit,)),
        ]
        held = [("zhao", keeper, TOP), ("qian", keeper, OTHER), ("li", clerk, TOP)]
        held += [(one, role, TOWN) for one in ("wang", "wu1", "wu2")]
        acts += [GrantRole(person=one, role=what, region=name(where), valid_from=SINCE) for one, what, where in held]
        for n, act in enumerate(acts):
            made.door.submit(Request(id=f"p{n}", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="system"))
        yield Desk(made, tmp_path)


def test_a_row_gives_somebody_new_a_role_and_keeps_the_name_in_the_vault(desk: Desk) -> None:
    ends = {"所在机关": BUREAU, "手机": "13800000000", "截止日期(含当日)": date(2026, 12, 31)}

    html = desk.taken("posts", post("孙新人", **ends))

    (person,) = desk.people("孙新人")
    assert "导入完成" in html
    assert desk.roles(person) == [(name("supervisor"), name(TOWN), "B1", "2026-03-02", "2027-01-01")]
    with desk.application.store.read() as reader:
        (row,) = reader.directory.rows("person", [person])
    told = told_columns(row)
    assert told["phone"]
    assert "孙新人" not in str(told)
    assert "13800000000" not in str(told)


def test_rows_of_one_person_give_one_person_several_roles(desk: Desk) -> None:
    desk.taken("posts", post("孙新人"), post("孙新人", 行业领域="燃气"))

    (person,) = desk.people("孙新人")
    assert len(desk.roles(person)) == 2


def test_the_same_file_a_second_time_changes_nothing(desk: Desk) -> None:
    rows = (post("孙新人"), post("王值班", 起始日期=date(2020, 1, 1), 行业领域=None))
    desk.taken("posts", *rows)

    html = desk.get(desk.seen("posts", *rows)).text

    assert "没有可以导入的行" in html
    assert len(desk.people("孙新人")) == 1


def test_somebody_known_there_by_name_is_recognised_and_told_an_end_leaves_then(desk: Desk) -> None:
    row = post("王值班", 行业领域=None, 起始日期=date(2020, 1, 1), **{"截止日期(含当日)": date(2026, 6, 30)})

    desk.taken("posts", row)

    assert desk.people("王值班") == ["wang"]
    assert desk.roles("wang") == [(name("supervisor"), name(TOWN), "", SINCE, "2026-07-01")]


def test_a_phone_told_of_somebody_known_is_added_and_the_name_kept(desk: Desk) -> None:
    row_of_wang = post("王值班", 手机="13900000000", 行业领域=None, 起始日期=date(2020, 1, 1))

    desk.taken("posts", row_of_wang)

    with desk.application.store.read() as reader:
        (row,) = reader.directory.rows("person", ["wang"])
    assert told_columns(row)["phone"]
    assert "没有可以导入的行" in desk.get(desk.seen("posts", row_of_wang)).text
    assert desk.people("王值班") == ["wang"]


def test_rows_with_something_wrong_are_told_by_column_and_the_good_ones_taken(desk: Desk) -> None:
    backwards = {"截止日期(含当日)": date(2026, 3, 1)}
    rows = (
        post("孙新人"),
        post("甲", 岗位="大王"),
        post("乙", 辖区="火星"),
        post("丙", 所在机关="没有的局"),
        post("丁", **backwards),
        post("戊", 辖区=None),
    )

    found = desk.wrong("posts", *rows)
    desk.taken("posts", *rows)

    assert found == [(3, "岗位"), (4, "辖区"), (5, "所在机关"), (6, "截止日期(含当日)"), (7, "辖区")]
    assert len(desk.people("孙新人")) == 1
    assert [desk.people(one) for one in "甲乙丙丁戊"] == [[]] * 5


def test_the_wrong_rows_come_back_as_a_spreadsheet_with_the_reason(desk: Desk) -> None:
    where = desk.seen("posts", post("孙新人"), post("吴同名"))

    book = openpyxl.load_workbook(io.BytesIO(desk.get(f"{where}/wrong").content))
    _, row = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]

    assert "吴同名" in row
    assert "填写人员编号" in str(row[0])


def test_who_bears_a_name_of_several_is_meant_by_the_id_alone(desk: Desk) -> None:
    assert desk.wrong("posts", post("吴同名")) == [(2, "姓名")]
    assert desk.wrong("posts", post("吴同名", 人员编号="wang")) == [(2, "姓名")]

    desk.taken("posts", post("吴同名", 人员编号="wu2"))

    assert [len(desk.roles(one)) for one in ("wu1", "wu2")] == [1, 2]


def test_a_namesake_elsewhere_is_neither_merged_nor_made_anew_without_an_id(desk: Desk) -> None:
    assert desk.wrong("posts", post("王值班", 辖区="二镇")) == [(2, "姓名")]

    desk.taken("posts", post("王值班", 辖区="二镇", 人员编号="wang-2"))

    assert desk.people("王值班") == ["wang", "wang-2"]


def test_a_role_held_in_the_same_days_is_not_given_twice(desk: Desk) -> None:
    assert desk.wrong("posts", post("王值班", 行业领域=None, 起始日期=date(2021, 1, 1))) == [(2, "起始日期")]


def test_whoever_keeps_one_town_imports_for_that_town_alone(desk: Desk) -> None:
    rows = (post("孙新人", 辖区="二镇"), post("郑别处"))

    assert desk.wrong("posts", *rows, person="qian") == [(3, "辖区")]
    desk.taken("posts", *rows, person="qian")

    assert (len(desk.people("孙新人")), desk.people("郑别处")) == (1, [])
    assert desk.wrong("authority", power(), person="qian") == [(2, "机关")]
    assert desk.wrong("duty", shift(), person="qian") == [(2, "辖区")]


@pytest.mark.parametrize(("kind", "row"), [("posts", post("孙新人")), ("authority", power()), ("duty", shift())])
def test_who_does_not_keep_the_directory_imports_none_of_it(desk: Desk, kind: str, row: Sequence[object]) -> None:
    assert desk.upload(kind, row, person="stranger").status_code == 403
    assert desk.upload(kind, row, person="li").status_code == 403
    assert desk.people("孙新人") == []


def test_the_form_offers_no_kind_that_its_visitor_cannot_import(desk: Desk) -> None:
    kinds = {
        person: set(re.findall(r'/import\?kind=(\w+)"', desk.get("/import", person).text)) for person in ("zhao", "li")
    }

    assert kinds == {
        "zhao": {name(one) for one in ("authority", "duty", "ledger", "posts", "units")},
        "li": {name("ledger")},
    }


def test_powers_are_recorded_with_their_documents_and_a_second_time_nothing_is(desk: Desk) -> None:
    rows = (power(), power(事项="督导", 文书=None, 辖区=None), power(机关="没有的局"))

    found = desk.wrong("authority", *rows)
    desk.taken("authority", *rows)

    told = desk.application.services.organisations.organisation("zhao", TODAY).powers
    assert found == [(4, "机关")]
    assert sorted((one.body, one.matter, one.documents, one.region, one.basis) for one in told) == [
        ("B1", "督导", (), "", "条例第3条"),
        ("B1", "行政检查", ("整改通知书", "检查记录"), name(TOWN), "条例第3条"),
    ]
    assert "没有可以导入的行" in desk.get(desk.seen("authority", *rows[:2])).text


def test_a_roster_says_to_the_minute_who_is_on_duty(desk: Desk) -> None:
    text = {"开始": "2026-03-03 20:00", "结束": "2026-03-03 24:00"}

    desk.taken("duty", shift(), shift(**text))

    zone = desk.application.calendar.zone
    directory = desk.application.services.reader.directory()
    asked = [
        at("2026-03-02 19:59"),
        at("2026-03-02 20:00"),
        at("2026-03-03 08:00"),
        at("2026-03-03 23:59"),
    ]
    on_duty = [directory.on_duty("夜间值守", name(TOWN), one.replace(tzinfo=zone)) for one in asked]
    assert on_duty == [(), ("wang",), (), ("wang",)]
    assert "没有可以导入的行" in desk.get(desk.seen("duty", shift(), shift(**text))).text


def test_shifts_that_end_before_they_begin_or_of_nobody_known_are_told(desk: Desk) -> None:
    rows = (
        shift(结束=at("2026-03-02 08:00")),
        shift(值班人="没有这人"),
        shift(值班人="吴同名"),
        shift(开始="晚上八点"),
        shift(开始="2026-03-02 25:00"),
        shift(结束=at("2026-03-20 00:00")),
        shift(),
        shift(),
    )

    found = desk.wrong("duty", *rows)

    assert found == [(2, "结束"), (3, "值班人"), (4, "值班人"), (5, "开始"), (6, "开始"), (7, "结束"), (9, "值班表")]


@pytest.mark.parametrize("kind", ["posts", "authority", "duty", "units", "ledger"])
def test_an_empty_spreadsheet_of_each_kind_has_its_columns(desk: Desk, kind: str) -> None:
    answer = desk.get(f"/import/{name(kind)}/blank")

    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    heads = [cell.value for cell in next(book.worksheets[0].iter_rows())]
    assert heads == [column.title for column in desk.application.imports.kind(name(kind)).mapping.columns]
    assert desk.get("/import/nothing/blank").status_code == 422
