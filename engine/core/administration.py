"""`decide` for streams that are no cases: the directory, the library of procedures, bulk operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, cast, get_args

from engine.core import administration_arranged as arranged
from engine.core import administration_directory as kept
from engine.core import command as cmd
from engine.core import event as ev
from engine.core.administration_rows import MOST_ROWS as MOST_ROWS
from engine.core.directory import Directory
from engine.core.permission import ENTER_FOR_OTHERS
from engine.errors import BadInput, NotPermitted

#: The one stream of each of these kinds.
DIRECTORY = cmd.Stream(kind="directory", id="main")
LIBRARY = cmd.Stream(kind="library", id="main")

#: Permission that an act on such a stream needs; granted by roles.
PERMISSIONS: Mapping[type, str] = {
    **dict.fromkeys(get_args(cmd.DirectoryAct), "directory"),
    **dict.fromkeys(get_args(cmd.WatchAct), "watch"),
    **dict.fromkeys(get_args(cmd.DutyAct), "duty"),
    cmd.PublishProcedure: "publish",
    cmd.PublishCalendar: "publish",
    cmd.CloseNotice: "publish",
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
    "watch": "watch",
    "duty": "duty",
}
#: Bulk operations by their purpose, where opening one needs another permission than importing does.
BULK_PERMISSIONS: Mapping[str, str] = {"triage": "triage", "leaver": "reassign", "calendar": "publish"}
#: What anybody does with the account that is their own.
_OWN = (cmd.SignIn, cmd.EndSessions, cmd.SetPassword, cmd.SetPin, cmd.ResumeSession)


def administer(command: cmd.Command, directory: Directory, today: date) -> tuple[ev.AnyEvent, ...]:
    """What follows from a command on a stream that is no case; raises NotPermitted, BadInput, NotFound."""
    check_stream(command)
    _check_permission(command, directory, today)
    events = _DECIDERS[type(command.act)](command, command.act, directory)
    if arranged.keeps_own(command) and not directory.may(command.acted_by, "directory", today):
        arranged.check_own(events, directory, today)
    return events


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
    if arranged.keeps_own(command) and directory.held_by(command.acted_by, today):
        return
    for person in {command.acted_by, command.entered_by}:
        if person != cmd.SYSTEM and not directory.may(person, wanted, today):
            raise NotPermitted("permission_missing", permission=wanted)


def _publish(command: cmd.Command, act: cmd.PublishProcedure, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (ev.ProcedurePublished(version=act.version, procedure=act.procedure, plan=act.plan, title=act.title),)


def _publish_calendar(command: cmd.Command, act: cmd.PublishCalendar, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (
        ev.CalendarPublished(
            calendar=act.calendar,
            year=act.year,
            version=act.version,
            status=act.status,
            title=act.title,
            source=act.source,
            digest=act.digest,
            body=act.body,
        ),
    )


def _close_notice(command: cmd.Command, act: cmd.CloseNotice, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    return (
        ev.NoticeClosed(
            calendar=act.calendar,
            version=act.version,
            title=act.title,
            source=act.source,
            moved=act.moved,
            holders=act.holders,
        ),
    )


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
        cmd.RecordUnits: kept.record_units,
        cmd.RecordPlaces: kept.record_places,
        cmd.RecordRegions: kept.record_regions,
        cmd.RecordPersons: kept.record_persons,
        cmd.RecordCertificates: kept.record_certificates,
        cmd.RecordSubstitutions: arranged.record_substitutions,
        cmd.RecordPowers: arranged.record_powers,
        cmd.RecordShifts: arranged.record_shifts,
        cmd.RecordRecusals: arranged.record_recusals,
        cmd.RecordSuccessions: arranged.record_successions,
        cmd.GrantRole: kept.grant_role,
        cmd.EndRole: kept.end_role,
        cmd.PublishProcedure: _publish,
        cmd.PublishCalendar: _publish_calendar,
        cmd.CloseNotice: _close_notice,
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
