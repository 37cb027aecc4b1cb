"""The cases that a case has to do with, as one person may see them."""

from __future__ import annotations

import msgspec

from engine.core.definition_links import RETURN
from engine.core.directory import Scope
from engine.runtime.catalog import Catalog
from engine.store.reader import Reader
from engine.store.views import CaseView, LinkView


class LinkedCase(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One link of a case: what it means, and the other case as far as the reader may see it."""

    #: kind of link, "same": one is the return of the other
    how: str
    #: what the definition calls it from this side; "" = the engine's own link
    title: str
    #: made by the other case
    back: bool
    #: None: there is one, but it is not for this reader
    case: CaseView | None


def linked_cases(reader: Reader, catalog: Catalog, scope: Scope, case: str) -> tuple[LinkedCase, ...]:
    """The links of a case that the reader may see, its own first."""
    return tuple(
        LinkedCase(how=one.how, title=_title(reader, catalog, one), back=one.back, case=one.other)
        for one in reader.linked(scope, case)
    )


def _title(reader: Reader, catalog: Catalog, view: LinkView) -> str:
    if view.how == RETURN or not view.version:
        return ""
    link = catalog.machine(reader, view.version).links.get(view.how)
    return "" if link is None else link.back if view.back else link.title
