"""The guide's files are real: they load, resolve and their scenario passes, as an author would see them do."""

from __future__ import annotations

import re
from pathlib import Path

from engine.core.language.scenario import ScenarioDocument
from engine.core.loader import load_library
from engine.core.register_where import where
from engine.core.resolve import resolve
from engine.proof.check import findings
from engine.proof.scenarios import run_scenario, run_scenarios, setting_of
from engine.runtime.calendars import load_calendars, read_year
from engine.runtime.definitions import read_texts

_FILE = re.compile(r"```yaml\n# (\S+)\n(.*?)```", re.DOTALL)


def guide_files(root: Path, *chapters: str) -> dict[str, str]:
    """The files that chapters of the guide print, by path; a later chapter's take the place of an earlier one's."""
    texts = [(root / f"docs/guide/{one}.md").read_text(encoding="utf-8") for one in chapters or ("first-procedure",)]
    return {path: text for chapter in texts for path, text in _FILE.findall(chapter)}


def test_the_first_procedure_of_the_guide_loads_and_resolves(root: Path) -> None:
    files = guide_files(root)

    library = load_library(files)

    assert [str(problem) for problem in library.problems] == []
    assert sorted(resolve(library, "village").procedures) == ["suggestion"]


def test_what_the_guide_leaves_open_is_told(root: Path) -> None:
    open_values = [found.data for found in findings(load_library(guide_files(root))) if found.level == "open"]

    assert [(data["parameter"], data["says"]) for data in open_values] == [("answer_within", "及时")]


def test_the_scenario_of_the_guide_holds(root: Path) -> None:
    library = load_library(guide_files(root))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]
    (scenario,) = [one.model for one in library.of_kind("scenario")]
    assert isinstance(scenario, ScenarioDocument)

    result = run_scenario(setting_of(resolve(library, "village"), calendar), scenario)

    assert list(result.differences) == []


def test_the_linked_procedures_of_the_guide_are_sound_and_their_scenarios_hold(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "links"))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    results = run_scenarios(resolve(library, "village"), calendar)
    assert {one.scenario: list(one.differences) for one in results} == {
        "建议没有人办，过期记录在案": [],
        "两条建议答复一条，还在等另一条；都答复了转入小结": [],
    }


def test_what_the_guide_hands_over_is_sound_and_its_scenarios_hold(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "hand-over"))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    results = run_scenarios(resolve(library, "village"), calendar)
    assert {one.scenario: list(one.differences) for one in results} == {
        "移交出去被退回，负责人指定；指定了就不能再推": [],
        "露营没有哪个口认领，进入待指定；逾期没有指定的记录在案，指定以后归它": [],
    }


def test_what_the_guide_votes_on_is_sound_and_its_scenario_holds(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "votes"))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    results = run_scenarios(resolve(library, "village"), calendar)
    assert {one.scenario: list(one.differences) for one in results} == {
        "住建的意见迟了；三方中两方同意、负责人没有否决，采纳": [],
        "建议没有人办，过期记录在案": [],
    }


def test_what_the_guide_says_of_people_is_sound_and_its_scenarios_hold(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "people"))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    results = run_scenarios(resolve(library, "village"), calendar)
    assert {one.scenario: list(one.differences) for one in results} == {
        "夜班答复的不能回访，同村另一个是亲属，由邻村有权责的来；租户凭链接说了意见": [],
        "请假有人代理，忙不过来委派别人去看，催办有间隔；办了又拿回，时限不变": [],
    }


def test_what_the_guide_passes_on_is_sound_and_its_scenario_holds(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "passing-on"))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    results = run_scenarios(resolve(library, "village"), calendar)
    assert {one.scenario: list(one.differences) for one in results} == {
        "签收以后委派核实、交回、报送，又拿回改正，时限始终是原来的": [],
        "建议没有人办，过期记录在案": [],
    }


def test_the_register_of_the_guide_is_the_library_s_and_its_conditions_are_answered(root: Path) -> None:
    text = (root / "docs/guide/registers.md").read_text(encoding="utf-8")
    printed = text.partition("```yaml\n")[2].partition("```")[0]
    written = (root / "workflows/library/registers/hazard.yaml").read_text(encoding="utf-8")
    place = resolve(load_library(read_texts(root / "workflows")), "sample")

    assert all(line in written for line in printed.splitlines())
    conditions = re.findall(r"^- `hazard where (.*)`$", text, re.MULTILINE)
    assert len(conditions) == 4
    for condition in conditions:
        where(condition, place.procedures["hazard"])


def test_the_deadlines_of_the_guide_are_sound_and_their_scenario_holds(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "deadlines"))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    results = run_scenarios(resolve(library, "village"), calendar)
    assert {one.scenario: list(one.differences) for one in results} == {
        "建议没有人办，过期记录在案": [],
        "七日按工作日，送达次日起十五日与整改期限先到为准，季末五个工作日内归档": [],
    }


def test_the_ladders_of_the_guide_are_sound_and_their_scenario_holds(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "ladders"))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    results = run_scenarios(resolve(library, "village"), calendar)
    assert {one.scenario: list(one.differences) for one in results} == {
        "建议没有人办，过期记录在案": [],
        "重要建议逾期，督办先核稿后签发；暂停照样记逾期，有进展降级，还是不办就提级": [],
    }


def test_the_message_rules_of_the_guide_are_sound_and_hold_where_it_puts_them(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "messages"))

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    place = resolve(library, "village")
    assert place.messages is not None
    assert (place.messages.budget, place.messages.ceiling, place.messages.digests) == (8, 10, ("08:30", "14:00"))
    assert place.texts["alarm"].urgent


def test_what_the_guide_stops_and_extends_is_sound_and_its_scenarios_hold(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "stopping"))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    results = run_scenarios(resolve(library, "village"), calendar)
    assert {one.scenario: list(one.differences) for one in results} == {
        "建议没有人办，过期记录在案": [],
        "等专家中止四个工作日，送鉴定又中止两个工作日，时限顺延六个工作日；补录的中止从发生那天算": [],
        "第一次延期三十天以内由安委办批，逾期未批改由负责人批；第二次由负责人批；累计四十五天用完": [],
        "没有人申请验收，到期自己转；申请了的当天就转。验收的时限从转的时候算起": [],
    }


def test_the_yearly_file_of_the_guide_is_read(root: Path) -> None:
    text = guide_files(root, "calendars")["library/calendars/cn/2027.yaml"]

    year = read_year(text.encode(), "cn", name="2027.yaml")

    assert (year.version, year.status, len(year.holidays), len(year.workdays)) == ("cn-2027@1", "official", 11, 2)


def test_the_duty_of_the_guide_is_sound_and_its_scenario_holds(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "duties"))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    results = run_scenarios(resolve(library, "village"), calendar)
    assert {one.scenario: list(one.differences) for one in results} == {
        "建议没有人办，过期记录在案": [],
        "有叉车的每周开一次，其他每月一次；逾期、漏报、补做、豁免": [],
    }
