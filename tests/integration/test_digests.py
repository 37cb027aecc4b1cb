"""How much leaves the product for one person in a day, on both databases: no more, nothing lost, fates told."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, select, update

from engine.core.administration import DIRECTORY
from engine.core.budget import Hours, Rules, Wish
from engine.core.command import SYSTEM, RecordShifts
from engine.core.directory import Scope
from engine.core.ports import Sent
from engine.runtime.projection import micros
from engine.runtime.sending import CLAIM
from engine.store.schema import FOREVER, message, message_day, task
from engine.store.store import Store
from tests.districts import District
from tests.integration.posts import Post, incidents, worker

RULES = Rules(
    id="notices",
    title="消息规则",
    budget=8,
    ceiling=10,
    digests=("08:30", "14:00"),
    quiet=Hours(begins="22:00", ends="07:00"),
    quiet_days=("weekend", "holiday"),
    duty_excepted=True,
    own_quiet=Hours(begins="18:00", ends="09:00"),
)
#: 09:00 of a Monday in Shanghai
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


def tell(district: District, count: int, manner: str = "", person: str = "wang", first: int = 1) -> None:
    """So many messages about matters of a person, each of which is still to be done; the first is due last."""
    now = micros(district.clock.now())
    rows = [(f"C{n}", now + (1_000_000 - n) * 1_000_000) for n in range(first, first + count)]
    with district.store.session() as session:
        session.run(insert(message), [_message(name, person, manner, due, now) for name, due in rows])
        session.run(insert(task), [_task(name, person, due) for name, due in rows])


def _message(name: str, person: str, manner: str, due: int, now: int) -> dict[str, object]:
    return {
        "key": f"case/{name}:2:1:{manner}", "kind": "case", "id": name, "seq": 2, "person": person, "text": "told",
        "references": b'{"task":1,"rung":"overdue"}', "created_at": now, "manner": manner, "task": 1, "due_at": due,
        "status": "pending", "next_at": now, "attempts": 0, "epoch": 0, "channel": "", "receipt": "", "reason": "",
        "digest": "", "why": "", "counted_on": "",
    }  # fmt: skip


def _task(name: str, person: str, due: int) -> dict[str, object]:
    blank = dict.fromkeys(("party", "queue", "role", "asked_region", "asked_unit", "by_way_of"), "")
    return {
        "case": name, "task": 1, "person": person, "kind": "own", "state": "doing", "opened_at": 0, "due_at": due,
        "overdue": False, **blank,
    }  # fmt: skip


def fates(district: District) -> dict[str, int]:
    """How many messages have which status and stand in how a digest; digests themselves aside."""
    with district.store.session() as session:
        rows = session.run(select(message.c.status, message.c.digest, message.c.why).where(message.c.kind == "case"))
        return dict(Counter(" ".join(filter(None, (row[0], "digest" * bool(row[1]), row[2]))) for row in rows))


def counted(district: District) -> list[tuple[str, str, str, int, int]]:
    with district.store.session() as session:
        return [tuple(row) for row in session.run(select(message_day).order_by(*message_day.primary_key.columns))]


def at(district: District, told: str) -> None:
    """Let it become that local time of Monday, or of a day in March: "14:00", "3 08:30"."""
    day, _, clock = told.rpartition(" ")
    hour, minute = clock.split(":")
    midnight = MORNING - 9 * HOUR + (int(day or "2") - 2) * DAY
    then = midnight + timedelta(hours=int(hour), minutes=int(minute))
    district.clock.advance(then - district.clock.now())


def test_beyond_the_budget_of_a_day_messages_wait_and_come_together(district: District) -> None:
    post = Post()
    sender = worker(district, post, rules=RULES)
    tell(district, 40)

    sender.drain()
    in_the_morning = fates(district)
    at(district, "14:00")
    sender.drain()

    # one place is kept for the digest in the afternoon
    assert in_the_morning == {"sent": 7, "waiting digest budget": 33}
    assert fates(district) == {"sent": 7, "sent digest budget": 33}
    assert len(post.sent) == 8
    digest = post.sent[-1]
    assert digest.subject == "+33"
    assert digest.body.splitlines()[-1] == "+3"
    assert counted(district) == [("wang", "2026-03-02", "", 8, 0), ("wang", "2026-03-02", "mail", 8, 0)]


def test_what_can_wait_waits_for_the_next_digest_even_when_nothing_else_came(district: District) -> None:
    post = Post()
    sender = worker(district, post, rules=RULES)
    tell(district, 2, "digest")

    sender.drain()
    assert (post.sent, fates(district)) == ([], {"waiting digest digest": 2})
    at(district, "14:00")
    sender.drain()

    assert [one.subject for one in post.sent] == ["+2"]
    # what is due first comes first
    assert post.sent[0].body.splitlines() == ["told", "told"]
    assert fates(district) == {"sent digest digest": 2}


def test_at_night_and_on_days_off_nobody_is_disturbed_but_by_what_is_urgent(district: District) -> None:
    post = Post()
    sender = worker(district, post, rules=RULES)
    at(district, "6 22:00")  # a Friday
    tell(district, 1)
    tell(district, 1, "urgent", first=2)
    tell(district, 1, "digest", first=3)

    sender.drain()
    assert [one.key for one in post.sent] == ["case/C2:2:1:urgent"]
    at(district, "9 06:59")  # Monday
    sender.drain()
    assert len(post.sent) == 1
    at(district, "9 07:00")
    sender.drain()
    assert [one.key for one in post.sent[1:]] == ["case/C1:2:1:"]
    at(district, "9 08:30")
    sender.drain()

    assert len(post.sent) == 3
    assert fates(district) == {"sent": 1, "sent quiet": 1, "sent digest digest": 1}


def test_whoever_is_on_duty_is_told_at_any_time(district: District) -> None:
    post = Post()
    sender = worker(district, post, rules=RULES)
    at(district, "7 22:30")
    now = district.clock.now()
    shift = {"id": "s", "roster": "night", "person": "wang", "begins": (now - HOUR).isoformat()}
    district.do(
        district.request(DIRECTORY, RecordShifts(shifts=({**shift, "ends": (now + HOUR).isoformat()},)), SYSTEM)
    )
    tell(district, 1)

    sender.drain()

    assert fates(district) == {"sent": 1}


def test_urgent_messages_pass_the_budget_and_end_at_the_ceiling_with_all_that_waits(district: District) -> None:
    post = Post()
    sender = worker(district, post, rules=RULES)
    tell(district, 3, "digest")
    tell(district, 20, "urgent", first=10)

    sender.drain()

    # nine by themselves; the tenth tells the other eleven, and what waited for the afternoon
    assert len(post.sent) == 10
    assert (post.sent[-1].subject, "last" in post.sent[-1].key) == ("+14", True)
    assert fates(district) == {"sent": 9, "sent digest budget": 11, "sent digest digest": 3}
    assert counted(district)[0] == ("wang", "2026-03-02", "", 10, 10)

    tell(district, 1, "urgent", first=40)
    at(district, "23:59")
    sender.drain()
    assert len(post.sent) == 10
    at(district, "3 00:00")
    sender.drain()
    assert len(post.sent) == 11


def test_what_is_done_by_then_drops_out_of_the_digest_and_says_so(district: District) -> None:
    post = Post()
    sender = worker(district, post, rules=RULES)
    tell(district, 4, "digest")
    sender.drain()
    with district.store.session() as session:
        session.run(task.delete().where(task.c.case == "C1"))
        session.run(update(task).where(task.c.case == "C2").values(due_at=FOREVER))

    at(district, "14:00")
    sender.drain()

    assert [one.subject for one in post.sent] == ["+2"]
    with district.store.session() as session:
        gone = select(message.c.id, message.c.reason).where(message.c.status == "overtaken").order_by(message.c.id)
        assert [tuple(row) for row in session.run(gone)] == [("C1", "task_over"), ("C2", "deadline_moved")]


def test_a_digest_in_which_nothing_is_left_is_not_sent(district: District) -> None:
    post = Post()
    sender = worker(district, post, rules=RULES)
    tell(district, 2, "digest")
    sender.drain()
    with district.store.session() as session:
        session.run(task.delete())

    at(district, "14:00")
    sender.drain()

    assert (post.sent, fates(district)) == ([], {"overtaken digest digest": 2})
    assert [row[3] for row in counted(district)] == [0]


def test_all_of_a_digest_ends_as_the_digest_ends_and_is_told_again_when_it_is_revived(district: District) -> None:
    post = Post(Sent(outcome="failed", reason="550 no such mailbox"))
    sender = worker(district, post, rules=RULES)
    tell(district, 3, "digest")
    sender.drain()
    at(district, "14:00")
    sender.drain()

    assert fates(district) == {"failed digest digest": 3}
    (key,) = [key for code, key in incidents(district) if code == "message_failed"]
    # it certainly was not sent: it takes nobody's place
    assert [row[3] for row in counted(district)] == [0, 0]

    with district.store.session() as session:
        assert session.outbox.revive(key, micros(district.clock.now()))
    sender.drain()

    assert fates(district) == {"sent digest digest": 3}
    assert [one.key for one in post.sent] == [key, key]


def test_a_message_that_was_not_sent_is_counted_when_it_is(district: District) -> None:
    post = Post(*[Sent(outcome="retry", reason="450 later")] * 3)
    sender = worker(district, post, rules=RULES)
    tell(district, 1)

    for _ in range(4):
        sender.drain()
        district.clock.advance(HOUR)

    assert fates(district) == {"sent": 1}
    assert [row[3] for row in counted(district)] == [1, 1]


def test_a_worker_that_dies_with_a_message_in_its_hands_does_not_count_it_twice(district: District) -> None:
    post = Post(idempotent=True)
    tell(district, 1)

    def die() -> None:
        raise KeyboardInterrupt

    post.during = die
    with pytest.raises(KeyboardInterrupt):
        worker(district, post, rules=RULES).drain()
    post.during = lambda: None
    district.clock.advance(CLAIM)
    worker(district, post, rules=RULES).drain()

    assert len(post.sent) == 2
    assert fates(district) == {"sent": 1}
    assert [row[3] for row in counted(district)] == [1, 1]


def test_digests_that_had_to_wait_for_another_day_come_as_one(district: District) -> None:
    post = Post()
    sender = worker(district, post, rules=replace(RULES, budget=1, ceiling=1))
    tell(district, 2, "digest", first=10)
    sender.drain()
    tell(district, 1, "urgent")
    sender.drain()
    assert [one.subject for one in post.sent] == ["+3"]
    tell(district, 3, "digest", first=20)
    sender.drain()
    at(district, "14:00")
    sender.drain()
    tell(district, 4, "digest", first=30)
    sender.drain()
    assert len(post.sent) == 1

    at(district, "3 08:30")
    sender.drain()

    assert [one.subject for one in post.sent[1:]] == ["+7"]
    assert fates(district) == {"sent digest budget": 1, "sent digest digest": 9}


def test_who_wishes_so_gets_everything_in_digests_and_has_quiet_hours_of_their_own(district: District) -> None:
    post = Post()
    sender = worker(district, post, rules=RULES)
    with district.store.session() as session:
        session.message_days.choose("wang", Wish(digest_only=True, quiet=Hours(begins="18:00", ends="08:45")))
    at(district, "17:00")
    tell(district, 3)

    sender.drain()
    at(district, "3 08:30")
    sender.drain()
    assert post.sent == []
    at(district, "3 14:00")
    sender.drain()

    assert [one.subject for one in post.sent] == ["+3"]


def test_a_wish_that_the_place_does_not_allow_is_not_heeded(district: District) -> None:
    post = Post()
    with district.store.session() as session:
        session.message_days.choose("wang", Wish(quiet=Hours(begins="08:00", ends="20:00")))
    tell(district, 1)

    worker(district, post, rules=RULES).drain()

    assert fates(district) == {"sent": 1}


def test_the_inbox_has_everything_at_once_and_shows_no_digest(district: District) -> None:
    tell(district, 12)
    worker(district, Post(), rules=RULES).drain()
    at(district, "14:00")
    worker(district, Post(), rules=RULES).drain()

    with district.store.read() as reader:
        scope = Scope(person="wang")
        shown = reader.messages(scope, limit=50).items
        assert len(shown) == 12
        assert reader.worklists.waiting(scope).unread == 12


def test_whoever_has_nothing_but_the_inbox_is_neither_counted_nor_delayed(district: District) -> None:
    tell(district, 30, "digest")
    inbox = Post(channel="inapp", idempotent=True)

    worker(district, inbox, rules=RULES).drain()

    assert fates(district) == {"sent": 30}
    assert counted(district) == []


def test_when_one_way_out_is_full_the_next_one_is_taken(district: District) -> None:
    mail, phone = Post(), Post(channel="sms")
    rules = replace(RULES, channels=(("mail", 2), ("sms", 3)))
    tell(district, 9)

    worker(district, mail, phone, rules=rules, ways=("mail", "sms")).drain()

    assert (len(mail.sent), len(phone.sent)) == (2, 2)
    assert fates(district) == {"sent": 4, "waiting digest budget": 5}
