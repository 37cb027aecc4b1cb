"""Load, kill, restart, ask again; at the end, check."""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from engine.runtime.clock import SystemClock, VirtualClock
from tests.crash.checks import faults
from tests.crash.ground import Ground
from tests.crash.journal import Intent, Journal, Noted, read_journal
from tests.crash.load import Client, Line, Shared, Tally
from tests.crash.record import Whole, read_whole, unsound
from tests.crash.server import Server

CLIENTS = 4
#: Commands acknowledged before each kill, at least; by how many more at most.
LEAST, SPREAD = 50, 40
#: Seconds after that within which the kill falls.
_MOMENT = 0.03
_PATIENCE = 60.0
#: Acknowledged commands that are sent again after each restart.
_AGAIN = 8
#: Unsettled answers (Busy) are asked for again so often.
_TRIES = 5
#: Long enough for every claim of a message to lapse.
_LAPSE = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one campaign did and found."""

    database: str
    seed: int
    kills: int
    #: kills that found no command in flight, and do not count
    idle: int
    acknowledged: int
    refused: int
    #: commands that had been sent and were cut off by a kill
    in_flight: int
    #: commands sent again under their keys after a restart
    repeated: int
    entries: int
    timers_fired: int
    messages: int
    faults: tuple[str, ...]

    def line(self) -> str:
        """One line."""
        verdict = "ok" if not self.faults else f"FAULTS {len(self.faults)}"
        return (
            f"{self.database} seed {self.seed}: {self.kills} kills and {self.idle} idle ones,"
            f" {self.acknowledged} commands acknowledged,"
            f" {self.refused} refused, {self.in_flight} in flight when killed, {self.repeated} answers asked again,"
            f" {self.entries} entries, {self.timers_fired} timers fired, {self.messages} messages: {verdict}"
        )


class Campaign:
    """Kills of one installation."""

    def __init__(self, ground: Ground, *, seed: int) -> None:
        self._ground = ground
        self._seed = seed
        self._dice = Random(f"{seed}")
        self._path = ground.data / "journal.jsonl"
        self._journal = Journal(self._path)
        self._server = Server(ground.environment, ground.data / "server.log")
        self._tally = Tally()
        shared, clock = Shared(), SystemClock()
        self._clients = [Client(ground, shared, self._journal, clock, Random(f"{seed}:{n}")) for n in range(CLIENTS)]
        self._idle = self._in_flight = self._repeated = 0
        self._faults: list[str] = []

    def run(self, kills: int) -> Report:
        """Kill so many times, stop once as one should, and check."""
        try:
            self._server.start()
            done = 0
            while done < kills:
                done += self._round()
            if code := self._server.stop():
                self._faults.append(f"stop: the server ended with {code}")
        finally:
            self._server.close()
            self._journal.close()
        self._faults += [f"log: {line[:500]}" for line in self._server.said().splitlines()]
        return self._report(kills)

    def _round(self) -> bool:
        """One kill; whether it counts."""
        wanted = LEAST + self._dice.randrange(SPREAD)
        threads = self._threads()
        if not self._loaded(wanted):
            # Seen on two machines in the midst of whole runs, never alone: what it was is told, and tried once more.
            told = self._stalled(threads)
            warnings.warn(told, stacklevel=2)
            self._server.start()
            threads = self._threads()
            assert self._loaded(wanted), told
        self._server.kill()
        self._tally.gone.set()
        for thread in threads:
            thread.join(_PATIENCE)
        self._raise_what_broke()
        cut = [intent for client in self._clients for intent in client.cut]
        in_flight = sum(client.in_flight for client in self._clients)
        for client in self._clients:
            client.cut, client.in_flight = [], 0
        self._in_flight += in_flight
        self._idle += not in_flight
        if self._ground.embedded:
            self._faults += [f"integrity: {told}" for told in unsound(self._ground.settings.database_url)]
        self._server.start()
        self._ask_again(cut)
        return in_flight > 0

    def _loaded(self, wanted: int) -> bool:
        """Wait until so many commands were acknowledged and one is under way; False if they never are."""
        tally = self._tally
        with tally.changed:
            enough = tally.changed.wait_for(lambda: tally.acknowledged >= wanted or tally.broken > 0, _PATIENCE)
        self._raise_what_broke()
        if not enough:
            return False
        threading.Event().wait(self._dice.random() * _MOMENT)
        with tally.changed:
            tally.changed.wait_for(lambda: tally.in_flight > 0, _PATIENCE)
        return True

    def _threads(self) -> list[threading.Thread]:
        """Let all clients work."""
        self._tally.reset()
        threads = [
            threading.Thread(target=client.until_killed, args=(self._server.port, self._tally), daemon=True)
            for client in self._clients
        ]
        for thread in threads:
            thread.start()
        return threads

    def _stalled(self, threads: list[threading.Thread]) -> str:
        """End a server under which no load came about; what its threads were doing."""
        acknowledged, cuts = self._tally.acknowledged, [client.last_cut for client in self._clients]
        told = self._server.threads()
        self._tally.gone.set()
        for thread in threads:
            thread.join(_PATIENCE)
        self._server.forget()
        return f"only {acknowledged} commands in {_PATIENCE} seconds, cut by {cuts}: {told[-8000:]}"

    def _raise_what_broke(self) -> None:
        for error in (client.error for client in self._clients if client.error):
            raise error

    def _ask_again(self, cut: list[Intent]) -> None:
        """Send what was cut, then some of what had been acknowledged, under the same keys."""
        noted = read_journal(self._path)
        known = [(intent, reply) for intent, reply in noted.acknowledged() if reply.receipt["seq"]]
        sample = self._dice.sample(known, min(_AGAIN, len(known)))
        line = Line(self._server.port, self._ground)
        try:
            for intent in (*cut, *(intent for intent, _ in sample)):
                self._repeated += 1
                self._settle(line, intent)
        finally:
            line.close()

    def _settle(self, line: Line, intent: Intent) -> None:
        for _ in range(_TRIES):
            reply = line.post(intent)
            self._journal.note(reply)
            if reply.settled:
                return

    # at the end -------------------------------------------------------------------------------------------------

    def _report(self, kills: int) -> Report:
        noted, url = read_journal(self._path), self._ground.settings.database_url
        found = faults(read_whole(url), noted)
        self._heal()
        healed = read_whole(url)
        found += [f"healed {fault}" for fault in (*faults(healed, noted), *_undone(healed))]
        found += _files(self._ground.settings.evidence, healed)
        replies = [replies[-1] for replies in noted.replies.values()]
        return Report(
            database="sqlite" if self._ground.embedded else "postgresql",
            seed=self._seed,
            kills=kills,
            idle=self._idle,
            acknowledged=sum(1 for _ in noted.acknowledged()),
            refused=sum(not reply.acknowledged for reply in replies),
            in_flight=self._in_flight,
            repeated=self._repeated,
            entries=len(healed.entries),
            timers_fired=sum(command.startswith("timer:") for command in healed.commands.values()),
            messages=len(healed.messages),
            faults=tuple(self._faults + found),
        )

    def _heal(self) -> None:
        """Work off what waits, when every claim of the killed has lapsed."""
        clock = VirtualClock(SystemClock().now() + _LAPSE)
        with self._ground.application(clock) as made:
            made.worker.drain()


def _undone(whole: Whole) -> list[str]:
    """After the faults stop, nothing is left over (I11)."""
    waiting = Counter(status for _, _, status in whole.messages if status != "sent")
    left = [f"left over: {count} messages {status}" for status, count in waiting.items()]
    left += [f"left over: signal {name}" for name in whole.signals]
    return left + [f"incident: {code} {data}" for code, data in whole.incidents]


def _files(folder: Path, whole: Whole) -> list[str]:
    """Every file that the record knows is there, whole (I7)."""
    stored = {path.name: path for path in folder.rglob("*") if path.is_file()}
    return [
        f"file: {name} is not there as it was stored"
        for name, size in whole.evidence
        if name not in stored or len(data := stored[name].read_bytes()) != size or sha256(data).hexdigest() != name
    ]


__all__ = ["Campaign", "Noted", "Report"]
