# SPDX-License-Identifier: Apache-2.0
"""Upstream and the way to it: slow, dripping, cut, wrong, silent, distrusted, gone; and wrong clocks."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bench.faults.kiosk import CLOCK, QUICK, Orders, commit, inspect, start, wait_drained
from bench.faults.proxy import Proxy, Way
from bench.faults.world import Counts, Fault, World, times
from kiosk.eligibility.codec_xml import Encoding
from kiosk.errors import FailureCode
from kiosk.handover.delivery import FaceFileDelivery, HandOvers
from kiosk.outbox.answers import AnswerReader
from kiosk.outbox.model import OutboxKind
from kiosk.outbox.store import Store
from kiosk.outbox.tls import TlsFiles, tls_context
from kiosk.outbox.upstream import HttpUpstream, TimeLimits
from kiosk.outbox.worker import SyncWorker
from kiosk.simulator.upstream.faults import Fault as Wrong
from kiosk.simulator.upstream.faults import FaultKind
from tests.fakes.authority import Authority
from tests.fakes.checks import INSTITUTION
from tests.fakes.outbox import GATEWAY, open_store

HOST = "127.0.0.1"
LIMITS = TimeLimits(connect_s=0.5, read_s=0.4, whole_s=0.8)


class Link:
    """A store whose queue goes to one address, until it is told another."""

    def __init__(self, folder: Path, url: str, clock: object = CLOCK, files: TlsFiles | None = None) -> None:
        self.folder = folder
        self.clock = clock
        self.store: Store = open_store(folder, clock)  # type: ignore[arg-type]
        (folder / "faces").mkdir(exist_ok=True)
        self.keys: list[str] = []
        self._begin(url, files)

    def _begin(self, url: str, files: TlsFiles | None) -> None:
        delivery = FaceFileDelivery(self.folder / "faces", INSTITUTION, Encoding.UTF_8)
        self.client = HttpUpstream(url, CLOCK, limits=LIMITS, tls=tls_context(files) if files else None)
        self.worker = SyncWorker(
            self.store,
            {GATEWAY: self.client},
            HandOvers({OutboxKind.HANDOVER_FACE_FILE: delivery.deliver}),
            AnswerReader(INSTITUTION),
            self.clock,  # type: ignore[arg-type]
            back_off=QUICK,
        )
        self.worker.start()

    def receive(self, bodies: tuple[bytes, ...]) -> None:
        for body in bodies:
            self.keys.append(commit(self.store, body))
            self.worker.notify()

    def wait_for(self, holds: Callable[[], bool], limit_s: float = 60.0) -> bool:
        tick = threading.Event()
        end = CLOCK.monotonic() + limit_s
        while not holds() and CLOCK.monotonic() < end:
            self.worker.notify()
            tick.wait(0.02)
        return holds()

    def stuck(self) -> bool:
        """Everything was tried, and twice on the whole: while nobody listens one item finds out for all."""
        items = [item for item in self.store.list(limit=10_000) if item.state.value != "done"]
        tries = [item.attempts for item in items]
        return all(tries) and sum(tries) >= 2 * len(tries)

    def elsewhere(self, url: str, files: TlsFiles | None = None) -> None:
        """The settings were mended: the same queue goes to this address."""
        self._end_worker()
        self._begin(url, files)

    def finish(self, world: World, counts: Counts) -> None:
        self.worker.try_now()
        counts.want(wait_drained(self.store, self.worker), "the queue did not drain")
        self._end_worker()
        self.store.close()
        effects = {key: n for key, n in world.effects().items() if key not in world.judged}
        world.judged |= set(effects)
        counts.add(inspect(self.folder, effects, also_told=tuple(self.keys)))

    def _end_worker(self) -> None:
        self.worker.stop()
        self.worker.join(20)
        self.client.close()

    def codes(self) -> set[str]:
        return {item.last_error.value for item in self.store.list(limit=10_000) if item.last_error}


def upstream_does(wrong: Wrong, world: World, share: float) -> Counts:
    """Receptions while upstream does this wrong; then it is well again."""
    counts = Counts()
    world.server.set_fault(wrong)
    link = Link(world.place(), world.url)
    link.receive(world.bodies(times(20, share, least=2)))
    counts.want(link.wait_for(link.stuck), "not everything was tried")
    counts.faults = sum(item.attempts for item in link.store.list(limit=10_000))
    for code in link.codes():
        counts.note(code)
    world.server.set_fault(Wrong())
    link.finish(world, counts)
    return counts


def line_does(way: Way | None, world: World, share: float) -> Counts:
    """Receptions while the line does this to each exchange (None: anything, by chance); then it is mended."""
    counts = Counts()
    with Proxy(world.server.port, world.chance) as proxy:
        proxy.way = way
        link = Link(world.place(), proxy.url)
        link.receive(world.bodies(times(20, share, least=2)))
        counts.want(link.wait_for(link.stuck, 120.0), "not everything was tried")
        counts.faults = sum(number for name, number in proxy.exchanges.items() if name != Way.WHOLE.value)
        for code in link.codes():
            counts.note(code)
        proxy.way = Way.WHOLE
        link.finish(world, counts)
    return counts


def trust_is(case: str, world: World, share: float) -> Counts:
    """TLS that ends before anything is said; then with the certificate that is wanted."""
    counts = Counts()
    wanted = {
        "wrong name": FailureCode.UPSTREAM_WRONG_NAME,
        "expired gateway": FailureCode.UPSTREAM_UNTRUSTED,
        "expired client": FailureCode.UPSTREAM_OUR_CERTIFICATE,
    }[case]
    authority = Authority(world.folder, "ours")
    good, client = authority.issue(HOST), authority.issue("kiosk-1")
    served = {
        "wrong name": lambda: authority.issue("gateway.example"),
        "expired gateway": lambda: authority.issue(HOST, days=-1),
    }.get(case, lambda: good)()
    shown = authority.issue("kiosk-1", days=-1) if case == "expired client" else client
    with ExitStack() as stack:
        bad = stack.enter_context(Proxy(world.server.port, world.chance, _tls(served, authority.file)))
        whole = stack.enter_context(Proxy(world.server.port, world.chance, _tls(good, authority.file)))
        link = Link(world.place(), bad.url, files=TlsFiles(str(authority.file), *map(str, shown)))
        link.receive(world.bodies(times(20, share, least=2)))
        counts.want(link.wait_for(link.stuck), "not everything was tried")
        counts.faults = sum(item.attempts for item in link.store.list(limit=10_000))
        counts.want(wanted.value in link.codes(), f"told {link.codes()}, not {wanted.value}")
        counts.want(not bad.exchanges, "something was said to whom we do not trust, or who does not trust us")
        for code in link.codes():
            counts.note(code)
        link.elsewhere(whole.url, TlsFiles(str(authority.file), *map(str, client)))
        link.finish(world, counts)
    return counts


def _tls(pair: tuple[Path, Path], client_ca: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(client_ca)
    return context


def name_is_gone(world: World, share: float) -> Counts:
    """No name server knows upstream; then one does."""
    counts = Counts()
    link = Link(world.place(), "https://gateway.invalid")
    link.receive(world.bodies(times(20, share, least=2)))
    counts.want(link.wait_for(link.stuck, 180.0), "not everything was tried")
    counts.faults = sum(item.attempts for item in link.store.list(limit=10_000))
    for code in link.codes():
        counts.note(code)
    link.elsewhere(world.url)
    link.finish(world, counts)
    return counts


class JumpingClock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return CLOCK.now() + self.offset

    def monotonic(self) -> float:
        return CLOCK.monotonic()


def clock_jumps(world: World, share: float) -> Counts:
    """The clock is set by seconds to years between receptions; upstream is busy at times."""
    counts = Counts()
    clock = JumpingClock()
    link = Link(world.place(), world.url, clock)
    for body in world.bodies(times(200, share, least=6)):
        jump = world.chance.choice([5, 90, 3600, 86_400, 400 * 86_400])
        clock.offset = timedelta(seconds=world.chance.uniform(-jump, jump))
        counts.faults += 1
        if world.chance.random() < 0.3:
            world.server.set_fault(Wrong(kind=FaultKind.TOO_MANY, times=2, retry_after=30))
        link.receive((body,))
    world.server.set_fault(Wrong())
    link.finish(world, counts)
    return counts


def killed_while_the_line_fails(world: World, share: float) -> Counts:
    """Everything at once: the line does anything by chance, and the kiosk is killed meanwhile."""
    counts = Counts()
    folder = world.place()
    tick = threading.Event()
    with Proxy(world.server.port, world.chance) as proxy:
        proxy.way = None
        for _ in range(times(50, share, least=2)):
            process = start(Orders(folder, proxy.url, world.bodies(4), registrations=True))
            tick.wait(world.chance.uniform(0.05, 1.0))
            process.kill()
            process.join(10)
            counts.faults += 1
        for name, number in proxy.exchanges.items():
            counts.notes[name] = number
        proxy.way = Way.WHOLE
        process = start(Orders(folder, proxy.url, (), until_drained=True))
        process.join(3600)
        counts.want(process.exitcode == 0, "the queue did not drain")
    counts.add(inspect(folder, world.effects()))
    return counts


FAULTS: dict[str, Fault] = {
    "clock set back and forward": clock_jumps,
    "upstream slow": partial(upstream_does, Wrong(kind=FaultKind.SLOW, seconds=60)),
    "upstream not listening": partial(upstream_does, Wrong(kind=FaultKind.UNREACHABLE)),
    "upstream unavailable (503)": partial(upstream_does, Wrong(kind=FaultKind.UNAVAILABLE)),
    "429 storm": partial(upstream_does, Wrong(kind=FaultKind.TOO_MANY)),
    "processed, no answer (504)": partial(upstream_does, Wrong(kind=FaultKind.LOST_ANSWER)),
    "answer for another key": partial(upstream_does, Wrong(kind=FaultKind.WRONG_ID)),
    "answer for another institution": partial(upstream_does, Wrong(kind=FaultKind.WRONG_INSTITUTION)),
    "answer that is no whole JSON": partial(upstream_does, Wrong(kind=FaultKind.BROKEN)),
    **{f"line: {way.value}": partial(line_does, way) for way in Way if way is not Way.WHOLE},
    "line: anything by chance": partial(line_does, None),
    "TLS: the gateway's certificate has another name": partial(trust_is, "wrong name"),
    "TLS: the gateway's certificate has expired": partial(trust_is, "expired gateway"),
    "TLS: our certificate has expired": partial(trust_is, "expired client"),
    "DNS gone": name_is_gone,
    "kill -9 while the line does anything": killed_while_the_line_fails,
}
