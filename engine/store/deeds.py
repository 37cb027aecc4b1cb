"""Deeds: notes of cases with acts that wait to be folded, and the rows folded from their entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import delete, func, select, text

from engine.store.parts import Run
from engine.store.records import DeedRow, PhotoRow
from engine.store.schema import CASES, deed, deed_photo, stream, undeeded

#: Cases folded in one transaction.
TOGETHER = 200
#: A number that no other lock of ours has.
_LOCK = 0x64_65_65_64


class Deeds:
    """Notes and rows of deeds, in the transaction of a session."""

    def __init__(self, run: Run, insert: Callable[[Any], Any], *, locks: bool) -> None:
        self._run = run
        self._insert = insert
        #: whether others may write at the same time
        self._locks = locks

    def waiting(self, through: int | None = None) -> bool:
        """Whether an act was not folded yet; only of the notes up to that one, if told."""
        up_to = [undeeded.c.n <= through] if through is not None else []
        return self._run(select(undeeded.c.n).where(*up_to).limit(1)).first() is not None

    def newest(self) -> int:
        """The last note that waits, whoever folds it meanwhile; 0 = none."""
        return self._run(select(func.max(undeeded.c.n))).scalar_one() or 0

    def claim(self, most: int = TOGETHER) -> tuple[list[str], list[int]]:
        """The cases of the first notes, and the notes; nothing where another worker folds."""
        if not self._alone():
            return [], []
        notes = self._run(select(undeeded.c.n, undeeded.c.case).order_by(undeeded.c.n).limit(most)).all()
        return list(dict.fromkeys(row.case for row in notes)), [row.n for row in notes]

    def folded_to(self, cases: Sequence[str]) -> dict[str, int]:
        """Case -> its last entry that made a deed."""
        rows = self._run(select(deed.c.case, func.max(deed.c.seq)).where(deed.c.case.in_(cases)).group_by(deed.c.case))
        return {str(case): int(seq) for case, seq in rows.all()}

    def put(self, deeds: Sequence[DeedRow], photos: Sequence[PhotoRow], notes: Sequence[int]) -> None:
        """Keep what was folded, once, and forget the notes."""
        for table, rows in ((deed, deeds), (deed_photo, photos)):
            if rows:
                told = [{name: getattr(row, name) for name in row.__struct_fields__} for row in rows]
                self._run(self._insert(table).on_conflict_do_nothing(), told)
        if notes:
            self._run(delete(undeeded).where(undeeded.c.n.in_(notes)))

    def forget(self) -> None:
        """Drop everything that was folded; every case waits to be folded anew."""
        for table in (deed, deed_photo, undeeded):
            self._run(delete(table))
        self._run(self._insert(undeeded).from_select(["case"], select(stream.c.id).where(CASES)))

    def _alone(self) -> bool:
        return not self._locks or bool(
            self._run(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}).scalar_one()
        )
