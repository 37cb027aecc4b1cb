"""Fields, tables, checklists, signers and seals of a document → the neutral definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from msgspec.structs import replace

from engine.core import definition as neutral
from engine.core.language import acts, field_acts, procedure


def field_spec(
    name: str,
    model: procedure.FieldEntry,
    choices: Mapping[str, Mapping[str, str]],
    checklists: Mapping[str, neutral.ChecklistSpec] = {},
) -> neutral.FieldSpec:
    """A field with its choices, columns and items written out."""
    return replace(
        _typed(name, model, procedure.FIELD_KINDS, choices),
        personal=model.personal,
        confidential=tuple(model.confidential),
        filtered=model.filter,
        columns=tuple(
            _typed(one, column, field_acts.COLUMN_KINDS, choices) for one, column in (model.table or {}).items()
        ),
        checklist=checklists.get(model.checklist) if model.checklist else None,
        certificate=model.certificate or "",
        procedure=model.case or "",
    )


def _typed(
    name: str,
    model: procedure.FieldEntry | field_acts.ColumnEntry,
    kinds: Iterable[str],
    choices: Mapping[str, Mapping[str, str]],
) -> neutral.FieldSpec:
    """What fields and the columns of tables have in common."""
    kind = next(one for one in kinds if getattr(model, one) is not None)
    return neutral.FieldSpec(
        id=name,
        title=model.title,
        kind=cast("neutral.FieldKind", kind),
        required=model.required,
        options=tuple(_choices(model.choice, choices).items()),
        minimum=_limit(model.min),
        maximum=_limit(model.max),
        many=model.many,
        long=model.long,
        help=model.help,
    )


def _limit(given: Any) -> float | None:
    return None if given is None else float(given)


def _choices(given: Any, choices: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    match given:
        case None:
            return {}
        case str(name):
            return dict(choices.get(name, {}))
        case list(values):
            return {value: value for value in values}
        case _:
            return dict(given)


def checklist_spec(model: field_acts.ChecklistDocument) -> neutral.ChecklistSpec:
    """A checklist."""
    return neutral.ChecklistSpec(
        id=model.checklist,
        version=model.version,
        title=model.title,
        answers=tuple(
            neutral.AnswerSpec(id=name, title=one.title, finding=one.finding, note=one.note == "required")
            for name, one in model.answers.items()
        ),
        groups=tuple(
            neutral.GroupSpec(
                id=name,
                title=group.title,
                items=tuple(
                    neutral.ItemSpec(id=item, text=one.text, basis=tuple(one.basis), help=one.help)
                    for item, one in group.items.items()
                ),
            )
            for name, group in model.groups.items()
        ),
        basis=tuple(model.basis),
    )


def sign_level(model: acts.Action) -> neutral.SignatureLevel:
    """How whoever acts signs, where nobody else does."""
    alone = isinstance(model.sign, str) and (model.officers or 1) == 1
    return model.sign if alone and isinstance(model.sign, str) else "none"


def sign_specs(model: acts.Action, holder: str) -> tuple[neutral.SignSpec, ...]:
    """Who signs, where several do: the side that acts with as many persons as the action needs officers."""
    count = model.officers or 1
    if isinstance(model.sign, str):
        if count == 1:
            return ()
        return (neutral.SignSpec(party="", level=model.sign, count=count),)
    acting = set(model.by) or {holder}
    return tuple(
        neutral.SignSpec(
            party="" if party in acting else party,
            level=one.level,
            count=count if party in acting else 1,
            refused=one.refused or "",
        )
        for party, one in model.sign.items()
    )


def seal_spec(model: field_acts.Sealed) -> neutral.SealSpec:
    """From whom a case is hidden, and until when."""
    return neutral.SealSpec(
        until=tuple(model.until), hidden_from=tuple(model.hidden_from), seen_by=tuple(model.seen_by)
    )
