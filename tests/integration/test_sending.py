"""Messages on both databases: at least once under one key, retried with patience, never silently dropped or doubled."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from engine.core.ports import Message, Sent
from engine.runtime.backoff import FIRST, LONGEST
from engine.runtime.projection import micros
from engine.runtime.sending import CLAIM, MOST_ATTEMPTS
from engine.runtime.texts import Texts
from engine.runtime.worker import Done
from engine.store.schema import message
from engine.store.store import Store
from tests.districts import District, case
from tests.integration.posts import RETRY, Book, Broken, Post, incidents, next_at, outbox, queue, worker


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


def test_a_message_is_finished_when_it_is_sent_from_its_text_and_the_case_as_it_stands(district: District) -> None:
    queue(district, "A")
    post = Post()

    done = worker(district, post).drain()

    (key,) = [one.key for one in post.sent]
    body = "事项A：办理中"
    assert post.sent == [Message(key=key, address="wang@example.org", subject="S-2026-00001", body=body)]
    assert (done.messages, outbox(district)) == (1, [("sent", 1, "mail", "")])


def test_the_first_channel_on_which_a_person_can_be_reached_is_used(district: District) -> None:
    queue(district, "A")
    inbox = Post(channel="inapp", idempotent=True)

    worker(district, inbox).drain()

    assert [one.address for one in inbox.sent] == ["wang"]


def test_a_message_that_could_not_be_sent_is_tried_again_later_under_the_same_key(district: District) -> None:
    queue(district, "A")
    post = Post(RETRY, RETRY)
    sender = worker(district, post)

    sender.drain()
    waits = []
    for _ in range(2):
        waits.append(next_at(district))
        assert sender.drain() == Done()
        district.clock.advance(waits[-1])
        sender.drain()

    assert FIRST / 2 <= waits[0] <= FIRST <= waits[1] <= 2 * FIRST
    assert len({one.key for one in post.sent}) == 1
    assert outbox(district) == [("sent", 3, "mail", "")]


def test_after_eight_attempts_a_message_is_dead_and_somebody_must_look(district: District) -> None:
    queue(district, "A")
    post = Post(*[RETRY] * 20)
    sender = worker(district, post)

    for _ in range(20):
        sender.drain()
        district.clock.advance(LONGEST)

    assert len(post.sent) == MOST_ATTEMPTS
    assert outbox(district) == [("dead", MOST_ATTEMPTS, "mail", "450 later")]
    assert incidents(district) == [("message_dead", post.sent[0].key)]


def test_whoever_cannot_be_reached_is_told_to_an_operator(district: District) -> None:
    queue(district, "A")

    worker(district, Post(), book=Book("wang")).drain()

    assert outbox(district) == [("failed", 1, "", "no_address")]
    assert [code for code, _ in incidents(district)] == ["message_failed"]


def test_a_refused_message_is_failed_and_is_not_tried_again(district: District) -> None:
    queue(district, "A")
    post = Post(Sent(outcome="failed", reason="550 no such mailbox"))

    sender = worker(district, post)
    sender.drain()
    district.clock.advance(LONGEST)
    sender.drain()

    assert (len(post.sent), outbox(district)) == (1, [("failed", 1, "mail", "550 no such mailbox")])


def test_after_a_lapsed_claim_a_channel_that_keeps_doubles_is_not_asked_again(district: District) -> None:
    queue(district, "A")
    with district.store.session() as session:
        now = district.clock.now()
        session.outbox.claim(micros(now), 1, micros(now + CLAIM))  # whoever claimed it died
    post = Post()
    sender = worker(district, post)

    assert sender.drain().messages == 0
    district.clock.advance(CLAIM)
    sender.drain()

    assert post.sent == []
    assert outbox(district) == [("unknown", 2, "mail", "claim_lapsed")]
    assert [code for code, _ in incidents(district)] == ["message_unknown"]


def test_after_a_lapsed_claim_a_channel_that_drops_doubles_is_asked_again(district: District) -> None:
    queue(district, "A")
    with district.store.session() as session:
        now = district.clock.now()
        (dead,) = session.outbox.claim(micros(now), 1, micros(now + CLAIM))
    district.clock.advance(CLAIM)
    post = Post(idempotent=True)

    worker(district, post).drain()

    assert [one.key for one in post.sent] == [dead.key]
    assert outbox(district) == [("sent", 2, "mail", "")]


def test_the_result_of_a_worker_whose_claim_lapsed_is_refused(district: District) -> None:
    queue(district, "A")
    slow, quick = Post(RETRY, idempotent=True), Post(idempotent=True)
    other = worker(district, quick)

    def overslept() -> None:
        district.clock.advance(CLAIM)
        other.drain()

    slow.during = overslept
    worker(district, slow).drain()

    assert (len(slow.sent), len(quick.sent)) == (1, 1)
    assert outbox(district) == [("sent", 2, "mail", "")]
    assert incidents(district) == []


def test_a_channel_with_a_bug_leaves_its_message_unknown_and_the_others_go_on(district: District) -> None:
    queue(district, "A", "B")

    worker(district, Broken()).drain()

    assert outbox(district) == [("unknown", 1, "mail", "RuntimeError")] * 2


def test_a_message_that_cannot_be_written_holds_up_no_other_and_dies_in_the_end(district: District) -> None:
    queue(district, "A", "B", "C")
    with district.store.session() as session:
        session.run(update(message).where(message.c.id == "B").values(references=b"not JSON"))
    post = Post()
    sender = worker(district, post)

    for _ in range(MOST_ATTEMPTS):
        sender.drain()
        district.clock.advance(LONGEST)

    assert len(post.sent) == 2
    assert [status for status, *_ in outbox(district)] == ["sent", "dead", "sent"]


def test_a_worker_told_to_stop_leaves_the_other_messages_as_they_were(district: District) -> None:
    queue(district, "A", "B", "C")
    post = Post()
    sender = worker(district, post)
    post.during = sender.stop

    sender.drain()

    assert sorted(outbox(district)) == [("pending", 0, "", ""), ("pending", 0, "", ""), ("sent", 1, "mail", "")]


def test_a_text_that_names_personal_values_does_not_get_them(district: District) -> None:
    texts = Texts(store=district.store, catalog=district.catalog, clock=district.clock)
    district.do(district.start("A", reporter="张三丰"))
    district.do(district.confirm("A"))
    with district.store.session() as session:
        (claim,) = session.outbox.claim(micros(district.clock.now()), 1, micros(district.clock.now() + CLAIM))

    told = texts.render(claim)

    assert claim.stream == case("A")
    assert told == ("S-2026-00001", "安全出口锁闭：办理中")
