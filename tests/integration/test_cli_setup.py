"""The command line sets up, checks and explains; whatever fails ends in one Chinese sentence and an exit code."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import ROOT
from tests.definitions import name
from tests.installations import Installation, install
from zhiben.cli import main


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation that nobody changes."""
    return install(tmp_path_factory.mktemp("setup") / "data")


def test_init_sets_up_once_and_says_so_the_second_time(tmp_path: Path) -> None:
    fresh = Installation(data=tmp_path / "data")

    first, second = fresh.run("init", "--json"), fresh.run("init", "--json")

    assert (first.exit_code, second.exit_code) == (0, 0)
    told, again = json.loads(first.stdout), json.loads(second.stdout)
    published = {one["procedure"]: one["fresh"] for one in told["procedures"]}
    assert set(published.values()) == {True}
    assert published.keys() >= {name("hazard"), name("inspection")}
    assert {one["procedure"]: one["fresh"] for one in again["procedures"]} == dict.fromkeys(published, False)
    assert (told["rows"] > 0, again["rows"]) == (True, 0)


def test_the_master_key_is_for_its_owner_alone_and_outside_the_database(tmp_path: Path) -> None:
    fresh = Installation(data=tmp_path / "data")
    fresh.run("init")

    key = fresh.data / "keys" / "master.key"

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert bytes.fromhex(key.read_text()) not in (fresh.data / "zhiben.sqlite").read_bytes()


def test_check_lists_what_a_plan_leaves_open_with_its_clause() -> None:
    result = CliRunner().invoke(main, ["check", str(ROOT / "workflows")])

    assert result.exit_code == 0
    assert "plans/jizhou/plan.yaml" in result.stdout
    assert "二(五)11" in result.stdout
    assert "及时" in result.stdout


def test_check_fails_on_a_broken_file_with_file_line_and_path(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "roles.yaml").write_text("roles:\n  chief: {title: 主任, sees: everything}\n")

    result = CliRunner().invoke(main, ["check", str(tmp_path), "--json"])

    (finding,) = json.loads(result.stdout)["findings"]
    assert result.exit_code == 1
    assert (finding["place"]["file"], finding["place"]["line"], finding["place"]["path"]) == (
        "library/roles.yaml",
        2,
        "roles.chief.sees",
    )


def test_check_also_finds_what_is_wrong_with_a_mapping_of_spreadsheets(tmp_path: Path) -> None:
    folder = tmp_path / "library" / "imports"
    folder.mkdir(parents=True)
    (folder / "units.yaml").write_text("import: units\ntitle: 名册\ncolumns:\n  name: {title: 名称, txt: true}\n")

    result = CliRunner().invoke(main, ["check", str(tmp_path), "--json"])

    (finding,) = json.loads(result.stdout)["findings"]
    assert (result.exit_code, finding["code"], finding["place"]["path"]) == (1, "mapping_refused", "columns.name")


def test_test_plays_every_scenario_of_the_sample_place() -> None:
    result = CliRunner().invoke(main, ["test", "--json"])

    told = json.loads(result.stdout)
    assert (result.exit_code, told["failed"]) == (0, 0)
    assert len(told["scenarios"]) >= 7


def test_when_names_the_last_day_and_how_it_came_about() -> None:
    result = CliRunner().invoke(main, ["when", "2 workdays", "2026-09-30"])

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].endswith("2026-10-09")
    assert "10-01至10-07" in result.stdout


def test_schema_is_told_for_editors() -> None:
    result = CliRunner().invoke(main, ["schema", "procedure"])

    assert "procedure" in json.loads(result.stdout)["properties"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nothing"], "没有命令“nothing”"),
        (["cases", "nothing"], "没有命令“nothing”"),
        (["check", "--nothing"], "没有选项--nothing"),
        (["cases", "show"], "缺少CASE"),
        (["import", "ledger"], "缺少FILE"),
    ],
)
def test_a_command_called_wrongly_ends_with_two_and_says_how(args: list[str], said: str) -> None:
    result = CliRunner().invoke(main, args)

    assert result.exit_code == 2
    assert said in result.stderr
    assert "--help" in result.stderr


def test_every_command_explains_itself_in_chinese() -> None:
    runner = CliRunner()
    names = main.list_commands(None)  # type: ignore[arg-type]

    pages = {name: runner.invoke(main, [name, "--help"]) for name in names}

    assert {name: page.exit_code for name, page in pages.items()} == dict.fromkeys(names, 0)
    assert [name for name, page in pages.items() if "操作未能完成" in page.stdout or "用法：" not in page.stdout] == []


def test_where_nothing_is_set_up_the_command_line_says_what_to_do(tmp_path: Path) -> None:
    result = Installation(data=tmp_path / "none").run("cases", "list")

    assert (result.exit_code, "zhiben init" in result.stderr) == (1, True)


def test_an_error_for_programs_is_json_with_its_code(installed: Installation) -> None:
    result = installed.run("cases", "show", "nothing", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stderr)["error"]["code"] == "case_not_found"


def test_while_another_process_writes_nobody_else_may(installed: Installation, tmp_path: Path) -> None:
    copy = installed.copied(tmp_path / "data")
    with copy.open() as application:
        assert application.door is not None

        result = copy.run("worker", "--once")

    assert result.exit_code == 1
    assert "另一进程（test" in result.stderr


def test_the_schema_goes_down_and_up_again_and_nothing_runs_in_between(installed: Installation, tmp_path: Path) -> None:
    copy = installed.copied(tmp_path / "data")

    down = copy.run("migrate", "down", "base")
    between = copy.run("cases", "list")
    up = copy.run("migrate", "up")
    after = copy.run("cases", "list")

    assert (down.exit_code, between.exit_code, up.exit_code, after.exit_code) == (0, 3, 0, 0)


def test_a_worker_called_once_does_what_is_due_and_ends(installed: Installation, tmp_path: Path) -> None:
    copy = installed.copied(tmp_path / "data")

    first, second = copy.run("worker", "--once", "--json"), copy.run("worker", "--once", "--json")

    assert (first.exit_code, second.exit_code) == (0, 0)
    # It was set up long ago: duties have windows to open and to close since.
    assert json.loads(first.stdout)["timers"] > 0
    assert json.loads(second.stdout) == {"holders": 0, "messages": 0, "signals": 0, "timers": 0}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ["15 workdays before 2026-10-12", "--plan", name("jizhou")],
            (
                "2026-10-12以前15个工作日：9月15日 周二 00:00\n"
                "09-25至09-27、10-01至10-07放假；09-19、10-11周末；09-20、10-10调休上班；日历 国办2026 第1版\n"
                "要求至少提前这么久的，最迟2026-09-15当天24:00以前；阶梯在这一天0:00到达\n"
            ),
        ),
        (
            ["7 workdays after 2026-10-12"],
            (
                "2026-10-12以后7个工作日：10月21日 周三 00:00\n10-17至10-18周末；日历 国办2026 第1版\n"
                "阶梯在这一天0:00到达；当作时限的，到2026-10-21当天24:00为止\n"
            ),
        ),
        (
            ["7 days", "--from", "2026-09-28", "--count", "penalty_law"],
            (
                "最后时刻：10月13日 周二 24:00，即 2026-10-13\n"
                "7日，按《行政处罚法》第八十五条计为工作日，自09-28次日起；10-01至10-07放假；10-11周末；10-10调休上班；"
                "至10-13；日历 国办2026 第1版\n"
            ),
        ),
        (
            ["last week of next quarter", "--from", "2026-09-28T10:00"],
            (
                "最后时刻：12月31日 周四 24:00，即 2026-12-31\n可以办理：12月25日 周五 00:00起\n"
                "次季最后七日，以09-28为准；12-25至12-31\n"
            ),
        ),
    ],
)
def test_when_explains_every_kind_of_phrase(args: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["when", *args])

    assert (result.exit_code, result.stdout) == (0, said)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["15 workday before 2026-10-12"], "最接近的写法：15 workdays before 2026-10-12。"),
        (["end of quater"], "最接近的写法：end of quarter。"),
        (["3 workdays before"], "要写明以哪一天为准"),
        (["2 workdays", "--calendar", "nowhere"], f"没有日历“nowhere”，可用的有：{name('cn')}"),
        (["2 workdays", "--count", "nowhere"], "可用的有：civil_code、compulsion_law"),
        (["2 workdays", "--place", "nowhere"], "没有地方“nowhere”"),
        (["4 work hours"], f"日历“{name('cn')}”没有写办公时间"),
        (["2 workdays", "--from", "soon"], "--from的值不对"),
    ],
)
def test_when_says_plainly_what_it_does_not_understand(args: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["when", *args])

    assert result.exit_code in (1, 2)
    assert said in result.stderr
