"""Writes fictitious spreadsheets: a register of units, a ledger of hazards, and what was left of the year before.

The same seed gives the same bytes. About two rows in a hundred are wrong on purpose. Nothing in them exists: credit
codes carry a division number (99xxxx) that no place has, people are job titles.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from adapters.spreadsheets import SheetWriter
from engine.core.identifiers import ALPHABET, credit_code_check
from zhiben.story.sample_words import (
    CHANNELS,
    DEPARTMENTS,
    HAZARDS,
    INDUSTRIES,
    MAJOR,
    STEMS,
    TOWNSHIPS,
    VILLAGES,
    Hazard,
)

SEED = 2026
FIRST_DAY = date(2026, 1, 4)
LAST_DAY = date(2026, 12, 29)
CREATED = datetime(2026, 12, 30)  # noqa: DTZ001 (a file property without zone)
UNIT_ROWS = 300
LEDGER_ROWS = 2_000
MAJORS = 60
YEAR_BEFORE = date(2025, 12, 31)
CARRIED_OVER = 240
WINTER = 35  # days before the end in which a campaign finds more than usual
UNIT_HEADERS = (
    "单位名称", "统一社会信用代码", "所属乡镇", "所属村(社区)", "行业领域", "监管部门",
    "经营地址", "是否高危", "主要负责人", "从业人数", "状态",
)  # fmt: skip
LEDGER_HEADERS = (
    "隐患编号", "发现日期", "来源渠道", "单位名称", "统一社会信用代码", "所属乡镇", "行业领域",
    "隐患部位/场所", "隐患描述", "隐患等级", "判定依据", "整改责任人", "整改措施", "整改资金(万元)",
    "整改期限", "当前状态", "整改完成日期", "验收日期", "备注",
)  # fmt: skip
UNIT_DIRT = ("check_digit", "check_digit", "repeated", "township", "number", "no_name")
LEDGER_DIRT = (
    *("check_digit",) * 6, *("unknown_unit",) * 6, *("bad_date",) * 6, *("repeated",) * 6,
    *("township",) * 6, *("level",) * 5, *("long_text",) * 5,
)  # fmt: skip
NOTES = ("已告知主要负责人", "需聘请专家", "跨部门协调", "现场已采取防范措施")
BAD_DATES = ("2026-13-40", "下周", "2026年2月30日", "1926-03-05", "尽快", "三月初")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One row of the register."""

    name: str
    credit_code: str
    township: str
    village: str
    industry: str
    place: str
    high_risk: bool
    principal: str
    employees: int
    status: str

    def cells(self) -> list[object]:
        """The row as the register writes it."""
        return [
            self.name, self.credit_code, self.township, self.village, self.industry, DEPARTMENTS[self.industry],
            self.place, "是" if self.high_risk else "否", self.principal, self.employees, self.status,
        ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Samples:
    """What was written: row counts by what is in them, dirt by kind."""

    units: int
    ledger: int
    good_units: int
    good_ledger: int
    unit_dirt: dict[str, int]
    ledger_dirt: dict[str, int]
    levels: dict[str, int]
    statuses: dict[str, int]
    overdue: int  # open and past their date on the last day of the ledger


def make_samples(folder: Path, *, seed: int = SEED) -> Samples:
    """Write `units.xlsx` and `ledger.xlsx` into the folder and tell what is in them."""
    draw = random.Random(seed)
    units = [_unit(draw, place) for place in range(UNIT_ROWS - len(UNIT_DIRT))]
    ledger = _ledger(draw, units)
    folder.mkdir(parents=True, exist_ok=True)
    unit_rows, ledger_rows = _dirty_units(draw, units), _dirty_ledger(draw, ledger)
    _write(folder / "units.xlsx", "单位名册", "示范区生产经营单位名册", UNIT_HEADERS, unit_rows)
    _write(folder / "ledger.xlsx", "隐患台账", "示范区2026年事故隐患台账", LEDGER_HEADERS, ledger_rows)
    still_open = [row for row in ledger if row[15] not in ("已销号", "不予认定")]
    return Samples(
        units=len(unit_rows),
        ledger=len(ledger_rows),
        unit_dirt=dict(Counter(UNIT_DIRT)),
        ledger_dirt=dict(Counter(LEDGER_DIRT)),
        levels=dict(Counter(str(row[9]) for row in ledger)),
        statuses=dict(Counter(str(row[15]) for row in ledger)),
        overdue=sum(1 for row in still_open if isinstance(row[14], date) and row[14] < LAST_DAY),
        good_units=len(units),
        good_ledger=len(ledger),
    )


def make_carried_over(path: Path, *, seed: int = SEED) -> int:
    """Write what the year before left, for the same units, and tell how many rows; about half is still open."""
    draw = random.Random(seed)
    units = [_unit(draw, place) for place in range(UNIT_ROWS - len(UNIT_DIRT))]
    draw = random.Random(f"{seed} carried over")
    days = sorted(YEAR_BEFORE - timedelta(days=draw.randint(0, 180)) for _ in range(CARRIED_OVER))
    rows = [
        _typed_by_hand(draw, _hazard(draw, draw.choice(units), day, f"SF-2025-{n:05}", n % 40 == 0, YEAR_BEFORE))
        for n, day in enumerate(days, start=1)
    ]
    for kind in ("unknown_unit", "township", "bad_date"):
        row = list(draw.choice(rows))
        row[0] = f"SF-2025-{len(rows) + 1:05}"
        _spoil(draw, row, kind, len(rows))
        rows.insert(draw.randint(0, len(rows)), row)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, "隐患台账", "示范区2025年结转事故隐患台账", LEDGER_HEADERS, rows)
    return len(rows)


def _write(path: Path, sheet: str, title: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with SheetWriter(path, sheet=sheet, created=CREATED) as writer:
        writer.title(title, len(headers))
        writer.header(headers)
        for row in rows:
            writer.write(row)


def _credit_code(draw: random.Random, place: int) -> str:
    body = f"91990{place % 12 + 100}"[:8] + "MA" + "".join(draw.choices(ALPHABET, k=7))
    return body + credit_code_check(body)


def _unit(draw: random.Random, place: int) -> Unit:
    """Every township and industry gets its units; some are of the kind that is checked more often."""
    township = TOWNSHIPS[place % len(TOWNSHIPS)]
    industry = INDUSTRIES[place * 7 % len(INDUSTRIES)] if place % 5 else draw.choice(INDUSTRIES)
    village = draw.choice(VILLAGES)
    stem = STEMS[place // 12 % len(STEMS)] + STEMS[place % len(STEMS)]
    return Unit(
        name=f"示范区{stem}{place + 1:03}{draw.choice(HAZARDS[industry].kinds)}",
        credit_code=_credit_code(draw, place),
        township=township,
        village=village,
        industry=industry,
        place=f"示范区{township}{village}示范路{draw.randint(1, 199)}号",
        high_risk=industry in ("危险化学品", "建筑施工", "交通运输") or draw.random() < 0.05,
        principal=draw.choice(("总经理", "厂长", "经理", "董事长", "站长")),
        employees=min(2_000, int(draw.lognormvariate(3.4, 1.0)) + 2),
        status="正常" if draw.random() < 0.94 else draw.choice(("停产", "停产", "关闭")),
    )


def _ledger(draw: random.Random, units: Sequence[Unit]) -> list[list[object]]:
    count = LEDGER_ROWS - len(LEDGER_DIRT)
    span = (LAST_DAY - FIRST_DAY).days
    ages = (draw.randint(0, WINTER if draw.random() < 0.3 else span) for _ in range(count))
    days = sorted(LAST_DAY - timedelta(days=age) for age in ages)
    majors = set(draw.sample(range(count), MAJORS))
    seen: set[tuple[object, ...]] = set()
    rows: list[list[object]] = []
    while len(rows) < count:
        place = len(rows)
        row = _hazard(draw, draw.choice(units), days[place], f"SF-2026-{place + 1:05}", place in majors)
        key = (row[3], row[7], row[8], row[1])  # the same hazard of one unit is not found twice on one day
        if key not in seen:
            seen.add(key)
            rows.append(row)
    return rows


def _hazard(
    draw: random.Random, unit: Unit, found: date, number: str, major: bool, last: date = LAST_DAY
) -> list[object]:
    words: Hazard = draw.choice(MAJOR[unit.industry] if major else HAZARDS[unit.industry].findings)
    term = draw.choice((30, 45, 60, 90)) if major else draw.choice((3, 7, 10, 15, 30, 30, 60))
    status, finished, accepted = _progress(draw, found, term, last)
    return [
        number,
        found,
        draw.choices(tuple(CHANNELS), weights=tuple(CHANNELS.values()))[0],
        unit.name,
        unit.credit_code,
        unit.township,
        unit.industry,
        words.place,
        words.description,
        "重大" if major else "一般",
        words.standard,
        draw.choice(("安全管理员", "车间主任", "安全总监", "班组长", "后勤主管")),
        words.measures,
        round(draw.uniform(5, 80), 1) if major else round(draw.uniform(0.05, 3), 2),
        found + timedelta(days=term),
        status,
        finished,
        accepted,
        "" if draw.random() < 0.9 else draw.choice(NOTES),
    ]


def _progress(draw: random.Random, found: date, term: int, last: date) -> tuple[str, date | None, date | None]:
    """How far a hazard got by the last day: about a third is written off, some are still in time, many are late."""
    lot = draw.random()
    if lot < 0.04:
        return "不予认定", None, None
    finished = found + timedelta(days=max(1, round(term * draw.uniform(0.3, 1.3))))
    accepted = finished + timedelta(days=draw.randint(0, 8))
    if lot < 0.47 and accepted <= last:
        return "已销号", finished, accepted
    if lot < 0.58 and finished <= last:
        return "待验收", finished, None
    return ("已上报" if lot > 0.90 or found > last - timedelta(days=2) else "整改中"), None, None


def _dirty_units(draw: random.Random, units: Sequence[Unit]) -> list[list[object]]:
    rows = [unit.cells() for unit in units]
    for place, kind in enumerate(UNIT_DIRT):
        row = _unit(draw, len(units) + place).cells()
        if kind == "check_digit":
            row[1] = _wrong_check(str(row[1]))
        elif kind == "repeated":
            row = list(rows[17])
        elif kind == "township":
            row[2] = "十三镇"
        elif kind == "number":
            row[9] = "约20人"
        else:
            row[0] = None
        rows.insert(draw.randint(40, len(rows)), row)
    return rows


def _dirty_ledger(draw: random.Random, ledger: Sequence[list[object]]) -> list[list[object]]:
    rows = [_typed_by_hand(draw, row) for row in ledger]
    clean = len(ledger)
    for place, kind in enumerate(LEDGER_DIRT):
        original = ledger[draw.randint(0, clean - 300)]
        row = list(original)
        row[0] = f"SF-2026-{clean + place + 1:05}"
        _spoil(draw, row, kind, place)
        if kind == "repeated":
            row[0] = original[0]
        rows.insert(draw.randint(len(rows) - 250, len(rows)), row)
    return rows


def _spoil(draw: random.Random, row: list[object], kind: str, place: int) -> None:
    if kind == "check_digit":
        row[4] = _wrong_check(str(row[4]))
    elif kind == "unknown_unit":
        row[3], row[4] = f"示范区无名{place}商店", None
    elif kind == "bad_date":
        row[1] = BAD_DATES[place % len(BAD_DATES)]
    elif kind == "township":
        row[5] = draw.choice(("十三镇", "某街道", "外区"))
    elif kind == "level":
        row[9] = draw.choice(("较大", "特大", "?"))
    elif kind == "long_text":
        row[8] = f"{row[8]}；" * 60


def _typed_by_hand(draw: random.Random, row: list[object]) -> list[object]:
    """Correct, but as several hands write: other words for a choice, dates as text, a unit without its code."""
    row = list(row)
    lot = draw.random()
    found, term = row[1], row[14]
    if isinstance(found, date) and isinstance(term, date):
        if lot < 0.04:
            row[1], row[14] = f"{found.year}年{found.month}月{found.day}日", f"{term.year}/{term.month}/{term.day}"
        elif lot < 0.07:
            row[1] = found.strftime("%Y%m%d")
        elif lot < 0.10:
            row[1] = f"{found.year}.{found.month}.{found.day}"
    if 0.10 <= lot < 0.20:
        row[4] = None
    elif 0.20 <= lot < 0.30:
        row[9] = f"{row[9]}隐患"
    elif 0.30 <= lot < 0.40:
        row[2] = {"企业自查": "自查自报", "检查发现": "执法检查", "群众举报": "群众举报查实"}.get(str(row[2]), row[2])
    elif 0.40 <= lot < 0.44:
        row[13] = f"{row[13]}万元"
    return row


def _wrong_check(code: str) -> str:
    return code[:17] + ALPHABET[(ALPHABET.index(code[17]) + 1) % len(ALPHABET)]
