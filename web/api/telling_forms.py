"""Forms, offers and procedures of the engine as responses of the interface."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.definition import ActionSpec, FieldSpec, FormItem
from engine.core.machine import Machine
from engine.core.offers import Offer
from web.api import shown
from web.catalogues import say


def offer_out(offer: Offer, machine: Machine, case_path: str) -> shown.OfferOut:
    """What the caller may do, with the address to post it to."""
    title = offer.title if offer.kind in ("act", "reopen") else f"{say(f'offer.{offer.kind}')}{offer.title}"
    return shown.OfferOut(
        task=offer.task,
        kind=offer.kind,
        action=offer.action,
        title=title,
        form=form_out(offer.form, machine.fields),
        sign=offer.sign,
        evidence=list(offer.evidence),
        party=offer.party,
        late=offer.late,
        approval=offer.approval,
        reason=offer.reason,
        on_site=bool(offer.on_site),
        batch=offer.batch,
        late_entry=offer.late_entry,
        post=_address(offer, case_path),
    )


def _address(offer: Offer, case_path: str) -> str:
    if offer.kind == "reopen":
        return f"{case_path}/actions/{offer.action}"
    task = f"{case_path}/tasks/{offer.task}"
    return f"{task}/actions/{offer.action}" if offer.kind == "act" else f"{task}/{offer.kind}"


def form_out(form: tuple[FormItem, ...], fields: Mapping[str, FieldSpec]) -> list[shown.FormField]:
    """A form as its fields."""
    return [field_out(fields[item.field], required=item.required) for item in form if item.field in fields]


def field_out(spec: FieldSpec, *, required: bool) -> shown.FormField:
    """A declared field."""
    return shown.FormField(
        field=spec.id,
        title=spec.title,
        kind=spec.kind,
        required=required or spec.required,
        many=spec.many,
        choices=dict(spec.choices),
        help=spec.help,
    )


def action_out(action: ActionSpec, fields: Mapping[str, FieldSpec]) -> shown.ActionOut:
    """An action of a procedure."""
    return shown.ActionOut(
        action=action.id,
        title=action.title,
        form=form_out(action.form, fields),
        sign=action.sign,
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
        starts=[action_out(action, machine.fields) for action in procedure.starts],
        fields=[field_out(spec, required=False) for spec in procedure.fields],
        filters=[spec.id for spec in procedure.fields if spec.filtered],
    )
