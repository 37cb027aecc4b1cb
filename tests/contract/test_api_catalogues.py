"""The catalogues: every code has a sentence, and sentences are told from data alone."""

from __future__ import annotations

import typing
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from engine.audit.entry import parse_entry, write_entry
from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.day_counts import DayCount
from engine.core.deadlines import derive, first_of, opening
from engine.core.points import parse_point
from engine.core.spans import parse_span
from engine.core.upcast import encode_events
from engine.errors import BadInput, DefinitionError, DefinitionErrors, NotPermitted, Place, Stale
from engine.runtime.calendars import load_calendars
from tests.conftest import ROOT
from tests.contract.raised_codes import raised_in
from tests.worlds import local, sample
from web.catalogues import (
    Titles,
    say,
    tell_deadline,
    tell_derivation,
    tell_entry,
    tell_error,
    tell_event,
    tell_row,
    tell_rule,
    titles_of,
)
from web.catalogues.sentences import fill, placeholders, sentences
from web.catalogues.told_time import tell_due
from web.timeline import tell_entries, with_names

FOLDERS = [ROOT / name for name in ("engine", "adapters", "web", "zhiben")]
SPACES = ("", "form.", "row.", "definition.")
KINDS = {"DefinitionError": "definition.", "Problem": "form.", "RowProblem": "row."}
CALENDAR = load_calendars(ROOT / "workflows" / "library" / "calendars")["cn"]


def _sentence(code: str, error: str) -> str | None:
    names = (KINDS.get(error, "") + code, *(space + code for space in SPACES))
    return next((name for name in names if name in sentences()), None)


def test_every_code_that_the_sources_raise_has_a_sentence():
    raised = raised_in(FOLDERS)

    silent = {
        code: f"{places[0].file}:{places[0].line}"
        for code, places in raised.items()
        if not any(space + code in sentences() for space in SPACES)
    }

    assert len(raised) > 200
    assert silent == {}


def test_a_sentence_asks_only_for_what_every_place_that_raises_its_code_gives():
    gaps = [
        f"{place.file}:{place.line} {name} {sorted(placeholders(sentences()[name]) - place.keys)}"
        for code, places in raised_in(FOLDERS).items()
        for place in places
        if not place.open
        and (name := _sentence(code, place.error))
        and not placeholders(sentences()[name]) <= place.keys
    ]

    assert gaps == []


def test_a_value_is_never_read_for_placeholders_again():
    assert fill("{a} {b}", {"a": "{b}", "b": "{a.__class__}"}) == "{b} {a.__class__}"
    assert fill("{a} {missing}", {"a": "1"}) == "1 …"


def test_an_unknown_code_is_told_with_its_code():
    assert say("no_such_code") == "操作未能完成（no_such_code）"


def test_every_event_is_told():
    told = {kind.__struct_config__.tag for kind in typing.get_args(ev.AnyEvent)}

    assert {name for name in told if not any(code.startswith(f"event.{name}") for code in sentences())} == set()


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-09-30 11:00", "还剩 2 个工作日（10月9日 周五 24:00）"),
        ("2026-10-08 11:00", "还剩 1 个工作日（10月9日 周五 24:00）"),
        ("2026-10-09 23:59", "今天到期（10月9日 周五 24:00）"),
        ("2026-10-10 00:00", "逾期1个工作日"),  # a Saturday on which people work
        ("2026-10-11 12:00", "逾期1个工作日"),
        ("2026-10-13 09:02", "逾期3个工作日"),
    ],
)
def test_what_is_left_is_told_in_workdays(at, told):
    deadline = derive(parse_span("2 workdays"), local("2026-09-30 10:00"), CALENDAR)

    assert tell_deadline(deadline, CALENDAR, local(at)) == told


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-10-16 12:00", "今天到期（10月16日 周五 24:00）"),
        ("2026-10-17 12:00", "逾期1天"),
        ("2026-10-18 12:00", "逾期2天"),
        ("2026-10-19 12:00", "逾期1个工作日"),
    ],
)
def test_lateness_over_a_weekend_is_told_in_days_until_a_workday_passed(at, told):
    deadline = derive(parse_point("2026-10-16"), local("2026-10-12 10:00"), CALENDAR)

    assert tell_deadline(deadline, CALENDAR, local(at)) == told


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(hours=5, minutes=10), "还剩 5 小时（10月1日 周四 10:00）"),
        (timedelta(minutes=30), "还剩 30 分钟（10月1日 周四 10:00）"),
        (-timedelta(minutes=30), "逾期30分钟"),
        (-timedelta(hours=3), "逾期3小时"),
    ],
)
def test_hours_are_told_as_hours(left, told):
    deadline = derive(parse_span("24 hours"), local("2026-09-30 10:00"), CALENDAR)

    assert tell_deadline(deadline, CALENDAR, deadline.due_at - left) == told
    assert tell_due(deadline.due_at, CALENDAR, deadline.due_at - left) == told


def test_a_task_without_deadline_says_so():
    assert tell_deadline(None, CALENDAR, local("2026-09-30 10:00")) == "没有时限"


@pytest.mark.parametrize(
    ("rule", "start", "told"),
    [
        (
            "2 workdays",
            "2026-09-30 10:00",
            "2个工作日，自09-30次日起；10-01至10-07放假；10-08、10-09；日历 国办2026 第1版",
        ),
        (
            "2 workdays",
            "2026-10-09 10:00",
            "2个工作日，自10-09次日起；10-11周末；10-10调休上班；10-10、10-12；日历 国办2026 第1版",
        ),
        ("24 hours", "2026-09-30 10:00", "24小时，自9月30日 周三 10:00起；至10-01"),
        ("10 days", "2026-09-30 10:00", "10日，自09-30次日起；至10-10"),
        ("end of quarter", "2026-09-29 10:00", "当季季末，以09-29为准；至09-30"),
        (
            "1 workday",
            "2027-03-04 10:00",
            "1个工作日，自03-04次日起；03-05；日历 2027年未公布；含未公布的年度，暂按周一至周五计算",
        ),
    ],
)
def test_a_derivation_tells_what_was_counted_and_what_was_passed_over(rule, start, told):
    parsed = parse_span(rule) if rule[0].isdigit() else parse_point(rule)
    deadline = derive(parsed, local(start), CALENDAR)

    assert tell_derivation(deadline.derivation, CALENDAR) == told


def test_a_rolled_day_says_from_where():
    rolled = derive(parse_span("1 month"), local("2026-09-03 10:00"), CALENDAR, roll="next_workday", basis=("a.1",))

    assert tell_derivation(rolled.derivation, CALENDAR) == (
        "1个月，自09-03次日起；10-03至10-07放假；10-03非工作日，顺延至10-08；日历 国办2026 第1版；依据 a.1"
    )


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("3 workdays before", "时限前3个工作日"),
        ("7 days after", "时限后7日"),
        ("thursday 17:00", "其后第一个周四17:00"),
        ("day 15 of next quarter", "次季第15日"),
        ("workday 10 of month 12:00", "当月第10个工作日12:00"),
        ("last monday of month", "当月最后一个周一"),
        ("first workday of next half-year", "下个半年第一个工作日"),
        ("01-31 of next year", "次年1月31日"),
        ("end of next week", "次周最后一日"),
        ("end of half-year", "当半年末"),
        ("first week of quarter", "当季最前七日"),
        ("4 work hours before", "时限前4个工作小时"),
        ("2 half-years", "2个半年"),
        ("deadline", "时限届满时"),
        ("something else", "something else"),
    ],
)
def test_points_and_spans_are_told_as_people_say_them(rule, told):
    assert tell_rule(rule) == told


def test_an_error_is_told_with_the_titles_of_the_definition():
    titles = titles_of(sample())

    told = tell_error(NotPermitted("separation_of_duties", action="accept", party="finder"), titles)
    late = tell_error(
        NotPermitted("asked_too_late", action="extend", lead="3 workdays", latest="2026-10-15T16:00:00+00:00"), titles
    )
    changed = tell_error(Stale("fields_changed", fields=("subject", "unit"), seq=3), titles)

    assert told == "您是本件的发现人，按岗位分离要求不能办理“验收合格”"
    assert late == "“申请延期”须在时限届满前3个工作日提出，最迟为10月16日 周五 00:00"
    assert changed == "您看到的内容已被修改：事项、单位。请查看最新内容后再提交，您填写的内容没有丢失"


def test_definition_errors_are_told_with_file_line_and_path():
    place = Place(file="plans/a/b.yaml", line=41, column=3, path="states.review.task.within")
    wrong = DefinitionError("unknown_span", place=place, expected="a span", got="3 dayz", nearest="3 days")
    other = DefinitionError("unknown_key", place=place, expected="one of by, to", got="too")

    assert tell_error(DefinitionErrors([wrong, other])) == (
        "plans/a/b.yaml:41 states.review.task.within "
        "不认识的时长“3 dayz”，应写成如“3 workdays”的样子；最接近的写法：3 days\n"
        "plans/a/b.yaml:41 states.review.task.within 不认识的键“too”，可用的有：by, to之一"
    )


def test_the_same_code_may_mean_something_else_in_a_definition():
    assert tell_error(BadInput("unknown_key", field="colour")) == "没有“colour”这一项"


class _Row:
    row, column, header, code = 7, "C", "期限", "dates_out_of_order"
    data: typing.ClassVar = {"earlier": "a", "earlier_on": "2026-09-30", "got": "2026-09-29"}


def test_a_problem_of_a_row_is_told_with_row_column_and_header():
    assert tell_row(_Row()) == "第7行C列“期限”：日期2026-09-29早于2026-09-30，先后不对"


def test_an_event_is_told_with_titles_and_local_time():
    titles = titles_of(sample(), persons={"chen": "陈某"})
    at = datetime.fromisoformat("2026-10-09T16:00:00+00:00")

    assert tell_event(ev.ActionTaken(action="confirm", party="checker", task=1), titles, person="chen") == "陈某：核实"
    assert tell_event(ev.StateEntered(state="opened", activation=1), titles) == "进入“待核实”"
    assert tell_event(ev.DeadlineExpired(task=1, due_at=at), titles) == "任务1到期（10月9日 周五 24:00）未办结"
    assert tell_event(ev.RungFired(task=1, rung="remind", due_at=at, system_late=7200, coalesced=2), titles) == (
        "任务1到达阶梯“提醒”（应于10月10日 周六 00:00）；停机期间的2次合并为一次；系统晚执行2小时，不计入承办人"
    )


def test_a_late_entry_is_marked_with_both_times_and_who_typed():
    happened, entered = local("2026-09-30 10:00"), local("2026-10-01 08:00")

    told = tell_entry(["报告"], happened, entered, late=True, entered_by="丁")

    assert told == "9月30日 周三 10:00 报告（10月1日 周四 08:00补录）（丁录入）"


def test_catalogues_are_files_of_texts_that_the_package_brings_along():
    assert {path.suffix for path in (Path(ROOT) / "web" / "catalogues" / "zh").iterdir()} == {".yaml"}


def test_a_timeline_calls_tasks_by_what_they_are_and_tells_messages_together():
    at = datetime.fromisoformat("2026-10-09T16:00:00+00:00")
    holder = ev.Holder(party="checker", persons=("chen",))
    opened = ev.TaskOpened(task=1, state="opened", activation=1, holder=holder, undated="open")
    fired = ev.RungFired(task=1, rung="remind", due_at=at)
    messages = [ev.MessageQueued(n=n, to=person, text="told", task=1) for n, person in enumerate(("chen", "zhou"))]
    data, _ = write_entry(
        stream="case/A",
        seq=1,
        prev=b"",
        command_id="c",
        act="fire_timer",
        acted_by="system",
        entered_by="system",
        occurred_at=at,
        recorded_at=at,
        medium="timer",
        events=encode_events([opened, fired, *messages]),
    )
    entries = [parse_entry(data)]
    titles = with_names(titles_of(sample()), entries, lambda wanted: {one: f"{one}同志" for one in wanted})

    (told,) = tell_entries(entries, titles)

    assert told.line.endswith("；“待核实”到达阶梯“提醒”；通知chen同志、zhou同志")


PENALTY = DayCount(id="penalty_law", title="x", workdays=(7,), roll="next_workday", basis=("a.85",), since="2021-07-15")
CLAUSES = Titles(clauses={"a.85": "《行政处罚法》第八十五条", "b.1": "方案一"})


@pytest.mark.parametrize(
    ("rule", "start", "told"),
    [
        (
            "7 days",
            "2026-09-28 10:00",
            (
                "7日，按《行政处罚法》第八十五条计为工作日，自09-28次日起；10-01至10-07放假；10-11周末；10-10调休上班；"
                "至10-13；日历 国办2026 第1版；依据 方案一"
            ),
        ),
        (
            "6 days",
            "2026-09-28 10:00",
            (
                "6日，按《行政处罚法》第八十五条计算，自09-28次日起；10-04至10-07放假；10-04非工作日，顺延至10-08；"
                "日历 国办2026 第1版；依据 方案一"
            ),
        ),
        (
            "7 days",
            "2021-07-14 10:00",
            "7日，《行政处罚法》第八十五条当时没有施行，按自然日计算，自07-14次日起；至07-21；依据 方案一",
        ),
    ],
)
def test_a_derivation_tells_by_which_law_days_were_counted(rule, start, told):
    deadline = derive(parse_span(rule), local(start), CALENDAR, count=PENALTY, basis=("b.1",))

    assert tell_derivation(deadline.derivation, CALENDAR, CLAUSES) == told


def test_a_derivation_tells_all_of_which_the_first_counts():
    rules = (parse_span("15 days"), parse_point("2026-11-30"), parse_point("last week of next quarter"))
    first = first_of([derive(rule, local("2026-09-28 10:00"), CALENDAR) for rule in rules])

    assert tell_derivation(first.derivation, CALENDAR) == (
        "以先到的为准：15日（10-13）、11-30、次季最后七日（12-31）；15日，自09-28次日起；至10-13"
    )


def test_a_window_tells_when_it_opens_until_it_does():
    window = opening(
        derive(parse_point("end of year"), local("2026-09-28 10:00"), CALENDAR), "15 workdays before", CALENDAR
    )

    assert tell_derivation(window.derivation, CALENDAR) == (
        "当年年底，以09-28为准；至12-31；时限前15个工作日起方可办理；日历 国办2026 第1版"
    )
    assert tell_deadline(window, CALENDAR, local("2026-12-09 23:59")) == "12月10日 周四起可以办理"
    assert tell_deadline(window, CALENDAR, local("2026-12-10 00:00")) == "还剩 15 个工作日（12月31日 周四 24:00）"


def test_work_hours_tell_which_hours_counted():
    office = Calendar("park", CALENDAR.zone, CALENDAR.years, ((time(9), time(12)), (time(13, 30), time(17, 30))))
    deadline = derive(parse_span("4 work hours"), local("2026-09-30 16:30"), office)

    assert tell_derivation(deadline.derivation, office) == (
        "4个工作小时，自9月30日 周三 16:30起；只计办公时间09:00至12:00、13:30至17:30；10-01至10-07放假；至10-08；"
        "日历 国办2026 第1版"
    )
