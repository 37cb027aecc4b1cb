"""Runs the suite of engine and API on definitions whose every id is another word: `python -m tests.renamed --seed 7`.

What follows `--` goes to pytest in place of the whole suite. Tests of the files themselves (`tests/checks`) and of a
process that is killed (`tests/crash`) stay out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.conftest import ROOT
from tests.definitions import NAMES
from tests.renaming import rename_workflows
from zhiben.settings import Settings

SUITE = (
    "tests/unit",
    "tests/contract",
    "tests/integration",
    "tests/workflows",
    "tests/simulation",
)
#: What of it uses ids of `workflows/`; the rest stands on procedures of its own.
DEPENDENT = ("tests/workflows", "tests/contract/test_api_hazard.py")


def environment(folder: Path, seed: int) -> Mapping[str, str]:
    """Make a renamed copy in a folder and return the environment in which it is the definitions."""
    ours = Settings()
    names = rename_workflows(ROOT / "workflows", folder / "workflows", seed)
    (folder / "names.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
    return {
        **os.environ,
        NAMES: str(folder / "names.json"),
        "ZHIBEN_WORKFLOWS": str(folder / "workflows"),
        "ZHIBEN_PLACE": names[ours.place],
        "ZHIBEN_CALENDAR": names.get(ours.calendar, ours.calendar),
    }


def run(seed: int, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run pytest on renamed definitions; what it says goes where this process says things."""
    with tempfile.TemporaryDirectory(prefix="zhiben-renamed-") as folder:
        return _pytest(environment(Path(folder), seed), arguments, capture=False)


def run_quietly(seed: int, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The same, with what it says in the result."""
    with tempfile.TemporaryDirectory(prefix="zhiben-renamed-") as folder:
        return _pytest(environment(Path(folder), seed), arguments, capture=True)


def _pytest(told: Mapping[str, str], arguments: Sequence[str], *, capture: bool) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "pytest", "-q", *arguments)
    return subprocess.run(command, env=dict(told), cwd=ROOT, capture_output=capture, text=True, check=False)


def main() -> int:
    """Exit with what pytest exits with."""
    parser = argparse.ArgumentParser(prog="python -m tests.renamed", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("arguments", nargs="*", default=SUITE, help="what to run, after --")
    given = parser.parse_args()
    return run(given.seed, given.arguments or SUITE).returncode


if __name__ == "__main__":
    sys.exit(main())
