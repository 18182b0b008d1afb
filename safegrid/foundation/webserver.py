"""The web server of an installation: gunicorn with threads, in front of Django as it is loaded in this process."""

from __future__ import annotations

from functools import partial
from threading import BoundedSemaphore, Thread
from typing import Any

from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

THREADS = 8
MOST_LINGERING = 200


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, which takes leave of a client aside.

    After its last answer on a connection it waits up to two seconds for the client to hang up, so that the answer is not lost.
    gunicorn 27 waits in the thread that takes all connections: a client that stays on the line would hold up everybody.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._lingering = BoundedSemaphore(MOST_LINGERING)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        conn.close = partial(self._close, conn)
        super().finish_request(conn, fs)

    def _close(self, conn: TConn, graceful: bool = False) -> None:
        if graceful and self._lingering.acquire(blocking=False):
            Thread(target=self._linger, args=(conn,), daemon=True).start()
        else:
            TConn.close(conn)

    def _linger(self, conn: TConn) -> None:
        try:
            TConn.close(conn, graceful=True)
        finally:
            self._lingering.release()


class WebServer(BaseApplication):  # type: ignore[misc]
    """``processes`` workers of ``THREADS`` threads each, at ``address``."""

    def __init__(self, address: str, processes: int) -> None:
        self.address, self.processes = address, processes
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": self.address,
            "worker_class": Worker,
            "workers": self.processes,
            "threads": THREADS,
            "timeout": 120,
            "graceful_timeout": 20,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return get_wsgi_application()
