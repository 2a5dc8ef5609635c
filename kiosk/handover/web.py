# SPDX-License-Identifier: Apache-2.0
"""The way to a server of the clinic: one question and its answer, within limits of time and size."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address

import httpx

from kiosk.clock import Clock
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.outbox.deadline import Deadline, pool
from kiosk.outbox.model import HandOverProblem

ANSWER_LIMIT = 4 * 1024 * 1024
_CONNECT_S = 3.0


ActMoment = Callable[[str], datetime | None]
"""When the patient did what a check's key stands for; None for what is no key."""


@dataclass(frozen=True, slots=True)
class ServerCodes:
    """What trouble with one server is called."""

    unreachable: FailureCode
    not_authorised: FailureCode
    refused: FailureCode


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """Where a server is and how the kiosk signs in; with an empty `user` no password is sent."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    whole_s: float = 10.0


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What came back."""

    status: int
    body: bytes = field(repr=False)


class WebClient:
    """Asks one server; whatever prevents an answer is a `HandOverProblem` with that server's codes.

    Lives on: the sync thread, and a probe's while diagnosing. Bodies are never logged.
    """

    def __init__(self, access: ServerAccess, codes: ServerCodes, clock: Clock) -> None:
        self._access = access
        self._codes = codes
        self._deadline = Deadline(clock)
        self._tls = access.tls or ssl.create_default_context()

    def ask(
        self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> WebAnswer:
        """One exchange; statuses that say nothing of the content are told apart here.

        2xx, 400, 404, 409, 412 and 422 come back, since their meaning is the server's own.
        """
        answer = self._exchange(method, path, content, headers or {})
        status = answer.status
        if 200 <= status < 300 or status in {400, 404, 409, 412, 422}:
            return answer
        if status in {401, 403}:
            raise HandOverProblem(self._codes.not_authorised, status=status)
        if status in {408, 425, 429} or status >= 500:
            raise HandOverProblem(self._codes.unreachable, status=status)
        raise HandOverProblem(self._codes.refused, status=status)

    def _client(self) -> httpx.Client:
        """A client for one exchange: minutes lie between two patients, so no connection is kept open."""
        access = self._access
        return httpx.Client(
            base_url=access.url,
            auth=httpx.BasicAuth(access.user, access.password) if access.user else None,
            timeout=httpx.Timeout(access.whole_s, connect=min(_CONNECT_S, access.whole_s)),
            follow_redirects=False,  # a patient's data goes where the settings say, nowhere else
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "uketsuke"},
            transport=_Transport(self._deadline, self._tls),
        )

    def _exchange(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> WebAnswer:
        try:
            with (
                self._deadline.of(self._access.whole_s),
                self._client() as client,
                client.stream(method, path, content=content or None, headers=dict(headers)) as response,
            ):
                body = bytearray()
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > ANSWER_LIMIT:
                        raise HandOverProblem(self._codes.refused, detail="the answer is larger than 4 MB")
                return WebAnswer(response.status_code, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # its text may name what was sent; its kind is enough
            raise HandOverProblem(
                self._codes.unreachable, detail=type(error).__name__, server_gone=True
            ) from None


class _Transport(httpx.HTTPTransport):
    """httpx's own way over connections that keep to a deadline. Lives on: the sync thread."""

    def __init__(self, deadline: Deadline, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = pool(deadline, tls)


def check_address(section: str, url: str, *, own_network: bool, simulated: bool) -> None:
    """Refuse an address that answers must not go to.

    Without TLS only this machine is believed, and the clinic's own network where the settings say so. What a
    simulated upstream answered goes to this machine only: elsewhere it would pass for real.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID, detail=f"[{section}] url is no address."
        ) from None
    here = _is_loopback(parsed.host)
    if simulated and not here:
        raise ConfigurationError(
            FailureCode.HANDOVER_NOT_A_DEMO, detail=f"[{section}] url is not on this machine."
        )
    if parsed.scheme != "https" and not (here or own_network):
        raise ConfigurationError(
            FailureCode.CONFIG_INVALID,
            detail=f"[{section}] url begins with http://, which needs plain_http_allowed = true.",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
