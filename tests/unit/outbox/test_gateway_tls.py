# SPDX-License-Identifier: Apache-2.0
"""The gateway over real TLS: who is believed, what each distrust is called, and that nothing goes out."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.outbox.retry import SendError
from kiosk.outbox.tls import Standing, TlsFiles, standing_of, tls_context
from kiosk.outbox.upstream import HttpUpstream, TimeLimits
from tests.fakes.authority import Authority

HOST = "127.0.0.1"


@dataclass
class Gateway:
    url: str
    requests: list[str] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Trust:
    ours: Authority
    others: Authority


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    folder = tmp_path_factory.mktemp("tls")
    return Trust(Authority(folder, "ours"), Authority(folder, "others"))


@contextmanager
def gateway(pair: tuple[Path, Path], client_ca: Path | None = None) -> Iterator[Gateway]:
    seen = Gateway("")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the server's own name for it
            seen.requests.append(self.path)
            seen.connections.append(self.client_address[1])
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A refused handshake is what is tested."""

        def finish_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
            request.settimeout(10)
            with context.wrap_socket(request, server_side=True) as tls:
                super().finish_request(tls, client_address)

    with Server((HOST, 0), Handler) as server:
        seen.url = f"https://{HOST}:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield seen
        finally:
            server.shutdown()
            thread.join(10)


def client(url: str, ca: Path, pair: tuple[Path, Path] | None = None, password: str = "") -> HttpUpstream:
    chain, key = map(str, pair) if pair else ("", "")
    files = TlsFiles(str(ca), chain, key, password)
    return HttpUpstream(url, SystemClock(), tls=tls_context(files))


def verdict(upstream: HttpUpstream) -> tuple[int | SendError, FailureCode | None]:
    health = upstream.health()
    upstream.close()
    return health.result, health.code


def test_both_sides_know_each_other_and_the_connection_is_kept(trust: Trust) -> None:
    with gateway(trust.ours.issue(HOST), trust.ours.file) as served:
        upstream = client(served.url, trust.ours.file, trust.ours.issue("kiosk-1", password="pw"), "pw")
        assert upstream.health().result == 200
        assert upstream.health().result == 200
        upstream.close()
        assert len(served.requests) == 2
        assert len(set(served.connections)) == 1


@pytest.mark.parametrize("case", ["other authority", "wrong name", "expired"])
def test_a_gateway_that_is_not_the_one_gets_nothing(trust: Trust, case: str) -> None:
    pair = {
        "other authority": lambda: trust.others.issue(HOST),
        "wrong name": lambda: trust.ours.issue("gateway.example"),
        "expired": lambda: trust.ours.issue(HOST, days=-1),
    }[case]()
    expected = FailureCode.UPSTREAM_WRONG_NAME if case == "wrong name" else FailureCode.UPSTREAM_UNTRUSTED
    with gateway(pair) as served:
        assert verdict(client(served.url, trust.ours.file)) == (SendError.UNREACHABLE, expected)
        assert served.requests == []


def test_only_the_pinned_authority_counts(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not one that the system, by its environment, believes."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trust.others.file))
    with gateway(trust.others.issue(HOST)) as served:
        found = verdict(client(served.url, trust.ours.file))
    assert found == (SendError.UNREACHABLE, FailureCode.UPSTREAM_UNTRUSTED)


@pytest.mark.parametrize("case", ["none", "expired", "other authority"])
def test_a_kiosk_that_the_gateway_refuses_is_told_so(trust: Trust, case: str) -> None:
    pair = None
    if case != "none":
        pair = trust.ours.issue("kiosk-1", days=-1) if case == "expired" else trust.others.issue("kiosk-1")
    with gateway(trust.ours.issue(HOST), trust.ours.file) as served:
        found = verdict(client(served.url, trust.ours.file, pair))
        assert found == (SendError.UNREACHABLE, FailureCode.UPSTREAM_OUR_CERTIFICATE)
        assert served.requests == []


@contextmanager
def plain(answer: bytes, pieces: int = 1, pause_s: float = 0.0) -> Iterator[int]:
    """A socket without TLS that says `answer`, whole or in so many pieces."""
    over = threading.Event()
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                step = max(1, len(answer) // pieces)
                for start in range(0, len(answer), step):
                    if over.wait(pause_s) if pause_s else over.is_set():
                        return
                    try:
                        connection.sendall(answer[start : start + step])
                    except OSError:
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join(10)


def test_an_answer_without_tls_is_no_gateway(trust: Trust) -> None:
    with plain(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as port:
        found = verdict(client(f"https://{HOST}:{port}", trust.ours.file))
    assert found == (SendError.UNREACHABLE, FailureCode.UPSTREAM_UNTRUSTED)


def test_a_name_without_an_address_is_told_as_such(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", gone)
    found = verdict(client("https://gateway.example", trust.ours.file))
    assert found == (SendError.UNREACHABLE, FailureCode.UPSTREAM_NAME_UNKNOWN)


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_drips_ends_at_the_whole_limit(part: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n" + b"X-Fill: 1\r\n" * 20
    answer = head if part == "head" else b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b"x" * 300
    clock = SystemClock()
    with plain(answer, pieces=100, pause_s=0.02) as port:
        limits = TimeLimits(read_s=5, whole_s=0.3)
        upstream = HttpUpstream(f"http://{HOST}:{port}", clock, limits=limits)
        begun = clock.monotonic()
        assert upstream.health().result is SendError.NO_ANSWER
        assert clock.monotonic() - begun < 1.5  # and not the two seconds that it takes to drip
        upstream.close()


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch, trust: Trust) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with gateway(trust.ours.issue(HOST)) as served:
        assert verdict(client(served.url, trust.ours.file)) == (200, None)


def test_files_that_cannot_be_used_are_refused_at_the_start(trust: Trust, tmp_path: Path) -> None:
    chain, key = trust.ours.issue("kiosk-1", password="pw")
    nonsense = tmp_path / "ca.pem"
    nonsense.write_text("nonsense")
    for files in (
        TlsFiles(str(nonsense)),
        TlsFiles(str(tmp_path / "none.pem")),
        TlsFiles(str(trust.ours.file), str(chain), str(key), "wrong"),
        TlsFiles(str(trust.ours.file), str(chain), str(key)),  # asks nobody for the password
    ):
        with pytest.raises(ConfigurationError) as caught:
            tls_context(files)
        assert caught.value.code is FailureCode.CONFIG_INVALID
        assert "pw" not in repr(files)
    assert tls_context(TlsFiles()) is None


@pytest.mark.parametrize(
    ("days", "standing"), [(90, Standing.VALID), (10, Standing.EXPIRING), (-1, Standing.EXPIRED)]
)
def test_how_our_certificate_stands(trust: Trust, days: float, standing: Standing) -> None:
    chain, key = trust.ours.issue("kiosk-1", days=days)
    assert standing_of(chain, SystemClock().now()) is standing
    assert standing_of(key, SystemClock().now()) is Standing.UNREADABLE
