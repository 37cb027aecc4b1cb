"""Cases that come due and stay late, on both databases: what their holders get by real mail, day by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import select

from adapters.messaging.smtp import SmtpMessenger, SmtpSettings
from engine.core.budget import Hours, Rules
from engine.runtime.projection import from_micros
from engine.store.schema import message
from engine.store.store import Store
from tests.districts import District
from tests.integration.posts import Post, worker
from tests.integration.test_hidden_cases import Visits
from tests.integration.test_mail import Mailbox, mail  # noqa: F401 - fixture
from tests.visits import VISIT

RULES = Rules(
    id="notices",
    title="消息规则",
    budget=4,
    ceiling=5,
    digests=("08:30", "14:00"),
    quiet=Hours(begins="22:00", ends="07:00"),
    quiet_days=("weekend", "holiday"),
)
HALF_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)
CASES = 12


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


def live(district: District, sender: Any, days: int) -> None:
    """Let days pass; the worker looks at midnight, when quiet time ends, and when digests go."""
    zone = district.catalog.calendar().zone
    for _ in range(days * 48):
        district.clock.advance(HALF_HOUR)
        if district.clock.now().astimezone(zone).strftime("%H:%M") in ("00:00", "07:00", "08:30", "14:00"):
            sender.drain()


def fates(district: District) -> list[Any]:
    with district.store.session() as session:
        return list(session.run(select(message).where(message.c.kind == "case").order_by(message.c.key)))


def test_late_cases_fill_nobody_s_day_and_every_reminder_tells_where_it_went(district: District) -> None:
    for n in range(CASES):
        district.do(district.start(f"C{n}", subject=f"事项{n}"))
    post = Post()
    sender = worker(district, post, rules=RULES)

    live(district, sender, 7)

    rows = fates(district)
    zone = district.catalog.calendar().zone
    days: dict[tuple[str, Any], set[str]] = defaultdict(set)
    for row in rows:
        if row.status == "sent":
            left = from_micros(row.next_at).astimezone(zone)
            days[row.person, left.date()].add(row.digest or row.key)
            assert "07:00" <= left.strftime("%H:%M") < "22:00"
            assert left.weekday() < 5
    # two by themselves, since two places are kept for digests, and one digest
    assert max(len(told) for told in days.values()) == 3
    assert {row.manner for row in rows if row.digest} == {"", "digest"}
    # what goes again and again goes in digests alone
    assert {row.manner for row in rows if row.status == "sent" and not row.digest} == {""}
    assert Counter(row.status for row in rows).keys() <= {"sent", "waiting", "overtaken"}
    assert len(post.sent) == sum(len(told) for told in days.values())


def test_a_reminder_of_what_was_done_by_the_morning_is_not_sent(district: District) -> None:
    for n in range(3):
        district.do(district.start(f"C{n}", subject=f"事项{n}"))
    post = Post()
    sender = worker(district, post, rules=RULES)
    while not [row for row in fates(district) if row.person == "chen" and row.why == "quiet"]:
        district.clock.advance(HALF_HOUR)
        sender.drain()

    district.do(district.confirm("C0"))
    sent = len(post.sent)
    live(district, sender, 1)

    told = [row for row in fates(district) if row.person == "chen" and row.id == "C0" and row.why]
    assert {(row.status, row.reason) for row in told} == {("overtaken", "task_over")}
    assert len(post.sent) > sent


def test_a_digest_arrives_by_mail_with_what_is_due_first_on_top(
    district: District,
    mail: tuple[Mailbox, int],  # noqa: F811
) -> None:
    box, port = mail
    for n in (1, 2):
        district.do(district.start(f"C{n}", subject=f"事项{n}"))
        district.clock.advance(DAY)
    settings = SmtpSettings(host="127.0.0.1", port=port, sender="zhiben@example.org", security="none")
    sender = worker(district, SmtpMessenger(settings, district.clock), rules=RULES)

    live(district, sender, 6)

    mails = [message_from_bytes(raw, policy=policy.default) for to, raw in box.mails if to == ["chen@example.org"]]
    (first, *_) = [one.get_content().splitlines() for one in mails if one["Subject"] == "+2"]
    assert first == ["2026-03-04 S-2026-00001", "2026-03-05 S-2026-00002"]


def test_of_a_hidden_case_a_digest_says_no_more_than_its_number(store: Store) -> None:
    visits = Visits(store, procedure=VISIT)
    visits.settle()
    for n in range(6):
        visits.plan(f"V{n}")
    post = Post()
    sender = worker(visits, post, rules=RULES)

    live(visits, sender, 2)

    digests = [one for one in post.sent if one.key.startswith("digest/")]
    assert digests
    for one in digests:
        assert "门窗检查" not in one.body
        assert all("V-2026-0000" in line and "…" in line for line in one.body.splitlines())
