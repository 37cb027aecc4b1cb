"""Events of the streams of duties, and what a case says of the obligation it takes.

What concerns thousands is told by count and hash: whose they are, the directory of that version says (`names_hash`).
"""

from __future__ import annotations

from datetime import date, datetime

from engine.core.deadlines import Deadline
from engine.core.definition_duties import DutySpec
from engine.core.event_parts import Alarm, Event


class DutyPublished(Event, frozen=True, kw_only=True, tag="duty_published"):
    """A duty holds in this wording from now on; windows that are open stay as they are."""

    v: int = 1
    version: str
    spec: DutySpec


class DutyEnded(Event, frozen=True, kw_only=True, tag="duty_ended"):
    """No further window of the duty opens."""

    v: int = 1
    reason: str = ""


class DutyArmed(Event, frozen=True, kw_only=True, tag="duty_armed"):
    """When the clock looks at the duty next; None = never."""

    v: int = 1
    alarm: Alarm | None = None
    epoch: int


class PeriodOpened(Event, frozen=True, kw_only=True, tag="period_opened"):
    """A window of a rhythm began; whoever the directory of that version says is obliged."""

    v: int = 1
    period: str
    rhythm: int
    first: date
    last: date
    #: first and last day of the period it is about
    about: tuple[date, date]
    opens_at: datetime
    deadline: Deadline
    missed_at: datetime
    #: the day on which who is obliged is asked for, the version of the directory, and the instant it was recorded
    day: date
    directory: int
    known_at: datetime


class PeriodRedated(Event, frozen=True, kw_only=True, tag="period_redated"):
    """A window that runs ends at another time, by a calendar published since; both workings stand here."""

    v: int = 1
    period: str
    rhythm: int
    deadline: Deadline
    was: Deadline
    missed_at: datetime
    #: the year of the calendar that is the reason
    version: str
    title: str
    source: str
    #: reminders whose moment has passed by the move
    passed: tuple[str, ...] = ()


class ObligationsOpened(Event, frozen=True, kw_only=True, tag="obligations_opened"):
    """So many obligations of a window began, of subjects with names after one and up to another."""

    v: int = 1
    period: str
    rhythm: int
    after: str = ""
    #: "" = up to the last
    through: str = ""
    count: int
    #: hash of all names so far, in order (`names_chained`)
    names: str
    #: exempt from the beginning
    exempt: tuple[str, ...] = ()
    #: of whom the directory says what no guard can read: they are not obliged before it says otherwise
    unfit: tuple[str, ...] = ()


class PeriodPopulated(Event, frozen=True, kw_only=True, tag="period_populated"):
    """All obligations of a window have begun."""

    v: int = 1
    period: str
    rhythm: int
    count: int
    #: hash of all names, in order (`names_chained`)
    population: str


class ObligationsRolled(Event, frozen=True, kw_only=True, tag="obligations_rolled"):
    """Windows that count from what was done began, each for one subject."""

    v: int = 1
    rhythm: int
    #: subject, the instant from which it counts
    since: tuple[tuple[str, datetime], ...]
    day: date
    directory: int
    known_at: datetime


class ObligationsReminded(Event, frozen=True, kw_only=True, tag="obligations_reminded"):
    """Everybody who must and had not was reminded, of subjects with names after one and up to another."""

    v: int = 1
    period: str
    rhythm: int
    reminder: str
    #: when that was due
    due_at: datetime
    after: str = ""
    through: str = ""
    obligations: int
    persons: int


class ObligationsDue(Event, frozen=True, kw_only=True, tag="obligations_due"):
    """The moment due passed; so many were not done and are late."""

    v: int = 1
    #: "" = windows of several keys, which count from what was done
    period: str
    rhythm: int
    due_at: datetime
    #: of a slice: names after one and up to another, "" = from the beginning, to the end
    after: str = ""
    through: str = ""
    count: int
    names: str


class ObligationsMissed(Event, frozen=True, kw_only=True, tag="obligations_missed"):
    """Nobody had acted on so many when there was no more time."""

    v: int = 1
    period: str
    rhythm: int
    missed_at: datetime
    after: str = ""
    through: str = ""
    count: int
    names: str


class ObligationsJoined(Event, frozen=True, kw_only=True, tag="obligations_joined"):
    """Subjects that came to the population in mid-period owe the running window, too."""

    v: int = 1
    period: str
    rhythm: int
    subjects: tuple[str, ...]
    #: those of them that had lapsed in it before
    again: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    day: date
    directory: int
    known_at: datetime


class ObligationsLapsed(Event, frozen=True, kw_only=True, tag="obligations_lapsed"):
    """Obligations need not be done any more: (period, subject, why, successor); why: closed, succeeded, left."""

    v: int = 1
    lapsed: tuple[tuple[str, str, str, str], ...]


class PopulationCompared(Event, frozen=True, kw_only=True, tag="population_compared"):
    """Who is obliged was compared with the directory of that version, as of that day."""

    v: int = 1
    day: date
    directory: int
    known_at: datetime
    #: "" = all were; else all with names up to this one
    through: str = ""
    #: subjects of another rhythm now, whose running window stays, and those of them for whom that is settled
    waiting: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


class ObligationExempted(Event, frozen=True, kw_only=True, tag="obligation_exempted"):
    """A subject is exempt: from one period, or from all that begin up to a day."""

    v: int = 1
    subject: str
    #: "" = every period that begins up to `until`
    period: str = ""
    until: date
    reason: str
    #: the running windows it concerns
    periods: tuple[str, ...] = ()


class ExemptionEnded(Event, frozen=True, kw_only=True, tag="exemption_ended"):
    """A subject is exempt no longer."""

    v: int = 1
    subject: str
    period: str = ""
    reason: str
    periods: tuple[str, ...] = ()


class ObligationTaken(Event, frozen=True, kw_only=True, tag="obligation_taken"):
    """The case is how an obligation is met."""

    v: int = 1
    duty: str
    subject: str
    period: str
    due_at: datetime
    #: kinds of closing by which it is met; () = it is met by having begun
    done: tuple[str, ...] = ()
    #: it was begun after the moment due, or after it was missed
    late: bool = False
    missed: bool = False
    #: the engine opened it for who was late: nobody has acted yet
    by_engine: bool = False
