"""Messengers, whichever the channel: what an attempt came to is told in one of four words, by a real server."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.messaging.inapp import InAppMessenger
from adapters.messaging.smtp import SmtpMessenger, SmtpSettings
from engine.core.ports import Message, Messenger, Sent
from engine.errors import Busy
from engine.runtime.clock import VirtualClock

NOON = datetime(2026, 10, 9, 4, tzinfo=UTC)
MESSAGE = Message(
    key="case/abc:7:1",
    address="zhang.san@example.org",
    subject="隐患整改超期提醒（第二次）：" + "配电箱无漏电保护" * 5,
    body="张三：\n.以点开头的一行\n..\n.\n请于10月9日前完成整改。\n",
)


class Mailbox:
    """A mail server's mind: keeps what comes, and answers as it was told to."""

    def __init__(self, **answers: Any) -> None:
        self.mails: list[bytes] = []
        self._answers = answers

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return await self._answer("mail", server) or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        answer = await self._answer("rcpt", server)
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope.original_content or b"")
        return await self._answer("data", server) or "250 queued as 4711"

    async def _answer(self, step: str, server: SMTP) -> str:
        answer: str = self._answers.get(step, "")
        if answer == "hang up":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if answer in ("hang up", "say nothing"):
            await asyncio.Event().wait()
        return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def mail(port: int, **changed: Any) -> SmtpMessenger:
    told: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "sender": "office@example.org",
        "security": "none",
        "timeout_seconds": 5.0,
    }
    return SmtpMessenger(SmtpSettings(**told | changed), VirtualClock(NOON))


# ---------------------------------------------------------------------------------------------------- every channel
@pytest.fixture(params=["inapp", "mail"])
def channel(request: pytest.FixtureRequest) -> Iterator[tuple[Messenger, list[Any]]]:
    if request.param == "inapp":
        inbox: list[Any] = []
        yield InAppMessenger(inbox.append), inbox
    else:
        mailbox = Mailbox()
        with serving(mailbox) as port:
            yield mail(port), mailbox.mails


def test_an_accepted_message_is_sent_and_has_a_receipt(channel: tuple[Messenger, list[Any]]) -> None:
    messenger, arrived = channel

    sent = messenger.send(MESSAGE)

    assert (sent.outcome, sent.reason, len(arrived)) == ("sent", "", 1)
    assert sent.receipt


def test_a_message_sent_again_carries_the_same_key(channel: tuple[Messenger, list[Any]]) -> None:
    messenger, arrived = channel

    outcomes = [messenger.send(MESSAGE).outcome, messenger.send(MESSAGE).outcome]

    assert outcomes == ["sent", "sent"]
    assert arrived[0] == arrived[1]


def test_a_channel_says_whether_it_drops_a_second_message_of_the_same_key() -> None:
    inbox: list[Message] = []
    channels: list[Messenger] = [InAppMessenger(inbox.append), mail(25)]

    assert {channel.channel: channel.idempotent for channel in channels} == {"inapp": True, "mail": False}


def test_an_inbox_that_is_busy_gets_the_message_later() -> None:
    def busy(message: Message) -> None:
        raise Busy("queue_full")

    assert InAppMessenger(busy).send(MESSAGE) == Sent(outcome="retry", reason="queue_full")


# ------------------------------------------------------------------------------------------------------------ mail
def test_a_chinese_mail_arrives_as_it_was_written() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        sent = mail(port).send(MESSAGE)

    (raw,) = mailbox.mails
    arrived = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    assert isinstance(arrived, EmailMessage)
    assert sent == Sent(outcome="sent", receipt="queued as 4711")
    assert raw.isascii()
    assert arrived.get_content().replace("\r\n", "\n") == MESSAGE.body
    assert {name: arrived[name] for name in ("From", "To", "Subject", "Date", "X-Zhiben-Key", "Auto-Submitted")} == {
        "From": "office@example.org",
        "To": "zhang.san@example.org",
        "Subject": MESSAGE.subject,
        "Date": "Fri, 09 Oct 2026 04:00:00 +0000",
        "X-Zhiben-Key": "case/abc:7:1",
        "Auto-Submitted": "auto-generated",
    }
    assert arrived["Message-ID"].endswith("@example.org>")


@pytest.mark.parametrize(
    ("answers", "sent"),
    [
        ({"rcpt": "550 no such user"}, Sent(outcome="failed", reason="rcpt 550 no such user")),
        ({"rcpt": "450 greylisted, come back"}, Sent(outcome="retry", reason="rcpt 450 greylisted, come back")),
        ({"mail": "553 sender refused"}, Sent(outcome="failed", reason="mail 553 sender refused")),
        ({"mail": "421 shutting down"}, Sent(outcome="retry", reason="mail 421 shutting down")),
        ({"data": "554 looks like spam"}, Sent(outcome="failed", reason="text 554 looks like spam")),
        ({"data": "452 disk full"}, Sent(outcome="retry", reason="text 452 disk full")),
        ({"data": "299 what now"}, Sent(outcome="unknown", reason="text 299 what now")),
        ({"rcpt": "hang up"}, Sent(outcome="retry", reason="envelope SMTPServerDisconnected")),
        ({"data": "hang up"}, Sent(outcome="unknown", reason="text SMTPServerDisconnected")),
    ],
)
def test_what_the_server_answers_decides_whether_to_try_again(answers: dict[str, str], sent: Sent) -> None:
    with serving(Mailbox(**answers)) as port:
        assert mail(port).send(MESSAGE) == sent


@pytest.mark.parametrize(("step", "outcome"), [("mail", "retry"), ("rcpt", "retry"), ("data", "unknown")])
def test_a_server_that_says_nothing_is_left_after_the_time_limit(step: str, outcome: str) -> None:
    with serving(Mailbox(**{step: "say nothing"})) as port:
        sent = mail(port, timeout_seconds=0.3).send(MESSAGE)

    assert sent.outcome == outcome


def test_a_server_that_is_not_there_or_not_a_mail_server_is_tried_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert mail(silent.getsockname()[1], timeout_seconds=0.2).send(MESSAGE).outcome == "retry"

    assert mail(free_port()).send(MESSAGE) == Sent(outcome="retry", reason="connect ConnectionRefusedError")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"subject": "提醒\r\nBcc: everybody@example.org"}, "control_character_in_header"),
        ({"subject": "提醒\nX: y"}, "control_character_in_header"),
        ({"address": "a@example.org\r\nRCPT TO:<b@example.org>"}, "control_character_in_header"),
        ({"key": "case/abc:7:1\r\nX: y"}, "control_character_in_header"),
        ({"address": "a@example.org, b@example.org"}, "address_refused"),
        ({"address": "张三@example.org"}, "address_refused"),
        ({"address": "Zhang <a@example.org>"}, "address_refused"),
        ({"address": "nobody"}, "address_refused"),
        ({"address": ""}, "address_refused"),
        ({"key": ""}, "key_not_ascii"),
        ({"body": "\ud800"}, "half_character"),
    ],
)
def test_a_message_that_would_smuggle_in_a_header_or_receiver_never_leaves(
    changed: dict[str, str], reason: str
) -> None:
    mailbox = Mailbox()
    told = {"key": MESSAGE.key, "address": MESSAGE.address, "subject": "提醒", "body": "正文"} | changed
    with serving(mailbox) as port:
        sent = mail(port).send(Message(**told))

    assert (sent, mailbox.mails) == (Sent(outcome="failed", reason=reason), [])


def test_the_settings_do_not_show_the_password() -> None:
    settings = SmtpSettings(host="mail.example.org", sender="a@example.org", user="a", password="geheim")

    assert "geheim" not in f"{settings} {settings!r}"


# ------------------------------------------------------------------------------------------------- TLS and passwords
@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data == LoginPassword(b"office", b"right"), handled=False)


def test_mail_goes_over_a_verified_connection_with_a_password(certificate: Path) -> None:
    mailbox = Mailbox()
    options = {"tls_context": server_side(certificate), "authenticator": knows, "auth_required": True}
    trusting = {"security": "starttls", "ca_file": str(certificate), "user": "office"}
    with serving(mailbox, require_starttls=True, **options) as port:
        right = mail(port, **trusting, password="right").send(MESSAGE)
        wrong = mail(port, **trusting, password="wrong").send(MESSAGE)
        stranger = mail(port, **trusting | {"ca_file": None}, password="right").send(MESSAGE)

    assert (right.outcome, wrong.outcome, stranger.outcome) == ("sent", "retry", "retry")
    assert "SMTPAuthenticationError" in wrong.reason
    assert "SSLCertVerificationError" in stranger.reason
    assert len(mailbox.mails) == 1


def test_mail_goes_over_tls_from_the_start(certificate: Path) -> None:
    mailbox = Mailbox()
    with serving(mailbox, ssl_context=server_side(certificate)) as port:
        sent = mail(port, security="tls", ca_file=str(certificate)).send(MESSAGE)

    assert (sent.outcome, len(mailbox.mails)) == ("sent", 1)


def test_a_server_without_tls_gets_no_mail_in_clear() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        sent = mail(port, security="starttls").send(MESSAGE)

    assert (sent, mailbox.mails) == (Sent(outcome="retry", reason="introduce SMTPNotSupportedError"), [])
