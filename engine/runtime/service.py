"""The one door: authorise, fetch, decide, append, save, arm, queue, project; one transaction for each batch.

Decisions of a batch are made in memory and written together. If the database refuses the batch, every request is
tried again by itself, so that one that fails holds up no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from engine.core.command import Request
from engine.core.definition_watches import Watch
from engine.core.ports import Clock, Dice
from engine.errors import Broken, Busy, Conflict, ZhibenError
from engine.runtime.batch import Batch, Outcome
from engine.runtime.catalog import Catalog, Directories
from engine.runtime.kit import Kit
from engine.store.errors import DuplicateCommand, NoRoom
from engine.store.records import DefinitionRow
from engine.store.session import Session
from engine.store.store import Store

log = structlog.get_logger()

#: Times a request is tried by itself before its sender is told to come back.
MOST_TRIES = 5


__all__ = ["Batch", "Outcome", "Service"]


class Service(Kit):
    """Carries out requests in transactions of a store; one instance is used by one thread at a time."""

    def __init__(
        self,
        *,
        store: Store,
        catalog: Catalog,
        directories: Directories,
        clock: Clock,
        dice: Dice,
        master: bytes,
        watches: Mapping[str, Watch] | None = None,
    ) -> None:
        super().__init__(catalog=catalog, directories=directories, clock=clock, dice=dice, master=master)
        self.store = store
        self.watches = dict(watches or {})

    def execute(self, requests: Sequence[Request], definitions: Sequence[DefinitionRow] = ()) -> list[Outcome]:
        """Carry out requests in order; each outcome is an answer, or the error that refused it and wrote nothing.

        `definitions` are bodies that publications among the requests refer to.
        """
        try:
            with self.store.session(alone=len(requests) == 1) as session:
                return self.execute_in(session, requests, definitions)
        except NoRoom as busy:
            return [busy for _ in requests]
        except (Busy, Conflict, Broken):
            return [self._alone(request, definitions) for request in requests]
        except Exception:
            log.exception("batch_failed", requests=len(requests))
            return [self._alone(request, definitions) for request in requests]

    def execute_in(
        self, session: Session, requests: Sequence[Request], definitions: Sequence[DefinitionRow] = ()
    ) -> list[Outcome]:
        """Carry out requests within an open transaction; raises what the database refuses, then nothing is written."""
        return Batch(self, session, definitions).run(requests)

    def _alone(self, request: Request, definitions: Sequence[DefinitionRow]) -> Outcome:
        """Once more by itself: another process moved the stream, carried out the very command, or the link broke.

        A command whose commit is in doubt is simply sent again: its id tells whether it was carried out.
        """
        outcome: Outcome = Busy("stream_contended", stream=str(request.stream))
        for _ in range(MOST_TRIES):
            try:
                with self.store.session() as session:
                    return self.execute_in(session, [request], definitions)[0]
            except NoRoom as busy:
                return busy
            except (Busy, DuplicateCommand) as again:
                outcome = again
            except ZhibenError as refused:
                return refused
            except Exception as exc:
                log.exception("command_failed", command=request.id, stream=str(request.stream))
                return Broken("command_failed", kind=type(exc).__name__)
        return outcome
