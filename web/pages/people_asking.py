"""What a form about the people of a task asks and says beforehand; pure.

Such forms are drawn by the same machinery as those of definitions: their inputs are fields that are declared here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from engine.core.definition import FieldSpec, FormItem
from engine.core.offers import Offer, OfferKind
from web.catalogues import say
from web.catalogues.told_offers import offer_called
from web.pages.form_views import Asked

#: Everything that is done about the people of a task, in the order of a menu; recall and invite have places of theirs.
PeopleKind = Literal[
    "claim", "release", "transfer", "delegate", "give_back", "take_back", "urge", "copy", "recuse", "recall",
    "vote", "add_voice", "remove_voice", "opinion", "hand_over", "receive", "refuse_receipt", "designate",
    "pause_ladder", "resume_ladder",
]  # fmt: skip
KINDS: tuple[PeopleKind, ...] = (
    "claim", "release", "transfer", "delegate", "give_back", "take_back", "urge", "copy", "recuse", "recall",
    "vote", "add_voice", "remove_voice", "opinion", "hand_over", "receive", "refuse_receipt", "designate",
    "pause_ladder", "resume_ladder",
)  # fmt: skip
#: What such a task is there for: shown as buttons of their own, not in the menu.
FOREMOST: tuple[OfferKind, ...] = ("vote", "opinion", "receive", "refuse_receipt", "designate", "give_back")
#: Nothing is asked: done at one click.
AT_ONCE: tuple[OfferKind, ...] = ("claim",)
#: What takes it back, where something does and nobody else has acted.
UNDONE_BY: Mapping[str, PeopleKind] = {"claim": "release", "delegate": "take_back"}
#: What separates the region from the industry of an office in an address.
OFFICE = "|"
MOST_TEXT = 4000


@dataclass(frozen=True, kw_only=True)
class Told:
    """The names and words with which a form says what will happen and to whom."""

    task: str = ""
    holders: str = ""
    due: str = ""
    #: who handed over, delegated or asked
    by: str = ""
    reason: str = ""
    action: str = ""
    #: when and by whom it was urged last
    last: str = ""


def is_of_people(offer: Offer) -> bool:
    """Whether an offer is about the people of a task, and no action of the definition."""
    return offer.kind in KINDS


def address_of(case: str, offer: Offer) -> str:
    """Where such a form is shown and posted."""
    return address(case, offer.task, offer.kind)


def address(case: str, task: int, kind: str) -> str:
    """The same for a task of a case."""
    return f"/cases/{quote(case, safe='')}/people/{task}/{kind}"


def asked_about(case: str, offer: Offer, told: Told, options: Sequence[tuple[str, str]], answer: str = "") -> Asked:
    """The form of an offer; `options` are those among whom or which one is chosen."""
    fields = fields_of(offer.kind, options, superior=offer.superior)
    return Asked(
        title=title_of(offer, answer),
        address=address_of(case, offer) + (f"?answer={answer}" if answer else ""),
        back=f"/cases/{quote(case, safe='')}",
        fields=fields,
        form=[FormItem(field=name, required=spec.required) for name, spec in fields.items()],
        reason=(offer.reason and offer.kind != "give_back") or answer == "refuse",
        lead=lead_of(offer, told, answer),
        prepared={name: spec.options[0][0] for name, spec in fields.items() if len(spec.options) == 1},
    )


def title_of(offer: Offer, answer: str = "") -> str:
    """What the page and its button are called."""
    if offer.kind == "vote" and answer:
        return f"{say(f'offer.vote_{answer}')}{offer.title}"
    return offer_called(offer)


def lead_of(offer: Offer, told: Told, answer: str = "") -> str:
    """What will happen, and to whom."""
    kind = f"{offer.kind}_{answer}" if answer else offer.kind
    data: dict[str, str] = {name: getattr(told, name) for name in told.__dataclass_fields__}
    sentence = say(f"people.lead.{kind}", **data)
    keeps = offer.kind in ("claim", "release", "transfer", "delegate", "take_back", "hand_over") and told.due
    parts = [sentence, say("people.keeps", due=told.due) if keeps else "", told.last]
    if offer.stands_for or offer.superior:
        parts.append(say("people.in_place", holders=told.holders))
    return "".join(part for part in parts if part)


def fields_of(kind: str, options: Sequence[tuple[str, str]], *, superior: bool = False) -> dict[str, FieldSpec]:
    """The inputs of a form of that kind."""
    some = _fields(kind, tuple(options))
    return {spec.id: spec for spec in some}


def _fields(kind: str, options: tuple[tuple[str, str], ...]) -> tuple[FieldSpec, ...]:
    match kind:
        case "transfer" | "delegate" | "add_voice":
            return (_choice("to", kind, options),)
        case "copy":
            return (_choice("to", kind, options, many=True), _text("note"))
        case "hand_over":
            return (_choice("target", kind, options), _files())
        case "designate":
            return (_choice("target", kind, options),)
        case "refuse_receipt":
            return (_choice("ground", kind, options),)
        case "remove_voice":
            return (_choice("voice", kind, options),)
        case "urge":
            return (_text("note"),)
        case "release" | "take_back" | "recall" | "receive":
            return (_text("note"),)
        case "give_back" | "opinion":
            return (_text("opinion", required=True), _files())
        case "vote":
            return (_files(),)
        case "pause_ladder":
            return (FieldSpec(id="until", title=say("people.field.until"), kind="date"),)
    return ()


def _choice(name: str, kind: str, options: tuple[tuple[str, str], ...], *, many: bool = False) -> FieldSpec:
    title, help_ = say(f"people.field.{kind}"), "" if options else say("people.nobody_to_choose")
    return FieldSpec(id=name, title=title, kind="choice", options=options, many=many, required=True, help=help_)


def _text(name: str, *, required: bool = False) -> FieldSpec:
    return FieldSpec(
        id=name, title=say(f"people.field.{name}"), kind="text", long=True, required=required, maximum=MOST_TEXT
    )


def _files() -> FieldSpec:
    return FieldSpec(id="files", title=say("people.field.files"), kind="file", many=True, maximum=9)
