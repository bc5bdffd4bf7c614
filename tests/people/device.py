"""A device that makes and uses passkeys (WebAuthn level 3, 6), written from the specification, with faults to order."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from werkzeug.test import TestResponse

from portal.settings import Settings
from tests.cast import Visitor

ORIGIN = "http://localhost"
HOST = "localhost"
PRESENT, VERIFIED, HOLDS_KEY = 1, 4, 64


@pytest.fixture(name="settings")
def at_localhost(settings: Settings) -> Settings:
    """A portal where browsers make passkeys."""
    return replace(settings, portal_url=ORIGIN)


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text: str) -> bytes:
    return urlsafe_b64decode(text + "==")


@dataclass
class Device:
    """One passkey. It signs for whoever asks, so that the portal alone can be what refuses."""

    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    handle: str = ""
    count: int = 0
    origin: str = ORIGIN
    host: str = HOST
    sees_who: bool = True

    def make(self, options: str) -> str:
        """What a browser sends once a passkey was made."""
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        held = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        sealed = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._says(HOLDS_KEY) + held})
        client = self._client("webauthn.create", asked)
        response = {"clientDataJSON": text(client), "attestationObject": text(sealed), "transports": ["internal", "x"]}
        return self._answer(response)

    def use(self, options: str) -> str:
        """What a browser sends once a passkey was used."""
        self.count += 1
        client = self._client("webauthn.get", json.loads(options))
        says = self._says()
        signature = self.key.sign(says + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        response = {"clientDataJSON": text(client), "authenticatorData": text(says), "signature": text(signature)}
        return self._answer({**response, "userHandle": self.handle})

    def but(self, **fault: Any) -> Device:
        """The same passkey with something wrong."""
        return replace(self, **fault)

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _says(self, more: int = 0) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.sees_who else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, Any]) -> str:
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response})


def make_with(device: Device, browser: Visitor, next: str = "/you/passkeys") -> TestResponse:
    """What the script does on the page of a new passkey."""
    options = browser.post("/you/passkeys/options")
    assert (options.status_code, options.mimetype) == (200, "application/json")
    return browser.post("/you/passkeys", {"credential": device.make(options.text), "next": next})


def sign_in_with(device: Device, browser: Visitor, next: str = "/") -> TestResponse:
    """What it does where somebody signs in, or shows that it is still them."""
    options = browser.post("/sign-in/passkey/options")
    assert (options.status_code, options.mimetype) == (200, "application/json")
    return browser.post("/sign-in/passkey", {"credential": device.use(options.text), "next": next})
