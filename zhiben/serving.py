"""Serving on an address that is taken before anything else is done, so that a port in use is told at once."""

from __future__ import annotations

import errno
import signal
import socket
from contextlib import nullcontext
from ipaddress import ip_address
from typing import TYPE_CHECKING

from engine.errors import BadInput, Conflict

if TYPE_CHECKING:
    from zhiben.composition import Application

_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 = any free one. Conflict where another program has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Conflict("port_in_use", host=host, port=port) from error
        raise BadInput("address_refused", field="host", host=host, port=port) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """How a browser on this machine reaches it."""
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def serve(made: Application, listener: socket.socket, *, worker: bool) -> None:
    """Answer requests, with a worker beside where one is wanted, until told to stop."""
    import uvicorn

    config = uvicorn.Config(
        made.web(),
        log_level=made.settings.log_level,
        access_log=False,
        server_header=False,
        # what a stranger writes into X-Forwarded-For must not become the address that limits count by
        proxy_headers=bool(made.settings.proxies),
        forwarded_allow_ips=made.settings.proxies,
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal that stopped it once more when it has stopped; what waits here must still be done
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    with made.alarm() if worker else nullcontext():
        server.run(sockets=[listener])
        if worker:
            made.worker.stop()
