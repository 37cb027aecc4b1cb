"""Acts that one person signs and another types: which, and only where the one who types may."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.offers import Offer
from engine.core.permission import ENTER_FOR_OTHERS
from engine.errors import NotFound
from engine.runtime.reading import SeenCase
from web.pages.visitor import Visitor


def may_enter(visitor: Visitor, seen: SeenCase) -> bool:
    """Whether the visitor may enter what others signed in a case; of a hidden one nobody looks in another's name."""
    case = seen.case
    directory = visitor.services.reader.directory()
    allowed = directory.may(visitor.person, ENTER_FOR_OTHERS, visitor.day, case.region, case.unit)
    return allowed and not case.sealed


def offers_to(visitor: Visitor, seen: SeenCase, signer: str) -> Sequence[Offer]:
    """What somebody may do, for whoever types it for them; their own where they type for themselves."""
    if signer in ("", visitor.person):
        return seen.offers
    if not may_enter(visitor, seen):
        return ()
    try:
        return visitor.services.reader.case(signer, seen.case.id).offers
    except NotFound:
        return ()
