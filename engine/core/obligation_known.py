"""An obligation as decisions know it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from engine.core.definition_duties import DutySpec


class Standing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An obligation as it stands: of a row only what decisions ask for."""

    subject: str
    period: str
    rhythm: int
    status: str
    unit: str = ""
    region: str = ""
    industry: str = ""
    opens_at: datetime
    due_at: datetime
    late: bool = False
    missed: bool = False
    case: str = ""
    done_at: datetime | None = None
    latest: bool = False


class KnownObligation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of an obligation that a command names."""

    spec: DutySpec
    row: Standing
    #: from this instant on it is made up no more
    made_up_until: datetime
