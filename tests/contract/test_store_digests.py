"""Digests and the count of a person's day, on both databases: counted exactly, fenced like any message."""

from __future__ import annotations

from engine.core.budget import Day, Hours, Wish
from engine.core.directory import Scope
from engine.store.store import Store
from engine.store.views import ClaimedMessage
from tests.writes import case, message, save, write

NOW, SOON, LATER = 1_000, 2_000, 9_000
SCOPE = Scope(person="p")


def queue(store: Store, *names: str) -> None:
    for name in names:
        save(store, write(case(name), 0, messages=(message(case(name), 1, 1, "p"),)))


def claim(store: Store, now: int = NOW) -> ClaimedMessage:
    with store.session() as session:
        (claimed,) = session.outbox.claim(now, 1, now + 500)
    return claimed


def statuses(store: Store) -> list[tuple[str, str]]:
    with store.read() as reader:
        return sorted((one.status, one.digest) for one in reader.messages(SCOPE).items)


def test_a_day_is_counted_by_channel_and_given_back(store: Store) -> None:
    with store.session() as session:
        assert session.message_days.lock("p", "2026-03-02") == Day()
        session.message_days.take("p", "2026-03-02", "mail", urgent=False)
        session.message_days.take("p", "2026-03-02", "mail", urgent=True)
        session.message_days.take("p", "2026-03-02", "sms", urgent=False)
        session.message_days.give_back("p", "2026-03-02", "mail", urgent=True)

    with store.read() as reader:
        assert reader.message_days.of("p", "2026-03-02") == Day(total=2, urgent=0, by_channel={"mail": 1, "sms": 1})
        assert reader.message_days.of("p", "2026-03-03") == Day()


def test_what_a_person_chose_is_kept_until_they_choose_otherwise(store: Store) -> None:
    chosen = Wish(digest_only=True, quiet=Hours(begins="20:00", ends="08:00"))
    with store.session() as session:
        session.message_days.choose("p", chosen)
        assert session.message_days.wish("p") == chosen
        session.message_days.choose("p", Wish())
        assert session.message_days.wish("p") == Wish()


def test_what_joins_a_digest_ends_as_the_digest_ends(store: Store) -> None:
    queue(store, "A", "B")
    claimed = claim(store)
    with store.session() as session:
        key = session.digests.open("p", "noon", SOON, NOW, "digest")
        assert session.digests.join(claimed, key, SOON, "budget")
        assert session.digests.join_others(claimed, key, SOON, "budget", ("",)) == 1

    assert statuses(store) == [("waiting", key)] * 2
    digest = claim(store, SOON)
    assert (digest.key, digest.person, digest.stream.kind) == (key, "p", "digest")
    with store.session() as session:
        assert [one.stream.id for one in session.digests.members("p", key)] == ["A", "B"]
        assert session.outbox.finish(digest, "sent", channel="mail", at=SOON)
        assert session.digests.settle(digest, "sent", channel="mail", next_at=SOON) == 2
    assert statuses(store) == [("sent", key)] * 2


def test_a_digest_under_way_takes_in_nothing_more_and_gives_nothing_away(store: Store) -> None:
    queue(store, "A")
    first = claim(store)
    with store.session() as session:
        key = session.digests.open("p", "noon", SOON, NOW, "digest")
        session.digests.join(first, key, SOON, "digest")
    under_way = claim(store, SOON)

    with store.session() as session:
        assert session.digests.open("p", "noon", SOON, NOW, "digest") == ""
        other = session.digests.open("p", "night", LATER, NOW, "digest")
        assert session.digests.take_over("p", other, LATER) == 0
        assert session.digests.put_off(under_way, LATER, "budget")
        assert session.digests.take_over("p", other, LATER) == 1


def test_a_lapsed_claim_joins_nothing_and_puts_nothing_off(store: Store) -> None:
    queue(store, "A")
    lapsed = claim(store)
    claim(store, NOW + 500)

    with store.session() as session:
        key = session.digests.open("p", "noon", SOON, NOW, "digest")
        assert not session.digests.join(lapsed, key, SOON, "digest")
        assert not session.digests.wait(lapsed, SOON, "quiet", ("",))
        assert not session.outbox.count(lapsed, "2026-03-02", "mail")
        assert not session.outbox.overtake(lapsed, "task_over", SOON)
