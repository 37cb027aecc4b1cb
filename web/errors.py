"""What only a face can refuse; everything else comes from engine.errors."""

from __future__ import annotations

from engine.errors import BadInput, Busy, Refusal, Stale


class NotSignedIn(Refusal):
    """No token, or none that is in force."""


class PasswordDue(Refusal):
    """The person must choose a password before anything else."""


class PinDue(Refusal):
    """A device that several share was left for a while: who is there says so with their PIN before the next change."""


class DrawnForAnother(Refusal):
    """A form that was drawn for one person was sent while another was signed in on the same device."""


class NoSuchMethod(Refusal):
    """The address does not know the method."""


class TooLarge(BadInput):
    """The request is larger than the limit."""


class WrongType(BadInput):
    """The request's content is not of the type asked for."""


class TooOften(Busy):
    """More requests than one token or address may send; `seconds` says when to come back."""


class PreconditionFailed(Stale):
    """What If-Match named is no longer so."""
