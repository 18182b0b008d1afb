"""The app's shell, its worker and its manifest; and a plain word where they cannot work."""

from __future__ import annotations

import pytest
from django.test import Client

from safegrid.field import web

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text("<!doctype html><title>安全网格</title>", encoding="utf-8")
    (tmp_path / "sw.js").write_text("self.skipWaiting()", encoding="utf-8")
    (tmp_path / "manifest.webmanifest").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(web, "BUILT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "address", ["/m/", "/m/tasks", "/m/sites/01980000-0000-7000-8000-000000000000", "/m/q/330521.abc"]
)
def test_the_shell_answers_for_every_screen_without_signing_in(built, address):
    answer = Client().get(address, secure=True)
    assert answer.status_code == 200
    assert "安全网格" in answer.content.decode()
    assert answer["Cache-Control"] == "no-cache"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "csrftoken" in answer.cookies


def test_the_worker_may_answer_for_the_whole_app_and_is_never_kept(built):
    answer = Client().get("/m/sw.js", secure=True)
    assert answer["Service-Worker-Allowed"] == "/m/"
    assert answer["Cache-Control"] == "no-cache"
    assert answer["Content-Type"].startswith("text/javascript")


def test_the_manifest_is_one(built):
    assert Client().get("/m/manifest.webmanifest", secure=True)["Content-Type"] == "application/manifest+json"


def test_no_other_file_lies_there(built):
    assert Client().get("/m/secrets.txt", secure=True).status_code == 404


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000"])
def test_a_developers_own_machine_needs_no_https(built, host):
    assert Client(headers={"host": host}).get("/m/").status_code == 200


def test_without_https_the_page_says_so_and_why(built):
    answer = Client().get("/m/q/330521.abc")
    words = answer.content.decode()
    assert answer.status_code == 403
    assert "HTTPS" in words
    assert "定位" in words
    assert 'href="https://testserver/m/q/330521.abc"' in words


def test_without_a_build_the_page_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(web, "BUILT", tmp_path)
    answer = Client().get("/m/", secure=True)
    assert answer.status_code == 503
    assert "make assets" in answer.content.decode()
    assert Client().get("/m/sw.js", secure=True).status_code == 404


def test_somebody_half_signed_in_still_opens_the_app(cast, built):
    browser = Client()
    browser.post("/sign-in/", {"username": cast.lead_officer.username, "password": cast.password})
    assert browser.get("/m/", secure=True).status_code == 200
