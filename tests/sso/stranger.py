"""A provider that others wrote, in a process of its own: oidc-provider-mock."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Any

from tests.engines import free_port

PATIENCE = 60.0


@contextmanager
def strange_provider(*people: dict[str, Any]) -> Iterator[str]:
    """Its issuer. These people can sign in with one tap."""
    port = free_port()
    known = [part for person in people for part in ("--user-claims", json.dumps(person))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true", *known]
    with TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            issuer = f"http://localhost:{port}"
            _wait_for(f"{issuer}/.well-known/openid-configuration", process, log)
            yield issuer
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Any) -> None:
    last = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < last:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    log.seek(0)
    raise AssertionError(f"the provider did not start:\n{log.read()}")
