"""A provider of single sign-on on loopback that keeps all rules, unless it is told to break one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import KeySet, RSAKey

from portal import clock

CLIENT, SECRET = "portal", "a secret/of the portal"
Claims = dict[str, Any]
Bend = Callable[[Claims, Claims], None]
"""Changes the header and the claims of a token before it is signed."""


@cache
def key(name: str = "one") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


def signed(header: Claims, claims: Claims) -> str:
    """By the key that the header names, or by none, or by a public key as if it were shared."""
    signer = key(header.pop("signed by", "two" if header.get("kid") == "two" else "one"))
    text = f"{_packed(header)}.{_packed(claims)}"
    if header["alg"] == "none":
        return f"{text}."
    if header["alg"] == "HS256":
        return f"{text}.{_base64(hmac.digest(signer.as_pem(private=False), text.encode(), 'sha256'))}"
    assert header["alg"] == "RS256"
    return f"{text}.{_base64(signer.private_key.sign(text.encode(), PKCS1v15(), SHA256()))}"


def _packed(part: Claims) -> str:
    return _base64(json.dumps(part).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Play:
    """What the provider does. Each test begins with one that keeps all rules."""

    person: Claims = field(default_factory=dict)
    bend: Bend = lambda header, claims: None
    about: Claims = field(default_factory=dict)
    """What it says of itself beside, or instead of, what is right."""
    keys: tuple[str, ...] = ("one",)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """By path: what it answers instead of what is right."""
    tells: Claims = field(default_factory=dict)
    """What it tells who asks with a token, besides the subject."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens_for: list[dict[str, str]] = field(default_factory=list)
    """What came in for tokens, with the header of who asked."""


class Provider(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.play = Play()

    def authorize(self, asked: dict[str, str]) -> str:
        """The code for a browser whose person has signed in here. The question has to be a whole one."""
        assert asked["response_type"] == "code"
        assert (asked["client_id"], asked["code_challenge_method"]) == (CLIENT, "S256")
        assert asked["redirect_uri"] == "http://portal.example.org/sign-in/sso/return"
        code = secrets.token_urlsafe(8)
        self.play.codes[code] = asked
        return code

    def token(self, asked: dict[str, str]) -> str:
        instant = int(clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": instant,
            "exp": instant + 300,
            "auth_time": instant,
            "nonce": asked["nonce"],
            **self.play.person,
        }
        header = {"alg": "RS256", "kid": "one"}
        self.play.bend(header, claims)
        return signed(header, claims)


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        issuer, play = self.server.issuer, self.server.play
        right = {
            "/.well-known/openid-configuration": {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
                **play.about,
            },
            "/keys": KeySet([key(name) for name in play.keys]).as_dict(private=False),
            "/userinfo": {"sub": play.person.get("sub"), **play.tells},
        }
        self._answer(right)

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        sent = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        self.server.play.tokens_for.append({**sent, "Authorization": self.headers.get("Authorization", "")})
        asked = self.server.play.codes.pop(sent["code"], None)
        challenge = _base64(hashlib.sha256(sent["code_verifier"].encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != sent["redirect_uri"]:
            self._answer({"/token": {"error": "invalid_grant"}}, status=400)
        else:
            token = {"access_token": "a", "token_type": "Bearer", "id_token": self.server.token(asked)}
            self._answer({"/token": token})

    def _answer(self, right: dict[str, Any], status: int = 200) -> None:
        path = urlsplit(self.path).path
        self.server.play.asked.append(path)
        given = self.server.play.answers.get(path)
        status, body = given or (status, json.dumps(right[path]).encode())
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", body.decode())
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[Provider]:
    server = Provider()
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
