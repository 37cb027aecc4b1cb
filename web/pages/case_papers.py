"""Files and formal acts of a case as its page shows them; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from engine.core.machine import Machine
from engine.runtime.reading import SeenCase
from web.case_history import Duty, History
from web.catalogues import say
from web.pages.case_timeline import Moment, moment, name_of
from web.pages.case_views import Known, people
from web.pages.pictures import SHOWN


@dataclass(frozen=True, kw_only=True)
class ExhibitView:
    """A file of the case."""

    sha256: str
    address: str
    #: address of a small picture; "" where it is none
    small: str
    kind: str
    field: str
    size: str
    who: str
    at: Moment
    seq: int
    late: bool


@dataclass(frozen=True, kw_only=True)
class DocumentView:
    """A formal act: drafted, issued or declined."""

    title: str
    number: str
    status: str
    #: who issues, issued or declined it
    who: str
    at: Moment
    to: str
    reason: str
    served: str


def file_address(case: str, sha256: str, *, small: bool = False) -> str:
    """Where a file of a case is read."""
    return f"/files/{sha256}?case={quote(case, safe='')}{'&size=small' if small else ''}"


def is_withheld(machine: Machine, field: str, opened: Mapping[str, Any]) -> bool:
    """Whether a file belongs to a field that this reader may not read."""
    spec = machine.fields.get(field.partition(".")[0])
    return spec is not None and bool(spec.confidential or spec.personal) and spec.id not in opened


def exhibits_of(seen: SeenCase, history: History, known: Known) -> tuple[ExhibitView, ...]:
    """Files of the case, each once for every entry it came with, the latest first."""
    case = seen.case.id
    return tuple(
        ExhibitView(
            sha256=one.ref.sha256,
            address=file_address(case, one.ref.sha256),
            small=file_address(case, one.ref.sha256, small=True) if one.ref.media_type in SHOWN else "",
            kind=say(f"form_page.evidence.{one.ref.kind}"),
            field=known.titles.fields.get(one.ref.field.partition(".")[0], ""),
            size=size_told(one.ref.size),
            who=name_of(one.person, known.titles),
            at=moment(one.at, seen.calendar, known.now),
            seq=one.seq,
            late=one.late_entry,
        )
        for one in reversed(history.exhibits)
        if not is_withheld(seen.machine, one.ref.field, seen.opened)
    )


def size_told(size: int) -> str:
    """Bytes as people say them."""
    if size < 1024 * 1024:
        return say("case_page.kilobytes", count=max(1, round(size / 1024)))
    return say("case_page.megabytes", count=f"{size / 1024 / 1024:.1f}")


def documents_of(seen: SeenCase, history: History, known: Known) -> tuple[DocumentView, ...]:
    """Formal acts of the case, the latest first."""
    return tuple(_document(duty, seen, known) for duty in reversed(history.duties) if duty.draft is not None)


def _document(duty: Duty, seen: SeenCase, known: Known) -> DocumentView:
    draft, issued = duty.draft, duty.issued
    assert draft is not None
    status = {"issued": "issued", "declined": "declined", "": "waiting"}.get(duty.how, "dropped")
    deed = duty.deeds[-1] if duty.deeds else None
    to: Sequence[str] = (issued.to if issued else ()) or draft.to
    return DocumentView(
        title=draft.kind,
        number=issued.number if issued else "",
        status=status,
        who=name_of(deed.person, known.titles) if deed else people(duty.holder.persons, known),
        at=moment(duty.ended_at or duty.opened_at, seen.calendar, known.now),
        to=say("values.joint").join(known.titles.party(one) for one in to),
        reason=duty.reason,
        served=issued.served_on if issued else "",
    )
