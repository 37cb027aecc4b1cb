"""Accounts on the command line: opened with a password that is told once, reset, disabled, enabled, listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, GrantRole, RecordPersons, Request
from engine.errors import NotPermitted
from tests.definitions import name
from tests.installations import Installation, install
from zhiben.cli import main

CHOSEN = "Quiet-harbour-77"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with two persons in office."""
    made = install(tmp_path_factory.mktemp("accounts") / "data")
    with made.open() as application:
        region = min(application.place.regions, key=len)
        acts = [RecordPersons(persons=tuple({"id": one, "name": f"{one}某"} for one in ("qin", "shi")))]
        for person, role in (("qin", "office"), ("shi", "keeper")):
            acts.append(GrantRole(person=person, role=name(role), region=region, valid_from="2026-01-01"))
        for n, act in enumerate(acts):
            application.door.submit(
                Request(id=f"settle:{n}", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="system")
            )
    return made


@pytest.fixture
def installed(template: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A copy, with hashes that cost little."""
    monkeypatch.setenv("ZHIBEN_ARGON_MEMORY_KIB", "16")
    monkeypatch.setenv("ZHIBEN_ARGON_PASSES", "1")
    return template.copied(tmp_path / "data")


def asked(installed: Installation, *args: str, typed: str) -> Result:
    """A command that asks for a password."""
    return CliRunner().invoke(main, list(args), env={"ZHIBEN_DATA": str(installed.data)}, input=typed)


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def signs_in(installed: Installation, login: str, password: str) -> str:
    """must, may or not: whether that opens the door, and whether a password must be chosen first."""
    with installed.open() as application:
        try:
            return "must" if application.accounts.sign_in(login, password).must_change else "may"
        except NotPermitted:
            return "not"


def test_a_rolled_password_is_told_once_and_must_be_changed(installed: Installation) -> None:
    made = told(installed.run("account", "add", "qin", "--login", "Qin.Yi", "--json"))

    assert (made["person"], made["login"]) == ("qin", "qin.yi")
    assert signs_in(installed, "qin.yi", made["password"]) == "must"
    assert made["password"] not in installed.run("account", "list").output


def test_a_password_that_is_asked_for_is_shown_nowhere(installed: Installation) -> None:
    result = asked(installed, "account", "add", "qin", "--ask", typed=f"{CHOSEN}\n{CHOSEN}\n")

    assert result.exit_code == 0
    assert CHOSEN not in result.output
    assert signs_in(installed, "qin", CHOSEN) == "must"


@pytest.mark.parametrize(("typed", "said"), [("short\nshort\n", "密码至少12个字符"), (f"{CHOSEN}\nother\n", "密码")])
def test_a_password_that_may_not_be_opens_no_account(installed: Installation, typed: str, said: str) -> None:
    result = asked(installed, "account", "add", "qin", "--ask", typed=typed)

    assert result.exit_code != 0
    assert said in result.output
    assert told(installed.run("account", "list", "--json"))["items"] == []


def test_no_command_takes_a_password_as_an_argument(installed: Installation) -> None:
    assert installed.run("account", "add", "qin", "--password", CHOSEN).exit_code == 2
    assert installed.run("account", "reset", "qin", CHOSEN).exit_code == 2


def test_an_account_is_reset_disabled_and_enabled(installed: Installation) -> None:
    first = told(installed.run("account", "add", "qin", "--json"))["password"]
    second = told(installed.run("account", "reset", "qin", "--json"))["password"]
    states = [(signs_in(installed, "qin", first), signs_in(installed, "qin", second))]
    for act in ("disable", "enable"):
        assert installed.run("account", act, "qin").exit_code == 0
        states.append((act, signs_in(installed, "qin", second)))

    assert states == [("not", "must"), ("disable", "not"), ("enable", "must")]


def test_the_list_tells_names_states_and_nothing_of_passwords(installed: Installation) -> None:
    installed.run("account", "add", "qin")
    installed.run("account", "add", "shi")
    installed.run("account", "disable", "shi")

    items = told(installed.run("account", "list", "--json"))["items"]
    told_apart = [(one["login"], one["name"], one["state"], one["must_change"], one["signed_in_at"]) for one in items]
    assert told_apart == [("qin", "qin某", "active", True, None), ("shi", "shi某", "disabled", True, None)]
    assert [line.split()[:4] for line in installed.run("account", "list").stdout.splitlines()[2:]] == [
        ["qin", "qin", "qin某", "正常"],
        ["shi", "shi", "shi某", "停用"],
    ]


@pytest.mark.parametrize("args", [("add", "nobody"), ("reset", "qin"), ("disable", "qin"), ("enable", "qin")])
def test_what_is_not_there_is_told_in_a_sentence(installed: Installation, args: tuple[str, str]) -> None:
    result = installed.run("account", *args)

    assert result.exit_code == 1
    assert "没有" in result.output
    assert "Traceback" not in result.output


def test_only_a_role_that_keeps_accounts_may_do_this_in_its_own_name(installed: Installation) -> None:
    assert "管理账户" in installed.run("account", "add", "qin", "--as", "qin").output
    assert installed.run("account", "add", "qin", "--as", "shi").exit_code == 0
    assert installed.run("account", "disable", "qin", "--as", "qin").exit_code == 1
    assert installed.run("account", "disable", "qin", "--as", "shi").exit_code == 0


def test_what_happened_to_accounts_is_part_of_a_record_that_verifies(installed: Installation) -> None:
    made = told(installed.run("account", "add", "qin", "--json"))
    signs_in(installed, "qin", "Quiet-harbour-78")
    signs_in(installed, "qin", made["password"])
    installed.run("account", "disable", "qin")

    assert installed.run("audit", "verify").exit_code == 0
