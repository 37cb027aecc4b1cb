"""The command line imports, triages, opens and works on cases, keeps the organisation, and verifies the record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from pysqlite3 import dbapi2 as sqlite

from tests.definitions import name, named
from tests.installations import UNITS, Installation, install, ledger_row, unit_row
from tests.workbooks import workbook
from zhiben.story.files import small_picture
from zhiben.story.samples import LEDGER_HEADERS, UNIT_HEADERS

SINCE = ("--from", "2026-01-01")


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with three units, and people who hold roles."""
    folder = tmp_path_factory.mktemp("cases")
    made = install(folder / "data")
    rows = [unit_row(title, code) for title, code in UNITS]
    _ok(made.run("import", name("units"), workbook(folder / "units.xlsx", UNIT_HEADERS, *rows)))
    _ok(made.run("directory", "person", "wu", "--name", "吴文"))
    for person, role, region in (
        ("wu", "inspector", "/sample/town01/"),
        ("qin", "supervisor", "/sample/"),
        ("he", "office", "/sample/"),
    ):
        _ok(made.run("directory", "grant", person, name(role), "--region", name(region), *SINCE))
    return made


@pytest.fixture
def installed(settled: Installation, tmp_path: Path) -> Installation:
    """The same in a folder of the test's own."""
    return settled.copied(tmp_path / "data")


def _ok(result: Result) -> Result:
    assert result.exit_code == 0, result.output
    return result


def _json(result: Result) -> Any:
    return json.loads(_ok(result).stdout)


def _data(**values: str) -> list[str]:
    return [text for field, value in named(**values).items() for text in ("--data", f"{field}={value}")]


def _started(made: Installation) -> dict[str, Any]:
    data = {
        "channel": "检查发现",
        "unit": UNITS[0][1],
        "place": "冲压车间",
        "description": "防护装置失效",
        "level": "一般",
        "found_on": "2026-03-02",
    }
    told: dict[str, Any] = _json(
        made.run("cases", "start", name("hazard"), name("report"), *_data(**data), "--as", "wu", "--json")
    )
    return told


def _picture(folder: Path) -> Path:
    path = folder / "signature.png"
    path.write_bytes(small_picture())
    return path


def test_a_hazard_is_reported_seen_by_its_supervisor_and_confirmed(installed: Installation, tmp_path: Path) -> None:
    case = _started(installed)["case"]
    seen = _json(installed.run("cases", "show", case, "--as", "qin", "--json"))

    confirm = installed.run(
        "cases", "act", case, name("confirm"), *_data(level="一般", standard="标准第1条", rectify_by="2099-03-20"),
        "--signature", _picture(tmp_path), "--as", "qin",
    )  # fmt: skip

    assert [offer["action"] for offer in seen["offers"]][:1] == [name("confirm")]
    _ok(confirm)
    after = _json(installed.run("cases", "show", seen["number"], "--as", "qin", "--json"))
    assert (after["states"], after["seq"]) == ([name("rectifying")], 2)


def test_the_timeline_tells_who_did_what(installed: Installation) -> None:
    case = _started(installed)["case"]

    told = _ok(installed.run("entries", case)).stdout

    assert "吴文：上报隐患" in told


def test_a_stranger_is_told_that_there_is_no_such_case(installed: Installation) -> None:
    case = _started(installed)["case"]

    hidden = installed.run("cases", "show", case, "--as", "nobody")
    absent = installed.run("cases", "show", "0" * 24, "--as", "nobody")

    assert (hidden.exit_code, absent.exit_code) == (1, 1)
    assert hidden.stderr == absent.stderr


def test_an_act_that_is_refused_says_why_and_changes_nothing(installed: Installation) -> None:
    case = _started(installed)["case"]

    result = installed.run("cases", "act", case, name("confirm"), *_data(level="一般"), "--as", "qin")

    assert result.exit_code == 1
    assert result.stderr.strip()
    assert _json(installed.run("cases", "show", case, "--json"))["seq"] == 1


def test_dismissal_waits_for_a_second_person_who_consents(installed: Installation) -> None:
    case = _started(installed)["case"]
    _ok(installed.run("cases", "act", case, name("dismiss"), *_data(reason="不属实"), "--as", "qin"))

    alone = installed.run("cases", "consent", case, "--as", "qin")
    second = installed.run("cases", "consent", case, "--as", "he")

    assert (alone.exit_code, second.exit_code) == (1, 0)
    assert _json(installed.run("cases", "show", case, "--json"))["closed"] == "误报"


def test_tasks_are_listed_for_who_holds_them(installed: Installation) -> None:
    number = _started(installed)["number"]

    mine = _json(installed.run("tasks", "--as", "qin", "--json"))["items"]
    others = _json(installed.run("tasks", "--as", "he", "--json"))["items"]

    assert ([row["task"] for row in mine], others) == ([1], [])
    assert mine[0]["number"] == (number or mine[0]["number"])


def _claimed(made: Installation, folder: Path) -> None:
    rows = [ledger_row(f"A-{n}", UNITS[n][0], 整改期限="2026-02-10" if n else "2099-02-10") for n in range(3)]
    _ok(made.run("import", name("ledger"), workbook(folder / "ledger.xlsx", LEDGER_HEADERS, *rows)))


def test_a_dry_run_of_an_import_writes_nothing_and_bad_rows_come_back_in_a_workbook(
    installed: Installation, tmp_path: Path
) -> None:
    rows = [ledger_row("A-1", UNITS[0][0]), ledger_row("A-2", "无名商店")]
    path = workbook(tmp_path / "l.xlsx", LEDGER_HEADERS, *rows)

    result = installed.run("import", name("ledger"), path, "--dry-run", "--errors", tmp_path / "errors.xlsx", "--json")

    told = json.loads(result.stdout)
    assert (result.exit_code, told["fresh"], told["refused"]) == (1, 1, 1)
    assert [(one["row"], one["column"]) for one in told["problems"]] == [(3, "D")]
    assert _json(installed.run("cases", "list", "--json"))["items"] == []
    mended = installed.run("import", name("ledger"), tmp_path / "errors.xlsx", "--dry-run", "--json")
    assert json.loads(mended.stdout)["rows"] == 1


def test_strict_imports_nothing_if_one_row_is_bad(installed: Installation, tmp_path: Path) -> None:
    rows = [ledger_row("A-1", UNITS[0][0]), ledger_row("A-2", "无名商店")]
    path = workbook(tmp_path / "l.xlsx", LEDGER_HEADERS, *rows)

    result = installed.run("import", name("ledger"), path, "--strict")

    assert result.exit_code == 1
    assert _json(installed.run("cases", "list", "--json"))["items"] == []


def test_resuming_an_import_that_was_never_begun_is_refused(installed: Installation, tmp_path: Path) -> None:
    path = workbook(tmp_path / "l.xlsx", LEDGER_HEADERS, ledger_row("A-1", UNITS[0][0]))

    assert installed.run("import", name("ledger"), path, "--resume").exit_code == 1


def test_claimed_cases_are_triaged_once_late_ones_and_others_apart(installed: Installation, tmp_path: Path) -> None:
    _claimed(installed, tmp_path)
    listed = _json(installed.run("triage", "list", "--json"))

    late = _json(installed.run("triage", "decide", "--all", "--overdue", "--start", "until", "--until", "2099-06-30",
                               "--reason", "统一要求", "--as", "he", "--json"))  # fmt: skip
    rest = _json(installed.run("triage", "decide", "--all", "--start", "deadline", "--reason", "期限未到",
                               "--as", "he", "--json"))  # fmt: skip

    assert (listed["count"], listed["overdue"]) == (3, 2)
    assert ((late["done"], late["failed"]), (rest["done"], rest["failed"])) == ((2, 0), (1, 0))
    assert _json(installed.run("triage", "list", "--json"))["count"] == 0


def test_who_may_not_triage_is_refused_case_by_case(installed: Installation, tmp_path: Path) -> None:
    _claimed(installed, tmp_path)

    result = installed.run("triage", "decide", "--all", "--start", "now", "--reason", "试", "--as", "qin")

    assert result.exit_code == 1
    assert _json(installed.run("triage", "list", "--json"))["count"] == 3


def test_a_role_that_ended_no_longer_acts(installed: Installation) -> None:
    case = _started(installed)["case"]
    held = _json(installed.run("directory", "list", "holding", "--json"))["items"]
    (holding,) = (row["id"] for row in held if row["person"] == "qin")

    _ok(installed.run("directory", "end", holding, "--on", "2026-02-01", "--reason", "调离"))

    assert installed.run("cases", "act", case, name("dismiss"), *_data(reason="x"), "--as", "qin").exit_code == 1


def test_a_token_is_shown_once_listed_without_its_secret_and_revoked(installed: Installation) -> None:
    made = _json(installed.run("token", "create", "qin", "--scope", "read", "--title", "看板", "--json"))

    listed = _ok(installed.run("token", "list", "qin", "--json")).stdout
    revoked = installed.run("token", "revoke", "qin", made["id"])
    again = installed.run("token", "revoke", "qin", made["id"])

    assert made["token"] not in listed
    assert [(one["id"], one["revoked"]) for one in json.loads(listed)["items"]] == [(made["id"], False)]
    assert (revoked.exit_code, again.exit_code) == (0, 1)


@pytest.mark.parametrize("person", ["system", "stranger"])
def test_nobody_unknown_gets_a_token(installed: Installation, person: str) -> None:
    assert installed.run("token", "create", person).exit_code == 1


def test_the_record_verifies_and_one_changed_byte_is_found(installed: Installation) -> None:
    _started(installed)
    whole = installed.run("audit", "verify", "--json")
    database = sqlite.connect(str(installed.data / "zhiben.sqlite"))
    with database:
        ((stored,),) = database.execute("SELECT bytes FROM entry WHERE kind = 'case'")
        changed = bytearray(stored)
        changed[len(changed) // 2] ^= 1
        database.execute("UPDATE entry SET bytes = ? WHERE kind = 'case'", (bytes(changed),))
    database.close()

    broken = installed.run("audit", "verify", "--json")

    assert (whole.exit_code, json.loads(whole.stdout)["findings"]) == (0, [])
    assert broken.exit_code == 3
    assert [one["code"] for one in json.loads(broken.stdout)["findings"]] == ["chain_broken"]
