"""Events of the access streams: one stream a person, who signed in, who was refused, what became of the account.

Nothing of a password, a token, an address or what was typed as a name is in them.
"""

from __future__ import annotations

from datetime import datetime

from engine.core.event_parts import Event


class SignedIn(Event, frozen=True, kw_only=True, tag="signed_in"):
    """The person proved to be who they are and got a session."""

    v: int = 1
    #: the session's public id
    session: str
    #: family of the browser, no version
    agent: str = ""


class SignInRefused(Event, frozen=True, kw_only=True, tag="sign_in_refused"):
    """Somebody gave a wrong password; after several in a row the account takes none for a while."""

    v: int = 1
    failed: int
    locked_until: datetime | None = None


class SessionsEnded(Event, frozen=True, kw_only=True, tag="sessions_ended"):
    """Sessions ended because somebody ended them; those that merely ran out leave nothing."""

    v: int = 1
    sessions: tuple[str, ...]


class PasswordSet(Event, frozen=True, kw_only=True, tag="password_set"):
    """The account has another password; all other sessions ended with the old one."""

    v: int = 1
    must_change: bool = False


class AccountSet(Event, frozen=True, kw_only=True, tag="account_set"):
    """The account was opened, disabled or enabled; disabling ends all its sessions."""

    v: int = 1
    standing: str


class PinSet(Event, frozen=True, kw_only=True, tag="pin_set"):
    """The person chose a PIN for devices they share, chose another, or has none any more; nothing of it is said."""

    v: int = 1
    #: set, removed
    standing: str


class PinRefused(Event, frozen=True, kw_only=True, tag="pin_refused"):
    """Somebody gave a wrong PIN on a device that remembers the person; after several the device takes none."""

    v: int = 1
    #: wrong ones on this device since the last right one
    failed: int
    #: until the person signs in there with their password
    locked: bool = False


class SessionParked(Event, frozen=True, kw_only=True, tag="session_parked"):
    """Another person took over the device: the session is worth nothing until its person gives their PIN there."""

    v: int = 1
    session: str
    #: who took over
    by: str


class SessionResumed(Event, frozen=True, kw_only=True, tag="session_resumed"):
    """The person gave their PIN on a device that remembers them, and acts there from now on."""

    v: int = 1
    #: the session's new public id, and the one it had
    session: str
    former: str
    #: whose session was parked for it, "" = nobody's
    after: str = ""
    #: family of the browser, no version
    agent: str = ""
