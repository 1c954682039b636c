"""Ports of this computer alone."""

import socket

from studybuddy.errors import ConflictError


def a_port(liked: int = 0) -> int:
    """Return a port that nothing listens on: the one that is liked, when it is free."""
    try:
        with socket.create_server(("127.0.0.1", liked)) as server:
            return int(server.getsockname()[1])
    except OSError:
        return a_port()


def this_port(port: int, *, option: str) -> int:
    """Return a port that was asked for; raise ConflictError when something listens on it."""
    if a_port(port) != port:
        raise ConflictError(f"Something listens on port {port} already", fix=f"Give another one: {option} PORT.")
    return port
