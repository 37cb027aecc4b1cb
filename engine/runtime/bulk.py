"""Bulk operations: many requests frozen first, then carried out in order, each by itself; resumable after any stop.

What is frozen never changes and each item's command id derives from the operation (`bulk:{id}:{n}`), so a run that
was killed goes on exactly: an item whose command had been carried out, but not noted, gets its first answer again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import count

import msgspec
from msgspec.structs import replace

from engine.core.command import SYSTEM, CloseBulk, OpenBulk, Request, Stream
from engine.errors import Broken, Busy, Conflict, NotFound, ZhibenError
from engine.runtime.door import Door, Outcome
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.runtime.vault import Vault
from engine.store.records import BulkItemRow
from engine.store.views import BulkRow

#: Items handed to the door at once.
BATCH = 100
#: Results read at once.
_PAGE = 500
_encoder = msgspec.json.Encoder(order="sorted")
_requests = msgspec.json.Decoder(Request)


class BulkResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item: the seq of its entry, or code and data of what refused it."""

    n: int
    #: pending, done, failed
    status: str
    seq: int = 0
    code: str = ""
    data: dict[str, object] = {}
    #: what it was about, as `kind/id`
    stream: str = ""


def bulk_stream(bulk: str) -> Stream:
    """The stream of an operation."""
    return Stream(kind="bulk", id=bulk)


def digest_of(requests: Sequence[Request]) -> str:
    """What the items of an operation are told apart by, before they have ids."""
    digest = sha256()
    for request in requests:
        digest.update(sha256(_encoder.encode(request)).digest())
    return digest.hexdigest()


def open_bulk(
    door: Door,
    *,
    purpose: str,
    requests: Sequence[Request],
    person: str,
    reason: str = "",
    entered_by: str = "",
    bulk: str = "",
) -> BulkRow:
    """Freeze the items of an operation; the same ones for the same purpose, while it is open, are the same operation.

    Ids of the requests are ignored and given anew; `bulk` is the operation's own id where the caller has one. Raises
    what refuses it: NotPermitted, Conflict.
    """
    digest = digest_of(requests)
    bulk = bulk or _free_id(door, f"{purpose}\n{digest}")
    opened = Request(
        id=f"bulk:{bulk}:open",
        stream=bulk_stream(bulk),
        act=OpenBulk(purpose=purpose, items=len(requests), digest=digest, reason=reason),
        acted_by=person,
        entered_by=entered_by,
        medium="bulk",
    )
    door.submit(opened)
    items = {str(n): _encoder.encode(replace(request, id=f"bulk:{bulk}:{n}")) for n, request in enumerate(requests)}
    return door.run(lambda service: _freeze(service, bulk, purpose, person, digest, items))


def _free_id(door: Door, name: str) -> str:
    """The id of the open operation of that name, else of one that has not been."""

    def find(service: Service) -> str:
        with service.store.session() as session:
            ids = (sha256(f"{name}\n{again}".encode()).hexdigest()[:24] for again in count())
            return next(bulk for bulk in ids if (row := session.bulks.get(bulk)) is None or row.status != "closed")

    return door.run(find)


def _freeze(service: Service, bulk: str, purpose: str, person: str, digest: str, items: Mapping[str, bytes]) -> BulkRow:
    """Keep the items sealed: what waits to be done may name persons."""
    with service.store.session() as session:
        known = session.bulks.get(bulk)
        if known is not None:
            return known
        row = BulkRow(
            id=bulk,
            purpose=purpose,
            person=person,
            digest=digest,
            items=len(items),
            opened_at=micros(service.clock.now()),
            status="open",
            done=0,
            failed=0,
            skipped=0,
        )
        vault = Vault(session.vault, service.master)
        sealed = vault.seal_all(str(bulk_stream(bulk)), items, service.dice, row.opened_at)
        try:
            with session.savepoint():
                session.bulks.open(row, [BulkItemRow(bulk=bulk, n=int(n), payload=one) for n, one in sealed.items()])
        except Broken:
            # Another process froze the same operation at the same moment.
            known = session.bulks.get(bulk)
            if known is None:
                raise
            return known
        return row


def find_bulk(door: Door, bulk: str) -> BulkRow | None:
    """An operation and how far it is, None if there is none of that id."""

    def look(service: Service) -> BulkRow | None:
        with service.store.session() as session:
            return session.bulks.get(bulk)

    return door.run(look)


def progress_of(door: Door, bulk: str) -> BulkRow:
    """How far an operation is; raises NotFound."""
    row = find_bulk(door, bulk)
    if row is None:
        raise NotFound("bulk_not_found", bulk=bulk)
    return row


def unfinished(door: Door, purpose: str) -> list[BulkRow]:
    """Operations that are open and whose purpose begins so, the oldest first."""

    def look(service: Service) -> list[BulkRow]:
        with service.store.session() as session:
            rows = [session.bulks.get(bulk) for bulk in session.bulks.unfinished()]
        return [row for row in rows if row is not None and row.purpose.startswith(purpose)]

    return door.run(look)


def run_bulk(
    door: Door,
    bulk: str,
    *,
    batch: int = BATCH,
    told: Callable[[BulkRow], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> BulkRow:
    """Carry out what is pending, in order, batch by batch, and close the operation when nothing is left.

    `told` hears of the progress after each batch; when `stopped` says so the run ends between two batches, and the
    operation stays open until it is run again. Raises Busy when the door is: nothing is lost, the items stay pending.
    """
    row = progress_of(door, bulk)
    if row.status == "closed":
        return row
    if row.status == "stopped":
        _set_status(door, bulk, "open")
    while items := _claim(door, bulk, batch):
        if stopped is not None and stopped():
            return progress_of(door, bulk)
        outcomes = door.submit_batch(list(items.values()))
        _note(door, bulk, items, outcomes)
        if told is not None:
            told(progress_of(door, bulk))
    return _close(door, bulk)


def stop_bulk(door: Door, bulk: str) -> None:
    """Leave an operation as it is, not to be taken up by itself; only between two batches of a run that ended."""
    if progress_of(door, bulk).status == "open":
        _set_status(door, bulk, "stopped")


def _claim(door: Door, bulk: str, limit: int) -> dict[int, Request]:
    """The next items that are pending, by number."""

    def claim(service: Service) -> dict[int, Request]:
        with service.store.session() as session:
            sealed = {str(item.n): item.payload for item in session.bulks.claim(bulk, limit)}
            if not sealed:
                return {}
            plain = Vault(session.vault, service.master).open_all(str(bulk_stream(bulk)), sealed)
        return {int(n): _requests.decode(payload) for n, payload in plain.items()}

    return door.run(claim)


def _note(door: Door, bulk: str, items: Mapping[int, Request], outcomes: Sequence[Outcome]) -> None:
    """Record the results; what was refused only because the door was busy stays pending."""
    busy = next((outcome for outcome in outcomes if isinstance(outcome, Busy)), None)

    def note(service: Service) -> None:
        with service.store.session() as session:
            for (n, request), outcome in zip(items.items(), outcomes, strict=True):
                if not isinstance(outcome, Busy):
                    session.bulks.record(bulk, n, *_result(outcome, str(request.stream)))

    door.run(note)
    if busy is not None:
        raise busy


def _result(outcome: Outcome, stream: str) -> tuple[str, bytes]:
    if isinstance(outcome, ZhibenError):
        data = {key: value for key, value in outcome.data.items() if value not in ("", None)}
        return "failed", _encoder.encode({"code": outcome.code, "data": _plain(data), "stream": stream})
    return "done", _encoder.encode({"seq": outcome.seq, "stream": stream})


def _plain(value: object) -> object:
    """A copy that JSON can say."""
    return msgspec.to_builtins(value, str_keys=True, enc_hook=str)


def _set_status(door: Door, bulk: str, status: str) -> None:
    def set_status(service: Service) -> None:
        with service.store.session() as session:
            if not session.bulks.set_status(bulk, status):
                raise Conflict("bulk_closed", bulk=bulk)

    door.run(set_status)


def _close(door: Door, bulk: str) -> BulkRow:
    """Record how it ended, and forget for ever what its items said; not while another run has left some undone."""
    row = progress_of(door, bulk)
    if row.done + row.failed + row.skipped < row.items:
        return row
    closed = Request(
        id=f"bulk:{bulk}:close",
        stream=bulk_stream(bulk),
        act=CloseBulk(done=row.done, failed=row.failed),
        # Whoever began it may have left meanwhile: counting what was done is the engine's own work.
        acted_by=SYSTEM,
        medium="bulk",
    )
    door.submit(closed)

    def close(service: Service) -> None:
        with service.store.session() as session:
            session.bulks.set_status(bulk, "closed")
            Vault(session.vault, service.master).erase_subject(str(bulk_stream(bulk)))

    door.run(close)
    return progress_of(door, bulk)


def results(door: Door, bulk: str, *, status: str = "") -> Iterator[BulkResult]:
    """Results of the items in order, or only those of one status."""
    after = -1
    while page := _page(door, bulk, after, status):
        for item in page:
            told = msgspec.json.decode(item.result) if item.result else {}
            yield BulkResult(n=item.n, status=item.status, **told)
        after = page[-1].n


def _page(door: Door, bulk: str, after: int, status: str) -> list[BulkItemRow]:
    def read(service: Service) -> list[BulkItemRow]:
        with service.store.session() as session:
            return session.bulks.items(bulk, after=after, limit=_PAGE, status=status)

    return door.run(read)
