"""The style rules that carry the design are switched on and catch what they forbid."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NOW = "from datetime import UTC, datetime\n\nNOW = datetime.now(tz=UTC)\n"


@pytest.mark.parametrize(
    "source",
    [
        NOW,
        "import datetime\nNOW = datetime.datetime.now(tz=datetime.UTC)\n",
        "from datetime import date\nTODAY = date.today()\n",
        "import time\nNOW = time.time()\n",
        "from time import monotonic\nNOW = monotonic()\n",
        "import time\nNOW = time.perf_counter()\n",
        "import uuid\nID = uuid.uuid4()\n",
        "import sqlite3\n",
        "import pickle\n",
    ],
)
@pytest.mark.parametrize(
    "file", ["engine/core/planted.py", "engine/runtime/planted.py", "adapters/planted.py", "web/planted.py"]
)
def test_nobody_reads_a_clock_rolls_a_die_or_pickles(root: Path, file: str, source: str) -> None:
    assert "TID251" in _broken_rules(root, file, source)


def test_the_clock_of_the_runtime_reads_the_clock(root: Path) -> None:
    assert _broken_rules(root, "engine/runtime/clock.py", NOW) == set()


@pytest.mark.parametrize(
    "source",
    ["import time\n\ntime.sleep(1)\n", "import asyncio\n\n\nasync def wait() -> None:\n    await asyncio.sleep(1)\n"],
)
def test_no_test_sleeps(root: Path, source: str) -> None:
    assert _broken_rules(root, "tests/unit/test_planted.py", source) == {"TID251"}


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("X = eval('1')\n", "S307"),
        ("import yaml\nX = yaml.load('a', Loader=yaml.Loader)\n", "TID251"),
        ("import subprocess\nsubprocess.run('ls', shell=True, check=True)\n", "S602"),
        ("def q(db, x):\n    return db.execute(f'SELECT * FROM t WHERE a = {x}')\n", "S608"),
        ("from unittest import mock\n", "TID251"),
    ],
)
def test_dangerous_calls_are_refused(root: Path, source: str, rule: str) -> None:
    assert rule in _broken_rules(root, "engine/store/planted.py", source)


def _broken_rules(root: Path, file: str, source: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=json", f"--stdin-filename={file}", "-"],
        cwd=root,
        input=source.encode(),
        capture_output=True,
        check=False,
    )
    return {broken["code"] for broken in json.loads(ran.stdout)}
