"""Spreadsheets of registers: small ones at once, large ones in the background with their progress told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import structlog

from adapters.spreadsheets.writer import SheetWriter
from engine.errors import NotFound
from web.services import ExportState, Sheet

log = structlog.get_logger()

#: Exports kept to be fetched; older ones are gone.
MOST_KEPT = 40


class SheetExports:
    """Writes sheets into a folder of this process; what it holds is gone when it starts anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._states: dict[str, tuple[str, ExportState, Path]] = {}
        self._lock = threading.Lock()
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="export")

    def write(self, sheet: Sheet, rows: Iterable[Sequence[object]]) -> Path:
        """The file, complete; whoever asks for it removes it."""
        path = self._path(token_hex(12))
        self._write(path, sheet, rows, lambda done: None)
        return path

    def start(self, person: str, sheet: Sheet, rows: Iterable[Sequence[object]]) -> str:
        """Begin in the background; the id of the export."""
        name = token_hex(12)
        path = self._path(name)
        with self._lock:
            for old in list(self._states)[: max(0, len(self._states) - MOST_KEPT + 1)]:
                self._states.pop(old)[2].unlink(missing_ok=True)
            self._states[name] = (person, ExportState(id=name, title=sheet.title, status="running"), path)
        self._background.submit(self._run, name, path, sheet, rows)
        return name

    def state(self, person: str, name: str) -> ExportState:
        """How far an export of the person is; NotFound."""
        whose, state, _ = self._states.get(name, ("", None, None))
        if state is None or whose != person:
            raise NotFound("export_not_found")
        return state

    def file(self, person: str, name: str) -> Path:
        """The file of a finished export; NotFound."""
        if self.state(person, name).status != "done":
            raise NotFound("export_not_found")
        return self._states[name][2]

    def wait(self) -> None:
        """Wait until what was begun in the background has ended."""
        self._background.submit(lambda: None).result()

    def close(self) -> None:
        """End what is under way after its present row."""
        self._background.shutdown(wait=False, cancel_futures=True)

    def _run(self, name: str, path: Path, sheet: Sheet, rows: Iterable[Sequence[object]]) -> None:
        try:
            self._write(path, sheet, rows, lambda done: self._tell(name, "running", done))
        except Exception:
            log.exception("export_failed")
            path.unlink(missing_ok=True)
            self._tell(name, "failed")
        else:
            self._tell(name, "done")

    def _tell(self, name: str, status: str, done: int | None = None) -> None:
        with self._lock:
            if name in self._states:
                person, state, path = self._states[name]
                rows = state.rows if done is None else done
                self._states[name] = (person, replace(state, status=status, rows=rows), path)

    def _write(self, path: Path, sheet: Sheet, rows: Iterable[Sequence[object]], tell: Callable[[int], object]) -> None:
        with SheetWriter(path, sheet=sheet.title) as writer:
            writer.title(sheet.title, max(2, len(sheet.header)))
            for note in sheet.notes:
                writer.write([note])
            writer.header(sheet.header)
            done = 0
            for done, row in enumerate(rows, 1):
                writer.write(row)
                if done % 200 == 0:
                    tell(done)
            tell(done)

    def _path(self, name: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{name}.xlsx"
