"""`decide` for streams that are no cases: the directory, the library of procedures, bulk operations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any, cast

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.directory import BEGINNING, END, Directory, Holding
from engine.core.identifiers import credit_code, is_id
from engine.core.permission import ENTER_FOR_OTHERS
from engine.errors import BadInput, NotFound, NotPermitted

#: The one stream of each of these kinds.
DIRECTORY = cmd.Stream(kind="directory", id="main")
LIBRARY = cmd.Stream(kind="library", id="main")

#: Permission that an act on such a stream needs; granted by roles.
PERMISSIONS: Mapping[type, str] = {
    cmd.RecordUnits: "directory",
    cmd.RecordPlaces: "directory",
    cmd.RecordRegions: "directory",
    cmd.RecordPersons: "directory",
    cmd.RecordCertificates: "directory",
    cmd.GrantRole: "directory",
    cmd.EndRole: "directory",
    cmd.PublishProcedure: "publish",
    cmd.OpenBulk: "import",
    cmd.CloseBulk: "import",
    cmd.SignIn: "accounts",
    cmd.RefuseSignIn: "accounts",
    cmd.EndSessions: "accounts",
    cmd.SetPassword: "accounts",
    cmd.SetAccount: "accounts",
    cmd.SetPin: "accounts",
    cmd.RefusePin: "accounts",
    cmd.ParkSession: "accounts",
    cmd.ResumeSession: "accounts",
}
#: Streams on which acts with such a permission are; all others are on cases.
_KINDS: Mapping[str, cmd.StreamKind] = {
    "directory": "directory",
    "publish": "library",
    "import": "bulk",
    "accounts": "access",
}
#: Bulk operations by their purpose, where opening one needs another permission than importing does.
BULK_PERMISSIONS: Mapping[str, str] = {"triage": "triage"}
#: What anybody does with the account that is their own.
_OWN = (cmd.SignIn, cmd.EndSessions, cmd.SetPassword, cmd.SetPin, cmd.ResumeSession)
#: Rows of one command; more belongs into several.
MOST_ROWS = 50
#: Paths of regions: names between slashes, none of which stands for another.
_PATH = re.compile(r"/(?!\.{1,2}/)[^/\s]+(/(?!\.{1,2}/)[^/\s]+)*/|/")
_LONGEST_PATH = 200
_JURISDICTION = ("title", "region", "industry", "unit")


def administer(command: cmd.Command, directory: Directory, today: date) -> tuple[ev.AnyEvent, ...]:
    """What follows from a command on a stream that is no case; raises NotPermitted, BadInput, NotFound."""
    check_stream(command)
    _check_permission(command, directory, today)
    return _DECIDERS[type(command.act)](command, command.act, directory)


def check_stream(command: cmd.Command) -> None:
    """Refuse an act on a stream that is not of its kind."""
    kind = _KINDS.get(PERMISSIONS.get(type(command.act), ""), "case")
    if command.stream.kind != kind or (kind in ("directory", "library") and command.stream.id != DIRECTORY.id):
        raise BadInput("act_on_wrong_stream", field="stream", got=str(command.stream))


def _check_permission(command: cmd.Command, directory: Directory, today: date) -> None:
    wanted = PERMISSIONS[type(command.act)]
    if isinstance(command.act, cmd.OpenBulk):
        wanted = BULK_PERMISSIONS.get(command.act.purpose, wanted)
    if isinstance(command.act, _OWN) and command.stream.id == command.acted_by == command.entered_by:
        return
    if command.entered_by != command.acted_by and (
        command.acted_by == cmd.SYSTEM or not directory.may(command.entered_by, ENTER_FOR_OTHERS, today)
    ):
        raise NotPermitted("may_not_enter_for_others", person=command.entered_by)
    for person in {command.acted_by, command.entered_by}:
        if person != cmd.SYSTEM and not directory.may(person, wanted, today):
            raise NotPermitted("permission_missing", permission=wanted)


def _record_units(command: cmd.Command, act: cmd.RecordUnits, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    rows = tuple(_located(row, directory, ("credit_code",)) for row in _bounded(act.units))
    for row in rows:
        if code := row.get("credit_code"):
            row["credit_code"] = credit_code(code)
    return (ev.RowsRecorded(table="unit", rows=rows),)


def _record_places(command: cmd.Command, act: cmd.RecordPlaces, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.RowsRecorded(table="place", rows=tuple(_located(row, directory, ()) for row in _bounded(act.places))),)


def _record_regions(command: cmd.Command, act: cmd.RecordRegions, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    for path in act.regions:
        if len(path) > _LONGEST_PATH or not path.isprintable() or not _PATH.fullmatch(path):
            raise BadInput("region_path", field="regions", got=path[:80])
    for name in act.industries:
        if not is_id(name):
            raise BadInput("not_an_id", field="industries")
    for titles, field in ((act.regions, "regions"), (act.industries, "industries")):
        _words(titles, tuple(titles), field)
    tables = {"region": act.regions, "industry": act.industries}
    return tuple(
        ev.RowsRecorded(
            table=table, rows=tuple({"id": key, "title": title, **_days({})} for key, title in named.items())
        )
        for table, named in tables.items()
        if named
    )


def _record_persons(command: cmd.Command, act: cmd.RecordPersons, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    rows = []
    for row in _bounded(act.persons):
        _only(row, ("id", "name", "phone", "mail", "unit", "valid_from", "valid_to"))
        told = _words(row, ("id", "name", "unit"))
        _named(told)
        rows.append({**told, **_contacts(row), **_days(row)})
    return (ev.RowsRecorded(table="person", rows=tuple(rows)),)


def _record_certificates(
    command: cmd.Command, act: cmd.RecordCertificates, directory: Directory
) -> tuple[ev.AnyEvent, ...]:
    rows = []
    for row in _bounded(act.certificates):
        _only(row, ("person", "kind", "number", "valid_from", "valid_to"))
        told = _words(row, ("person", "kind", "number"))
        for key in ("person", "kind", "number"):
            if not told[key]:
                raise BadInput("missing", field=key)
        if not is_id(told["person"]) or told["person"] == cmd.SYSTEM:
            raise BadInput("not_an_id", field="person")
        # One row for each number: what is told of it again takes the place of what was told before.
        key = "\n".join((told["person"], told["kind"], told["number"]))
        name = sha256(f"certificate\n{key}".encode()).hexdigest()[:24]
        kept = {"person": told["person"], "certifies": told["kind"], "number": told["number"]}
        rows.append({"id": name, **kept, **_days(row)})
    return (ev.RowsRecorded(table="certificate", rows=tuple(rows)),)


def _contacts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in _words(row, ("phone", "mail")).items() if value}


def _bounded(rows: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    if not 1 <= len(rows) <= MOST_ROWS:
        raise BadInput("too_many_rows", field="rows", got=len(rows), most=MOST_ROWS)
    return rows


def _located(row: Mapping[str, Any], directory: Directory, more: tuple[str, ...]) -> dict[str, Any]:
    _only(row, ("id", *_JURISDICTION, *more, "attributes", "valid_from", "valid_to"))
    clean = {**_words(row, ("id", *_JURISDICTION, *more)), **_days(row)}
    if not clean["id"] or not clean["title"]:
        raise BadInput("missing", field="id" if not clean["id"] else "title")
    _named(clean)
    if clean["region"] not in directory.regions:
        raise BadInput("region_unknown", field="region", got=clean["region"])
    if clean["industry"] and clean["industry"] not in directory.industries:
        raise BadInput("industry_unknown", field="industry", got=clean["industry"])
    attributes = row.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise BadInput("not_an_object", field="attributes")
    return {**clean, "attributes": attributes}


def _only(row: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for key in row:
        if key not in allowed:
            raise BadInput("unknown_key", field=key)


def _named(row: Mapping[str, str]) -> None:
    for key in ("id", "unit"):
        if (value := row.get(key, "")) and not is_id(value):
            raise BadInput("not_an_id", field=key)


def _words(row: Mapping[str, Any], keys: tuple[str, ...], field: str = "") -> dict[str, str]:
    clean = {}
    for key in keys:
        value = row.get(key) or ""
        if not isinstance(value, str) or len(value) > 500:
            raise BadInput("not_a_text", field=field or key)
        if not value.isprintable():
            raise BadInput("control_character", field=field or key)
        clean[key] = value.strip()
    return clean


def _days(row: Mapping[str, Any]) -> dict[str, str]:
    days = {}
    for key, default in (("valid_from", BEGINNING), ("valid_to", END)):
        days[key] = _day(row.get(key) or "", key, default).isoformat()
    if days["valid_from"] >= days["valid_to"]:
        raise BadInput("days_out_of_order", field="valid_to", got=days["valid_to"])
    return days


def _day(text: object, field: str, default: date) -> date:
    if text in ("", None):
        return default
    try:
        return date.fromisoformat(str(text))
    except ValueError as exc:
        raise BadInput("not_a_date", field=field, got=str(text)) from exc


def _grant_role(command: cmd.Command, act: cmd.GrantRole, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    if act.role not in directory.roles:
        raise BadInput("role_unknown", field="role", got=act.role)
    if act.region and act.region not in directory.regions:
        raise BadInput("region_unknown", field="region", got=act.region)
    if act.industry and act.industry not in directory.industries:
        raise BadInput("industry_unknown", field="industry", got=act.industry)
    if not act.person:
        raise BadInput("missing", field="person")
    if not is_id(act.person) or act.person == cmd.SYSTEM:
        raise BadInput("not_an_id", field="person")
    if act.unit and not is_id(act.unit):
        raise BadInput("not_an_id", field="unit")
    valid_from = _day(act.valid_from, "valid_from", BEGINNING)
    valid_to = _day(act.valid_to, "valid_to", END)
    if valid_from >= valid_to:
        raise BadInput("days_out_of_order", field="valid_to", got=act.valid_to)
    return (
        ev.RoleGranted(
            # A child id derives from the command id: a repeat grants the same holding.
            holding=sha256(f"holding:{command.id}".encode()).hexdigest()[:24],
            person=act.person,
            role=act.role,
            region=act.region,
            industry=act.industry,
            unit=act.unit,
            valid_from=valid_from.isoformat(),
            valid_to=valid_to.isoformat(),
            reason=act.reason,
        ),
    )


def _end_role(command: cmd.Command, act: cmd.EndRole, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    holding = directory.holding(act.holding)
    if holding is None:
        raise NotFound("holding_not_found", holding=act.holding)
    valid_to = _day(act.valid_to, "valid_to", END)
    if valid_to <= holding.valid_from:
        raise BadInput("days_out_of_order", field="valid_to", got=act.valid_to)
    return (ev.RoleEnded(holding=act.holding, valid_to=valid_to.isoformat(), reason=act.reason),)


def held_until(holding: Holding, valid_to: str) -> dict[str, Any]:
    """The row of a holding that ends on another day."""
    return {
        "id": holding.id,
        "person": holding.person,
        "role": holding.role,
        "region": holding.region,
        "industry": holding.industry,
        "unit": holding.unit,
        "valid_from": holding.valid_from.isoformat(),
        "valid_to": valid_to,
    }


def _publish(command: cmd.Command, act: cmd.PublishProcedure, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.ProcedurePublished(version=act.version, procedure=act.procedure, plan=act.plan, title=act.title),)


def _open_bulk(command: cmd.Command, act: cmd.OpenBulk, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.BulkOpened(purpose=act.purpose, items=act.items, digest=act.digest, reason=act.reason),)


def _close_bulk(command: cmd.Command, act: cmd.CloseBulk, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.BulkClosed(done=act.done, failed=act.failed),)


def _sign_in(command: cmd.Command, act: cmd.SignIn, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.SignedIn(session=act.session, agent=act.agent),)


def _refuse_sign_in(command: cmd.Command, act: cmd.RefuseSignIn, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.SignInRefused(failed=act.failed, locked_until=act.locked_until),)


def _end_sessions(command: cmd.Command, act: cmd.EndSessions, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.SessionsEnded(sessions=act.sessions),)


def _set_password(command: cmd.Command, act: cmd.SetPassword, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.PasswordSet(must_change=act.must_change),)


def _set_account(command: cmd.Command, act: cmd.SetAccount, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.AccountSet(standing=act.standing),)


def _set_pin(command: cmd.Command, act: cmd.SetPin, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.PinSet(standing=act.standing),)


def _refuse_pin(command: cmd.Command, act: cmd.RefusePin, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.PinRefused(failed=act.failed, locked=act.locked),)


def _park_session(command: cmd.Command, act: cmd.ParkSession, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.SessionParked(session=act.session, by=act.by),)


def _resume_session(command: cmd.Command, act: cmd.ResumeSession, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.SessionResumed(session=act.session, former=act.former, after=act.after, agent=act.agent),)


_DECIDERS = cast(
    "dict[type, Callable[[cmd.Command, Any, Directory], tuple[ev.AnyEvent, ...]]]",
    {
        cmd.RecordUnits: _record_units,
        cmd.RecordPlaces: _record_places,
        cmd.RecordRegions: _record_regions,
        cmd.RecordPersons: _record_persons,
        cmd.RecordCertificates: _record_certificates,
        cmd.GrantRole: _grant_role,
        cmd.EndRole: _end_role,
        cmd.PublishProcedure: _publish,
        cmd.OpenBulk: _open_bulk,
        cmd.CloseBulk: _close_bulk,
        cmd.SignIn: _sign_in,
        cmd.RefuseSignIn: _refuse_sign_in,
        cmd.EndSessions: _end_sessions,
        cmd.SetPassword: _set_password,
        cmd.SetAccount: _set_account,
        cmd.SetPin: _set_pin,
        cmd.RefusePin: _refuse_pin,
        cmd.ParkSession: _park_session,
        cmd.ResumeSession: _resume_session,
    },
)
