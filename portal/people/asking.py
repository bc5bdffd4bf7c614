"""How the provider of single sign-on is asked: within limits of time and size, and nobody else than it."""

from __future__ import annotations

import io
import time
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session

PATIENCE = 5.0
"""Seconds to wait for a connection, for each part of an answer, and for its body in all."""
LARGEST = 256 * 1024
"""Bytes of an answer."""
CHUNK = 16 * 1024


class Session(OAuth2Session):
    """Asks and follows no redirect, which could carry what is secret elsewhere: an answer that is one has no content
    that means anything. Raises requests.RequestException and urllib3's HTTPError.
    """

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """The answer, read to its end."""
        end = time.monotonic() + PATIENCE
        options |= {"stream": True, "timeout": PATIENCE, "allow_redirects": False}
        response: requests.Response = super().send(request, **options)
        with response:
            body = _read(response, end)
        response.raw = io.BytesIO(body)
        return response


def object_of(response: requests.Response) -> dict[str, Any]:
    """The JSON object in an answer. Raises requests.RequestException where there is none."""
    try:
        found = response.json() if response.status_code == 200 else None
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        raise requests.exceptions.InvalidJSONError(f"no JSON object, and status {response.status_code}")
    return found


def _read(response: requests.Response, end: float) -> bytes:
    body = bytearray()
    while chunk := response.raw.read1(CHUNK, decode_content=True):
        body += chunk
        if len(body) > LARGEST:
            raise requests.exceptions.ContentDecodingError(f"more than {LARGEST} bytes")
        if time.monotonic() > end:
            raise requests.Timeout(f"not whole after {PATIENCE} seconds")
    return bytes(body)
