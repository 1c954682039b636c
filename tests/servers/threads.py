"""HTTP servers in a thread of the test's own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from threading import Thread


@contextmanager
def in_thread(server: ThreadingHTTPServer) -> Iterator[str]:
    """Answer until the block ends; yield the address."""
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
