"""An address -> a server that runs there until it is told to stop, and then finishes what it began."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from ipaddress import ip_address
from types import FrameType

import uvicorn

from inkread.errors import BadOption
from inkread.interfaces.server.app import create_app, create_service
from inkread.interfaces.server.limits import Workers
from inkread.interfaces.server.logs import LOG_CONFIG
from inkread.interfaces.server.options import ServeOptions
from inkread.interfaces.server.readers import Readers

BACKLOG = 128  # connections that the system holds while the server is busy accepting others
HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # who listens in every network does so here, too
GRACE = 2.0  # seconds beyond the time limit, for answers to reach slow clients when the server stops


def open_socket(host: str, port: int) -> socket.socket:
    """Take the address, so that one which is taken is told before anything is opened. Raises BadOption."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        number = error.errno or 0  # below 0 where a host has a name that nobody knows
        reason = os.strerror(number) if number > 0 else error.strerror or str(error)
        raise BadOption(
            f"cannot listen at {host} port {port}: {reason}; name another --host or --port, or stop what listens there"
        ) from error
    except UnicodeError as error:  # of names that are none, such as 127.0..1
        raise BadOption(
            f"{host} is no address ({error.__cause__ or error}); name another --host, such as 127.0.0.1"
        ) from error
    # Its connections inherit it. An answer is sent in two parts: without, the second one waits 40 ms for the client.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address_of(listening: socket.socket) -> str:
    """What a person opens in a browser."""
    host, port = listening.getsockname()[:2]
    host = HERE.get(host, host)
    return f"http://[{host}]:{port}/" if listening.family == socket.AF_INET6 else f"http://{host}:{port}/"


def is_local(listening: socket.socket) -> bool:
    """Whether only this machine reaches the address."""
    return ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback


def run(options: ServeOptions, listening: socket.socket, readers: Readers) -> None:
    """Answer requests until SIGTERM or SIGINT, then finish what was begun."""
    warnings.simplefilter("ignore")  # Pillow's, of odd files: threads would undo each other's filters
    service = create_service(options, readers)
    config = uvicorn.Config(
        create_app(service),
        log_config=LOG_CONFIG,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=round(options.timeout + GRACE),
    )
    Server(config, service.workers).run([listening])
    service.workers.close()
    if service.workers.running:  # overdue: nobody waits for it, but Python would, before it ends
        logging.shutdown()
        os._exit(0)


class Server(uvicorn.Server):
    """uvicorn's server, but told to stop it goes on listening until its readings are done: who asks /readyz then hears
    503 and goes elsewhere, where a closed port would look like a crash. Told twice, it stops at once."""

    def __init__(self, config: uvicorn.Config, workers: Workers) -> None:
        super().__init__(config)
        self._workers = workers

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came. uvicorn would raise it again at the end; but who stops in order exits with 0."""
        if self._workers.stopping:
            self.should_exit = self.force_exit = True
        self._workers.stopping = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end."""
        if self._workers.stopping and not self._workers.asking:
            self.should_exit = True
        return await super().on_tick(counter)
