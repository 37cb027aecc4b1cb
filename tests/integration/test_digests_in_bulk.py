"""Many messages at once: a midnight at which thousands fall due, and several workers that send together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.store.store import Store, open_store
from tests.districts import District
from tests.integration.posts import Post, worker
from tests.integration.test_digests import RULES, at, counted, fates, tell
from tests.integration.test_worker import deadlocks


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


def test_three_thousand_tasks_of_one_person_fall_due_at_midnight_and_nobody_gets_more_than_ten_messages(
    district: District,
) -> None:
    post = Post()
    sender = worker(district, post, rules=RULES)
    at(district, "9 00:00")
    tell(district, 3000, "digest")
    tell(district, 40, "", first=5000)
    tell(district, 5, "urgent", first=6000)

    for hour in range(24):
        at(district, f"9 {hour:02}:00")
        sender.drain()
        at(district, f"9 {hour:02}:30")
        sender.drain()

    assert len(post.sent) <= 10
    assert (
        sum(fates(district).values())
        == sum(count for told, count in fates(district).items() if told.startswith("sent"))
        == 3045
    )


def test_four_workers_together_send_nobody_more_than_the_budget_and_lose_nothing(pg_url: str) -> None:
    store = open_store(pg_url, unsafe=True)
    district = District(store)
    district.settle()
    post, before = Post(idempotent=True), deadlocks(pg_url)
    people = ("wang", "chen", "zhou")
    for n, person in enumerate(people):
        tell(district, 25, "", person, first=1000 * n)
        tell(district, 25, "digest", person, first=1000 * n + 100)
        tell(district, 25, "urgent", person, first=1000 * n + 200)
    workers = [worker(district, post, rules=RULES) for _ in range(4)]

    days = []
    for moment in ("09:00", "14:00", "23:00", "3 08:30", "3 14:00", "4 08:30"):
        at(district, moment)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda one: one.drain(), workers))
        days.append(len(post.sent))
    told, kept = fates(district), counted(district)
    store.close()

    assert [(row[0], row[3]) for row in kept if row[1:3] == ("2026-03-02", "")] == [(who, 10) for who in sorted(people)]
    assert days[2] == 30
    assert sum(count for name, count in told.items() if name.startswith("sent")) == sum(told.values()) == 225
    assert len(post.sent) == len({one.key for one in post.sent})
    assert deadlocks(pg_url) == before
