"""The kinds of documents by their first key."""

from __future__ import annotations

from engine.core.language.board import BoardDocument
from engine.core.language.day_counts import DayCountsDocument
from engine.core.language.duty import DutyDocument
from engine.core.language.field_acts import ChecklistDocument
from engine.core.language.ladder import LadderDocument, TextsDocument
from engine.core.language.messages import MessagesDocument
from engine.core.language.parts import Part
from engine.core.language.plan import BasisDocument, DirectoryDocument, PlaceDocument, PlanDocument, RolesDocument
from engine.core.language.procedure import ProcedureDocument
from engine.core.language.register import RegisterDocument
from engine.core.language.scenario import ScenarioDocument
from engine.core.language.watch import WatchDocument

DOCUMENTS: dict[str, type[Part]] = {
    "procedure": ProcedureDocument,
    "ladder": LadderDocument,
    "texts": TextsDocument,
    "roles": RolesDocument,
    "basis": BasisDocument,
    "plan": PlanDocument,
    "place": PlaceDocument,
    "directory": DirectoryDocument,
    "scenario": ScenarioDocument,
    "register": RegisterDocument,
    "board": BoardDocument,
    "checklist": ChecklistDocument,
    "day_counts": DayCountsDocument,
    "messages": MessagesDocument,
    "watch": WatchDocument,
    "duty": DutyDocument,
}
#: kinds that other modules read
ELSEWHERE = frozenset({"calendar", "import", "story"})
