"""Attachments in an S3-compatible service: what the settings make of the environment, against a service of few abilities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from PIL import Image

from config import environment
from safegrid.files import services
from tests.cast import Cast

BUCKET = "safegrid-attachments"
pytestmark = pytest.mark.django_db


class Service(BaseHTTPRequestHandler):
    """Keeps objects by path; takes nothing unsigned, in pieces with trailing checksums, or open to everybody."""

    objects: dict[str, tuple[str, bytes]]
    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None: ...

    def _answer(self, status: int, body: bytes = b"", media_type: str = "application/xml") -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Sun, 01 Mar 2026 01:30:00 GMT")
        self.send_header("ETag", '"0"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _may_come_in(self) -> bool:
        signed = re.match(r"AWS4-HMAC-SHA256 Credential=KEY/\d{8}/cn-east-1/s3/", self.headers.get("Authorization", ""))
        plain = "aws-chunked" not in self.headers.get("Content-Encoding", "") and not self.headers.get("x-amz-trailer")
        private = self.headers.get("x-amz-acl", "private") == "private"
        return bool(signed and plain and private)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._may_come_in():
            return self._answer(403)
        self.objects[self.path] = (self.headers["Content-Type"], body)
        return self._answer(200)

    def do_GET(self) -> None:
        if not self._may_come_in():
            return self._answer(403)
        if self.path not in self.objects:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        media_type, body = self.objects[self.path]
        return self._answer(200, body, media_type)

    def do_DELETE(self) -> None:
        if not self._may_come_in():
            return self._answer(403)
        self.objects.pop(self.path, None)
        return self._answer(204)

    do_HEAD = do_GET  # noqa: N815 - the server calls it so


@pytest.fixture
def objects(monkeypatch, settings) -> Iterator[dict[str, tuple[str, bytes]]]:
    """What the service holds; the installation keeps its attachments there."""
    kept: dict[str, tuple[str, bytes]] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Kept", (Service,), {"objects": kept}))
    Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {"BUCKET": BUCKET, "ENDPOINT": f"http://127.0.0.1:{server.server_port}", "ACCESS_KEY": "KEY",
                        "SECRET_KEY": "SECRET", "REGION": "cn-east-1", "ADDRESSING": "path"}.items():  # fmt: skip
        monkeypatch.setenv(f"SAFEGRID_S3_{name}", value)
    settings.STORAGES = {**settings.STORAGES, "default": environment.attachments()}
    yield kept
    server.shutdown()
    server.server_close()


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), "green").save(out, "JPEG")
    return out.getvalue()


def test_a_photo_goes_there_and_comes_back_with_its_thumbnail(objects, cast: Cast):
    kept = services.store(acting_user=cast.grid_member, county=cast.county, data=photo(), name="现场.jpg")
    assert {path: media_type for path, (media_type, _) in objects.items()} == {
        f"/{BUCKET}/{services.path_of(kept)}": "image/jpeg",
        f"/{BUCKET}/{services.path_of(kept, thumbnail=True)}": "image/webp",
    }
    browser = cast.client(cast.grid_member)
    shown = browser.get(f"/files/{kept.county}/{kept.id}/")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(shown.streaming_content) == objects[f"/{BUCKET}/{services.path_of(kept)}"][1]
    assert browser.get(f"/files/{kept.county}/{kept.id}/thumbnail/").status_code == 200


def test_the_same_content_goes_there_once(objects, cast: Cast):
    services.store(acting_user=cast.grid_member, county=cast.county, data=photo())
    first = dict(objects)
    objects.update({path: (media_type, bytes(len(body))) for path, (media_type, body) in first.items()})
    services.store(acting_user=cast.next_grid_member, county=cast.county, data=photo())
    assert not any(any(body) for _, body in objects.values())


def test_what_was_left_half_written_there_is_written_anew(objects, cast: Cast):
    services.store(acting_user=cast.grid_member, county=cast.county, data=photo())
    first = dict(objects)
    objects.update({path: (media_type, body[:9]) for path, (media_type, body) in first.items()})
    services.store(acting_user=cast.next_grid_member, county=cast.county, data=photo())
    assert dict(objects) == first


def test_a_file_that_is_gone_there_is_told_as_not_found(objects, cast: Cast):
    kept = services.store(acting_user=cast.grid_member, county=cast.county, data=photo())
    objects.clear()
    browser = cast.client(cast.grid_member)
    assert browser.get(f"/files/{kept.county}/{kept.id}/").status_code == 404
    assert browser.get(f"/files/{kept.county}/{kept.id}/thumbnail/").status_code == 404


def test_a_bucket_without_its_endpoint_stops_the_start(monkeypatch):
    monkeypatch.setenv("SAFEGRID_S3_BUCKET", BUCKET)
    with pytest.raises(ImproperlyConfigured, match="SAFEGRID_S3_ENDPOINT"):
        environment.attachments()


def test_a_wrong_way_of_addressing_stops_the_start(objects, monkeypatch):
    monkeypatch.setenv("SAFEGRID_S3_ADDRESSING", "somehow")
    with pytest.raises(ImproperlyConfigured, match="SAFEGRID_S3_ADDRESSING"):
        environment.attachments()
