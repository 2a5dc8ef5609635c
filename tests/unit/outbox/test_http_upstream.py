# SPDX-License-Identifier: Apache-2.0
"""The HTTP client turns every kind of trouble into a value, keeps its limits, and logs no body."""

from __future__ import annotations

import http.server
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from email.utils import format_datetime

import httpx
import pytest

from kiosk.clock import SystemClock
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.outbox.model import ItemState, OutboxItem, OutboxKind, Parcel
from kiosk.outbox.retry import SendError
from kiosk.outbox.upstream import ANSWER_LIMIT, HttpUpstream, Registration, Reply, TimeLimits
from tests.fakes.clock import MORNING, FakeClock

MARKER = "架空太郎マーカー"
URL = "http://127.0.0.1:1"
KEY = "01J00000000000000000000000"


def parcel(kind: OutboxKind = OutboxKind.QUALIFICATION_CHECK) -> Parcel:
    item = OutboxItem(
        id=KEY,
        kind=kind,
        state=ItemState.IN_FLIGHT,
        needs_staff=False,
        session_id="S1",
        occurred_at=MORNING,
        endpoint="gateway",
        attempts=1,
        next_attempt_at=MORNING,
        last_status=None,
        last_error=None,
        depends_on=None,
        acked_at=None,
    )
    return Parcel(item, MARKER.encode())


def ok(data: bytes, **headers: str) -> httpx.Response:
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(data))


def client(handler: Callable[[httpx.Request], httpx.Response]) -> HttpUpstream:
    return HttpUpstream(URL, FakeClock(), transport=httpx.MockTransport(handler))


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (OutboxKind.QUALIFICATION_CHECK, "/v1/qualification-checks"),
        (OutboxKind.USAGE_REGISTRATION, "/v1/usage-registrations"),
        (OutboxKind.PERSON_UPDATE, "/v1/person-updates"),
    ],
)
def test_item_goes_out_under_its_key_and_is_asked_after_by_it(kind: OutboxKind, path: str) -> None:
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return ok(b"{}")

    upstream = client(handler)
    assert upstream.send_check(parcel(kind)) == Reply(200, b"{}")
    assert upstream.ask(KEY, kind) == Reply(200, b"{}")
    post, get = requests
    assert (post.method, post.url.path, post.headers["Idempotency-Key"]) == ("POST", path, KEY)
    assert post.headers["Content-Type"] == "application/json"
    assert post.content == MARKER.encode()
    assert (get.method, get.url.path) == ("GET", f"{path}/{KEY}")
    upstream.close()


@pytest.mark.parametrize(("status", "taken"), [(200, True), (202, True), (422, False), (503, False)])
def test_a_checkpoint_goes_along_and_is_taken_with_the_rest(status: int, *, taken: bool) -> None:
    sent: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("Uketsuke-Audit-Checkpoint"))
        return httpx.Response(status, stream=httpx.ByteStream(b"{}"))

    upstream = client(handler)
    assert upstream.send_check(replace(parcel(), checkpoint="v1.1")).took_checkpoint is taken
    assert upstream.send_check(parcel()).took_checkpoint is False
    assert sent == ["v1.1", None]
    upstream.close()


def test_bodies_are_in_no_log_and_no_repr(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    upstream = client(lambda _: ok(MARKER.encode()))
    reply = upstream.send_check(parcel())
    assert MARKER not in caplog.text + repr(reply) + repr(parcel())
    upstream.close()


def test_status_and_wish_come_back_without_the_body() -> None:
    upstream = client(lambda _: httpx.Response(503, headers={"Retry-After": "7"}, content=b"x" * 100))
    assert upstream.send_check(parcel()) == Reply(503, retry_after_s=7.0)
    upstream.close()


def test_redirect_is_not_followed() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(307, headers={"Location": "https://elsewhere.invalid/"})

    upstream = client(handler)
    assert upstream.send_check(parcel()).result == 307
    assert len(seen) == 1
    upstream.close()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError, SendError.UNREACHABLE),
        (httpx.ConnectTimeout, SendError.UNREACHABLE),
        (httpx.PoolTimeout, SendError.UNREACHABLE),
        (httpx.ReadTimeout, SendError.NO_ANSWER),
        (httpx.WriteTimeout, SendError.NO_ANSWER),
        (httpx.ReadError, SendError.NO_ANSWER),
        (httpx.WriteError, SendError.NO_ANSWER),
        (httpx.RemoteProtocolError, SendError.NO_ANSWER),
    ],
)
def test_trouble_on_the_way_is_a_value(error: type[httpx.HTTPError], expected: SendError) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error("x")

    upstream = client(handler)
    assert upstream.send_check(parcel()) == Reply(expected)
    assert upstream.ask(KEY) == Reply(expected)
    assert upstream.health().ok is False
    assert upstream.registration("ab") is Registration.UNKNOWN
    upstream.close()


def test_too_large_or_packed_answers_are_wrong() -> None:
    large = client(lambda _: ok(bytes(ANSWER_LIMIT + 1)))
    assert large.send_check(parcel()) == Reply(SendError.ANSWER_WRONG)
    large.close()
    fits = client(lambda _: ok(bytes(ANSWER_LIMIT)))
    assert fits.send_check(parcel()).result == 200
    fits.close()
    packed = client(
        lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"zz"))
    )
    assert packed.send_check(parcel()) == Reply(SendError.ANSWER_WRONG)
    packed.close()


def test_dripping_answer_ends_at_the_whole_limit() -> None:
    clock = FakeClock()

    def drip() -> Iterator[bytes]:
        for _ in range(1000):
            clock.advance(1)
            yield b"x"

    upstream = HttpUpstream(
        URL, clock, transport=httpx.MockTransport(lambda _: httpx.Response(200, content=drip()))
    )
    assert upstream.send_check(parcel()) == Reply(SendError.NO_ANSWER)
    assert clock.monotonic() - 1000 == TimeLimits().whole_s + 1
    upstream.close()


SHA256 = "AB" * 32


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (
            ok(json.dumps({"certificate_sha256": "ab" * 32, "registered": True}).encode()),
            Registration.REGISTERED,
        ),
        (
            ok(json.dumps({"certificate_sha256": "ab" * 32, "registered": False}).encode()),
            Registration.NOT_REGISTERED,
        ),
        (httpx.Response(404), Registration.NOT_REGISTERED),
        (
            ok(json.dumps({"certificate_sha256": "cd" * 32, "registered": True}).encode()),
            Registration.UNKNOWN,
        ),
        (ok(json.dumps({"certificate_sha256": "ab" * 32, "registered": "1"}).encode()), Registration.UNKNOWN),
        (ok(b"[]"), Registration.UNKNOWN),
        (ok(b"{"), Registration.UNKNOWN),
        (ok(bytes(70_000)), Registration.UNKNOWN),
        (httpx.Response(403), Registration.UNKNOWN),
        (httpx.Response(503), Registration.UNKNOWN),
    ],
)
def test_registration_is_known_only_from_a_clear_answer(
    response: httpx.Response, expected: Registration
) -> None:
    upstream = client(lambda _: response)
    assert upstream.registration(SHA256) is expected
    upstream.close()


def test_health_measures_and_judges() -> None:
    well = client(lambda _: ok(b"{}"))
    assert well.health().ok
    well.close()
    ill = client(lambda _: httpx.Response(503))
    assert not ill.health().ok
    ill.close()


@pytest.mark.parametrize(
    ("date", "skew"),
    [
        (format_datetime(MORNING.astimezone(UTC) - timedelta(minutes=5), usegmt=True), timedelta(minutes=5)),
        (format_datetime(MORNING.astimezone(UTC), usegmt=True), timedelta()),
        ("yesterday", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("status", [200, 503])
def test_health_tells_how_far_the_clocks_are_apart(
    status: int, date: str | None, skew: timedelta | None
) -> None:
    headers = {} if date is None else {"Date": date}
    upstream = client(lambda _: httpx.Response(status, headers=headers, stream=httpx.ByteStream(b"{}")))
    assert upstream.health().clock_skew == skew
    upstream.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway.example/",
        "http://10.0.0.1/",
        "ftp://127.0.0.1/",
        "gateway",
        "",
        "https://",
        "http://[",
    ],
)
def test_evidence_travels_by_tls_or_stays_on_this_machine(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        HttpUpstream(url, FakeClock())
    assert caught.value.code is FailureCode.CONFIG_INVALID


@pytest.mark.parametrize("url", ["https://gateway.example/", "http://localhost:8080", "http://[::1]:1", URL])
def test_allowed_addresses_are_taken(url: str) -> None:
    HttpUpstream(url, FakeClock()).close()


@contextmanager
def listening(answer: bytes | None) -> Iterator[str]:
    """A real socket that takes one connection, reads, says `answer` (None: nothing) and hangs up."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                if answer is None:
                    over.wait(30)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            thread.join(10)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b"nonsense\r\n\r\n", None],
    ids=["hung up", "half", "no http", "silent"],
)
def test_real_half_answers_leave_the_outcome_unknown(answer: bytes | None) -> None:
    with listening(answer) as url:
        upstream = HttpUpstream(url, SystemClock(), limits=TimeLimits(read_s=0.2))
        assert upstream.send_check(parcel()) == Reply(SendError.NO_ANSWER)
        upstream.close()


def test_the_connection_is_kept_whatever_the_status() -> None:
    """What is accepted is asked after again and again: each time a new handshake would be a waste."""
    statuses = [202, 409, 503, 422, 200]
    connections: set[tuple[str, int]] = set()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            connections.add(self.client_address)
            self.send_response(statuses[asked.pop()])
            self.send_header("Content-Length", "20")
            self.end_headers()
            self.wfile.write(b"{}".ljust(20))

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    asked = list(reversed(range(len(statuses))))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        upstream = HttpUpstream(f"http://127.0.0.1:{server.server_address[1]}", SystemClock())
        try:
            assert [upstream.ask(KEY).result for _ in statuses] == statuses
        finally:
            upstream.close()
            server.shutdown()
            thread.join(10)
    assert len(connections) == 1


@pytest.mark.parametrize("body", [b"half", b""], ids=["cut off", "nothing"])
def test_a_status_stands_whatever_becomes_of_its_body(body: bytes) -> None:
    head = b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 100\r\n\r\n"
    with listening(head + body) as url:
        upstream = HttpUpstream(url, SystemClock(), limits=TimeLimits(read_s=0.2))
        assert upstream.send_check(parcel()) == Reply(503, retry_after_s=7.0)
        upstream.close()


def test_an_unreadable_date_costs_no_answer() -> None:
    upstream = client(lambda _: ok(b"{}", Date="0 JAN 0:0 3000000000"))
    assert upstream.send_check(parcel()) == Reply(200, b"{}")
    upstream.close()


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    upstream = HttpUpstream(f"http://127.0.0.1:{port}", SystemClock())
    assert upstream.send_check(parcel()) == Reply(SendError.UNREACHABLE)
    upstream.close()
