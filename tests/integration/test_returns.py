"""A hazard that comes back is linked to the former one, also where both are carried out in one batch."""

from __future__ import annotations

import orjson
import pytest
from msgspec.structs import replace

from engine.core.definition import SameSpec
from engine.runtime.replay import bytes_of
from engine.store.store import Store
from tests.districts import District, case
from tests.samples import SAMPLE


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


def links(district: District, name: str) -> list[str]:
    """The cases that a case was linked to."""
    with district.store.read() as reader:
        entries = [orjson.loads(data) for data in bytes_of(reader.record, case(name))]
    return [event["to"] for entry in entries for event in entry["events"] if event["type"] == "case_linked"]


def test_a_return_is_linked_to_the_case_reported_before(district: District) -> None:
    district.do(district.start("A"))

    district.do(district.start("B"))
    district.do(district.start("C", unit="U2"))

    assert [links(district, name) for name in "ABC"] == [[], ["A"], []]


def test_a_return_is_linked_to_a_case_of_the_same_batch(district: District) -> None:
    requests = [district.start("A"), district.start("B"), district.start("C", unit="U2")]

    district.service.execute(requests)

    assert [links(district, name) for name in "ABC"] == [[], ["A"], []]


def test_a_return_is_found_by_fields_that_no_register_filters_by(store: Store) -> None:
    """What makes cases the same is the procedure's own affair: any of its fields, whatever it is called."""
    fields = tuple(replace(spec, filtered=False) if spec.id == "subject" else spec for spec in SAMPLE.fields)
    same = SameSpec(fields=("unit", "subject"), within="12 months", notify=("acceptor",), text="told")
    district = District(store, procedure=replace(SAMPLE, fields=fields, same=same))
    district.settle()
    district.do(district.start("A", subject="缺护栏"))

    district.do(district.start("B", subject="缺护栏"))
    district.do(district.start("C", subject="堵通道"))

    assert [links(district, name) for name in "ABC"] == [[], ["A"], []]
