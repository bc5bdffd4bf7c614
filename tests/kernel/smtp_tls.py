"""A mail server on loopback that speaks TLS and wants a password."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.engines import free_port, unavailable
from tests.kernel.smtp import Mailbox

LOGIN = (b"us:er@example.org", b"pa:ss/word")


@contextmanager
def secure_mail_server(certificate: Path, *, starttls: bool) -> Iterator[Mailbox]:
    """TLS from the first byte, or asked for with STARTTLS. `certificate` holds its key, too."""
    mailbox = Mailbox(free_port())
    context = _context(certificate)
    # aiosmtpd counts only STARTTLS as TLS: with the other it can offer signing in, not ask for it.
    auth: dict[str, Any] = {"authenticator": _sign_in, "auth_required": starttls, "auth_require_tls": starttls}
    tls: dict[str, Any] = {"tls_context": context, "require_starttls": True} if starttls else {"ssl_context": context}
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **tls, **auth)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def _sign_in(_server: object, _session: object, _envelope: object, _mechanism: str, given: object) -> AuthResult:
    assert isinstance(given, LoginPassword)
    return AuthResult(success=(given.login, given.password) == LOGIN, handled=False)


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def make_certificate(folder: Path) -> Path:
    """For 127.0.0.1, signed by itself, with its key in the same file."""
    openssl = which("openssl")
    if openssl is None:
        unavailable("openssl: apt-get install openssl")
    path = folder / "certificate.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "36500"]
    key = folder / "key.pem"
    command = [str(openssl), "req", *made, *names, "-keyout", str(key), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    return path
