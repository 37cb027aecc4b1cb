"""What people of the story fill in: values that the script gives, or that the case or its row of the ledger has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from engine.core.calendar import Calendar
from engine.core.case import Case
from engine.core.deadlines import due_day
from engine.core.definition import FieldSpec
from engine.core.offers import Offer
from zhiben.story.script import Choice
from zhiben.story.timing import workdays_after


class Filler:
    """Fills the form of an offer for one case on one day."""

    def __init__(self, *, case: Case, row: Mapping[str, Any], calendar: Calendar, today: date, dice: Random) -> None:
        self._case = case
        self._row = row
        self._calendar = calendar
        self._today = today
        self._dice = dice

    def fill(
        self, offer: Offer, choice: Choice, fields: Mapping[str, FieldSpec], defaults: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What the choice says, and what the form requires besides."""
        data: dict[str, Any] = {}
        for item in offer.form:
            given = choice.form.get(item.field)
            if given is None and (item.required or fields[item.field].required):
                given = defaults.get(item.field, {"keep": item.field})
            value = None if given is None else self._typed(fields[item.field], given)
            if value is not None:
                data[item.field] = value
        return data

    def _typed(self, spec: FieldSpec, given: Any) -> Any:
        """A checklist is answered alike but for some items by number, a table told by rows of cells in their order."""
        if spec.kind == "checklist" and spec.checklist is not None:
            but = {number: {"answer": answer, "note": note} for number, answer, note in given.get("but", ())}
            items = enumerate(spec.checklist.items, start=1)
            return {item.id: but.get(number, {"answer": given["all"]}) for number, item in items}
        if spec.kind == "table":
            rows = [dict(zip((column.id for column in spec.columns), row, strict=False)) for row in given["rows"]]
            return [
                {name: self.value(cell) for name, cell in row.items() if cell not in (None, "", False)} for row in rows
            ]
        return self.value(given)

    def value(self, told: Any) -> Any:
        """A value as the script writes it: itself, one of a list, a day counted in workdays, or what is there."""
        match told:
            case [*several]:
                return self.value(self._dice.choice(several))
            case {"workdays": count}:
                return self._after(self._today, count)
            case {"after_deadline": count}:
                return self._after(max(self._today, self._due()), count)
            case {"keep": field}:
                kept = self._row.get(field, self._case.fields.get(field))
                least = told.get("least")
                if least is not None:
                    return max(str(kept or ""), self._after(self._today, least))
                return told.get("or") if kept is None or isinstance(kept, dict) else kept
        return told

    def _after(self, day: date, count: int) -> str:
        return workdays_after(self._calendar, day, count).isoformat()

    def _due(self) -> date:
        days = [due_day(task.deadline.due_at, self._calendar) for task in self._case.tasks if task.deadline]
        return max(days, default=self._today)
