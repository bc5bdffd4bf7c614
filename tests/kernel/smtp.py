"""A real SMTP server on loopback that keeps what it takes, and refuses what it is told to refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, TypeVar

from aiosmtpd.controller import Controller

from portal.settings import Settings
from tests.engines import free_port

Server = TypeVar("Server", bound="Mailbox")
SENDER = "hello@portal.example.org"


@dataclass
class Mailbox:
    """What came in. `refused` holds recipients it does not take, `answer` what it says to every message."""

    port: int
    refused: set[str] = field(default_factory=set)
    answer: str = "250 OK"
    offered: list[bytes] = field(default_factory=list)
    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    greeted: int = 0
    """How often somebody connected and said hello."""

    async def handle_EHLO(
        self, _server: Any, session: Any, _envelope: Any, host: str, responses: list[str]
    ) -> list[str]:
        self.greeted += 1
        session.host_name = host
        return responses

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.offered.append(envelope.content)
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.content, EmailMessage, policy=policy.default)  # type: ignore[arg-type]
            self.taken.append((list(envelope.rcpt_tos), message))
        return self.answer

    @property
    def recipients(self) -> list[str]:
        """Everybody who got something, in order."""
        return [address for addresses, _ in self.taken for address in addresses]

    def to(self, address: str) -> EmailMessage:
        """The latest mail to this address."""
        return [message for addresses, message in self.taken if address in addresses][-1]


@contextmanager
def mail_server(port: int | None = None, kind: type[Server] = Mailbox) -> Iterator[Server]:  # type: ignore[assignment]
    mailbox = kind(port or free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def mailing_to(port: int, settings: Settings) -> Settings:
    return replace(settings, mail_url=f"smtp://127.0.0.1:{port}?from={SENDER}")
