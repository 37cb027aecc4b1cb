"""What pages of watches show: pure functions from what was counted to rows and words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from engine.core.calendar import Calendar
from engine.core.definition_watches import Measure, Watch
from engine.core.recurrence import parse_key
from engine.core.watches import Measured, holds
from engine.runtime.projection import from_micros
from engine.runtime.watches import Answer, LastRun, SubjectSeen, WatchLine, WatchSeen
from engine.store.views import CaseView
from web.catalogues import say, tell_instant
from web.catalogues.told_time import tell_rule

PATH = "/watches"
#: Answers a person may give, in the order of the form.
ANSWERS = ("justified", "examined", "unfounded")
_LIGHTS = ("red", "yellow")
_NAME = re.compile(r"[^\W\d]\w*")
_SIGNS = ((">=", "≥"), ("<=", "≤"), ("!=", "≠"), ("==", "="), ("*", "×"))
#: Shown of a device or picture, whose ids are digests.
_SHORT = 8
#: What a subject is called: its id, and the title it was counted under.
Name = Callable[[str, str], str]


@dataclass(frozen=True, kw_only=True)
class LineView:
    """One watch of the list."""

    title: str
    address: str
    explain: str
    #: "" = no light
    light: str
    lit: str
    when: str
    last: str


@dataclass(frozen=True, kw_only=True)
class Number:
    """A count that leads to what is behind it."""

    title: str
    value: int
    address: str
    limit: str = ""


@dataclass(frozen=True, kw_only=True)
class SubjectRow:
    """One subject with its counts."""

    subject: str
    address: str
    light: str
    numbers: Sequence[Number]


@dataclass(frozen=True, kw_only=True)
class FindingRowView:
    """One finding."""

    subject: str
    address: str
    period: str
    light: str
    status: str
    open: bool
    counts: str
    found: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """One case behind a number."""

    number: str
    title: str
    unit: str
    address: str
    opened: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One window of a trend; `percent` of the largest."""

    title: str
    value: int
    percent: int


def address_of(watch: str) -> str:
    """The page of a watch."""
    return f"{PATH}/{quote(watch)}"


def subject_address(watch: str, period: str, subject: str, count: str = "") -> str:
    """The page of a subject in a window, with the cases behind a count."""
    asked = {"period": period, "subject": subject, **({"count": count} if count else {})}
    return f"{address_of(watch)}/subject?{urlencode(asked)}"


def condition_of(watch: Watch) -> str:
    """The condition in words: names of counts and limits by their titles."""
    titles = {one.id: one.title for one in watch.counts} | {one.id: one.title for one in watch.limits}
    words = {word: say(f"watches.words.{word}") for word in ("and", "or", "not")}
    text = _NAME.sub(lambda found: titles.get(found[0], words.get(found[0], found[0])), watch.when)
    for sign, told in _SIGNS:
        text = text.replace(sign, told)
    return text


def counts_of(watch: Watch) -> list[tuple[str, str]]:
    """Each count with what narrows it."""
    return [(one.title, say("pages.office_joint").join(_narrowed(one))) for one in watch.counts]


def _narrowed(measure: Measure) -> list[str]:
    told = [say("watches.within", span=tell_rule(measure.within))] if measure.within else []
    told += [say("watches.over", span=tell_rule(measure.over))] if measure.over else []
    told += [say("watches.before", count=measure.before)] if measure.before else []
    return told + ([say("watches.streak", count=measure.most)] if measure.streak else [])


def line_of(line: WatchLine, calendar: Calendar) -> LineView:
    """One watch of the list."""
    light = next((one for one in _LIGHTS if line.lit.get(one)), "")
    return LineView(
        title=line.watch.title,
        address=address_of(line.watch.id),
        explain=line.watch.explain,
        light=light or "none",
        lit=say("watches.lit", count=sum(line.lit.values())) if light else say("watches.quiet"),
        when=when_of(line.watch),
        last=last_of(line.last, calendar),
    )


def when_of(watch: Watch) -> str:
    """How often it looks."""
    if watch.every is None:
        return say("watches.rolling", span=tell_rule(watch.window))
    return say(f"watches.every.{watch.every.period}")


def last_of(last: LastRun | None, calendar: Calendar) -> str:
    """When it looked last."""
    if last is None:
        return say("watches.never")
    return say("watches.ran", period=period_of(last.period), count=last.subjects)


def period_of(key: str) -> str:
    """A window's key in words."""
    year, _, rest = key.partition("-")
    if not rest:
        return say("watches.year_period", year=year)
    if rest.startswith("W"):
        return say("watches.week_period", year=year, week=int(rest[1:]))
    if rest.startswith("Q"):
        return say("watches.quarter_period", year=year, quarter=rest[1:])
    if rest.startswith("H"):
        return say(f"watches.half_period.h{rest[1:]}", year=year)
    if len(rest) == 2:
        return say("watches.month_period", year=year, month=int(rest))
    return say("watches.day_period", day=parse_key(key)[1].isoformat())


def name_of(watch: Watch, names: Mapping[str, str], titles: Mapping[str, str]) -> Name:
    """How subjects of the watch are called."""

    def called(subject: str, title: str) -> str:
        match watch.per:
            case "all":
                return say("watches.everything")
            case "photo" | "device":
                return say(f"watches.{watch.per}", name=subject[:_SHORT])
            case "person":
                return names.get(subject) or say("watches.somebody")
            case _:
                return title or titles.get(subject, subject)

    return called


def subject_row(seen: WatchSeen, one: Measured, name: Name) -> SubjectRow:
    """One subject of the last window."""
    found = holds(seen.watch, one.counts)
    return SubjectRow(
        subject=name(one.subject, one.title),
        address=subject_address(seen.watch.id, seen.span.period, one.subject),
        light=seen.watch.light if found else "",
        numbers=numbers_of(seen.watch, seen.span.period, one.subject, one.counts),
    )


def numbers_of(watch: Watch, period: str, subject: str, counts: Mapping[str, int]) -> list[Number]:
    """Counts, each with the address of what is behind it."""
    return [
        Number(
            title=measure.title,
            value=counts.get(measure.id, 0),
            address=subject_address(watch.id, period, subject, measure.id),
        )
        for measure in watch.counts
    ]


def finding_row(watch: Watch, one: Answer, name: Name, names: Mapping[str, str], calendar: Calendar) -> FindingRowView:
    """One finding of a watch."""
    row = one.row
    return FindingRowView(
        subject=name(row.subject, row.title),
        address=subject_address(watch.id, row.period, row.subject),
        period=period_of(row.period),
        light=row.light if row.status == "open" else "none",
        status=say(f"watches.status.{row.status}"),
        open=row.status == "open",
        counts=counted(watch, one.counts),
        found=tell_instant(from_micros(row.found_at), calendar.zone),
        answer=answered(row.status, row.answered_by, row.reason, row.ended_at, names, calendar),
    )


def answered(status: str, by: str, reason: str, at: int, names: Mapping[str, str], calendar: Calendar) -> str:
    """Why a light is out."""
    if status == "open":
        return ""
    told = tell_instant(from_micros(at), calendar.zone)
    if status == "cleared":
        return say("watches.cleared_at", at=told)
    return say("watches.answered", who=names.get(by) or say("watches.somebody"), at=told, reason=reason)


def counted(watch: Watch, counts: Mapping[str, int]) -> str:
    """Counts in one line."""
    parts = [f"{measure.title} {counts.get(measure.id, 0)}" for measure in watch.counts]
    return say("pages.office_joint").join(parts)


def bars_of(trend: Sequence[tuple[str, int]]) -> list[Bar]:
    """Findings of the last periods, or months of a rolling watch."""
    most = max((count for _, count in trend), default=0) or 1
    return [Bar(title=period_of(key), value=count, percent=100 * count // most) for key, count in trend]


def case_line(view: CaseView, units: Mapping[str, str], calendar: Calendar) -> CaseLine:
    """One case behind a number."""
    row = view.register
    return CaseLine(
        number=row.number,
        title=row.title,
        unit=units.get(row.unit, ""),
        address=f"/cases/{view.id}",
        opened=calendar.local_day(from_micros(row.opened_at)).isoformat(),
        state=say("watches.closed") if row.closed else say("watches.open"),
    )


def behind_of(seen: SubjectSeen) -> str:
    """What is said above the cases behind a count."""
    titles = {measure.id: measure.title for measure in seen.watch.counts}
    return say("watches.behind", count=titles[seen.count]) if seen.count else say("watches.behind_all")
