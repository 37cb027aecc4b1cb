"""What buttons say, and the words for what is chosen with them."""

from __future__ import annotations

from engine.core.case import Case
from engine.core.offers import Offer
from web.catalogues.sentences import say
from web.catalogues.titles import Titles
from web.catalogues.told_people import voice_called

#: Offers that are told by the title of what they are about alone.
_PLAIN = ("act", "reopen")
#: Offers about an action or a text, told after their own word.
_ABOUT = ("consent", "refuse", "issue", "decline", "vote", "recall", "invite")


def offer_called(offer: Offer) -> str:
    """What the button of an offer says."""
    if offer.kind in _PLAIN:
        return offer.title
    clears = offer.kind == "issue" and offer.approval
    told = say("offer.clear" if clears else f"offer.{offer.kind}")
    return f"{told}{offer.title}" if offer.kind in _ABOUT else told


def option_called(offer: Offer, option: str, case: Case, titles: Titles) -> str:
    """The words for one of those among which an offer lets choose: a state, a ground, a voice, a person."""
    match offer.kind:
        case "remove_voice":
            voices = (voice for one in case.rounds for voice in one.voices if str(voice.n) == option)
            return next((voice_called(voice, titles) for voice in voices), option)
        case "refuse_receipt":
            return titles.grounds.get(option, option)
        case "act":
            return titles.states.get(option, option)
    return titles.persons.get(option) or titles.states.get(option, option)
