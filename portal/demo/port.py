"""Which port the web server gets."""

import socket

FIRST, TRIES = 8000, 50


class PortTaken(Exception):
    """The asked port is in use, or no free one was found."""


def choose(asked: int | None) -> int:
    """The asked port if it is free, else PortTaken; without one the first free from 8000 on."""
    if asked is not None:
        if not free(asked):
            raise PortTaken(f"port {asked} is in use; name another one with --port, or none at all")
        return asked
    for port in range(FIRST, FIRST + TRIES):
        if free(port):
            return port
    raise PortTaken(f"ports {FIRST} to {FIRST + TRIES - 1} are all in use; name one with --port")


def free(port: int) -> bool:
    """Whether we could listen there."""
    with socket.socket() as listener:
        # As the web server does: a port whose last connections are just fading counts as free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
