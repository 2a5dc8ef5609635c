# SPDX-License-Identifier: Apache-2.0
"""Fetches a list or an answer about revocation, within limits of time and size that hold whatever comes."""

from __future__ import annotations

import queue
import ssl
import threading
import time
from functools import cache
from pathlib import Path

import httpx

from kiosk.auth.certificate.standing import Obstacle


@cache
def _tls() -> ssl.SSLContext:
    """The system's authorities, read once: reading them takes longer than a question."""
    return ssl.create_default_context()


def is_web_address(source: str) -> bool:
    """Whether the source is asked over HTTP; anything else is the path of a file."""
    return source.lower().startswith(("http://", "https://"))


def fetch(
    url: str, *, limit_s: float, limit_bytes: int, body: bytes | None = None, media_type: str = ""
) -> bytes | Obstacle:
    """GET, or POST `body`; no redirect is followed and no proxy of the environment is asked.

    A thread of its own does the work, so that name servers and dripping senders cannot hold the caller
    longer than `limit_s`; left behind, it ends by its own limits soon after.
    """
    answers: queue.SimpleQueue[bytes | Obstacle] = queue.SimpleQueue()
    end = time.monotonic() + limit_s

    def work() -> None:
        try:
            answers.put(_exchange(url, body, media_type, limit_s, limit_bytes, end))
        except httpx.TimeoutException:
            answers.put(Obstacle.TOO_SLOW)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            answers.put(Obstacle.UNREACHABLE)

    threading.Thread(target=work, name="revocation-fetch", daemon=True).start()
    try:
        return answers.get(timeout=max(0.0, end - time.monotonic()))
    except queue.Empty:
        return Obstacle.TOO_SLOW


def _exchange(  # each a limit or a part of the request
    url: str, body: bytes | None, media_type: str, limit_s: float, limit_bytes: int, end: float
) -> bytes | Obstacle:
    headers = {"Accept-Encoding": "identity"} | ({} if body is None else {"Content-Type": media_type})
    with (
        httpx.Client(verify=_tls(), timeout=limit_s, trust_env=False, follow_redirects=False) as client,
        client.stream("GET" if body is None else "POST", url, content=body, headers=headers) as response,
    ):
        if response.status_code != httpx.codes.OK:
            return Obstacle.REFUSED
        content = bytearray()
        for chunk in response.iter_raw():
            content += chunk
            if len(content) > limit_bytes:
                return Obstacle.TOO_LARGE
            if time.monotonic() > end:
                return Obstacle.TOO_SLOW
    return bytes(content)


def read_file(path: Path, *, limit_bytes: int) -> bytes | Obstacle:
    """A file's bytes, if they are not too many."""
    try:
        if not path.is_file():  # a pipe would hold the reader for good
            return Obstacle.UNREACHABLE
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except (OSError, ValueError):
        return Obstacle.UNREACHABLE
    return Obstacle.TOO_LARGE if len(content) > limit_bytes else content
