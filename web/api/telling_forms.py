"""Forms, offers and procedures of the engine as responses of the interface."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.case import Case
from engine.core.definition import ActionSpec, ChecklistSpec, FieldSpec, FormItem, SignSpec
from engine.core.machine import Machine
from engine.core.offers import Offer
from web.api import shown
from web.catalogues import Titles
from web.catalogues.told_offers import offer_called, option_called


def offer_out(offer: Offer, case: Case, machine: Machine, case_path: str, titles: Titles) -> shown.OfferOut:
    """What the caller may do, with the address to post it to."""
    stands_for = shown.PersonRef(id=offer.stands_for, name=titles.persons.get(offer.stands_for, ""))
    return shown.OfferOut(
        task=offer.task,
        kind=offer.kind,
        action=offer.action,
        title=offer_called(offer),
        form=form_out(offer.form, machine.fields),
        sign=offer.sign,
        signs=signs_out(offer.signs, machine, offer.party),
        certificate=offer.certificate,
        evidence=list(offer.evidence),
        party=offer.party,
        late=offer.late,
        approval=offer.approval,
        reason=offer.reason,
        on_site=bool(offer.on_site),
        batch=offer.batch,
        late_entry=offer.late_entry,
        latest_day=offer.room.latest if offer.room else None,
        stands_for=stands_for if offer.stands_for else None,
        superior=offer.superior,
        among=[shown.OptionOut(id=one, title=option_called(offer, one, case, titles)) for one in offer.among],
        parties=list(offer.parties),
        post=_address(offer, case_path),
    )


def _address(offer: Offer, case_path: str) -> str:
    match offer.kind:
        case "reopen":
            return f"{case_path}/actions/{offer.action}"
        case "recall":
            return f"{case_path}/recall"
        case "act":
            return f"{case_path}/tasks/{offer.task}/actions/{offer.action}"
    return f"{case_path}/tasks/{offer.task}/{offer.kind.replace('_', '-')}"


def form_out(form: tuple[FormItem, ...], fields: Mapping[str, FieldSpec]) -> list[shown.FormField]:
    """A form as its fields."""
    return [
        field_out(fields[item.field], required=item.required, partial=item.partial)
        for item in form
        if item.field in fields
    ]


def signs_out(signs: tuple[SignSpec, ...], machine: Machine, acting: str = "") -> list[shown.SignOut]:
    """Who signs; the side that acts is "", told by the party as which the caller would act."""
    return [
        shown.SignOut(
            party=sign.party,
            title=_party_title(machine, sign.party or acting),
            level=sign.level,
            count=sign.count,
            refused=bool(sign.refused),
        )
        for sign in signs
    ]


def _party_title(machine: Machine, reference: str) -> str:
    party = machine.parties.get(reference.partition(".")[0])
    return party.title if party else reference


def checklist_out(spec: ChecklistSpec) -> shown.ChecklistOut:
    """A checklist."""
    return shown.ChecklistOut(
        checklist=spec.id,
        version=spec.version,
        title=spec.title,
        answers=[
            shown.AnswerOut(answer=one.id, title=one.title, finding=one.finding, note=one.note) for one in spec.answers
        ],
        groups=[
            shown.GroupOut(
                group=group.id,
                title=group.title,
                items=[
                    shown.ItemOut(item=item.id, text=item.text, basis=list(item.basis), help=item.help)
                    for item in group.items
                ],
            )
            for group in spec.groups
        ],
    )


def field_out(spec: FieldSpec, *, required: bool, partial: bool = False) -> shown.FormField:
    """A declared field, or a column of one."""
    return shown.FormField(
        field=spec.id,
        title=spec.title,
        kind=spec.kind,
        required=required or spec.required,
        many=spec.many,
        choices=dict(spec.choices),
        help=spec.help,
        partial=partial,
        certificate=spec.certificate,
        columns=[field_out(column, required=False) for column in spec.columns],
        checklist=checklist_out(spec.checklist) if spec.checklist else None,
    )


def action_out(action: ActionSpec, machine: Machine) -> shown.ActionOut:
    """An action of a procedure."""
    return shown.ActionOut(
        action=action.id,
        title=action.title,
        form=form_out(action.form, machine.fields),
        sign=action.sign,
        signs=signs_out(action.signs, machine, action.by[0] if action.by else ""),
        certificate=action.certificate,
        evidence=list(action.evidence),
        batch=action.batch,
        late_entry=action.late_entry,
    )


def procedure_out(machine: Machine) -> shown.ProcedureOut:
    """A version of a procedure as those see it who start its cases."""
    procedure = machine.procedure
    return shown.ProcedureOut(
        procedure=procedure.id,
        version=machine.version,
        title=procedure.title,
        plan=procedure.plan,
        number=procedure.number,
        states=[
            shown.StateOut(path=state.path, title=state.title, kind=state.kind, final=state.final)
            for state in procedure.states
        ],
        starts=[action_out(action, machine) for action in procedure.starts],
        fields=[field_out(spec, required=False) for spec in procedure.fields],
        filters=[spec.id for spec in procedure.fields if spec.filtered],
    )
