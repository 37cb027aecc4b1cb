"""A form as a page shows it: what is asked, what was typed, what is wrong, and what changed meanwhile; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.definition import FieldSpec, FormItem, SignatureLevel, SignSpec
from engine.core.signing import SIGNATURE_EVIDENCE
from web.catalogues import NO_TITLES, Titles, say, tell_rule
from web.pages.form_fields import FieldView, Option, Told, evidence_view, field_view, options_of
from web.pages.form_parts import SLOT
from web.pages.form_reading import NOTHING_POSTED, Posted
from web.pages.form_signing import SignatureView, signature_views

#: Where on the page what is wrong with these is shown.
_ANCHORS = {"reason": "field-reason", "occurred_at": "field-late", "acted_by": "field-late", "_late_by": "field-late"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a form asks for: an offer, or an action that opens a case."""

    title: str
    #: where it is posted to, and where a visitor goes who does not want to after all
    address: str
    back: str
    fields: Mapping[str, FieldSpec]
    form: Sequence[FormItem] = ()
    sign: SignatureLevel = "none"
    #: where several sign
    signs: Sequence[SignSpec] = ()
    #: (id, name) of those who may sign for the side that acts, as far as they are known
    signers: Sequence[tuple[str, str]] = ()
    evidence: Sequence[str] = ()
    on_site: bool = False
    #: who must consent, in words; "" = nobody
    approval: str = ""
    reason: bool = False
    #: the text of a formal act may be changed
    text: bool = False
    #: span phrase
    late_entry: str = ""
    #: what it does and to whom, said before something grave is done
    grave: str = ""
    #: what will happen, and to whom: the first words of the form
    lead: str = ""
    #: texts prepared, by field
    prepared: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LateView:
    """The part of a form for what happened earlier, on paper, or was signed by somebody else."""

    #: how late it may be entered, in words
    window: str
    for_others: bool
    opened: bool
    at: str
    by: str
    by_typed: str
    by_options: tuple[Option, ...]
    paper: bool
    scan: FieldView
    error: str


@dataclass(frozen=True, kw_only=True)
class ProblemView:
    """One thing to put right, and where."""

    anchor: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ChangeView:
    """What happened in the case since the form was drawn."""

    who: str
    at: str
    exact: str
    text: str


@dataclass(frozen=True, kw_only=True)
class FormView:
    """A form ready to be shown."""

    asked: Asked
    key: str
    seen: int
    fields: tuple[FieldView, ...]
    signatures: tuple[SignatureView, ...]
    late: LateView | None
    posted: Posted
    errors: Mapping[str, str]
    problems: tuple[ProblemView, ...]
    changes: tuple[ChangeView, ...] = ()
    #: the part of a page it is drawn into; "" = a page of its own
    within: str = ""
    #: name under which a browser keeps what is typed until it is sent; "" = it keeps nothing
    kept_as: str = ""


def form_view(
    asked: Asked,
    *,
    key: str,
    seen: int,
    entities: Mapping[str, str],
    posted: Posted = NOTHING_POSTED,
    told: Iterable[Told] = (),
    for_others: bool = False,
    changes: Sequence[ChangeView] = (),
    within: str = "",
    kept_as: str = "",
    titles: Titles = NO_TITLES,
    visitor: tuple[str, str] = ("", ""),
) -> FormView:
    """The view of a form; `entities` are titles of units, places and persons by id."""
    items = _items(asked)
    kinds = {asked.fields[name].kind for name in items}
    slots = [kind for kind in asked.evidence if kind not in kinds]
    slots += [kind for kind in SIGNATURE_EVIDENCE.get(asked.sign, ())[:1] if kind not in kinds]
    placed = list(_placed(told, asked, items, slots))
    wrong = {one.field: one for one in placed}
    fields = [
        field_view(
            asked.fields[name],
            required=required,
            posted=posted,
            entities=entities,
            told=wrong,
            prepared=asked.prepared.get(name, ""),
        )
        for name, required in items.items()
    ]
    fields += [evidence_view(kind, posted=posted, told=wrong) for kind in dict.fromkeys(slots)]
    return FormView(
        asked=asked,
        key=key,
        seen=seen,
        fields=tuple(fields),
        signatures=signature_views(
            asked.signs,
            posted=posted,
            told=placed,
            titles=titles,
            names=entities,
            visitor=visitor,
            signers=[one for one in asked.signers if one[0] != visitor[0]],
        ),
        late=_late(asked, posted, wrong, for_others, entities) if asked.late_entry or for_others else None,
        posted=posted,
        errors={name: one.text for name, one in wrong.items()},
        problems=_problems(wrong.values(), fields),
        changes=tuple(changes),
        within=within,
        kept_as=kept_as,
    )


def _items(asked: Asked) -> dict[str, bool]:
    """Fields by id, and whether each must be filled: always, in this form, or because its kind of file is evidence."""
    found: dict[str, bool] = {}
    for item in asked.form:
        if item.field in asked.fields:
            spec = asked.fields[item.field]
            found[item.field] = found.get(item.field, False) or item.required or spec.required
    for kind in asked.evidence:
        fitting = [name for name in found if asked.fields[name].kind == kind]
        if fitting and not any(found[name] for name in fitting):
            found[fitting[0]] = True
    return found


def _placed(told: Iterable[Told], asked: Asked, items: Mapping[str, bool], slots: Sequence[str]) -> Iterable[Told]:
    """What is wrong with the evidence is shown where the missing kind is asked for."""
    for one in told:
        if one.field != "evidence":
            yield one
            continue
        fitting = [name for name in items if asked.fields[name].kind in asked.evidence]
        place = f"_{slots[-1]}" if slots else fitting[0] if fitting else "evidence"
        yield Told(field=place, text=one.text)


def _late(
    asked: Asked, posted: Posted, wrong: Mapping[str, Told], for_others: bool, entities: Mapping[str, str]
) -> LateView:
    late, unclear = posted.late, wrong.get("_late_by")
    error = next((wrong[name].text for name in ("occurred_at", "acted_by", "_late_by") if name in wrong), "")
    return LateView(
        window=tell_rule(asked.late_entry) if asked.late_entry else "",
        for_others=for_others,
        opened=bool(late) or bool(error) or "_scan" in wrong,
        at=late.at,
        by=late.by,
        by_typed=late.by_typed or entities.get(late.by, late.by),
        by_options=options_of(unclear.options) if unclear else (),
        paper=late.paper,
        scan=evidence_view("scan", posted=posted, told=wrong, required=False),
        error=error,
    )


def _problems(wrong: Iterable[Told], fields: Iterable[FieldView]) -> tuple[ProblemView, ...]:
    titles = {one.id: one.title for view in fields for one in _nested(view)}
    return tuple(
        ProblemView(
            anchor=_anchor(one.field, titles),
            title=titles.get(one.field) or _title(one.field),
            text=one.text,
        )
        for one in wrong
    )


def _anchor(name: str, titles: Mapping[str, str]) -> str:
    if name.partition(".")[0] in ("signatures", SLOT):
        return "signatures"
    return _ANCHORS.get(name, f"field-{name}" if name in titles else "form")


def _nested(view: FieldView) -> Iterator[FieldView]:
    """An input and the inputs within it; a question of a checklist goes by its text."""
    yield view
    yield from (cell for row in view.rows for cell in row)
    for group in view.groups:
        yield from (FieldView(id=item.id, title=item.text, widget="item") for item in group.items)


def _title(name: str) -> str:
    return say(f"form_page.named.{name}") if name in _ANCHORS else ""
