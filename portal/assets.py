"""Static files: compressed once, as hard as it goes, named by their content and kept for a year."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import NamedTuple

import brotli
from flask import Flask, Response, abort, request, url_for

FOLDER = Path(__file__).with_name("static")


class Asset(NamedTuple):
    """One file, in every encoding it is sent in, and a name for its content."""

    bodies: dict[str, bytes]
    mimetype: str
    digest: str


@cache
def _assets() -> dict[str, Asset]:
    """All files of the folder by their path in it: nothing else can be asked for."""
    paths = [path for path in FOLDER.rglob("*") if path.is_file()]
    return {path.relative_to(FOLDER).as_posix(): _read(path) for path in paths}


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    bodies = {"br": brotli.compress(body), "gzip": gzip.compress(body, mtime=0), "identity": body}
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(bodies, mimetype, hashlib.sha256(body).hexdigest()[:10])


def install_assets(app: Flask) -> None:
    """Serve the folder under /static."""
    app.add_url_rule("/static/<path:filename>", "static", _serve)


def _serve(filename: str) -> Response:
    asset = _assets().get(filename)
    if asset is None:
        abort(404)
    encoding = next((name for name in ("br", "gzip") if request.accept_encodings.quality(name)), "identity")
    response = Response(asset.bodies[encoding], mimetype=asset.mimetype)
    if encoding != "identity":
        response.content_encoding = encoding
    response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.max_age = 365 * 24 * 3600
    response.cache_control.immutable = True
    return response


@cache
def address(filename: str) -> str:
    """Where a file is: an address that changes with its content."""
    return url_for("static", filename=filename, v=_assets()[filename].digest)
