"""Changes of the organisation from its pages: each form is one command, sent twice it is one change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from engine.core import command as cmd
from engine.core.administration import DIRECTORY
from engine.errors import BadInput, Broken, NotFound, ZhibenError
from web.api.commands import command_id, hand_over
from web.catalogues import NO_TITLES, say
from web.pages.flash import flash
from web.pages.form_drawing import told_of
from web.pages.form_reading import NOTHING_POSTED, find
from web.pages.organisation import show_powers, show_rosters, show_successions
from web.pages.organisation_person import show_person
from web.pages.organisation_views import PATH, Asked
from web.pages.visitor import Visitor, page
from web.problems import status_of

router = APIRouter()

Keeps = Annotated[Visitor, page("directory.record")]
Own = Annotated[Visitor, page("directory.own")]
_LONGEST = 500


class Form:
    """What was typed, and who is meant by it."""

    def __init__(self, visitor: Visitor, data: FormData) -> None:
        self.visitor = visitor
        self.texts = {name: value.strip()[:_LONGEST] for name, value in data.multi_items() if isinstance(value, str)}

    def text(self, name: str) -> str:
        """A text, "" where nothing was typed."""
        return self.texts.get(name, "")

    def who(self, name: str, table: str = "person") -> str:
        """The one person or unit that was chosen, or bears the name typed; BadInput where it is not clear."""
        if chosen := self.text(f"f.{name}"):
            return chosen
        typed = self.text(f"t.{name}")
        found = find(self.visitor, table, typed) if typed else []
        exact = [one for one in found if typed in one] if len(found) > 1 else found
        if len(exact) == 1:
            return exact[0][0]
        if not typed:
            raise BadInput("missing", field=name)
        raise BadInput("entity_ambiguous" if found else "entity_not_found", field=name, got=typed)

    def after(self, name: str) -> str:
        """The day after the last day typed: where validity ends; "" = no end."""
        if not (text := self.text(name)):
            return ""
        try:
            return (date.fromisoformat(text) + timedelta(days=1)).isoformat()
        except (ValueError, OverflowError) as exc:
            raise BadInput("not_a_date", field=name, got=text[:40]) from exc

    def instant(self, name: str) -> str:
        """A local moment as an instant with its offset."""
        try:
            local = datetime.strptime(self.text(name), "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - made local at once
        except ValueError as exc:
            raise BadInput("not_a_date", field=name, got=self.text(name)[:40]) from exc
        return local.replace(tzinfo=self.visitor.services.reader.calendar().zone).isoformat()


def _role(form: Form) -> Any:
    return cmd.GrantRole(
        person=form.text("person"),
        role=form.text("role"),
        region=form.text("region"),
        industry=form.text("industry"),
        body=form.who("body", "unit") if form.text("f.body") or form.text("t.body") else "",
        valid_from=form.text("valid_from"),
        valid_to=form.after("last"),
        reason=form.text("reason"),
    )


def _end_role(form: Form) -> Any:
    return cmd.EndRole(holding=form.text("holding"), valid_to=form.after("last"), reason=form.text("reason"))


def _stand_in(form: Form) -> Any:
    row = {
        "person": form.text("person"),
        "substitute": form.who("substitute"),
        "role": form.text("role"),
        "reason": form.text("reason"),
        "valid_from": form.text("valid_from"),
        "valid_to": form.after("last"),
    }
    if not row["valid_from"] or not row["valid_to"]:
        raise BadInput("missing", field="last" if row["valid_from"] else "valid_from")
    return cmd.RecordSubstitutions(substitutions=(_told(row),))


def _end_stand_in(form: Form) -> Any:
    names = ("id", "person", "substitute", "role", "procedure", "reason", "valid_from")
    row = {name: form.text(name) for name in names}
    today = form.visitor.day.isoformat()
    return cmd.RecordSubstitutions(substitutions=(_told({**row, "valid_to": max(today, row["valid_from"])}),))


def _recusal(form: Form) -> Any:
    about: dict[str, str] = {}
    if form.text("f.unit") or form.text("t.unit"):
        about["unit"] = form.who("unit", "unit")
    if form.text("f.other") or form.text("t.other"):
        about["other"] = form.who("other")
    row = {"person": form.text("person"), "kind": form.text("kind"), **about, "valid_from": form.text("valid_from")}
    return cmd.RecordRecusals(recusals=(_told(row),))


def _power(form: Form) -> Any:
    listed = re.split(f"[{re.escape(say('organisation.between'))}\n\r]", form.text("documents"))
    row: dict[str, Any] = _told(
        {
            "body": form.who("body", "unit"),
            "matter": form.text("matter"),
            "region": form.text("region"),
            "basis": form.text("basis"),
            "valid_from": form.text("valid_from"),
            "valid_to": form.after("last"),
        }
    )
    return cmd.RecordPowers(powers=({**row, "documents": [one.strip() for one in listed if one.strip()]},))


def _end_power(form: Form) -> Any:
    names = ("id", "body", "matter", "region", "basis", "valid_from")
    row: dict[str, Any] = _told({name: form.text(name) for name in names})
    row["valid_to"] = max(form.visitor.day.isoformat(), form.text("valid_from"))
    return cmd.RecordPowers(powers=({**row, "documents": form.text("listed").splitlines()},))


def _end_shift(form: Form) -> Any:
    row = _told({name: form.text(name) for name in ("id", "roster", "person", "region", "begins")})
    # told to end when it begins it never was; what has begun ends now
    now = form.visitor.now.isoformat(timespec="seconds")
    return cmd.RecordShifts(shifts=({**row, "ends": max(form.text("begins"), now)},))


def _shift(form: Form) -> Any:
    row = {
        "roster": form.text("roster"),
        "person": form.who("person"),
        "region": form.text("region"),
        "begins": form.instant("begins"),
        "ends": form.instant("ends"),
    }
    return cmd.RecordShifts(shifts=(_told(row),))


def _succession(form: Form) -> Any:
    row = {"id": form.who("former", "unit"), "how": form.text("how"), "valid_from": form.text("valid_from")}
    if form.text("f.successor") or form.text("t.successor"):
        row["successor"] = form.who("successor", "unit")
    if not row["valid_from"]:
        raise BadInput("missing", field="valid_from")
    return cmd.RecordSuccessions(successions=(_told(row),))


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value}


_ACTS: Mapping[str, Callable[[Form], Any]] = {
    "role": _role,
    "end_role": _end_role,
    "stand_in": _stand_in,
    "end_stand_in": _end_stand_in,
    "recusal": _recusal,
    "power": _power,
    "end_power": _end_power,
    "shift": _shift,
    "end_shift": _end_shift,
    "succession": _succession,
}
#: What people do about themselves without keeping the directory.
_OWN = ("stand_in", "end_stand_in", "recusal")
#: Where a form stands besides on a person's page.
_PAGES = {
    "power": show_powers,
    "end_power": show_powers,
    "shift": show_rosters,
    "end_shift": show_rosters,
    "succession": show_successions,
}
_PLACES = {show_powers: "powers", show_rosters: "rosters", show_successions: "successions"}


@router.post(f"{PATH}/record", include_in_schema=False)
async def record(request: Request, visitor: Keeps) -> Response:
    """Change what one keeps."""
    return await _carry_out(request, visitor, Form(visitor, await request.form()), tuple(_ACTS))


@router.post(f"{PATH}/own", include_in_schema=False)
async def own(request: Request, visitor: Own) -> Response:
    """Say who stands in for oneself, or to whom one is related."""
    return await _carry_out(request, visitor, Form(visitor, await request.form()), _OWN)


async def _carry_out(request: Request, visitor: Visitor, form: Form, allowed: tuple[str, ...]) -> Response:
    what = form.text("what")
    if what not in allowed or (allowed is _OWN and form.text("person") != visitor.person):
        raise NotFound("action_not_found", action=what)
    try:
        act = await run_in_threadpool(_ACTS[what], form)
        await hand_over(visitor, _wanted(visitor, form, act))
    except Broken:
        raise
    except ZhibenError as refused:
        return await run_in_threadpool(_again, request, visitor, form, what, refused)
    answer = RedirectResponse(_back(form, what), status_code=303)
    flash(answer, f"organisation.done.{what}", secure=visitor.services.settings.secure_cookies)
    return answer


def _wanted(visitor: Visitor, form: Form, act: Any) -> cmd.Request:
    if not (key := form.text("_key")[:64]):
        raise BadInput("input_missing", field="_key")
    return cmd.Request(
        id=command_id(visitor.person, key, form.text("what")),
        stream=DIRECTORY,
        act=act,
        acted_by=visitor.person,
        entered_by=visitor.person,
        medium="web",
    )


def _back(form: Form, what: str) -> str:
    shown = _PAGES.get(what)
    return f"{PATH}/{_PLACES[shown]}" if shown else f"{PATH}/people/{quote(form.text('person'), safe='')}"


def _again(request: Request, visitor: Visitor, form: Form, what: str, refused: ZhibenError) -> Response:
    """The page again, with what is wrong at its field and everything that was typed."""
    told = {one.field: one.text for one in told_of(NOTHING_POSTED, refused, NO_TITLES)}
    fields = {"valid_to": "last", "id": "former"} if what in ("role", "stand_in", "power", "succession") else {}
    wrong = {fields.get(name, name): text for name, text in told.items()}
    if refused.code == "days_out_of_order" and "last" in wrong:
        # the form asks for the last day, the act for the day after
        wrong["last"] = say("organisation.days_wrong")
    more: dict[str, Any] = {
        "typed": {**form.texts, "what": what},
        "wrong": wrong,
        "failed": say("organisation.failed"),
        "key": visitor.services.dice.token(16).hex(),
    }
    shown = _PAGES.get(what)
    if shown is not None:
        return shown(request, visitor, Asked(), status=status_of(refused), **more)
    return show_person(request, visitor, form.text("person"), Asked(), status=status_of(refused), **more)
