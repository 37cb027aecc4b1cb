"""Signatures of several people under one act: what a form asks each for, and what came back; pure.

The inputs of the signature numbered `n` are `f._signature.n` (a person, found by `t._signature.n`), and below it `name`
(of somebody without an account), `refused` and `witness`; its drawing is the file `_signature.n`, that of the witness
`_signature.n.witness`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.core.command import Signature
from engine.core.definition import SignSpec
from web.catalogues import Titles, say
from web.pages.form_fields import FieldView, Option, Told, options_of
from web.pages.form_parts import SLOT, TYPED, VALUE
from web.pages.form_reading import Posted

_FAULT = "signatures"


@dataclass(frozen=True, kw_only=True)
class SignatureView:
    """One signature of several."""

    n: int
    #: for whom: the party, and which of how many
    title: str
    #: of the side that acts, by a person of the directory
    own: bool
    #: chosen already: the visitor
    fixed: str
    person: str
    typed: str
    #: whom to choose among; () = anybody, to be found by name
    options: tuple[Option, ...]
    name: str
    drawing: FieldView
    #: whether a refusal may be recorded in place of it
    refusable: bool
    refused: str
    witness: str
    witness_drawing: FieldView
    errors: tuple[str, ...]


def slots_of(signs: Iterable[SignSpec]) -> list[SignSpec]:
    """One entry for every signature asked for, the acting side's first."""
    ordered = sorted(signs, key=lambda one: one.party != "")
    return [spec for spec in ordered for _ in range(max(spec.count, 1))]


def signatures_in(signs: Iterable[SignSpec], posted: Posted) -> list[tuple[int, Signature]]:
    """The signatures that came back, each with its number in the form."""
    found = [(n, _signature(n, spec, posted)) for n, spec in enumerate(slots_of(signs))]
    return [(n, one) for n, one in found if one != Signature(party=one.party)]


def _signature(n: int, spec: SignSpec, posted: Posted) -> Signature:
    at = f"{VALUE}{SLOT}.{n}"
    refused = posted.first(f"{at}.refused").strip()
    return Signature(
        party=spec.party,
        person=posted.first(at),
        name=posted.first(f"{at}.name").strip(),
        file="" if refused else _file(f"{SLOT}.{n}", posted),
        refused=refused,
        witness=posted.first(f"{at}.witness").strip() if refused else "",
        witness_file=_file(f"{SLOT}.{n}.witness", posted) if refused else "",
    )


def _file(slot: str, posted: Posted) -> str:
    return next((kept.sha256 for kept in posted.files if kept.slot == slot), "")


def signature_views(
    signs: Sequence[SignSpec],
    *,
    posted: Posted,
    told: Iterable[Told],
    titles: Titles,
    names: Mapping[str, str],
    visitor: tuple[str, str],
    signers: Sequence[tuple[str, str]] = (),
) -> tuple[SignatureView, ...]:
    """Every signature asked for; the visitor, (id, name), is the first of the acting side."""
    numbers = [n for n, _ in signatures_in(signs, posted)]
    wrong: dict[int, list[str]] = {}
    for one in told:
        head, _, rest = one.field.partition(".")
        at = rest.partition(".")[0]
        if head == _FAULT and at.isdecimal() and int(at) < len(numbers):
            wrong.setdefault(numbers[int(at)], []).append(one.text)
        elif head == SLOT and at.isdecimal():
            wrong.setdefault(int(at), []).append(one.text)
    return tuple(
        _view(
            n,
            spec,
            posted=posted,
            titles=titles,
            names=names,
            visitor=visitor,
            signers=signers,
            errors=tuple(wrong.get(n, ())),
        )
        for n, spec in enumerate(slots_of(signs))
    )


def _view(
    n: int,
    spec: SignSpec,
    *,
    posted: Posted,
    titles: Titles,
    names: Mapping[str, str],
    visitor: tuple[str, str],
    signers: Sequence[tuple[str, str]],
    errors: tuple[str, ...],
) -> SignatureView:
    own, first = spec.party == "", n == 0 and spec.party == ""
    at = f"{VALUE}{SLOT}.{n}"
    person = visitor[0] if first else posted.first(at)
    party = say("form_page.signing.own", n=n + 1) if own else titles.party(spec.party)
    return SignatureView(
        n=n,
        title=party,
        own=own,
        fixed=visitor[1] if first else "",
        person=person,
        typed=posted.first(f"{TYPED}{SLOT}.{n}") or names.get(person, ""),
        options=options_of(signers, (person,)) if own and not first else (),
        name=posted.first(f"{at}.name"),
        drawing=_pad(f"{SLOT}.{n}", posted, spec),
        refusable=bool(spec.refused),
        refused=posted.first(f"{at}.refused"),
        witness=posted.first(f"{at}.witness"),
        witness_drawing=_pad(f"{SLOT}.{n}.witness", posted, spec),
        errors=errors,
    )


def _pad(slot: str, posted: Posted, spec: SignSpec) -> FieldView:
    return FieldView(
        id=slot,
        title=say("form_page.evidence.signature"),
        widget="signature",
        required=True,
        files=tuple(kept for kept in posted.files if kept.slot == slot),
        most=1,
        accepts="image/png,image/jpeg",
    )
