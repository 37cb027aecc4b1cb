"""The sample register and ledger are what they claim: good rows are read, all dirt is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import yaml

from adapters.spreadsheets import TableMapping, TableResult, load_mapping, normal, read_table
from engine.core.identifiers import credit_code
from scripts.make_samples import LEDGER_HEADERS, UNIT_HEADERS, Samples, make_samples
from zhiben.story.sample_words import INDUSTRIES, TOWNSHIPS

IDENTIFIERS = {"credit_code": credit_code}
CHOICES = {"townships": dict.fromkeys(TOWNSHIPS, ())}


def mapping(root: Path, name: str) -> TableMapping:
    path = root / "workflows" / "library" / "imports" / f"{name}.yaml"
    return load_mapping(yaml.safe_load(path.read_text(encoding="utf-8")), file=path.name)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Samples]:
    folder = tmp_path_factory.mktemp("samples")
    return folder, make_samples(folder)


@pytest.fixture(scope="module")
def units(made: tuple[Path, Samples], root: Path) -> TableResult:
    return read_table(made[0] / "units.xlsx", mapping(root, "units"), choices=CHOICES, identifiers=IDENTIFIERS)


@pytest.fixture(scope="module")
def ledger(made: tuple[Path, Samples], root: Path, units: TableResult) -> TableResult:
    codes = {str(row.values["credit_code"]) for row in units.good}
    names = {normal(str(row.values["name"])): str(row.values["credit_code"]) for row in units.good}

    def lookup(reference: str, field: str, value: str) -> Sequence[str]:
        if field == "credit_code":
            return [value] if value in codes else []
        return [names[normal(value)]] if normal(value) in names else []

    return read_table(
        made[0] / "ledger.xlsx",
        mapping(root, "ledger"),
        choices=CHOICES,
        identifiers=IDENTIFIERS,
        lookup=lookup,
        today=date(2026, 12, 30),
    )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_rows(
    made: tuple[Path, Samples], tmp_path: Path
) -> None:
    folder, told = made

    assert make_samples(tmp_path / "again") == told
    make_samples(tmp_path / "other", seed=7)

    for name in ("units.xlsx", "ledger.xlsx"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
        assert (tmp_path / "other" / name).read_bytes() != (folder / name).read_bytes()


def test_the_register_has_300_rows_in_12_townships_and_9_industries_six_of_them_dirty(units: TableResult) -> None:
    assert (len(units.rows), len(units.good), units.ignored) == (300, 294, ())
    assert {row.values["township"] for row in units.good} == set(TOWNSHIPS)
    assert {row.values["industry"] for row in units.good} == set(INDUSTRIES)
    assert Counter(problem.code for problem in units.problems) == {
        "credit_code_check": 2,
        "row_repeated": 1,
        "choice_unknown": 1,
        "number_unreadable": 1,
        "value_missing": 1,
    }


def test_the_ledger_has_2000_rows_forty_of_them_dirty_each_with_one_problem(ledger: TableResult) -> None:
    assert (len(ledger.rows), len(ledger.good), len(ledger.problems), ledger.ignored) == (2000, 1960, 40, ())
    assert Counter((problem.field, problem.code) for problem in ledger.problems) == {
        ("credit_code", "credit_code_check"): 6,
        ("unit_name", "reference_unknown"): 6,
        ("found_on", "date_unreadable"): 5,
        ("found_on", "date_out_of_range"): 1,
        ("number", "row_repeated"): 6,
        ("township", "choice_unknown"): 6,
        ("level", "choice_unknown"): 5,
        ("description", "text_too_long"): 5,
    }


def test_the_ledger_tells_of_a_year_with_a_few_major_and_many_overdue(
    made: tuple[Path, Samples], ledger: TableResult
) -> None:
    told = made[1]
    levels = Counter(row.values["level"] for row in ledger.good)
    statuses = Counter(row.values["status"] for row in ledger.good)
    months = {day.month for row in ledger.good if isinstance(day := row.values["found_on"], date)}
    overdue = [
        row
        for row in ledger.good
        if row.values["status"] not in ("已销号", "不予认定")
        and isinstance(due := row.values["rectify_by"], date)
        and due < date(2026, 12, 29)
    ]

    assert (dict(levels), dict(statuses), len(overdue)) == (told.levels, told.statuses, told.overdue)
    assert (levels["重大"], months) == (60, set(range(1, 13)))
    assert 0.3 < statuses["已销号"] / 1960 < 0.4
    assert 500 < len(overdue) < 900


def test_every_header_of_the_samples_is_a_title_of_the_mappings(root: Path) -> None:
    assert [column.title for column in mapping(root, "units").columns] == list(UNIT_HEADERS)
    assert [column.title for column in mapping(root, "ledger").columns] == list(LEDGER_HEADERS)
