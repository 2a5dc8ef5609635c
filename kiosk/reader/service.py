# SPDX-License-Identifier: Apache-2.0
"""The card, for the rest of the kiosk: what happens to it is told, what is to be said to it is handed in."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from kiosk.errors import FailureCode, KioskError
from kiosk.reader.cards.jpki import JpkiCard
from kiosk.reader.errors import (
    CardCommunicationError,
    CardError,
    CardRemovedError,
    CardResetError,
    CardStatusError,
    CardTooSlowError,
    CardUnreadableError,
    MalformedDataError,
    NoReaderError,
    ReaderLostError,
    ReaderServiceDownError,
    UnsupportedCardError,
)
from kiosk.reader.minder import JobMinder, log_mistake
from kiosk.reader.ports import CardConnection, ReaderDriver, ReaderSnapshot, ReaderState
from kiosk.reader.session import JOB_LIMIT_S, CardSession
from kiosk.reader.watch import CardEvent, CardTakesLong, CardWatch, Compare, Finding, Probe

_log = logging.getLogger("kiosk.reader")

T = TypeVar("T")

_LONGEST_LOOK_S = 3.0
_JOIN_S = 5.0
_PAUSE_S = 0.05
_AFTER_MISTAKE_S = 0.5
_SLOW_AFTER_S = 1.5

_ABOUT_CONTENT = (CardStatusError, MalformedDataError, UnsupportedCardError)
# a card that is laid down slowly, at the edge of a reader's field, does not answer to power at first
_WORTH_REPEATING = (CardRemovedError, CardUnreadableError, CardResetError, CardCommunicationError)
# Says nothing about which card lies there; the monitor sees it, too, and tells what it is.
_TOLD_BY_MONITOR = (CardRemovedError, ReaderServiceDownError, NoReaderError, ReaderLostError)


@dataclass(slots=True)
class _Held:
    """The powered card."""

    reader: str
    connection: CardConnection
    session: CardSession


class CardService:
    """One card at a time, one job at a time.

    `listener` is told of events, and each job's `on_done` of its result, on threads of this service: both
    must only pass them on. A job that the card's removal ended comes back at once, `CardTaken` only once the
    card has stayed away.
    Lives on: any thread; it runs a monitor thread, a reader thread and one that minds how long jobs take
    between `start` and `stop`.
    """

    def __init__(
        self,
        driver: ReaderDriver,
        listener: Callable[[CardEvent], None],
        *,
        reader_pattern: str = "*",
        extended_reads: bool = True,
        debounce_s: float = 0.4,
        slow_after_s: float = _SLOW_AFTER_S,
        job_limit_s: float = JOB_LIMIT_S,
    ) -> None:
        self._driver = driver
        self._listener = listener
        self._extended_reads = extended_reads
        self._short_only: set[str] = set()  # readers on which a long read broke the talk
        self._debounce_s = debounce_s
        self._job_limit_s = job_limit_s
        self._watch = CardWatch(reader_pattern, debounce_s)
        self._state = threading.RLock()  # the watch, and the order in which its events go out
        self._queue: deque[Callable[[], None]] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._held: _Held | None = None
        self._identity: bytes | None = None
        self._minder = JobMinder(slow_after_s, lambda: listener(CardTakesLong()))
        self._monitor = threading.Thread(target=self._run_monitor, name="card-monitor", daemon=True)
        self._worker = threading.Thread(target=self._run_worker, name="card-reader", daemon=True)

    # -- from outside -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to watch; a card that lies there already is told of."""
        self._worker.start()
        self._monitor.start()
        self._minder.start()

    def stop(self) -> bool:
        """End the threads, with the card powered off; False where one did not end in time."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        end = time.monotonic() + _JOIN_S
        while self._monitor.is_alive() and time.monotonic() < end:
            # once more each time: the monitor may just have been about to wait
            self._driver.cancel()
            self._monitor.join(_PAUSE_S)
        if self._worker.is_alive():
            self._worker.join(max(0.0, end - time.monotonic()))
        minder_ended = self._minder.stop(max(0.0, end - time.monotonic()))
        return minder_ended and not (self._monitor.is_alive() or self._worker.is_alive())

    def submit(
        self,
        job: Callable[[CardSession], T],
        on_done: Callable[[T | KioskError], None],
        *,
        repeatable: bool = False,
        power_off: bool = False,
    ) -> None:
        """Run `job` with the card, powered since the job before or else anew.

        `repeatable` jobs only read: where the talk breaks they are run once more. With `power_off` the card
        is without power before `on_done` is told.
        """
        self._enqueue(lambda: self._run(job, on_done, repeatable=repeatable, power_off=power_off))

    def power_off(self, on_done: Callable[[], None] | None = None) -> None:
        """Power the card off once the jobs before are done; it stays *the card* until it is taken."""

        def release() -> None:
            self._release()
            if on_done is not None:
                on_done()

        self._enqueue(release)

    # -- the monitor thread -------------------------------------------------------------------------------

    def _run_monitor(self) -> None:
        snapshot: ReaderSnapshot | None = None
        while not self._stopping:
            try:
                if snapshot is None:
                    snapshot = self._driver.snapshot()
                with self._state:
                    self._act(self._watch.see(snapshot, time.monotonic()))
                    deadline = self._watch.deadline()
                with self._wake:
                    self._wake.notify_all()
                wait = _LONGEST_LOOK_S if deadline is None else deadline - time.monotonic()
                snapshot = self._driver.wait_for_change(snapshot, max(0.0, wait))
            except Exception as error:  # a monitor that ended would leave the kiosk deaf for good
                log_mistake(error)
                snapshot = None
                with self._wake:
                    self._wake.wait_for(lambda: self._stopping, timeout=_AFTER_MISTAKE_S)

    def _act(self, findings: list[Finding]) -> None:
        for finding in findings:
            match finding:
                case Probe(reader):
                    self._enqueue(partial(self._probe, reader), first=True)
                case Compare(reader):
                    self._enqueue(partial(self._compare, reader), first=True)
                case _:
                    self._tell(finding)

    def _tell(self, event: CardEvent) -> None:
        _log.info("%s", type(event).__name__)
        # what was known of the card before says nothing about what lies there now
        self._enqueue(self._forget_card, first=True)
        self._listener(event)

    # -- the reader thread --------------------------------------------------------------------------------

    def _enqueue(self, task: Callable[[], None], *, first: bool = False) -> None:
        with self._wake:
            if first:
                self._queue.appendleft(task)
            else:
                self._queue.append(task)
            self._wake.notify_all()

    def _run_worker(self) -> None:
        try:
            while True:
                with self._wake:
                    self._wake.wait_for(lambda: self._queue or self._stopping, timeout=_LONGEST_LOOK_S)
                    if self._stopping:
                        return
                    task = self._queue.popleft() if self._queue else None
                if task is None:
                    continue
                try:
                    task()
                except Exception as error:  # whoever is told of a result must not end the thread
                    log_mistake(error)
        finally:
            self._release()

    def _run(
        self,
        job: Callable[[CardSession], T],
        on_done: Callable[[T | KioskError], None],
        *,
        repeatable: bool,
        power_off: bool,
    ) -> None:
        result: T | KioskError
        try:
            with self._minder.minding():
                result = self._attempts(job, repeatable=repeatable)
        except KioskError as error:
            result = error
        except Exception as error:  # one job's mistake must not end the thread
            log_mistake(error)
            result = KioskError(FailureCode.INTERNAL, detail=type(error).__name__)
            self._release()
        if power_off:
            self._release()
        on_done(result)

    def _attempts(self, job: Callable[[CardSession], T], *, repeatable: bool) -> T:
        try:
            return self._attempt(job)
        except _WORTH_REPEATING as error:
            if not repeatable or isinstance(error, CardTooSlowError):
                raise
        return self._attempt(job, patience_s=self._debounce_s)

    def _attempt(self, job: Callable[[CardSession], T], *, patience_s: float = 0.0) -> T:
        held = self._hold(patience_s)
        held.session.begin_job(self._job_limit_s)
        try:
            return job(held.session)
        except _ABOUT_CONTENT:
            raise
        except KioskError:
            self._release()
            raise
        finally:
            if held.session.long_read_broke:
                self._short_only.add(held.reader)
            if held.session.identity is not None:
                self._identity = held.session.identity

    def _hold(self, patience_s: float = 0.0) -> _Held:
        """The card, powered; `patience_s` waits for one that bounces.

        Whoever waits connects only once the monitor has seen the card again: a service that is asked for a
        card that it is about to notice may give a connection that does not work.
        """
        end = time.monotonic() + patience_s
        while True:
            with self._state:
                reader, away = self._watch.reader, self._watch.away
            if self._held is not None and self._held.reader != reader:
                self._release()
            if self._held is not None:
                return self._held
            if reader is None:
                raise CardRemovedError
            left = end - time.monotonic()
            try:
                if not away or left <= 0:
                    return self._connect(reader)
            except CardError:
                if left <= 0:
                    raise
            with self._wake:
                if self._stopping:
                    raise CardRemovedError
                self._wake.wait(timeout=min(left, _PAUSE_S))

    def _connect(self, reader: str) -> _Held:
        connection = self._driver.connect(reader)
        long_reads = self._extended_reads and reader not in self._short_only
        session = CardSession(connection, extended_reads=long_reads)
        session.begin_job(self._job_limit_s)
        self._held = _Held(reader, connection, session)
        return self._held

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.connection.close()

    def _forget_card(self) -> None:
        self._release()
        self._identity = None

    def _probe(self, reader: ReaderState) -> None:
        """Ask a card in one of several readers whether it is ours; it is left without power."""
        answers = False
        if self._held is None or self._held.reader != reader.name:
            try:
                with self._driver.connect(reader.name) as connection:
                    session = CardSession(connection)
                    session.begin_job(self._job_limit_s)
                    answers = JpkiCard(session).select()
            except KioskError as error:
                _log.info("%s does not answer: %s", reader.name, error.code.value)
        with self._state:
            self._act(self._watch.probed(reader, answers=answers))

    def _compare(self, reader: ReaderState) -> None:
        """After a bounce: read what was read before, and see whether it is the same."""
        self._release()
        known = self._identity
        same = known is None or self._reads_as(known)
        with self._state:
            self._act(self._watch.compared(reader, same=same))

    def _reads_as(self, known: bytes) -> bool:
        def read(session: CardSession) -> bool:
            jpki = JpkiCard(session)
            if not jpki.select():
                return False
            return jpki.identify() == known

        for _ in range(2):
            try:
                held = self._hold(self._debounce_s)
                return read(held.session)
            except _ABOUT_CONTENT:
                return False
            except _TOLD_BY_MONITOR:
                self._release()
                return True
            except KioskError:
                self._release()
        return False
