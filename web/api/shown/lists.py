"""What responses say of inboxes, the directory, files and imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from web.api.shown.base import Shown


class TaskRowOut(Shown):
    """A task in an inbox."""

    case: str
    task: int
    kind: str
    state: str
    party: str
    queue: str
    number: str
    title: str
    procedure: str
    region: str
    unit: str
    opened_at: datetime
    due_at: datetime | None
    light: Literal["", "green", "yellow", "red"]
    told: str
    overdue: bool


class TaskPage(Shown):
    """Tasks, the earliest deadline first."""

    items: list[TaskRowOut]
    after: str


class MessageOut(Shown):
    """A message to the caller."""

    key: str
    stream: str
    seq: int
    text: str
    references: dict[str, Any]
    created_at: datetime
    status: str
    read_at: datetime | None


class MessagePage(Shown):
    """Messages, the latest first."""

    items: list[MessageOut]
    after: str


class DirectoryRowOut(Shown):
    """A row of the directory, valid from a day to the day before another."""

    id: str
    title: str
    region: str
    industry: str
    unit: str
    body: str
    person: str
    role: str
    credit_code: str
    number: str
    attributes: dict[str, Any]
    valid_from: str
    valid_to: str


class DirectoryPage(Shown):
    """Rows of the directory."""

    items: list[DirectoryRowOut]
    after: str


class FileOut(Shown):
    """A stored file: its content is its name."""

    sha256: str
    size: int
    media_type: str


class RowProblemOut(Shown):
    """What is wrong in a row of a spreadsheet."""

    row: int
    column: str
    header: str
    code: str
    told: str


class ImportOut(Shown):
    """How an import stands."""

    id: str
    kind: str
    status: str
    rows: int
    good: int
    bad: int
    done: int
    failed: int
    problems: list[RowProblemOut]
