"""Hosts of calendars on loopback, over real TLS: well-behaved ones, and all others."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import trustme

Answer = Callable[["Handler"], None]


class Host(ThreadingHTTPServer):
    """Answers each path as it is told in `answers`; `asked` has the paths and the headers."""

    daemon_threads = True
    block_on_close = False
    answers: dict[str, Answer]

    def __init__(self, address: str, context: ssl.SSLContext | None) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, 0), Handler)
        self.context, self.answers, self.asked = context, {}, []
        self.asked: list[tuple[str, dict[str, str]]]

    def url(self, path: str, name: str = "localhost") -> str:
        return f"{'https' if self.context else 'http'}://{name}:{self.server_port}{path}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.context is not None:
            request.settimeout(5)
            with self.context.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)
        else:
            super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asks may hang up at any time."""


class Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.answers[self.path](self)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def host(context: ssl.SSLContext | None, address: str = "127.0.0.1") -> Iterator[Host]:
    server = Host(address, context)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def trusted_host(folder: Path, address: str = "127.0.0.1") -> Iterator[tuple[Host, str]]:
    """A host, and the file of the authority that vouches for it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    with host(context, address) as server:
        yield server, str(path)


def says(body: bytes, status: int = 200, **headers: str) -> Answer:
    """An answer with these headers (`Content_Type` for Content-Type)."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def leads_to(url: str, status: int = 302) -> Answer:
    return says(b"", status, Location=url)


def named(body: bytes, etag: str) -> Answer:
    """What is answered to who has this version already."""

    def answer(handler: Handler) -> None:
        knows = handler.headers.get("If-None-Match") == etag
        says(b"" if knows else body, 304 if knows else 200, ETag=etag)(handler)

    return answer


def without_end(size: int, *, encoding: str = "") -> Answer:
    """So many bytes without saying how many they will be; packed, they are few."""

    def answer(handler: Handler) -> None:
        body = b"BEGIN:VCALENDAR\r\n" + b" " * size
        packed = gzip.compress(body, 1) if encoding else body
        handler.send_response(200)
        if encoding:
            handler.send_header("Content-Encoding", encoding)
        handler.end_headers()
        handler.wfile.write(packed)

    return answer


def drips(first: bytes, drop: bytes, *, pause: float = 0.02, seconds: float = 4) -> Answer:
    """Says `first` at once, then one drop after another, each well within any time to wait for a byte."""

    def answer(handler: Handler) -> None:
        handler.wfile.write(first)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            handler.wfile.write(drop)
            time.sleep(pause)

    return answer
