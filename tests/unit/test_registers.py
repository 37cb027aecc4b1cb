"""A register says which cases it lists; what no store could answer is refused where it stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.core.conditions import Compared, Either, Every, Range, Same, grounded, negated
from engine.core.loader import load_library
from engine.core.register import Column, Register, Source
from engine.core.register_where import where
from engine.core.resolve import ResolvedPlace, resolve
from engine.errors import DefinitionError, DefinitionErrors
from engine.runtime.definitions import read_texts
from engine.runtime.projection import micros
from tests.samples import SAMPLE
from tests.worlds import calendar

BASE = read_texts(Path(__file__).with_name("faulty") / "base")
FILTERED = BASE["library/leak.yaml"].replace("choice: sizes, required: true}", "choice: sizes, filter: true}")
FILE = "library/registers.yaml"
LEAKS = """register: leaks
title: 漏水台账
of: leak where size == '大' and open
columns: [light, number, house, what, size, mend_by, holder]
filters: [size, state, due]
totals: [open, overdue]
sort: due
lights: {yellow: 2 workdays}
"""


def resolved(register: str = LEAKS, **more: str) -> ResolvedPlace:
    texts = BASE | {"library/leak.yaml": FILTERED, FILE: register}
    place = "plans/mill/place.yaml"
    if "place" in more:
        texts[place] = texts[place].replace("roles:", more["place"] + "\nroles:")
    return resolve(load_library(texts), "mill")


def refusals(old: str, new: str) -> list[str]:
    assert LEAKS.count(old) == 1
    with pytest.raises(DefinitionErrors) as caught:
        resolved(LEAKS.replace(old, new))
    return [f"{one.place} {one.code}: {one.got}" for one in caught.value.problems]


def test_a_register_is_resolved_with_the_titles_and_meanings_of_its_procedures_fields() -> None:
    sizes = (("小", "小"), ("大", "大"))
    size = Column(id="size", kind="choice", title="大小", options=sizes)
    due = Column(id="due", case="due", kind="instant")

    assert resolved().registers == {
        "leaks": Register(
            id="leaks",
            title="漏水台账",
            of=(
                Source(
                    procedure="leak",
                    where=Every(
                        parts=(Same(column="field:size", values=("大",)), Same(column="open", values=("true",)))
                    ),
                    text="size == '大' and open",
                ),
            ),
            columns=(
                Column(id="light", case="light", kind="light"),
                Column(id="number", case="number", kind="name"),
                Column(id="house", case="unit", kind="entity", title="房屋"),
                Column(id="what", case="title", kind="name", title="情况"),
                size,
                Column(id="mend_by", kind="date", title="修复期限"),
                Column(id="holder", case="holder", kind="people"),
            ),
            filters=(size, Column(id="state", case="state", kind="stage"), due),
            totals=("open", "overdue"),
            sort=due,
            yellow="2 workdays",
        )
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("what, size, mend_by", "what, siz, mend_by", f"{FILE}:4 columns.4 unknown_column: siz"),
        ("[size, state, due]", "[size, state, cause]", f"{FILE}:5 filters.2 not_a_filter: cause"),
        ("[size, state, due]", "[number]", f"{FILE}:5 filters.0 not_a_filter: number"),
        ("sort: due", "sort: house", f"{FILE}:7 sort not_sortable: house"),
        ("sort: due", "sort: what down", f"{FILE}:7 sort not_sortable: what"),
        ("[open, overdue]", "[open, open]", f"{FILE}:1 duplicate_id: open"),
        ("leak where size", "leek where size", f"{FILE}:3 of.0 unknown_procedure: leek"),
        ("size == '大' and open", "mend_by < today", f"{FILE}:3 of.0 not_a_filter: mend_by"),
        ("size == '大'", "size == '中'", f"{FILE}:3 of.0 undeclared_choice: size == '中' and open"),
        ("size == '大'", "len(size) == 1", f"{FILE}:3 of.0 not_answerable: len(size)"),
        ("size == '大'", "state == size", f"{FILE}:3 of.0 not_answerable: size"),
        ("yellow: 2 workdays", "yellow: 2 workdayz", f"{FILE}:8 lights.yellow unknown_span: 2 workdayz"),
    ],
)
def test_what_a_register_cannot_mean_is_refused_where_it_stands(old: str, new: str, said: str) -> None:
    assert refusals(old, new) == [said]


def test_a_place_replaces_elements_of_a_register_and_adds_its_own() -> None:
    place = resolved(place="replace: {leaks.title: 大漏水, leaks.sort: opened down}")

    assert (place.registers["leaks"].title, place.registers["leaks"].sort.id, place.registers["leaks"].down) == (
        "大漏水", "opened", True,
    )  # fmt: skip
    assert (
        str(place.provenance["leaks"]["title"])
        == "plans/mill/place.yaml:" + str(place.provenance["leaks"]["title"].line) + " title"
    )


def test_a_register_of_a_procedure_that_does_not_run_here_is_not_there() -> None:
    other = FILTERED.replace("procedure: leak", "procedure: flood")
    texts = BASE | {"library/flood.yaml": other, FILE: LEAKS.replace("of: leak", "of: flood")}

    assert resolve(load_library(texts), "mill").registers == {}


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("level == 'high'", Same(column="field:level", values=("high",))),
        ("level != 'high'", Same(column="field:level", values=("high",), negative=True)),
        ("not level in ['high', 'low']", Same(column="field:level", values=("high", "low"), negative=True)),
        ("level not in ['high']", Same(column="field:level", values=("high",), negative=True)),
        ("state == 'doing'", Same(column="state", values=("doing",))),
        ("not (open and overdue)", Either(parts=(
            Same(column="open", values=("true",), negative=True),
            Same(column="overdue", values=("true",), negative=True),
        ))),
        ("opened >= '2026-03-01'", Compared(column="opened", operator=">=", value="2026-03-01")),
        ("today > due", Compared(column="due", operator="<", value="today")),
        ("not due < today", Compared(column="due", operator=">=", value="today")),
        ("reopened > 0", Compared(column="reopened", operator=">", value=0)),
        ("'2026-01-01' <= opened < '2026-02-01'", Every(parts=(
            Compared(column="opened", operator=">=", value="2026-01-01"),
            Compared(column="opened", operator="<", value="2026-02-01"),
        ))),
    ],
)  # fmt: skip
def test_a_condition_of_the_guard_grammar_becomes_one_that_a_store_answers(text: str, condition: object) -> None:
    assert where(text, SAMPLE) == condition


@pytest.mark.parametrize("text", ["cost > 3", "urgent", "due_on < today", "reporter == 'x'"])
def test_fields_that_are_no_filters_stand_beside_no_case(text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        where(text, SAMPLE)

    assert caught.value.code == "not_a_filter"


@pytest.mark.parametrize("text", ["opened", "state < 'x'", "today == today", "days(opened, today) > 3"])
def test_what_the_grammar_knows_and_no_register_answers_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError):
        where(text, SAMPLE)


def test_what_is_due_at_midnight_is_due_on_the_day_that_ends() -> None:
    midnight = _start(date(2026, 3, 3))

    found = grounded(Compared(column="due", operator="==", value="2026-03-02"), date(2026, 3, 9), _start)

    assert found == Range(column="due", least=_start(date(2026, 3, 2)) + 1, before=midnight + 1)


def test_what_is_opened_at_midnight_is_opened_on_the_day_that_begins() -> None:
    found = grounded(Compared(column="opened", operator="<=", value="today"), date(2026, 3, 2), _start)

    assert found == Range(column="opened", before=_start(date(2026, 3, 3)))


def test_days_of_forms_are_compared_as_they_are_written() -> None:
    found = grounded(Compared(column="field:by", operator="!=", value="2026-03-02"), date(2026, 3, 9), _start)

    assert found == Range(column="field:by", least="2026-03-02", before="2026-03-03", negative=True)


def test_what_is_not_not_so_is_so() -> None:
    late = Compared(column="due", operator="<", value="today")

    assert negated(negated(late)) == late


def _start(day: date) -> int:
    return micros(calendar().instant(day))
