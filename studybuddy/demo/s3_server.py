"""A private S3 server in this process: its objects are in memory, and gone when it ends."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3

from studybuddy.errors import SettingsError


@contextmanager
def serving(port: int, bucket: str) -> Iterator[None]:
    """Serve S3, with one bucket, on this port of the loopback address until the block ends; any keys will do."""
    try:
        # Slow to load, and not among what the app needs.
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
        from werkzeug.serving import make_server  # noqa: PLC0415
    except ImportError:
        raise SettingsError(
            "The demo needs an S3 server, and moto is not installed",
            fix="Run make demo, or pip install -r requirements-demo.txt.",
        ) from None
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would tell every request
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="demo-s3", daemon=True)
    thread.start()
    try:
        urllib3.request("PUT", f"http://127.0.0.1:{port}/{bucket}", retries=False)
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
