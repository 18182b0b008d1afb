"""Single sign-on against a real local issuer: signed tokens, real HTTP."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth import authenticate
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory, override_settings
from django.urls import include, path

from safegrid.accounts.oidc import GovernmentSignIn
from safegrid.accounts.tests.people import person

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
urlpatterns = [path("oidc/", include("mozilla_django_oidc.urls"))]


class Issuer(BaseHTTPRequestHandler):
    token: dict = {}
    claims: dict = {}
    key = KEY

    def _answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        signed = jwt.encode(self.token, self.key, algorithm="RS256", headers={"kid": "1"})
        self._answer({"access_token": "a", "id_token": signed})

    def do_GET(self):
        if self.path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self._answer({"keys": [{**public, "kid": "1", "alg": "RS256"}]})
        else:
            self._answer(self.claims)

    def log_message(self, *given):
        pass


@pytest.fixture
def issuer():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    Issuer.token = {"iss": base, "sub": "s1", "aud": "safegrid", "nonce": "n", "exp": time.time() + 60}
    Issuer.claims, Issuer.key = {"sub": "s1", "preferred_username": "wang"}, KEY
    with override_settings(
        ROOT_URLCONF=__name__, OIDC_RP_CLIENT_ID="safegrid", OIDC_RP_CLIENT_SECRET="s", OIDC_RP_SIGN_ALGO="RS256",
        OIDC_OP_TOKEN_ENDPOINT=f"{base}/token", OIDC_OP_USER_ENDPOINT=f"{base}/me", OIDC_OP_JWKS_ENDPOINT=f"{base}/jwks",
        OIDC_CREATE_USER=False, OIDC_ACCOUNT_CLAIM="preferred_username", OIDC_ACCOUNT_FIELD="username",
        OIDC_RP_SCOPES="openid profile",
    ):  # fmt: skip
        yield
    server.shutdown()
    server.server_close()


def come_back(**more):
    request = RequestFactory().get("/oidc/callback/", {"state": "s", "code": "c"})
    request.session = SessionStore()
    return GovernmentSignIn().authenticate(request, **{"nonce": "n", **more})


@pytest.mark.django_db
def test_an_existing_account_is_matched_by_the_configured_claim(issuer):
    user = person("wang")
    assert come_back() == user


@pytest.mark.django_db
@pytest.mark.parametrize(
    "spoil",
    [
        lambda: Issuer.claims.update(preferred_username="nobody"),
        lambda: Issuer.claims.pop("preferred_username"),
        lambda: Issuer.claims.update(sub="someone-else"),
        lambda: Issuer.token.update(aud="another-client"),
        lambda: Issuer.token.update(nonce="replayed"),
        lambda: Issuer.token.update(exp=time.time() - 60),
        lambda: setattr(Issuer, "key", OTHER_KEY),
    ],
    ids=["unknown", "no-claim", "other-subject", "other-audience", "other-nonce", "expired", "forged"],
)
def test_anything_else_signs_nobody_in_and_opens_no_account(issuer, spoil):
    from safegrid.accounts.models import User

    person("wang")
    spoil()
    assert come_back() is None
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_suspended_account_is_not_signed_in(issuer):
    person("wang", is_active=False)
    assert come_back() is None


@pytest.mark.django_db
def test_a_password_form_cannot_trigger_it(issuer):
    person("wang")
    assert come_back(nonce=None) is None
    request = RequestFactory().post("/sign-in/?state=s&code=c")
    request.session = SessionStore()
    assert authenticate(request, username="wang", password="x") is None
