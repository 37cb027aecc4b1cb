"""What an offer or a start of a procedure asks of whoever takes it; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from msgspec.structs import replace

from engine.core.case import Task
from engine.core.definition import ActionSpec, FieldSpec, FormItem
from engine.core.directory import Directory
from engine.core.machine import Machine
from engine.core.offers import Offer, OfferKind
from engine.runtime.personal import is_reference
from engine.runtime.reading import SeenCase
from web.catalogues import Titles, say
from web.catalogues.told_clocks import tell_room
from web.catalogues.told_offers import offer_called, option_called
from web.catalogues.told_people import name_in, names_in
from web.pages import people_asking
from web.pages.form_commands import BACK_TO, INSTEAD
from web.pages.form_reading import FILE_KINDS
from web.pages.form_views import Asked

#: Offers that are not the action itself, and so are told apart in addresses.
_TOLD_APART: tuple[OfferKind, ...] = ("consent", "refuse", "issue", "decline")


def address_of(case: str, offer: Offer) -> str:
    """Where the form of an offer is shown and posted."""
    if people_asking.is_of_people(offer):
        return people_asking.address_of(case, offer)
    if offer.kind == "invite":
        return f"/cases/{quote(case, safe='')}/guests"
    path = f"/cases/{quote(case, safe='')}/actions/{offer.task}/{quote(offer.action, safe='')}"
    return f"{path}?{urlencode({'kind': offer.kind})}" if offer.kind in _TOLD_APART else path


def title_of(offer: Offer) -> str:
    """What the button of an offer says."""
    return offer_called(offer)


def in_menu(offer: Offer) -> bool:
    """Whether an offer stands in the menu of a task, and not among its buttons."""
    return offer.kind == "invite" or (people_asking.is_of_people(offer) and offer.kind not in people_asking.FOREMOST)


#: The order of what stands in a menu.
_IN_MENU: tuple[OfferKind, ...] = (
    "claim", "release", "take_back", "recall", "transfer", "delegate", "hand_over", "copy", "urge", "add_voice",
    "remove_voice", "pause_ladder", "resume_ladder", "invite", "recuse",
)  # fmt: skip


def menu_of(offers: Iterable[Offer]) -> list[Offer]:
    """The offers that stand in the menu, in its order."""
    return sorted((one for one in offers if in_menu(one)), key=lambda one: _IN_MENU.index(one.kind))


def buttons_of(case: str, offer: Offer, titles: Titles) -> list[tuple[str, str]]:
    """Title and address of each button of an offer: a voice has two, and each says in whose place one acts."""
    place = _place(offer, titles)
    if offer.kind != "vote":
        return [(f"{title_of(offer)}{place}", address_of(case, offer))]
    return [
        (f"{people_asking.title_of(offer, answer)}{place}", f"{address_of(case, offer)}?answer={answer}")
        for answer in ("consent", "refuse")
    ]


def _place(offer: Offer, titles: Titles) -> str:
    if offer.stands_for:
        return say("people.for", who=name_in(offer.stands_for, titles))
    return say("people.for_below") if offer.superior else ""


def is_shown(offer: Offer) -> bool:
    """Whether an offer has a form here: who has no account is invited on a page of its own."""
    return offer.kind != "invite"


def extra_fields() -> dict[str, FieldSpec]:
    """What any action may ask besides its form: where it leads back to, and why one acts in the place of others."""
    return {
        BACK_TO: FieldSpec(id=BACK_TO, title=say("people.field.back_to"), kind="choice", required=True),
        INSTEAD: FieldSpec(
            id=INSTEAD, title=say("people.field.instead"), kind="text", long=True, required=True, maximum=2000
        ),
    }


def _extras(seen: SeenCase, offer: Offer, titles: Titles) -> dict[str, FieldSpec]:
    """Those of them that an offer asks."""
    found, fields = {}, extra_fields()
    if offer.kind == "act" and offer.among:
        options = tuple((one, option_called(offer, one, seen.case, titles)) for one in offer.among)
        found[BACK_TO] = replace(fields[BACK_TO], options=options)
    if offer.superior:
        found[INSTEAD] = fields[INSTEAD]
    return found


def find_offer(offers: Iterable[Offer], task: int, action: str, kind: str) -> Offer | None:
    """The offer of an address."""
    return next(
        (
            offer
            for offer in offers
            if offer.task == task
            and offer.action == action
            and (offer.kind == kind if kind else offer.kind not in _TOLD_APART)
        ),
        None,
    )


def asked_by_offer(seen: SeenCase, offer: Offer, titles: Titles) -> Asked:
    """The form of an offer, with the case's own values standing in it."""
    machine, case = seen.machine, seen.case
    task = case.task(offer.task)
    extras = _extras(seen, offer, titles)
    return Asked(
        title=title_of(offer),
        address=address_of(case.id, offer),
        back=f"/cases/{quote(case.id, safe='')}",
        fields={**machine.fields, **extras, **_bounded(machine, offer)},
        form=(*(FormItem(field=name, required=True) for name in extras), *offer.form),
        lead=_in_whose_place(offer, task, titles),
        sign=offer.sign,
        signs=offer.signs,
        signers=[(one, titles.persons.get(one, one)) for one in task.holder.persons] if task else (),
        evidence=offer.evidence,
        on_site=bool(offer.on_site),
        approval=_approver(seen, offer, titles),
        reason=offer.reason,
        text=offer.kind == "issue",
        late_entry=offer.late_entry,
        prepared={
            **{name: spec.options[0][0] for name, spec in extras.items() if len(spec.options) == 1},
            **prepared_of(machine, (item.field for item in offer.form), seen.opened),
        },
    )


def _bounded(machine: Machine, offer: Offer) -> dict[str, FieldSpec]:
    """The date of an extension, with how far it may go."""
    room = offer.room
    if room is None or (told := tell_room(room)) == "":
        return {}
    spec = machine.fields[room.field]
    joint = say("stopping.room.joint")
    return {room.field: replace(spec, help=joint.join(part for part in (spec.help, told) if part))}


def _in_whose_place(offer: Offer, task: Task | None, titles: Titles) -> str:
    if offer.stands_for:
        return say("people.stands_for", holders=name_in(offer.stands_for, titles))
    if offer.superior and task is not None:
        return say("people.superior", holders=names_in(task.holder.persons, titles))
    return ""


def _approver(seen: SeenCase, offer: Offer, titles: Titles) -> str:
    """Who must consent, in words; "" = nobody."""
    task = seen.case.task(offer.task)
    action = seen.machine.actions.get((task.state, task.spec, offer.action)) if task and offer.approval else None
    if action is not None and action.votes is not None:
        return say("people.voices", parties=[titles.party(one) for one in action.votes.by])
    if action is None or action.approve is None:
        return ""
    by = offer.room.by if offer.room is not None else ""
    late_by = action.ask.late_by if offer.late and action.ask else ""
    return titles.party(by or late_by or action.approve.by)


def prepared_of(machine: Machine, fields: Iterable[str], known: Mapping[str, Any]) -> dict[str, str]:
    """What stands in a form before anything is typed: what the case says; long texts and files are given anew."""
    found: dict[str, str] = {}
    for name in fields:
        spec, value = machine.fields.get(name), known.get(name)
        if spec is None or spec.long or spec.many or spec.personal or spec.kind in (*FILE_KINDS, "table", "checklist"):
            continue
        if value is not None and isinstance(value, str | int | float) and not is_reference(value):
            found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def asked_to_start(machine: Machine, action: ActionSpec, prepared: Mapping[str, str]) -> Asked:
    """The form that opens a case."""
    procedure = machine.procedure
    return Asked(
        title=action.title,
        address=f"/report/{quote(procedure.id, safe='')}/{quote(action.id, safe='')}",
        back="/report",
        fields=machine.fields,
        form=action.form,
        sign=action.sign,
        signs=action.signs,
        evidence=action.evidence,
        late_entry=action.late_entry,
        prepared=prepared,
    )


def own_unit(directory: Directory, person: str, day: date) -> str:
    """The one unit in which the person holds a role; "" where there is none, or more."""
    units = {one.unit for one in directory.held_by(person, day) if one.unit}
    return next(iter(units)) if len(units) == 1 else ""
