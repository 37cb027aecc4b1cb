"""What no stream can carry, refused before anything is read: ids that break keys, instants that nothing can write."""

from __future__ import annotations

from datetime import datetime

from engine.core.calendar import FIRST_YEAR, LAST_YEAR
from engine.core.command import SYSTEM, ClaimCase, Command, Request, StartLinked
from engine.core.identifiers import is_id
from engine.errors import BadInput, Broken, ZhibenError

#: Characters of ids; keys of PostgreSQL's indices hold some 2,700 bytes.
MOST_COMMAND_ID, MOST_WORD = 200, 200
#: Ids that follow from what is armed or owed: whoever took one would keep its timer or signal from being carried out.
RESERVED = ("timer:", "signal:")


def refuse_unfit(request: Request) -> None:
    """BadInput where a request cannot be decided whatever the case says."""
    if not is_id(request.id, MOST_COMMAND_ID):
        raise BadInput("not_an_id", field="id")
    if not is_id(request.stream.id):
        raise BadInput("not_an_id", field="stream")
    if not is_id(request.acted_by) or not (request.entered_by == "" or is_id(request.entered_by)):
        raise BadInput("not_an_id", field="acted_by")
    # A case that another one starts begins in the name of a person, but nobody sends such a request.
    carried_out = request.acted_by == SYSTEM or isinstance(request.act, StartLinked)
    if not carried_out and request.id.startswith(RESERVED):
        raise BadInput("command_id_reserved", field="id")
    for field, word in (("device", request.device), ("caused_by", request.caused_by)):
        if len(word) > MOST_WORD or not word.isprintable():
            raise BadInput("not_a_text", field=field)
    if request.occurred_at is not None:
        _refuse_instant(request.occurred_at, "occurred_at")
    if isinstance(request.act, ClaimCase):
        _refuse_instant(request.act.claimed_opened_at, "claimed_opened_at")
        if request.act.claimed_closed_at is not None:
            _refuse_instant(request.act.claimed_closed_at, "claimed_closed_at")


def _refuse_instant(at: datetime, field: str) -> None:
    if at.tzinfo is None:
        raise BadInput("instant_without_zone", field=field, at=str(at))
    if not FIRST_YEAR < at.year < LAST_YEAR:
        raise BadInput("date_outside_calendar", field=field, got=str(at.date()), first=FIRST_YEAR, last=LAST_YEAR)


def told_sender(unsayable: Broken, command: Command) -> ZhibenError:
    """What no entry can say is the sender's to correct, where somebody sent it."""
    if command.acted_by == SYSTEM or not unsayable.code.startswith("value_"):
        return unsayable
    told = {key: value for key, value in unsayable.data.items() if key != "at"}
    return BadInput(unsayable.code, field=str(unsayable.data.get("at", "")).rpartition(".")[2], **told)
