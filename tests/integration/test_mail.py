"""Messages by mail, from the outbox to a real server."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.messaging.smtp import SmtpMessenger, SmtpSettings
from engine.runtime.backoff import FIRST
from engine.store.store import Store
from tests.crash.server import free_port
from tests.districts import District
from tests.integration.posts import outbox, queue, worker


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


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
