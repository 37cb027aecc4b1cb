"""Timers, messages, signals, bulk items and incidents: claimed once, in order, with results that are fenced."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from engine.core.command import Stream
from engine.core.directory import END, Entity, Holding
from engine.errors import BadInput
from engine.store.records import BulkItemRow, DefinitionRow, DirectoryRows, VaultRow
from engine.store.schema import FOREVER
from engine.store.store import Store, open_store
from engine.store.views import BulkRow, ClaimedMessage, EvidenceRow, IncidentRow, Lag, TokenRow
from tests.writes import EVERYTHING, case, message, save, signal, timer, write

DIRECTORY = Stream("directory", "main")


def record(store: Store, base: int, at: int, table: str, *rows: dict[str, Any]) -> None:
    """Record rows of the directory at an instant."""
    save(store, write(DIRECTORY, base, at=at, directory=(DirectoryRows(table=table, rows=rows),)))


def claim(store: Store, now: int, until: int = 10**18) -> list[ClaimedMessage]:
    """Claim all messages due by now."""
    with store.session() as session:
        return session.outbox.claim(now, 100, until)


# ------------------------------------------------------------------------------------------------ timers
def test_due_timers_come_in_order_and_others_wait(store: Store) -> None:
    for name, fire_at in (("A", 30), ("B", 10), ("C", 20), ("D", 31)):
        save(store, write(case(name), 0, arm=(timer(case(name), 1, fire_at),)))

    with store.session() as session:
        due = session.timers.claim(30, 2)
        rest = session.timers.claim(30, 10)

    assert [row.stream.id for row in due] == ["B", "C"]
    assert [row.stream.id for row in rest] == ["B", "C", "A"]


def test_two_workers_never_claim_the_same_timer(pg_store: Store) -> None:
    for n in range(6):
        save(pg_store, write(case(f"A{n}"), 0, arm=(timer(case(f"A{n}"), 1, n),)))

    with pg_store.session() as one, pg_store.session() as other:
        mine = one.timers.claim(100, 4)
        theirs = other.timers.claim(100, 4)
        for worker, claimed in ((one, mine), (other, theirs)):
            worker.load([row.stream for row in claimed])
            worker.write([write(row.stream, 1, disarm=(1,)) for row in claimed])

    assert [row.stream.id for row in mine] == ["A0", "A1", "A2", "A3"]
    assert [row.stream.id for row in theirs] == ["A4", "A5"]
    with pg_store.session() as session:
        assert session.timers.claim(100, 10) == []


# ------------------------------------------------------------------------------------------------ outbox
def test_a_claimed_message_belongs_to_its_worker_until_the_claim_lapses(store: Store) -> None:
    save(store, write(case("A"), 0, messages=(message(case("A"), 1, 1, "p", at=5),)))

    first = claim(store, now=5, until=50)
    nobody = claim(store, now=49)
    second = claim(store, now=50, until=90)

    assert [(row.key, row.attempts, row.epoch, row.doubtful) for row in first] == [("case/A:1:1", 1, 1, False)]
    assert nobody == []
    assert [(row.key, row.attempts, row.epoch, row.doubtful) for row in second] == [("case/A:1:1", 2, 2, True)]


def test_the_result_of_a_lapsed_claim_is_refused(store: Store) -> None:
    save(store, write(case("A"), 0, messages=(message(case("A"), 1, 1, "p"),)))
    (paused,) = claim(store, now=1000, until=1001)
    (awake,) = claim(store, now=1001)

    with store.session() as session:
        assert not session.outbox.finish(paused, "failed", channel="mail", at=2000)
        assert not session.outbox.retry(paused, next_at=5, channel="mail", reason="late")
        assert session.outbox.finish(awake, "sent", channel="mail", at=2000, receipt="250 ok")
        assert not session.outbox.finish(awake, "sent", channel="mail", at=2001)

    assert claim(store, now=10**17) == []


def test_a_message_that_failed_for_now_is_tried_again_and_a_dead_one_only_when_revived(store: Store) -> None:
    save(store, write(case("A"), 0, messages=(message(case("A"), 1, 1, "p"),)))
    (first,) = claim(store, now=1000)
    with store.session() as session:
        assert session.outbox.retry(first, next_at=3000, channel="mail", reason="greylisted")

    assert claim(store, now=2999) == []
    (second,) = claim(store, now=3000)
    assert (second.attempts, second.doubtful) == (2, False)

    with store.session() as session:
        assert session.outbox.finish(second, "dead", channel="mail", at=3000, reason="too many attempts")
    assert claim(store, now=10**17) == []
    with store.session() as session:
        assert session.outbox.revive("case/A:1:1", 4000)
        assert not session.outbox.revive("case/A:1:1", 4000)
    (third,) = claim(store, now=4000)
    assert (third.key, third.attempts) == ("case/A:1:1", 1)


def test_only_its_person_marks_a_message_read_and_only_once(store: Store) -> None:
    save(store, write(case("A"), 0, messages=(message(case("A"), 1, 1, "p"),)))

    with store.session() as session:
        assert not session.outbox.mark_read("stranger", "case/A:1:1", 7)
        assert session.outbox.mark_read("p", "case/A:1:1", 8)
        assert not session.outbox.mark_read("p", "case/A:1:1", 9)


# ------------------------------------------------------------------------------------------------ signals
def test_signals_are_delivered_in_order_for_each_source_and_target(store: Store) -> None:
    a, b, c = case("A"), case("B"), case("C")
    save(store, write(a, 0, signals=(signal(a, 1, 1, b), signal(a, 1, 2, b), signal(a, 1, 3, c))))
    save(store, write(a, 1, signals=(signal(a, 2, 1, b),)))

    def deliverable() -> list[str]:
        with store.session() as session:
            return sorted(row.id for row in session.signals.claim(10**18, 10))

    assert deliverable() == ["signal:case/A:1:1", "signal:case/A:1:3"]
    save(store, write(b, 0, settled=("signal:case/A:1:1",)))
    assert deliverable() == ["signal:case/A:1:2", "signal:case/A:1:3"]
    with store.session() as session:
        assert session.signals.defer("signal:case/A:1:2", 2 * 10**18) == 1
    assert deliverable() == ["signal:case/A:1:3"]
    with store.session() as session:
        assert session.signals.drop(["signal:case/A:1:2", "signal:case/A:1:3"]) == 2
    assert deliverable() == ["signal:case/A:2:1"]


# ------------------------------------------------------------------------------------------------ bulk
def test_bulk_items_are_done_in_order_once_and_only_while_the_operation_is_open(store: Store) -> None:
    row = BulkRow(
        id="b1", purpose="import", person="p", digest="d", items=3, opened_at=1, status="open",
        done=0, failed=0, skipped=0,
    )  # fmt: skip
    with store.session() as session:
        session.bulks.open(row, (BulkItemRow(bulk="b1", n=n, payload=b"%d" % n) for n in range(3)))

    with store.session() as session:
        assert [item.n for item in session.bulks.claim("b1", 2)] == [0, 1]
        assert session.bulks.record("b1", 0, "done", b"{}")
        assert not session.bulks.record("b1", 0, "failed", b"{}")
        assert session.bulks.record("b1", 1, "failed", b'{"code":"x"}')
    with store.session() as session:
        assert session.bulks.unfinished() == ["b1"]
        assert session.bulks.set_status("b1", "stopped")
        assert session.bulks.claim("b1", 2) == []
        assert session.bulks.unfinished() == []
        assert session.bulks.set_status("b1", "open")
        assert [item.n for item in session.bulks.claim("b1", 2)] == [2]
        assert session.bulks.set_status("b1", "closed")
        assert not session.bulks.set_status("b1", "open")

    with store.session() as session:
        told = session.bulks.get("b1")
        failed = session.bulks.items("b1", status="failed")
    assert told is not None
    assert (told.status, told.items, told.done, told.failed, told.skipped) == ("closed", 3, 1, 1, 0)
    assert failed == [BulkItemRow(bulk="b1", n=1, payload=b"1", status="failed", result=b'{"code":"x"}')]


def test_an_incident_is_told_once_until_somebody_has_looked(store: Store) -> None:
    def tell(at: int) -> int:
        with store.session() as session:
            return session.incidents.record("poison", case("A"), command="c", data={"why": "x"}, at=at)

    first = tell(1)
    assert tell(2) == first
    with store.session() as session:
        assert session.incidents.close(first, by="p", at=3)
        assert not session.incidents.close(first, by="p", at=4)
    second = tell(5)

    with store.read() as reader:
        told = reader.incidents(EVERYTHING)
    assert told == [
        IncidentRow(
            id=second, code="poison", stream=case("A"), command="c", data={"why": "x"}, at=5,
            closed_at=None, closed_by="",
        )
    ]  # fmt: skip


def test_the_oldest_work_that_waits_is_told(store: Store) -> None:
    with store.read() as reader:
        assert reader.lag() == Lag(timer=None, message=None, signal=None)

    a = case("A")
    save(store, write(a, 0, at=7, arm=(timer(a, 1, 40), timer(a, 2, 30)), signals=(signal(a, 1, 1, case("B")),),
                      messages=(message(a, 1, 1, "p", at=9),)))  # fmt: skip

    with store.read() as reader:
        assert reader.lag() == Lag(timer=30, message=9, signal=7)


# ------------------------------------------------------------------------------------------------ directory
def test_new_knowledge_ends_the_old_which_can_still_be_asked_for(store: Store) -> None:
    record(store, 0, 100, "unit", {"id": "u1", "title": "Old", "region": "/a/"}, {"id": "u2", "title": "Other"})
    record(
        store, 1, 200, "unit",
        {"id": "u1", "title": "Old", "region": "/a/", "valid_to": "2026-05-01"},
        {"id": "u1", "title": "New", "region": "/b/", "valid_from": "2026-05-01", "staff": 12},
    )  # fmt: skip

    def title(day: str, known_at: int | None = None) -> str | None:
        with store.session() as session:
            found = session.directory.entities("unit", ["u1"], date.fromisoformat(day), known_at=known_at)
        return found["u1"].title if found else None

    assert (title("2026-04-30"), title("2026-05-01")) == ("Old", "New")
    assert (title("2026-05-01", known_at=199), title("2026-05-01", known_at=200)) == ("Old", "New")
    assert title("2026-05-01", known_at=99) is None
    with store.session() as session:
        known = session.directory.entities("unit", ["u1", "u2", "u3"], date(2026, 6, 1))
        rows = session.directory.rows("unit", ["u1"])
    assert known["u1"] == Entity(id="u1", title="New", region="/b/", attributes={"staff": 12, "credit_code": ""})
    assert sorted(known) == ["u1", "u2"]
    assert [(row.valid_from, row.valid_to, row.recorded_from, row.recorded_to) for row in rows] == [
        ("1900-01-01", "2026-05-01", 200, FOREVER),
        ("2026-05-01", "9999-12-31", 200, FOREVER),
    ]


def test_units_are_found_by_credit_code_and_by_name(store: Store) -> None:
    record(store, 0, 1, "unit", {"id": "u1", "title": "Mill", "credit_code": "C1"}, {"id": "u2", "title": "Mill"})

    with store.session() as session:
        by_code = session.directory.matching("unit", "credit_code", ["C1", "C9"], date(2026, 1, 1))
        by_name = session.directory.matching("unit", "title", ["Mill"], date(2026, 1, 1))

    assert {code: [unit.id for unit in units] for code, units in by_code.items()} == {"C1": ["u1"]}
    assert {name: [unit.id for unit in units] for name, units in by_name.items()} == {"Mill": ["u1", "u2"]}


def test_holdings_are_told_as_they_are_known(store: Store) -> None:
    held = {"id": "h1", "person": "p", "role": "checker", "region": "/a/", "valid_from": "2026-01-01"}
    record(store, 0, 100, "holding", held)
    record(store, 1, 200, "holding", held | {"valid_to": "2026-03-01", "reason": "left"})

    with store.session() as session:
        before, now = session.directory.holdings(known_at=150), session.directory.holdings()

    first = Holding(id="h1", person="p", role="checker", region="/a/", valid_from=date(2026, 1, 1), valid_to=END)
    assert before == [first]
    assert [(row.id, row.valid_to) for row in now] == [("h1", date(2026, 3, 1))]


# ------------------------------------------------------------------------------------------------ keeping
def test_what_is_erased_from_the_vault_is_gone_and_all_else_stays(store: Store) -> None:
    values = [VaultRow(ref=f"r{n}", subject=subject, salt=b"s", sealed=b"%d" % n) for n, subject in enumerate("xxy")]
    save(store, write(case("A"), 0, vault=tuple(values)))
    with store.session() as session:
        assert session.vault.put_key("x", b"key x", 1) == b"key x"
        assert session.vault.put_key("x", b"another", 2) == b"key x"
        assert session.vault.put_key("y", b"key y", 1) == b"key y"

    with store.session() as session:
        assert session.vault.erase_values(["r1"]) == 1
        assert session.vault.erase("x") == 1

    with store.session() as session:
        assert session.vault.get(["r0", "r1", "r2"]) == {"r2": values[2]}
        assert session.vault.keys(["x", "y"]) == {"y": b"key y"}


def test_a_definition_is_stored_once_and_published_again_as_it_was(store: Store) -> None:
    first = DefinitionRow(version="v1", procedure="p", plan="plan", title="t", body=b"{}", published_at=1)
    second = DefinitionRow(version="v2", procedure="p", plan="plan", title="t2", body=b"{}", published_at=2)
    other = DefinitionRow(version="v1", procedure="p", plan="plan", title="forged", body=b"x", published_at=9)
    save(store, write(Stream("library", "main"), 0, definitions=(first, second)))
    save(store, write(Stream("library", "main"), 1, definitions=(other,)))

    with store.session() as session:
        again = msgspec.structs.replace(first, published_at=9)
        assert session.definitions.get("v1") == again
        assert session.definitions.get("v3") is None
        assert session.definitions.list("p") == [again, second]


def test_evidence_and_tokens_read_back(store: Store) -> None:
    photo = EvidenceRow(sha256="ab", size=3, media_type="image/png", stored_at=1)
    token = TokenRow(
        digest=b"d", person="p", title="t", scopes=("read", "act"), created_at=1, expires_at=9, revoked_at=None
    )  # fmt: skip
    with store.session() as session:
        session.evidence.put(photo)
        session.evidence.put(photo)
        session.tokens.put(token)

    with store.session() as session:
        assert session.evidence.get(["ab", "cd"]) == {"ab": photo}
        assert session.tokens.get(b"d") == token
        assert session.tokens.revoke(b"d", 5)
        assert not session.tokens.revoke(b"d", 6)
        assert [row.revoked_at for row in session.tokens.list("p")] == [5]


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_a_database_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        open_store(url)
