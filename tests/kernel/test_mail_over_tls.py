"""Mail over TLS: only to a server that is trusted, and with the password it wants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from portal.mail import outbox
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.settings import Settings
from tests.conftest import Time
from tests.kernel.smtp_tls import make_certificate, secure_mail_server
from tests.letters import PLAIN, plain_letters  # noqa: F401  # a fixture


@pytest.mark.usefixtures("plain_letters")
@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_deliver_over_tls_wants_a_trusted_server_and_signs_in(
    app: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, world: Time
) -> None:
    certificate = make_certificate(tmp_path)
    outbox.put(PLAIN, subject="one", to="ana@example.org", zone="Etc/UTC", words={"seed": "one"})
    with secure_mail_server(certificate, starttls=scheme == "smtp") as mailbox:
        right = f"{scheme}://us%3Aer%40example.org:pa%3Ass%2Fword@127.0.0.1:{mailbox.port}"
        assert deliver_due(app, replace(settings, mail_url=right)) == 0
        assert "CERTIFICATE_VERIFY_FAILED" in Outbox.get().error
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        world.pass_(minutes=1)
        assert deliver_due(app, replace(settings, mail_url=right.replace("pa%3Ass", "wrong"))) == 0
        assert "SMTPAuthenticationError" in Outbox.get().error
        assert mailbox.offered == []
        world.pass_(minutes=5)
        assert (deliver_due(app, replace(settings, mail_url=right)), mailbox.recipients) == (1, ["ana@example.org"])
