"""Messages on both databases: at least once under one key, retried with patience, never silently dropped or doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from adapters.messaging.smtp import SmtpMessenger, SmtpSettings
from engine.core.ports import Message, Messenger, Sent
from engine.runtime.backoff import FIRST, LONGEST, retry_after
from engine.runtime.projection import from_micros, micros
from engine.runtime.scheduler import AlarmClock
from engine.runtime.texts import Texts
from engine.runtime.worker import CLAIM, MOST_ATTEMPTS, Done, Worker
from engine.runtime.writer import DirectDoor
from engine.store.schema import incident, message
from engine.store.store import Store
from tests.crash.server import free_port
from tests.districts import District, SeededDice, case

PATIENCE = 20.0
RETRY = Sent(outcome="retry", reason="450 later")


class Post:
    """A channel that answers as it was told to, then always that it sent."""

    def __init__(self, *answers: Sent, idempotent: bool = False, channel: str = "mail") -> None:
        self.channel = channel
        self.idempotent = idempotent
        self.sent: list[Message] = []
        self.during: Callable[[], None] = lambda: None
        self._answers = list(answers)

    def send(self, message: Message) -> Sent:
        """See Messenger."""
        self.sent.append(message)
        self.during()
        return self._answers.pop(0) if self._answers else Sent(outcome="sent", receipt="taken")


class Broken(Post):
    """A channel with a bug."""

    def send(self, message: Message) -> Sent:
        """See Messenger."""
        raise RuntimeError("a bug")


class Book:
    """Addresses of everybody but those left out."""

    def __init__(self, *without: str) -> None:
        self._without = without

    def of(self, person: str) -> Mapping[str, str]:
        """See Addresses."""
        return {} if person in self._without else {"mail": f"{person}@example.org", "inapp": person}


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


def worker(district: District, *posts: Messenger, book: Book | None = None) -> Worker:
    """A worker of its own with these channels."""
    service = district.another_service(SeededDice("worker"))
    texts = Texts(store=district.store, catalog=district.catalog, clock=district.clock)
    return Worker(door=DirectDoor(lambda: service), texts=texts, messengers=posts, addresses=book or Book())


def queue(district: District, *names: str) -> None:
    """Cases whose confirmation told the principal of the unit, wang."""
    for name in names:
        district.do(district.start(name, subject=f"事项{name}", place="P1" if name == "A" else ""))
        district.do(district.confirm(name))


def outbox(district: District) -> list[tuple[str, int, str, str]]:
    """Status, attempts, channel and reason of all messages, in the order of their keys."""
    with district.store.session() as session:
        rows = session.run(select(message).order_by(message.c.key))
        return [(row.status, row.attempts, row.channel, row.reason) for row in rows]


def next_at(district: District) -> timedelta:
    """How long the only message waits until it is tried again."""
    with district.store.session() as session:
        (at,) = session.run(select(message.c.next_at)).scalars()
    return from_micros(at) - district.clock.now()


def incidents(district: District) -> list[tuple[str, str]]:
    """Codes and commands of open incidents."""
    with district.store.session() as session:
        return [(row.code, row.command) for row in session.run(select(incident).order_by(incident.c.id))]


def test_a_message_is_finished_when_it_is_sent_from_its_text_and_the_case_as_it_stands(district: District) -> None:
    queue(district, "A")
    post = Post()

    done = worker(district, post).drain()

    (key,) = [one.key for one in post.sent]
    body = "事项A：办理中"
    assert post.sent == [Message(key=key, address="wang@example.org", subject="S-2026-00001", body=body)]
    assert (done, outbox(district)) == (Done(messages=1), [("sent", 1, "mail", "")])


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

    assert sender.drain() == Done()
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


@given(attempts=st.integers(0, 200), seed=st.integers(0, 1000))
def test_waits_double_up_to_a_bound_and_are_shortened_by_chance_to_no_less_than_half(attempts: int, seed: int) -> None:
    whole = LONGEST if attempts > 20 else min(FIRST * 2 ** max(0, attempts - 1), LONGEST)

    assert whole / 2 <= retry_after(attempts, SeededDice(str(seed))) <= whole


# mail -----------------------------------------------------------------------------------------------------------


class Mailbox:
    """A mail server's mind: keeps what comes."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep it."""
        self.mails.append((envelope.rcpt_tos, envelope.original_content or b""))
        return "250 queued as 4711"


@pytest.fixture
def mail() -> Iterator[tuple[Mailbox, int]]:
    """A mail server and its port."""
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


def test_mail_arrives_at_a_real_server_as_it_was_written(district: District, mail: tuple[Mailbox, int]) -> None:
    box, port = mail
    queue(district, "A")
    settings = SmtpSettings(host="127.0.0.1", port=port, sender="zhiben@example.org", security="none")

    worker(district, SmtpMessenger(settings, district.clock)).drain()

    ((to, raw),) = box.mails
    told = message_from_bytes(raw, policy=policy.default)
    assert (to, told["Subject"], told.get_content().strip()) == (["wang@example.org"], "S-2026-00001", "事项A：办理中")
    assert outbox(district) == [("sent", 1, "mail", "")]


def test_mail_waits_while_the_server_is_down_and_arrives_once_when_it_is_back(
    district: District, mail: tuple[Mailbox, int]
) -> None:
    box, port = mail
    queue(district, "A")
    away = SmtpSettings(host="127.0.0.1", port=free_port(), sender="zhiben@example.org", security="none")
    back = SmtpSettings(host="127.0.0.1", port=port, sender="zhiben@example.org", security="none")

    worker(district, SmtpMessenger(away, district.clock)).drain()
    (waits,) = outbox(district)
    district.clock.advance(FIRST)
    worker(district, SmtpMessenger(back, district.clock)).drain()

    assert waits[:3] == ("pending", 1, "mail")
    assert (len(box.mails), outbox(district)) == (1, [("sent", 2, "mail", "")])


# the alarm clock ------------------------------------------------------------------------------------------------


def test_the_alarm_clock_rings_again_after_a_call_that_failed() -> None:
    rung, twice = iter(range(1000)), threading.Event()

    def wake() -> None:
        if next(rung):
            twice.set()
        raise RuntimeError("a bug")

    with AlarmClock(wake, poll_seconds=0.01):
        assert twice.wait(PATIENCE)


def test_the_alarm_clock_never_calls_twice_at_once_and_stops_after_the_call_under_way() -> None:
    busy, begun, overlapped, ended = threading.Lock(), threading.Event(), threading.Event(), threading.Event()

    def wake() -> None:
        if not busy.acquire(blocking=False):
            overlapped.set()
            return
        begun.set()
        overlapped.wait(0.2)
        ended.set()
        busy.release()

    with AlarmClock(wake, poll_seconds=0.01):
        assert begun.wait(PATIENCE)

    assert ended.is_set()
    assert not overlapped.is_set()
