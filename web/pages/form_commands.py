"""A form that came back as the command it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from engine.core.command import (
    AnswerApproval,
    DeclineDraft,
    EvidenceRef,
    IssueDraft,
    Request,
    Seen,
    Stream,
    SubmitAction,
)
from engine.core.definition import SignSpec
from engine.core.offers import OfferKind
from engine.errors import BadInput, NotFound
from web.api.commands import command_id
from web.pages.form_reading import Posted, instant_of
from web.pages.form_signing import signatures_in
from web.policy import Caller

#: Inputs that forms of actions may have besides their fields: ids that no definition has.
BACK_TO, INSTEAD = "_back_to", "_instead"
#: Where a device says it was (RFC 5870), as exactly as it knows.
_WHERE = re.compile(r"geo:-?[0-9]{1,3}(\.[0-9]{1,8})?,-?[0-9]{1,3}(\.[0-9]{1,8})?(;u=[0-9]{1,6})?", re.ASCII)


def act_of(kind: OfferKind, task: int, action: str, posted: Posted, signs: Sequence[SignSpec] = ()) -> Any:
    """What the form asks of its case."""
    seen, evidence = Seen(task=task, seq=posted.seen), evidence_of(posted)
    match kind:
        case "act" | "reopen":
            return SubmitAction(
                task=task,
                action=action,
                data={name: value for name, value in posted.values.items() if name not in (BACK_TO, INSTEAD)},
                evidence=evidence,
                on_site=posted.on_site,
                signatures=tuple(one for _, one in signatures_in(signs, posted)),
                back_to=str(posted.values.get(BACK_TO, "")),
                instead=str(posted.values.get(INSTEAD, "")),
                seen=seen,
            )
        case "consent" | "refuse":
            return AnswerApproval(
                task=task, consent=kind == "consent", reason=posted.reason, evidence=evidence, seen=seen
            )
        case "issue":
            return IssueDraft(task=task, text=posted.text, evidence=evidence, seen=seen)
        case "decline":
            return DeclineDraft(task=task, reason=posted.reason, seen=seen)
        case _:
            raise NotFound("action_not_found", action=action, task=task)


def evidence_of(posted: Posted) -> tuple[EvidenceRef, ...]:
    """The files of the form; what was signed on paper needs a scan of it."""
    files = tuple(kept.ref() for kept in posted.files)
    if posted.late.paper and not any(one.kind == "scan" for one in files):
        raise BadInput("scan_missing", field="_scan")
    return files


def request_of(caller: Caller, stream: Stream, act: Any, posted: Posted) -> Request:
    """The command, under the id its form was drawn with: sent twice it is one act."""
    late = posted.late
    occurred_at = instant_of(late.at, caller.services.reader.calendar()) if late.at else None
    if late.at and occurred_at is None:
        raise BadInput("not_a_date", field="occurred_at")
    if not posted.key:
        raise BadInput("input_missing", field="_key")
    return Request(
        id=command_id(caller.person, posted.key),
        stream=stream,
        act=act,
        acted_by=late.by or caller.person,
        entered_by=caller.person,
        occurred_at=occurred_at,
        medium="paper" if late.paper else "web",
        device=posted.where if _WHERE.fullmatch(posted.where) else "",
    )
