"""An SMS provider of our own: a real HTTP server that can be told to fail in every way a provider fails."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from safegrid.notices.channels import sign

SECRET = "shared-secret"


class Peer:
    def __init__(self):
        self.received = []
        self.mode = "accept"
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signature = sign(SECRET, self.headers.get("X-SafeGrid-Timestamp", ""), body)
                peer.received.append((json.loads(body), self.headers.get("X-SafeGrid-Signature") == signature))
                getattr(self, peer.mode)()

            def answer(self, status, body, **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def accept(self):
                self.answer(200, json.dumps({"id": f"out-{len(peer.received)}", "errcode": 0}).encode())

            def broken(self):
                self.answer(500, b"oops")

            def busy(self):
                self.answer(429, b"{}")

            def refuse(self):
                self.answer(400, b'{"message": "no such number"}')

            def garbage(self):
                self.answer(200, b"<html>maintenance</html>")

            def nothing(self):
                self.answer(200, b"{}")

            def array(self):
                self.answer(200, b"[1]")

            def redirect(self):
                self.answer(302, b"", Location="http://127.0.0.1:1/")

            def hang(self):
                time.sleep(1.5)

            def hang_up(self):
                self.connection.close()

            def robot_busy(self):
                self.answer(200, b'{"errcode": 45009}')

            def robot_refuses(self):
                self.answer(200, b'{"errcode": 93000}')

            def log_message(self, *given):
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *given):
                """A client that gave up waiting is what these tests are about."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"


@contextmanager
def running():
    peer = Peer()
    thread = threading.Thread(target=peer.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        peer.server.shutdown()
        peer.server.server_close()
