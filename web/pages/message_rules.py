"""The rules by which messages leave the product, what came to the visitor today, and what they chose."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from engine.core.budget import Hours, Rules, Wish
from engine.errors import BadInput, NotFound
from engine.runtime.message_desk import MessageDesk, keep_wish
from web.catalogues import say, tell_error, tell_instant
from web.pages.flash import flash
from web.pages.message_fates import channel_called
from web.pages.rendering import show
from web.pages.visitor import OWN_ACCOUNT, Visitor, page

router = APIRouter()
PATH = "/inbox/rules"
OPERATE = "operate"
_Own = Annotated[Visitor, page(OWN_ACCOUNT)]
_Time = Annotated[str, Form(max_length=5, pattern=r"^$|^([01][0-9]|2[0-3]):[0-5][0-9]$")]


@router.get(PATH, include_in_schema=False)
def look(request: Request, visitor: _Own) -> Response:
    """The rules, the visitor's day, and their own choice."""
    return _page(request, visitor)


@router.post(PATH, include_in_schema=False)
def choose(
    request: Request,
    visitor: _Own,
    digest_only: Annotated[str, Form(max_length=10)] = "",
    quiet_from: _Time = "",
    quiet_until: _Time = "",
) -> Response:
    """Get messages so from now on."""
    desk = _desk(visitor)
    try:
        wish = Wish(digest_only=bool(digest_only), quiet=_hours(quiet_from, quiet_until))
        desk.check(wish)
    except BadInput as wrong:
        return _page(request, visitor, wrong, (quiet_from, quiet_until, bool(digest_only)))
    visitor.services.door.run(partial(keep_wish, person=visitor.person, wish=wish))
    answer = RedirectResponse(PATH, status_code=303)
    flash(answer, "message_rules.kept", secure=visitor.services.settings.secure_cookies)
    return answer


def _hours(begins: str, ends: str) -> Hours | None:
    if not begins and not ends:
        return None
    if not begins or not ends or begins == ends:
        raise BadInput("quiet_hours_incomplete", field="quiet_from")
    return Hours(begins=begins, ends=ends)


def _desk(visitor: Visitor) -> MessageDesk:
    desk = visitor.services.message_desk
    if desk is None or desk.rules is None:
        raise NotFound("no_message_rules")
    return desk


def _page(
    request: Request, visitor: Visitor, wrong: BadInput | None = None, typed: tuple[str, str, bool] | None = None
) -> Response:
    desk = visitor.services.message_desk
    rules = desk.rules if desk else None
    if desk is None or rules is None:
        return show(request, visitor, "message_rules.html", rules=(), mine=None, held=None)
    mine = desk.mine(visitor.person, visitor.now)
    zone = visitor.services.reader.calendar().zone
    quiet = mine.wish.quiet
    chosen = (quiet.begins if quiet else "", quiet.ends if quiet else "", mine.wish.digest_only)
    begins, ends, digest_only = typed or chosen
    return show(
        request,
        visitor,
        "message_rules.html",
        status=422 if wrong else 200,
        title=rules.title,
        rules=tuple(told_rules(rules)),
        mine=mine,
        next_digest=tell_instant(mine.next_digest, zone, visitor.now),
        own=_told_hours(rules.own_quiet) if rules.own_quiet else "",
        quiet_from=begins,
        quiet_until=ends,
        digest_only=digest_only,
        wrong=tell_error(wrong) if wrong else "",
        held=desk.held() if _operates(visitor) else None,
    )


def _operates(visitor: Visitor) -> bool:
    return visitor.services.reader.directory().may(visitor.person, OPERATE, visitor.day)


def told_rules(rules: Rules) -> Iterator[tuple[str, str]]:
    """Rules as terms and what holds for them."""
    count = "both" if rules.ceiling > rules.budget else "one"
    yield say("message_rules.count.name"), say(f"message_rules.count.{count}", budget=rules.budget, most=rules.ceiling)
    joint = say("message_rules.joint")
    yield say("message_rules.digests.name"), say("message_rules.digests.at", times=joint.join(rules.digests))
    quiet = [_told_hours(rules.quiet)] if rules.quiet else []
    quiet += [say(f"message_rules.days.{day}") for day in rules.quiet_days]
    if quiet:
        told = say("message_rules.quiet.at", times=joint.join(quiet))
        yield say("message_rules.quiet.name"), told + (say("message_rules.quiet.duty") if rules.duty_excepted else "")
    yield say("message_rules.urgent.name"), say("message_rules.urgent.at")
    for name, most in rules.channels:
        yield channel_called(name), say("message_rules.channel", most=most)
    yield say("message_rules.inbox.name"), say("message_rules.inbox.at")


def _told_hours(hours: Hours) -> str:
    over = "message_rules.hours_over" if hours.ends <= hours.begins else "message_rules.hours"
    return say(over, begins=hours.begins, ends=hours.ends)
