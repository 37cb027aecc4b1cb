"""Runs the suite of engine and API on definitions whose every id is another word: `python -m tests.renamed --seed 7`.

What follows `--` goes to pytest in place of the whole suite. Tests of the files themselves (`tests/checks`) and of a
process that is killed (`tests/crash`) stay out.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.conftest import ROOT
from tests.definitions import NAMES
from tests.renaming import rename_workflows
from zhiben.settings import Settings

_USES = re.compile(r"^from tests\.definitions import", re.MULTILINE)
SUITE = (
    "tests/unit",
    "tests/contract",
    "tests/integration",
    "tests/workflows",
    "tests/simulation",
)
#: Uses the definitions for long; the whole suite runs it.
_LONG = ("tests/integration/test_demo.py",)


def dependent() -> tuple[str, ...]:
    """The files of the suite that use ids of `workflows/`; the rest stands on procedures of its own."""
    files = sorted(path.relative_to(ROOT).as_posix() for folder in SUITE for path in (ROOT / folder).rglob("test_*.py"))
    return tuple(file for file in files if file not in _LONG and _USES.search((ROOT / file).read_text("utf-8")))


def environment(folder: Path, seed: int) -> Mapping[str, str]:
    """Make a renamed copy in a folder and return the environment in which it is the definitions."""
    place, calendar = (Settings.model_fields[field].default for field in ("place", "calendar"))
    names = rename_workflows(ROOT / "workflows", folder / "workflows", seed)
    (folder / "names.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
    return {
        **os.environ,
        NAMES: str(folder / "names.json"),
        "ZHIBEN_WORKFLOWS": str(folder / "workflows"),
        "ZHIBEN_PLACE": names[place],
        "ZHIBEN_CALENDAR": names[calendar],
    }


def run(seed: int, arguments: Sequence[str], *, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run pytest on renamed definitions; what it says goes where this process says things, or into the result."""
    with tempfile.TemporaryDirectory(prefix="zhiben-renamed-") as folder:
        return subprocess.run(
            (sys.executable, "-m", "pytest", "-q", *arguments),
            env=dict(environment(Path(folder), seed)),
            cwd=ROOT,
            capture_output=capture,
            text=True,
            check=False,
        )


def main() -> int:
    """Exit with what pytest exits with."""
    parser = argparse.ArgumentParser(prog="python -m tests.renamed", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dependent", action="store_true", help="only what uses ids of workflows/, but for the demo")
    parser.add_argument("arguments", nargs="*", default=SUITE, help="what to run, after --")
    given = parser.parse_args()
    return run(given.seed, dependent() if given.dependent else given.arguments).returncode


if __name__ == "__main__":
    sys.exit(main())
