"""Mail over SMTP (RFC 5321): one connection a message, every answer sorted into sent, retry, failed or unknown.

Until the server asks for the text (354) nothing can have been sent; from there on, a connection that ends without an
answer leaves it open: unknown, never silently sent twice. The key of a message travels as X-Zhiben-Key and, hashed,
as its Message-ID, so that a mailbox or a person can recognise a second copy.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from hashlib import sha256
from typing import Literal

from engine.core.ports import Clock, Message, Sent

#: One plain mailbox in ASCII: no display name, no list, no blank, no quoting.
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_LONGEST_REASON = 200


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """Where and as whom mail is sent."""

    host: str
    port: int = 25
    sender: str
    #: starttls and tls verify the server's certificate against `ca_file` or the system's authorities
    security: Literal["none", "starttls", "tls"] = "starttls"
    ca_file: str | None = None
    user: str = ""
    password: str = ""
    #: how we call ourselves to the server
    hello: str = "localhost"
    #: for the connection and for every answer
    timeout_seconds: float = 20.0

    def __repr__(self) -> str:
        return f"SmtpSettings({self.security} {self.host}:{self.port})"


class _Answered(Exception):
    """The server answered something else than hoped for."""

    def __init__(self, step: str, code: int, text: bytes) -> None:
        super().__init__(step, code, text)
        self.step = step
        self.code = code
        self.text = text


class SmtpMessenger:
    """Sends mail, each message in a connection of its own."""

    channel = "mail"
    idempotent = False  # mailboxes keep two mails of one Message-ID

    def __init__(self, settings: SmtpSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def send(self, message: Message) -> Sent:
        """Try once; blocks for a few timeouts at most."""
        if refused := _unsendable(message):
            return Sent(outcome="failed", reason=refused)
        text = self._text(message)
        try:
            smtp = self._connect()
        except (OSError, smtplib.SMTPException) as exc:
            return Sent(outcome="retry", reason=_reason("connect", exc))
        try:
            return self._converse(smtp, message.address, text)
        finally:
            smtp.close()

    def _converse(self, smtp: smtplib.SMTP, address: str, text: bytes) -> Sent:
        try:
            self._introduce(smtp)
        except (_Answered, OSError, smtplib.SMTPException) as exc:
            return Sent(outcome="retry", reason=_reason("introduce", exc))  # about us, not about the message
        try:
            _expect("mail", smtp.mail(self._settings.sender), 250)
            _expect("rcpt", smtp.rcpt(address), 250, 251)
            _expect("data", smtp.docmd("DATA"), 354)
        except _Answered as answer:
            return _classified(answer)
        except (OSError, smtplib.SMTPException) as exc:
            return Sent(outcome="retry", reason=_reason("envelope", exc))
        try:
            smtp.send(_LEADING_DOT.sub(b"..", text) + b".\r\n")
            code, told = smtp.getreply()
            _expect("text", (code, told), 250)
        except _Answered as answer:
            return _classified(answer)
        except (OSError, smtplib.SMTPException) as exc:
            return Sent(outcome="unknown", reason=_reason("text", exc))
        return Sent(outcome="sent", receipt=_plain(told))

    def _connect(self) -> smtplib.SMTP:
        mine = self._settings
        if mine.security == "tls":
            return smtplib.SMTP_SSL(
                mine.host, mine.port, mine.hello, timeout=mine.timeout_seconds, context=self._context()
            )
        return smtplib.SMTP(mine.host, mine.port, mine.hello, timeout=mine.timeout_seconds)

    def _introduce(self, smtp: smtplib.SMTP) -> None:
        mine = self._settings
        smtp.ehlo_or_helo_if_needed()
        if mine.security == "starttls":
            smtp.starttls(context=self._context())  # raises where the server offers none: never in clear instead
            smtp.ehlo()
        if mine.user:
            smtp.login(mine.user, mine.password)

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file)

    def _text(self, message: Message) -> bytes:
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"] = self._settings.sender
        mail["To"] = message.address
        mail["Subject"] = message.subject
        mail["Date"] = format_datetime(self._clock.now())
        domain = self._settings.sender.rpartition("@")[2]
        mail["Message-ID"] = f"<{sha256(message.key.encode()).hexdigest()[:40]}@{domain}>"
        mail["X-Zhiben-Key"] = message.key
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body, cte="base64")  # seven bits, whatever relays on the way can do
        return mail.as_bytes()


def _unsendable(message: Message) -> str:
    """Why a message never could be sent; a line break in a header would let its author add headers of their own."""
    if any(_CONTROL.search(header) for header in (message.key, message.address, message.subject)):
        return "control_character_in_header"
    if not message.key or not message.key.isascii():
        return "key_not_ascii"
    if not _MAILBOX.fullmatch(message.address):
        return "address_refused"
    try:
        (message.subject + message.body).encode()
    except UnicodeEncodeError:
        return "half_character"
    return ""


def _expect(step: str, reply: tuple[int, bytes], *hoped: int) -> None:
    code, text = reply
    if code == -1:
        raise smtplib.SMTPServerDisconnected(step)
    if code not in hoped:
        raise _Answered(step, code, text)


def _classified(answer: _Answered) -> Sent:
    """RFC 5321, 4.2.1: 4yz may work later, 5yz never will; anything else was said by no mail server."""
    outcome: Literal["retry", "failed", "unknown"]
    if 400 <= answer.code < 500:
        outcome = "retry"
    elif 500 <= answer.code < 600:
        outcome = "failed"
    else:
        outcome = "unknown" if answer.step == "text" else "retry"
    return Sent(outcome=outcome, reason=f"{answer.step} {answer.code} {_plain(answer.text)}"[:_LONGEST_REASON])


def _reason(step: str, exc: Exception) -> str:
    told = _plain(exc.smtp_error) if isinstance(exc, smtplib.SMTPResponseException) else ""
    code = str(exc.smtp_code) if isinstance(exc, smtplib.SMTPResponseException) else ""
    return " ".join(filter(None, (step, type(exc).__name__, code, told)))[:_LONGEST_REASON]


def _plain(told: bytes | str) -> str:
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return _CONTROL.sub(" ", text)[:_LONGEST_REASON]
