# SPDX-License-Identifier: Apache-2.0
"""The way to upstream: the port, and the HTTP gateway behind it."""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import quote

import httpx

from kiosk.clock import Clock
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.outbox.checkpoint import HEADER as CHECKPOINT_HEADER
from kiosk.outbox.deadline import Deadline, pool
from kiosk.outbox.model import OutboxKind, Parcel
from kiosk.outbox.retry import SendError, header_date, retry_after_seconds
from kiosk.outbox.tls import refined

NOT_REACHED = frozenset(
    {
        FailureCode.UPSTREAM_UNREACHABLE,
        FailureCode.UPSTREAM_NAME_UNKNOWN,
        FailureCode.UPSTREAM_UNTRUSTED,
        FailureCode.UPSTREAM_WRONG_NAME,
        FailureCode.UPSTREAM_OUR_CERTIFICATE,
        FailureCode.TERMINAL_FOLDER,
    }
)
"""The codes of which a patient need not wait for more: nothing went out."""

ANSWER_LIMIT = 4 * 1024 * 1024
_SHORT = 64 * 1024
_PATHS = {
    OutboxKind.QUALIFICATION_CHECK: "/v1/qualification-checks",
    OutboxKind.USAGE_REGISTRATION: "/v1/usage-registrations",
    OutboxKind.PERSON_UPDATE: "/v1/person-updates",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a status, or why there is none; the body only of a 200."""

    result: int | SendError
    body: bytes = field(default=b"", repr=False)
    retry_after_s: float | None = None
    date: datetime | None = None  # upstream's clock, as the answer tells it
    code: FailureCode | None = None  # what exactly failed, where more is known than `result` says
    took_checkpoint: bool = False  # a checkpoint of the audit chain went along, and was taken with the rest


@dataclass(frozen=True, slots=True)
class Health:
    """Whether upstream answers, how fast, and how far our clock is ahead of its (None: it does not say)."""

    result: int | SendError
    seconds: float
    clock_skew: timedelta | None = None
    code: FailureCode | None = None

    @property
    def ok(self) -> bool:
        """True when upstream says that it is well."""
        return self.result == 200


class Registration(StrEnum):
    """Whether a card is registered for use as an insurance certificate."""

    REGISTERED = "registered"
    NOT_REGISTERED = "not_registered"
    UNKNOWN = "unknown"


class UpstreamClient(Protocol):
    """What answers qualification checks. Trouble is a value in the reply, never an exception."""

    def send_check(self, parcel: Parcel) -> Reply:
        """Send an item under its id; sending it again has no second effect."""
        ...

    def ask(self, key: str, kind: OutboxKind = OutboxKind.QUALIFICATION_CHECK) -> Reply:
        """Ask after an item that upstream has accepted."""
        ...

    def health(self) -> Health:
        """Ask whether upstream is there."""
        ...

    def registration(self, certificate_sha256: str) -> Registration:
        """Ask whether a card is registered; *unknown* after two seconds at most."""
        ...

    def close(self) -> None:
        """Give back the connections."""
        ...


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long each phase of an exchange may take, and all of it together."""

    connect_s: float = 3.0
    write_s: float = 5.0
    read_s: float = 10.0
    whole_s: float = 20.0
    registration_s: float = 2.0


class HttpUpstream:
    """The HTTP gateway (``docs/upstream-api.yaml``).

    Lives on: any thread; connections are kept and reused between calls. Bodies are never logged.
    """

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        *,
        limits: TimeLimits | None = None,
        tls: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._clock = clock
        self._limits = limits or TimeLimits()
        self._deadline = Deadline(clock)
        self._client = httpx.Client(
            base_url=_checked(base_url),
            timeout=httpx.Timeout(
                connect=self._limits.connect_s,
                write=self._limits.write_s,
                read=self._limits.read_s,
                pool=self._limits.connect_s,
            ),
            follow_redirects=False,  # a patient's evidence goes where the settings say, nowhere else
            trust_env=False,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",  # a few packed bytes could unfold beyond the size limit
                "User-Agent": "uketsuke",
            },
            transport=transport or _Transport(self._deadline, tls or ssl.create_default_context()),
        )

    def send_check(self, parcel: Parcel) -> Reply:
        """Post an item with its id as the idempotency key."""
        headers = {"Idempotency-Key": parcel.item.id, "Content-Type": "application/json"}
        if parcel.checkpoint:
            headers[CHECKPOINT_HEADER] = parcel.checkpoint
        reply = self._exchange("POST", _PATHS[parcel.item.kind], headers=headers, content=parcel.body)
        taken = bool(parcel.checkpoint) and isinstance(reply.result, int) and reply.result < 300
        return replace(reply, took_checkpoint=taken)

    def ask(self, key: str, kind: OutboxKind = OutboxKind.QUALIFICATION_CHECK) -> Reply:
        """Get the answer to an accepted item."""
        return self._exchange("GET", f"{_PATHS[kind]}/{quote(key, safe='')}")

    def health(self) -> Health:
        """Get the health of upstream, with how long it took."""
        started = self._clock.monotonic()
        reply = self._exchange("GET", "/v1/health", size_limit=_SHORT)
        seconds = self._clock.monotonic() - started
        # upstream looked at its clock somewhere between question and answer
        asked = self._clock.now() - timedelta(seconds=seconds / 2)
        skew = None if reply.date is None else asked - reply.date
        return Health(reply.result, seconds, skew, reply.code)

    def registration(self, certificate_sha256: str) -> Registration:
        """Whether upstream knows the card; anything but a clear answer is *unknown*."""
        reply = self._exchange(
            "GET",
            f"/v1/registrations/{quote(certificate_sha256, safe='')}",
            size_limit=_SHORT,
            whole_s=self._limits.registration_s,
        )
        match reply.result:
            case 200:
                return _registered(reply.body, certificate_sha256)
            case 404:
                return Registration.NOT_REGISTERED
            case _:
                return Registration.UNKNOWN

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def _exchange(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        size_limit: int = ANSWER_LIMIT,
        whole_s: float | None = None,
    ) -> Reply:
        """One request and its answer, within the limits of time and size."""
        limit_s = whole_s or self._limits.whole_s
        end = self._clock.monotonic() + limit_s
        phases = self._limits
        timeout = httpx.Timeout(
            connect=min(phases.connect_s, limit_s),
            write=min(phases.write_s, limit_s),
            read=min(phases.read_s, limit_s),
            pool=min(phases.connect_s, limit_s),
        )
        try:
            with (
                self._deadline.of(limit_s),
                self._client.stream(
                    method, path, headers=headers, content=content, timeout=timeout
                ) as response,
            ):
                date = header_date(response.headers.get("Date"))
                # a moment is told by upstream's clock: against ours it would be wrong by as much as ours is
                wish = response.headers.get("Retry-After")
                retry_after = retry_after_seconds(wish, date or self._clock.now())
                if response.status_code != 200:
                    _read_out(response)
                    return Reply(response.status_code, retry_after_s=retry_after, date=date)
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    return Reply(SendError.ANSWER_WRONG)
                body = bytearray()
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > size_limit:
                        return Reply(SendError.ANSWER_WRONG)
                    if self._clock.monotonic() > end:
                        return Reply(SendError.NO_ANSWER)
                return Reply(200, bytes(body), date=date)
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
        ) as error:
            return Reply(SendError.UNREACHABLE, code=refined(error))
        except httpx.HTTPError as error:
            # with TLS 1.3 the gateway's verdict on our certificate comes after the handshake, to the first
            # read: what was written by then, it has not taken
            code = refined(error)
            return Reply(SendError.NO_ANSWER if code is None else SendError.UNREACHABLE, code=code)


def _read_out(response: httpx.Response) -> None:
    """Take in a short body that nobody needs: a connection with something left in it cannot be used again.

    The status stands whatever becomes of its body.
    """
    length = response.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit() and int(length[:9]) <= _SHORT):
        return
    with contextlib.suppress(httpx.HTTPError, httpx.StreamError):
        for _ in response.iter_raw():
            pass


class _Transport(httpx.HTTPTransport):
    """httpx's own way over connections that keep to a deadline. Lives on: any thread."""

    def __init__(self, deadline: Deadline, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = pool(deadline, tls)


def _registered(body: bytes, certificate_sha256: str) -> Registration:
    """What a 200 says about the card in question; *unknown* when it is about another or unreadable."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return Registration.UNKNOWN
    if not isinstance(value, dict) or value.get("certificate_sha256") != certificate_sha256.lower():
        return Registration.UNKNOWN
    match value.get("registered"):
        case True:
            return Registration.REGISTERED
        case False:
            return Registration.NOT_REGISTERED
        case _:
            return Registration.UNKNOWN


def _checked(base_url: str) -> str:
    """The address, if evidence may travel there: TLS, or this very machine."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        raise ConfigurationError(FailureCode.CONFIG_INVALID, detail="upstream.url is no address") from None
    if url.scheme == "https" and url.host:
        return base_url
    if url.scheme == "http" and _is_loopback(url.host):
        return base_url
    raise ConfigurationError(
        FailureCode.CONFIG_INVALID,
        detail="upstream.url must begin with https:// (http:// on this machine only)",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
