"""How many messages left for a person on a local day, counted exactly whoever sends; and what people chose."""

from __future__ import annotations

from sqlalchemy import case, delete, select, update

from engine.core.budget import Day, Hours, Wish
from engine.store.parts import Insert, Run
from engine.store.schema import message_day, message_wish

#: The row of all channels together: whoever counts holds its lock.
_ALL = ""
_KEY = [message_day.c.person, message_day.c.day, message_day.c.channel]


class MessageDays:
    """Counts by person and day; days are ISO."""

    def __init__(self, run: Run, insert: Insert) -> None:
        self._run = run
        self._insert = insert

    def lock(self, person: str, day: str) -> Day:
        """What the person got that day; nobody else counts for them until the end of the transaction.

        Lock it before rows of messages, so that two who send to one person never wait for each other.
        """
        first = self._insert(message_day).values(person=person, day=day, channel=_ALL, sent=0, urgent=0)
        self._run(first.on_conflict_do_nothing(index_elements=_KEY))
        mine = (message_day.c.person == person, message_day.c.day == day)
        self._run(select(message_day.c.sent).where(*mine, message_day.c.channel == _ALL).with_for_update()).one()
        return self.of(person, day)

    def of(self, person: str, day: str) -> Day:
        """What the person got that day."""
        rows = self._run(select(message_day).where(message_day.c.person == person, message_day.c.day == day)).all()
        counted = {row.channel: (int(row.sent), int(row.urgent)) for row in rows}
        total, urgent = counted.pop(_ALL, (0, 0))
        return Day(total=total, urgent=urgent, by_channel={name: count for name, (count, _) in counted.items()})

    def take(self, person: str, day: str, channel: str, *, urgent: bool) -> None:
        """Count one message more; the day must be locked."""
        for name in (_ALL, channel):
            row = self._insert(message_day).values(person=person, day=day, channel=name, sent=1, urgent=int(urgent))
            more = {"sent": message_day.c.sent + 1, "urgent": message_day.c.urgent + int(urgent)}
            self._run(row.on_conflict_do_update(index_elements=_KEY, set_=more))

    def give_back(self, person: str, day: str, channel: str, *, urgent: bool) -> None:
        """One message that was counted has certainly not been sent; the day must be locked."""
        mine = (message_day.c.person == person, message_day.c.day == day, message_day.c.channel.in_((_ALL, channel)))
        less = case((message_day.c.urgent > 0, message_day.c.urgent - int(urgent)), else_=0)
        self._run(
            update(message_day).where(*mine, message_day.c.sent > 0).values(sent=message_day.c.sent - 1, urgent=less)
        )

    # what people chose ---------------------------------------------------------------------------------------------

    def wish(self, person: str) -> Wish:
        """What the person chose."""
        row = self._run(select(message_wish).where(message_wish.c.person == person)).one_or_none()
        if row is None:
            return Wish()
        quiet = Hours(begins=row.quiet_from, ends=row.quiet_until) if row.quiet_from else None
        return Wish(digest_only=bool(row.digest_only), quiet=quiet)

    def choose(self, person: str, wish: Wish) -> None:
        """Keep what the person chooses from now on."""
        self._run(delete(message_wish).where(message_wish.c.person == person))
        if wish != Wish():
            hours = wish.quiet
            row = self._insert(message_wish).values(
                person=person,
                digest_only=wish.digest_only,
                quiet_from=hours.begins if hours else "",
                quiet_until=hours.ends if hours else "",
            )
            self._run(row)
