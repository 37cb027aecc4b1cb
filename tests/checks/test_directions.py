"""The contracts on who may import whom catch a planted import; `make contracts` runs them on the code itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = (
    "zhiben",
    "web",
    "engine",
    "engine/core",
    "engine/proof",
    "engine/audit",
    "engine/store",
    "engine/runtime",
    "bench",
)
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@pytest.mark.parametrize(
    ("importer", "imported", "contract"),
    [
        ("engine/core/a.py", "engine.store", "The application stands on the web"),
        ("engine/core/a.py", "engine.audit", "The application stands on the web"),
        ("engine/store/a.py", "engine.runtime", "The application stands on the web"),
        ("engine/runtime/a.py", "web", "The application stands on the web"),
        ("web/a.py", "zhiben", "Nobody imports the application"),
        ("engine/proof/a.py", "engine.audit", "The proof of a procedure stands on the core alone"),
        ("engine/audit/a.py", "engine.core", "The audit stands on nothing but the errors"),
        ("adapters/one/a.py", "engine.core.other", "Adapters see the ports"),
        ("adapters/one/a.py", "adapters.two", "Adapters are unaware of each other"),
        ("web/a.py", "adapters.one", "The engine and the web meet adapters only through ports"),
        ("engine/core/a.py", "socket", "The core does no I/O"),
        ("engine/core/a.py", "random", "The core does no I/O"),
        ("engine/core/a.py", "transitions", "Only the compiler knows transitions"),
        ("engine/runtime/a.py", "sqlalchemy", "Only the store knows SQLAlchemy"),
        ("engine/runtime/a.py", "apscheduler", "Only the scheduler knows APScheduler"),
        ("engine/runtime/a.py", "fastapi", "Only the web knows FastAPI"),
    ],
)
def test_an_import_against_the_direction_is_found(
    root: Path, tmp_path: Path, importer: str, imported: str, contract: str
) -> None:
    _skeleton(root, tmp_path)
    (tmp_path / importer).write_text(f"import {imported}\n", encoding="utf-8")

    status, told = _lint(tmp_path)

    assert (status, _kept_or_broken(told, contract)) == (1, "BROKEN"), told


def test_every_import_in_its_place_is_kept(root: Path, tmp_path: Path) -> None:
    _skeleton(root, tmp_path)
    for importer, imported in (
        ("engine/core/compiler.py", "transitions"),
        ("engine/store/tables.py", "sqlalchemy"),
        ("engine/runtime/scheduler.py", "apscheduler"),
        ("engine/runtime/service.py", "engine.store.tables, engine.audit, engine.proof, engine.core.compiler"),
        ("web/app.py", "fastapi, engine.runtime.service"),
        ("adapters/one/a.py", "engine.core.ports, engine.errors"),
        ("zhiben/cli.py", "web.app, adapters.one.a, adapters.two"),
    ):
        (tmp_path / importer).write_text(f"import {imported}\n", encoding="utf-8")

    status, told = _lint(tmp_path)

    assert (status, told.count("BROKEN")) == (0, 0), told


def _skeleton(root: Path, folder: Path) -> None:
    for package in (*PACKAGES, "adapters", "adapters/one", "adapters/two"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    (folder / "engine/core/ports.py").write_text("import engine.core.other\n", encoding="utf-8")
    for module in ("engine/core/other.py", "engine/errors.py"):
        (folder / module).touch()
    shutil.copy(root / "pyproject.toml", folder)


def _lint(folder: Path) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "400", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def _kept_or_broken(told: str, contract: str) -> str | None:
    return next((line.split()[-1] for line in told.splitlines() if line.startswith(contract)), None)
