"""What one process stands on: its settings, the world outside, and the definitions it runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.ports import Clock, Dice, Messenger
from zhiben.settings import MASTER_KEY_BYTES, Settings, keep_master_key

if TYPE_CHECKING:
    from adapters.files.local import LocalFiles
    from engine.core.calendar import Calendar
    from engine.core.library import Library
    from engine.core.resolve import ResolvedPlace

# Every import that costs time stands in the property that needs it, so that `zhiben --help` answers at once.


class Foundation:
    """One process: `what` it does is told to others who want to write an embedded database."""

    def __init__(
        self, settings: Settings, *, what: str = "cli", clock: Clock | None = None, dice: Dice | None = None
    ) -> None:
        self.settings = settings
        self.what = what
        self._clock = clock
        self._dice = dice

    # the world outside -----------------------------------------------------------------------------------------

    @cached_property
    def clock(self) -> Clock:
        """The machine's clock, unless another was handed in."""
        from engine.runtime.clock import SystemClock

        return self._clock or SystemClock()

    @cached_property
    def dice(self) -> Dice:
        """The machine's randomness, unless other was handed in."""
        from engine.runtime.clock import SystemDice

        return self._dice or SystemDice()

    @cached_property
    def files(self) -> LocalFiles:
        """Evidence by its content."""
        from adapters.files.local import LocalFiles

        return LocalFiles(self.settings.evidence)

    @cached_property
    def master_key(self) -> bytes:
        """The key under which the keys of the vault are kept; made when there is none."""
        from engine.runtime.vault import read_master_key

        keep_master_key(self.settings.master_key_file, self.dice.token(MASTER_KEY_BYTES))
        return read_master_key(self.settings.master_key_file)

    @cached_property
    def messengers(self) -> tuple[Messenger, ...]:
        """The channels, in order of preference: mail where it is set up, the inbox always."""
        from adapters.messaging.inapp import InAppMessenger

        inbox = InAppMessenger(lambda message: None)  # the outbox's own row is what the inbox shows
        if not self.settings.smtp_host:
            return (inbox,)
        from adapters.messaging.smtp import SmtpMessenger, SmtpSettings

        settings = self.settings
        mail = SmtpSettings(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.smtp_sender,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
        )
        return (SmtpMessenger(mail, self.clock), inbox)

    # definitions -----------------------------------------------------------------------------------------------

    @cached_property
    def calendars(self) -> Mapping[str, Calendar]:
        """Working calendars by id, the one of the settings first."""
        found = self.calendars_of(self.settings.place)
        first = self.settings.calendar
        return {name: found[name] for name in sorted(found, key=lambda name: (name != first, name))}

    def calendars_of(self, place: str) -> Mapping[str, Calendar]:
        """The calendars that a place or plan sees: the library's, then its own, which go before them."""
        from engine.runtime.calendars import load_calendars

        return load_calendars(*self._calendar_folders(place))

    def _calendar_folders(self, place: str) -> list[Path]:
        from engine.core.library import LIBRARY, layers_of
        from engine.errors import DefinitionError

        if not any(self.settings.workflows.glob("plans/*/calendars")):
            return [self.settings.workflows / LIBRARY / "calendars"]
        try:
            layers = layers_of(*self.library.head(place))
        except DefinitionError:
            layers = (LIBRARY,)  # what is wrong with the place is told where it is needed
        return [self.settings.workflows / layer / "calendars" for layer in reversed(layers)]

    @property
    def calendar(self) -> Calendar:
        """The calendar that counts where a procedure does not say."""
        return self.calendars[self.settings.calendar]

    @cached_property
    def library(self) -> Library:
        """All definitions as they were read."""
        from engine.core.loader import load_library
        from engine.runtime.definitions import read_texts

        return load_library(read_texts(self.settings.workflows))

    @cached_property
    def place(self) -> ResolvedPlace:
        """What the place of the settings runs; DefinitionErrors if it cannot be resolved."""
        from engine.core.resolve import resolve

        return resolve(self.library, self.settings.place)
