"""Serving a demonstration: an address first, a folder that is used again, accounts that stay with their people."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.errors import Conflict
from engine.runtime.clock import VirtualClock
from engine.store.migrations import HEAD
from zhiben.cli import main
from zhiben.cli.demo import _play, _settings
from zhiben.composition import Application
from zhiben.passing import kept_clock
from zhiben.serving import address_of, listen
from zhiben.story.accounts import open_accounts, shown_accounts
from zhiben.story.demo import Mark, completed, told_before
from zhiben.story.script import load_script


def test_a_port_that_another_program_has_is_told_before_the_story_is_played(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert address_of(taken) == f"http://127.0.0.1:{port}"
        with pytest.raises(Conflict, match="port_in_use"):
            listen("127.0.0.1", port)

        result = CliRunner().invoke(main, ["demo", "--folder", str(tmp_path / "d"), "--port", str(port)])

    assert (result.exit_code, f"端口{port}已被别的程序占用" in result.output) == (1, True)
    assert not (tmp_path / "d").exists()


def test_only_a_complete_demonstration_of_this_schema_is_used_again(tmp_path: Path) -> None:
    assert told_before(tmp_path) is None
    (tmp_path / ".demo").touch()
    assert told_before(tmp_path) is None

    completed(tmp_path, Mark(schema="0000", seed=1, one_in=1))
    assert told_before(tmp_path) is None

    mark = Mark(schema=HEAD, seed=1, one_in=1)
    completed(tmp_path, mark)
    assert told_before(tmp_path) == mark


def test_accounts_stay_with_their_people_when_the_demonstration_is_served_again(tmp_path: Path) -> None:
    data = tmp_path / "d"
    assert _play(data, None, 200) == 0
    settings = _settings(data)
    script = load_script(settings.workflows / "plans" / settings.place / "story.yaml")
    base = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))

    with Application(settings, clock=kept_clock(data, base)) as made:
        count, first = open_accounts(made, script), shown_accounts(made, script)
    with Application(settings, clock=kept_clock(data, base)) as made:
        again, second = open_accounts(made, script), shown_accounts(made, script)
        signed_in = made.accounts.sign_in(script.accounts.posts[0].login, script.accounts.password)

    assert (again, second) == (count, first)
    assert [one.login for one in first] == [post.login for post in script.accounts.posts]
    assert all(one.name and one.office and one.advice for one in first)
    assert (signed_in.person != "", signed_in.must_change) == (True, False)
