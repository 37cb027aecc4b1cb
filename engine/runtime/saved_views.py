"""Views that persons keep of registers: their own convenience, kept beside the record."""

from __future__ import annotations

from engine.errors import BadInput
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.store.saved_views import SavedView

#: Views a person may keep of one register.
MOST_VIEWS = 20


def keep_view(service: Service, person: str, register: str, view: SavedView) -> None:
    """Keep a person's view of a register; BadInput for too many."""
    with service.store.session() as session:
        others = [one for one in session.saved_views.of(person, register) if one.name != view.name]
        if len(others) >= MOST_VIEWS:
            raise BadInput("too_many_views", field="name", most=MOST_VIEWS)
        session.saved_views.put(person, register, view, micros(service.clock.now()))


def drop_view(service: Service, person: str, register: str, name: str) -> None:
    """Keep a person's view no longer."""
    with service.store.session() as session:
        session.saved_views.drop(person, register, name)
