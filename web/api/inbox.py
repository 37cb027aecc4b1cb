"""What waits for the caller: tasks, formal acts to issue, messages."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter

from engine.store.views import MessageView
from web.api import shown
from web.api.parameters import After, Limit, page_of
from web.api.telling import instant, maybe_instant, task_row
from web.bodies import StrictRoute
from web.policy import Caller, policy

router = APIRouter(route_class=StrictRoute, tags=["inbox"])
Tasks = Annotated[Caller, policy("task.read")]


@router.get("/tasks", operation_id="list_tasks")
def list_tasks(caller: Tasks, after: After = "", limit: Limit = 50) -> shown.TaskPage:
    """Open tasks the caller holds, the earliest deadline first."""
    return _tasks(caller, after, limit, drafts=False)


@router.get("/drafts", operation_id="list_drafts")
def list_drafts(caller: Tasks, after: After = "", limit: Limit = 50) -> shown.TaskPage:
    """Formal acts that wait for the caller to issue or decline them."""
    return _tasks(caller, after, limit, drafts=True)


def _tasks(caller: Caller, after: str, limit: int, *, drafts: bool) -> shown.TaskPage:
    reader = caller.services.reader
    page = reader.tasks(caller.person, page_of(caller, after, limit), drafts=drafts)
    calendar = reader.calendar()
    return shown.TaskPage(items=[task_row(view, calendar, caller.now) for view in page.items], after=page.after)


@router.get("/messages", operation_id="list_messages")
def list_messages(
    caller: Annotated[Caller, policy("message.read")], after: After = "", limit: Limit = 50
) -> shown.MessagePage:
    """Messages to the caller, the latest first."""
    page = caller.services.reader.messages(caller.person, page_of(caller, after, limit))
    return shown.MessagePage(items=[_message(view) for view in page.items], after=page.after)


def _message(view: MessageView) -> shown.MessageOut:
    return shown.MessageOut(
        key=view.key,
        stream=str(view.stream),
        seq=view.seq,
        text=view.text,
        references=msgspec.json.decode(view.references or b"{}"),
        created_at=instant(view.created_at),
        status=view.status,
        read_at=maybe_instant(view.read_at),
    )
