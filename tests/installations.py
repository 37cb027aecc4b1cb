"""An installation of the sample district in a folder: set up once, copied for each test that changes it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from engine.core.command import SYSTEM
from engine.runtime.clock import VirtualClock
from engine.store import migrate
from zhiben.cli import main
from zhiben.composition import Application
from zhiben.publishing import publish, record_regions
from zhiben.settings import Settings
from zhiben.story.samples import LEDGER_HEADERS, UNIT_HEADERS

#: A Monday morning in the sample district.
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A data folder with its database; commands and code open it one after the other."""

    data: Path

    def copied(self, folder: Path) -> Installation:
        """The same in another folder."""
        shutil.copytree(self.data, folder)
        return Installation(data=folder)

    def open(self) -> Application:
        """The application, on a clock that stands still."""
        return Application(Settings(data=self.data, bulk_batch=2), clock=VirtualClock(MONDAY), what="test")

    def run(self, *args: object) -> Result:
        """Call the command line."""
        return CliRunner().invoke(main, [str(arg) for arg in args], env={"ZHIBEN_DATA": str(self.data)})


def install(folder: Path) -> Installation:
    """A fresh installation without units."""
    folder.mkdir(parents=True)
    made = Installation(data=folder)
    with made.open() as application:
        migrate.upgrade(application.settings.database_url)
        publish(application.door, application.place, person=SYSTEM)
        record_regions(application.door, application.place, person=SYSTEM)
    return made


#: Three units of the register with valid codes.
UNITS = (("东升机械厂", "91990100MA0000001G"), ("恒安化工厂", "91990100MA0000002K"), ("瑞丰商场", "91990100MA0000003N"))


def unit_row(name: str, code: str, **changes: object) -> list[object]:
    """A row of the register of units, good unless changed."""
    row = dict(
        zip(
            UNIT_HEADERS,
            (name, code, "一镇", "东村", "工贸", "示范区应急管理局", f"一镇东村{name}", "否", "张总经理", 12, "正常"),
            strict=True,
        )
    )
    return list({**row, **changes}.values())


def ledger_row(number: str, unit: str, **changes: object) -> list[object]:
    """A row of the ledger about a unit by its name, good unless changed."""
    row = dict(
        zip(
            LEDGER_HEADERS,
            (number, "2026-01-12", "检查发现", unit, None, "一镇", "工贸", "冲压车间", "防护装置失效", "一般",
             "标准第1条", "车间主任", "停用并修复", 1.5, "2026-02-10", "整改中", None, None, None),
            strict=True,
        )
    )  # fmt: skip
    return list({**row, **changes}.values())
