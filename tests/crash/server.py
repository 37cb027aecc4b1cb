"""The serving process: the real command line on a real port, started, killed, and stopped as an operator would."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.conftest import ROOT
from tests.crash.ground import ZHIBEN

_TRIES = 1500
_BETWEEN_SECONDS = 0.02
_STOP_SECONDS = 30.0


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Server:
    """`zhiben serve` on one port, again and again."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self._log = log
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        command = (*ZHIBEN, "serve", "--worker", "--port", str(self.port))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=self._environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log
            )
        for _ in range(_TRIES):
            if self._answers():
                return
            if self.ended(within=_BETWEEN_SECONDS):
                break
        self.close()
        raise AssertionError(f"the server did not start: {self.said()[-2000:]}")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/api/v1/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def ended(self, *, within: float = 0.0) -> bool:
        """Whether the process has ended, waiting so many seconds for it."""
        assert self._process is not None
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is finished."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def threads(self) -> str:
        """End it, and what it said of what each of its threads was doing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGABRT)
        self._process.wait()
        return self.said()

    def forget(self) -> None:
        """Begin the log anew."""
        self._log.write_text("", "utf-8")

    def stop(self) -> int:
        """SIGTERM: finish what is under way and end; the exit code."""
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        return int(self._process.returncode)

    def close(self) -> None:
        """End it if it runs."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def said(self) -> str:
        """Everything that its runs wrote to their logs."""
        return self._log.read_text("utf-8", "replace")
