"""Ids within forms: columns of tables, checklists with their groups and items."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from engine.core.language.names import ID_PATTERN, Defines, Refers

_ID = StringConstraints(pattern=ID_PATTERN)

TableColumnId = Annotated[str, _ID, Defines("column")]
TableColumnRef = Annotated[str, _ID, Refers("column")]
ChecklistId = Annotated[str, _ID, Defines("checklist")]
GroupId = Annotated[str, _ID, Defines("group")]
ItemId = Annotated[str, _ID, Defines("item")]
ItemRef = Annotated[str, _ID, Refers("item")]
ChoicesRef = Annotated[str, Refers("choices")]
