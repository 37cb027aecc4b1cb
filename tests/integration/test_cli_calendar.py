"""The command line previews and publishes a year of the calendar, and says what it counts by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.installations import Installation, install
from tests.notices import notice


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation without any case."""
    return install(tmp_path_factory.mktemp("calendar") / "data")


def test_a_year_is_previewed_published_once_and_listed(made: Installation, tmp_path: Path) -> None:
    file = tmp_path / "2027.yaml"
    file.write_bytes(notice())

    seen = made.run("calendar", "preview", file, "--json")
    first = made.run("calendar", "publish", file)
    again = made.run("calendar", "publish", file)
    listed = made.run("calendar", "list", "--json")

    assert json.loads(seen.stdout)["moved"] == 0
    assert (first.exit_code, "已发布国办2027" in first.stdout) == (0, True)
    assert (again.exit_code, "2027年现行版本是第1版" in again.output) == (1, True)
    assert [(one["year"], one["version"]) for one in json.loads(listed.stdout)["items"][:2]] == [
        (2027, "cn-2027@1"),
        (2026, "cn-2026@1"),
    ]
    assert made.run("calendar", "settle").exit_code == 0


def test_a_wrong_file_is_told_with_its_line(made: Installation, tmp_path: Path) -> None:
    file = tmp_path / "2028.yaml"
    file.write_bytes(notice(name=("status: official", "status: certain")))

    refused = made.run("calendar", "preview", file)

    assert refused.exit_code == 1
    assert "2028.yaml:3" in refused.output
