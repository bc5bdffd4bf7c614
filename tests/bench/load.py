"""Requests a second of one address, measured from outside the server."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection

CONNECTIONS = 16


def get_rate(port: int, path: str, seconds: float) -> float:
    """Answered GETs a second; every one must be 200. With wrk where it is installed."""
    if shutil.which("wrk"):
        return _wrk(port, path, seconds)
    return rate(lambda connection, _turn: _get(connection, path), port, seconds)


def _wrk(port: int, path: str, seconds: float) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])


def _get(connection: HTTPConnection, path: str) -> None:
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"{path} answered {response.status}")


def rate(ask: Callable[[HTTPConnection, int], None], port: int, seconds: float, clients: int = 4) -> float:
    """How often a second `ask` succeeds, with a few clients at once. `ask` gets a turn of its own."""
    turns = iter(range(10**9))
    lock, done, failures = threading.Lock(), [0] * clients, []
    until = time.monotonic() + seconds

    def client(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < until:
            with lock:
                turn = next(turns)
            try:
                ask(connection, turn)
            except StopIteration:
                break
            except Exception as error:
                failures.append(error)
                break
            done[number] += 1
        connection.close()

    began = time.monotonic()
    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(done) / (time.monotonic() - began)
