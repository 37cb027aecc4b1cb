"""What responses say of links between cases."""

from __future__ import annotations

from web.api.shown.base import Shown
from web.api.shown.cases import CaseRow


class LinkedOut(Shown):
    """One link of a case; no case where it is not for the caller to see."""

    how: str
    #: what the definition calls it from this side
    title: str
    #: made by the other case
    back: bool
    case: CaseRow | None


class LinkedList(Shown):
    """The links of a case."""

    items: list[LinkedOut]
