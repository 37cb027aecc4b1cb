"""The one door on both databases: repeats, refusals, batches, personal values, what is written and what is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import orjson
import pytest

from engine.audit.entry import parse_entry
from engine.core.administration import DIRECTORY
from engine.core.command import Answer, EndRole, GrantRole, ReadTask, StartCase
from engine.errors import BadInput, Conflict, NotFound, NotPermitted, Stale, ZhibenError
from engine.runtime.replay import bytes_of, fold_entries
from engine.runtime.worker import fire_due
from engine.store.store import Store
from tests.districts import SIGNATURE, District, case
from tests.verifier import Row, verify


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


def entries(district: District, name: str) -> list[dict[str, Any]]:
    """The entries of a case as plain values."""
    with district.store.read() as reader:
        return [orjson.loads(data) for data in bytes_of(reader.record, case(name))]


def test_a_repeat_of_a_command_gets_the_first_answer_and_writes_nothing(district: District) -> None:
    request = district.start("A")
    first = district.do(request)

    again = district.do(request)

    assert again == first
    assert len(entries(district, "A")) == 1


def test_an_id_used_for_another_request_is_refused(district: District) -> None:
    first = district.start("A")
    district.do(first)

    with pytest.raises(Conflict) as refused:
        district.do(msgspec.structs.replace(district.start("B"), id=first.id))

    assert refused.value.code == "command_id_reused"
    assert entries(district, "B") == []


def test_a_refused_command_writes_nothing_and_may_be_sent_again(district: District) -> None:
    district.do(district.start("A"))
    wrong = district.confirm("A", by="tang")

    with pytest.raises(NotPermitted):
        district.do(wrong)

    assert len(entries(district, "A")) == 1
    with pytest.raises(NotPermitted):
        district.do(wrong)


def test_in_a_batch_each_request_stands_by_itself(district: District) -> None:
    requests = [
        district.start("A"),
        district.start("B", unit="unknown"),
        district.confirm("A"),
        district.start("C"),
    ]

    outcomes = district.service.execute(requests)

    assert [type(outcome) for outcome in outcomes] == [Answer, BadInput, Answer, Answer]
    assert [len(entries(district, name)) for name in "ABC"] == [2, 0, 1]


def test_numbers_have_no_holes_where_openings_are_refused(district: District) -> None:
    outcomes = district.service.execute(
        [
            district.start("A"),
            district.start("B", unit="unknown"),
            district.start("C"),
            district.start("D", by="stranger"),
        ]
    )

    assert [isinstance(outcome, ZhibenError) for outcome in outcomes] == [False, True, False, True]
    numbers = [entries(district, name)[0]["events"][0]["number"] for name in "AC"]
    assert numbers == ["S-2026-00001", "S-2026-00002"]


def test_a_command_on_a_case_that_does_not_exist_is_not_found(district: District) -> None:
    with pytest.raises(NotFound):
        district.do(district.act("nothing", 1, "confirm", "chen"))


def test_a_task_that_is_no_longer_open_is_stale(district: District) -> None:
    district.do(district.start("A"))
    district.do(district.confirm("A"))

    with pytest.raises(Stale):
        district.do(district.confirm("A", by="zhou"))


def test_what_is_stored_is_what_its_entries_make(district: District) -> None:
    district.do(district.start("A"))
    district.do(district.request(case("A"), ReadTask(task=1), "chen"))
    district.do(district.confirm("A"))

    with district.store.session() as session:
        row = session.load([case("A")])[case("A")]
        stored = district.another_service().case_of(session, row)
    with district.store.read() as reader:
        folded = fold_entries(bytes_of(reader.record, case("A")))

    assert stored == folded


def test_personal_values_are_in_the_vault_and_in_no_entry(district: District) -> None:
    district.do(district.start("A", reporter="张三丰"))

    (entry,) = entries(district, "A")

    assert "张三丰" not in orjson.dumps(entry).decode()
    (fields,) = [event["values"] for event in entry["events"] if event["type"] == "fields_set"]
    assert sorted(fields["reporter"]) == ["commitment", "vault"]


def test_evidence_that_was_never_stored_is_refused(district: District) -> None:
    district.do(district.start("A"))
    forged = msgspec.structs.replace(SIGNATURE, sha256="0" * 64)

    with pytest.raises(BadInput) as refused:
        district.do(district.act("A", 1, "confirm", "chen", evidence=[forged], level="low", due_on="2026-03-20"))

    assert refused.value.code == "evidence_unknown"


def test_a_role_that_ended_no_longer_acts_with_the_next_command(district: District) -> None:
    district.do(district.start("A"))
    with district.store.session() as session:
        holding = next(one for one in session.directory.holdings() if one.person == "zhou")
    district.do(district.request(DIRECTORY, EndRole(holding=holding.id, valid_to="2026-03-02", reason="调离"), "lin"))

    with pytest.raises(NotPermitted):
        district.do(district.confirm("A", by="zhou"))


def test_granting_a_role_needs_the_permission(district: District) -> None:
    grant = GrantRole(person="chen", role="office", region="/s/", valid_from="2026-01-01")

    with pytest.raises(NotPermitted):
        district.do(district.request(DIRECTORY, grant, "chen"))


def test_due_rungs_fire_once_and_arm_the_next(district: District) -> None:
    district.do(district.start("A"))
    district.clock.advance(timedelta(days=10))

    fired = 0
    while count := fire_due(district.service):
        fired += count
    again = fire_due(district.service)

    kinds = [event["type"] for entry in entries(district, "A") for event in entry["events"]]
    assert (kinds.count("deadline_expired"), kinds.count("rung_fired") >= 2, again) == (1, True, 0)
    assert fired == len(entries(district, "A")) - 1


def test_the_chain_of_every_stream_verifies_by_another_program(district: District) -> None:
    district.service.execute([district.start(name) for name in "ABC"])
    district.do(district.confirm("B"))

    with district.store.read() as reader:
        streams = reader.record.streams()
        rows = [
            Row(one.stream.kind, one.stream.id, one.seq, one.bytes, one.leaf)
            for stream, _, _ in streams
            for one in reader.record.entries(stream)
        ]

    assert verify(rows, {(stream.kind, stream.id): (seq, head) for stream, seq, head in streams}) == []
    assert all(parse_entry(row.data).v == 1 for row in rows)


def test_a_case_cannot_be_opened_with_a_version_that_was_never_published(district: District) -> None:
    with pytest.raises(NotFound):
        district.do(district.request(case("A"), StartCase(version="0" * 64, action="report", data={}), "chen"))


def test_an_opening_repeated_after_a_new_version_was_published_gets_the_first_answer(district: District) -> None:
    request = district.start("A")
    first = district.do(request)

    newer = msgspec.structs.replace(request, act=msgspec.structs.replace(request.act, version="f" * 64))

    assert district.do(newer) == first
