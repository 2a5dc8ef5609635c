# SPDX-License-Identifier: Apache-2.0
"""What a kiosk meets below a real pcscd: late services, bouncing and slow cards, two readers, lies."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.auth.dialogue import CardFacts, CardTrouble, read_card
from kiosk.errors import FailureCode, KioskError
from kiosk.reader.cards.jpki import JpkiCard
from kiosk.reader.pcsc.driver import PcscDriver
from kiosk.reader.pcsc.library import load_scard
from kiosk.reader.ports import CardPresence, ReaderState
from kiosk.reader.service import CardService
from kiosk.reader.session import CardSession
from kiosk.reader.watch import CardEvent, CardLaid, CardTaken, CardTakesLong, ReaderBack, ReaderTrouble
from kiosk.simulator.card.foreign import ForeignCard, SimulatedCard
from kiosk.simulator.card.hostile import HostileCard, Mischief
from kiosk.simulator.card.printed import PrintedFields
from kiosk.simulator.patients.people import patient
from kiosk.simulator.vpcd import VpcdLink
from tests.fakes import pcscd
from tests.fakes.cards import card_of
from tests.fakes.clock import MORNING
from tests.fakes.trust import demo_trust

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(pcscd.missing() is not None, reason=pcscd.missing() or ""),
]

WAIT_S = 25.0
ROOT = Path(__file__).resolve().parents[2]


class Watched:
    """A card service on the real one, and what it told."""

    def __init__(self, *, debounce_s: float = 0.4, slow_after_s: float = 30.0) -> None:
        self.driver = PcscDriver(load_scard())
        self.events: queue.SimpleQueue[CardEvent] = queue.SimpleQueue()
        self.cards = CardService(
            self.driver, self.events.put, debounce_s=debounce_s, slow_after_s=slow_after_s, job_limit_s=15.0
        )

    def __enter__(self) -> Watched:  # noqa: PYI034  # never subclassed
        self.cards.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.cards.stop()
        self.driver.close()

    def expect(self, *events: CardEvent) -> None:
        for event in events:
            assert self.events.get(timeout=WAIT_S) == event

    def certificate(self) -> object:
        def job(session: CardSession) -> bytes:
            jpki = JpkiCard(session)
            assert jpki.select()
            return jpki.read_certificate()

        return self._done(job)

    def read(self) -> object:
        return self._done(lambda session: read_card(session, demo_trust(), MORNING))

    def _done(self, job: object) -> object:
        done: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.cards.submit(job, done.put, repeatable=True)  # type: ignore[arg-type]  # any job will do
        return done.get(timeout=2 * WAIT_S)


@pytest.fixture(scope="module")
def service() -> Iterator[pcscd.PrivatePcscd]:
    with pcscd.PrivatePcscd() as running:
        yield running


def state_of(reader: str) -> ReaderState:
    driver = PcscDriver(load_scard())
    try:
        return next(state for state in driver.snapshot().readers if state.name == reader)
    finally:
        driver.close()


@pytest.fixture
def link(service: pcscd.PrivatePcscd) -> Iterator[VpcdLink]:
    yield from _slot(service.port, service.reader)


@pytest.fixture
def second(service: pcscd.PrivatePcscd) -> Iterator[VpcdLink]:
    yield from _slot(service.second_port, service.second_reader)


def _slot(port: int, reader: str) -> Iterator[VpcdLink]:
    with VpcdLink(port=port) as opened:
        yield opened
    assert pcscd.wait_until(lambda: state_of(reader).card is CardPresence.ABSENT, WAIT_S)


def lay(link: VpcdLink, reader: str, card: SimulatedCard) -> None:
    before = state_of(reader).insertions
    link.insert(card)
    assert pcscd.wait_until(lambda: state_of(reader).insertions > before, WAIT_S)


def test_a_card_lying_there_at_the_start_is_seen_and_read(
    link: VpcdLink, service: pcscd.PrivatePcscd
) -> None:
    lay(link, service.reader, card_of("taro"))
    with Watched() as kiosk:
        kiosk.expect(ReaderBack(), CardLaid(service.reader))
        assert isinstance(kiosk.read(), CardFacts)
        link.remove()
        kiosk.expect(CardTaken())


def test_a_card_that_bounces_is_no_event_and_is_read_again(
    link: VpcdLink, service: pcscd.PrivatePcscd
) -> None:
    card = card_of("taro")
    lay(link, service.reader, card)
    with Watched(debounce_s=WAIT_S) as kiosk:
        kiosk.expect(ReaderBack(), CardLaid(service.reader))
        before = kiosk.certificate()
        assert isinstance(before, bytes)
        link.remove()
        assert pcscd.wait_until(lambda: state_of(service.reader).card is CardPresence.ABSENT, WAIT_S)
        link.insert(card)
        # at once, before the service has noticed the card: connecting to it now would confuse pcscd for good
        assert kiosk.certificate() == before
        assert kiosk.events.empty()


@pytest.mark.parametrize("ours_first", [True, False])
def test_a_foreign_card_in_the_other_reader_is_left_alone(
    link: VpcdLink, second: VpcdLink, service: pcscd.PrivatePcscd, *, ours_first: bool
) -> None:
    places = [(link, service.reader), (second, service.second_reader)]
    (ours, reader), (theirs, other) = places if ours_first else reversed(places)
    with Watched() as kiosk:
        kiosk.expect(ReaderBack())
        lay(ours, reader, card_of("taro"))
        kiosk.expect(CardLaid(reader))
        lay(theirs, other, ForeignCard("licence"))
        assert isinstance(kiosk.read(), CardFacts)
        theirs.remove()
        assert pcscd.wait_until(lambda: state_of(other).card is CardPresence.ABSENT, WAIT_S)
        assert isinstance(kiosk.read(), CardFacts)
        assert kiosk.events.empty()


def test_a_slow_card_is_waited_for_and_said_to_be_slow(link: VpcdLink, service: pcscd.PrivatePcscd) -> None:
    slow = HostileCard(card_of("taro"), Mischief.SLOW, wait=lambda _: time.sleep(0.3))
    lay(link, service.reader, slow)
    with Watched(slow_after_s=0.5) as kiosk:
        kiosk.expect(ReaderBack(), CardLaid(service.reader))
        assert isinstance(kiosk.read(), CardFacts)
        kiosk.expect(CardTakesLong())
        assert kiosk.events.empty()


@pytest.mark.parametrize(
    "mischief",
    [
        Mischief.ENDLESS_MORE,
        Mischief.ENDLESS_WRONG_LE,
        Mischief.HUGE_ANSWERS,
        Mischief.LARGE_CERTIFICATE,
        Mischief.RANDOM_BYTES,
        Mischief.STATUS_WORDS,
    ],
)
def test_a_hostile_card_ends_in_our_own_words_and_the_next_one_is_read(
    link: VpcdLink, service: pcscd.PrivatePcscd, mischief: Mischief
) -> None:
    lay(link, service.reader, HostileCard(card_of("taro"), mischief, honest_for=2))
    with Watched() as kiosk:
        kiosk.expect(ReaderBack(), CardLaid(service.reader))
        assert isinstance(kiosk.read(), KioskError | CardTrouble)
        link.remove()
        kiosk.expect(CardTaken())
        lay(link, service.reader, card_of("taro"))
        kiosk.expect(CardLaid(service.reader))
        assert isinstance(kiosk.read(), CardFacts)


class Listening:
    """An honest card that remembers what was presented to it."""

    def __init__(self, inner: SimulatedCard) -> None:
        self._inner = inner
        self.power_on, self.power_off, self.reset = inner.power_on, inner.power_off, inner.reset
        self.presented = 0
        self.commands = 0

    @property
    def key(self) -> str:
        return self._inner.key

    @property
    def printed(self) -> PrintedFields | None:
        return self._inner.printed

    def transmit(self, apdu: bytes | bytearray) -> bytes:
        self.commands += 1
        self.presented += apdu[1] == 0x20 and len(apdu) > 4
        return self._inner.transmit(apdu)


def card_info(folder: Path) -> tuple[int, dict[str, object], str]:
    settings = folder / "settings.toml"
    settings.write_text('[camera]\ndriver = "off"\n')
    ended = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "card", "info", "--json", "--config", str(settings)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"XDG_STATE_HOME": str(folder), "XDG_DATA_HOME": str(folder)},
    )
    return ended.returncode, json.loads(ended.stdout), ended.stdout + ended.stderr


def test_a_technicians_look_below_the_real_service(
    link: VpcdLink, second: VpcdLink, service: pcscd.PrivatePcscd, tmp_path: Path
) -> None:
    card = Listening(card_of("taro"))
    lay(link, service.reader, card)
    lay(second, service.second_reader, ForeignCard("licence"))
    status, document, said = card_info(tmp_path)
    assert status == 0, said
    assert document["found"] is True
    readers = document["readers"]
    assert isinstance(readers, list)
    ours, theirs = readers
    assert ours["name"] == service.reader
    assert ours["token"] == "card"
    assert ours["applications"] == ["jpki", "visual", "text", "common"]
    assert (
        ours["certificate"] == "untrusted"
    )  # no authority is set: said in a word, and nothing of its content
    assert ours["tries"] == {"user_pin": 3, "lookup_b": 10, "text_pin": 3}
    assert (theirs["token"], theirs["problem"]) == (None, FailureCode.CARD_NOT_MY_NUMBER.value)
    assert card.commands > 10
    assert card.presented == 0
    person = patient("taro")
    for personal in (
        *person.name.split("　"),
        person.pin,
        person.address,
        f"{person.birth:%Y%m%d}",
        "14:59:59",
    ):
        assert personal not in said


def test_a_service_started_late_and_stopped_again(service: pcscd.PrivatePcscd, tmp_path: Path) -> None:
    service.stop()
    status, document, _ = card_info(tmp_path)
    assert (status, document["problem"]) == (3, FailureCode.READER_SERVICE_DOWN.value)
    with Watched() as kiosk, VpcdLink(port=service.port) as link:
        kiosk.expect(ReaderTrouble(FailureCode.READER_SERVICE_DOWN))
        service.start()
        kiosk.expect(ReaderBack())
        link.insert(card_of("taro"))
        kiosk.expect(CardLaid(service.reader))
        assert isinstance(kiosk.read(), CardFacts)
        service.stop()
        kiosk.expect(ReaderTrouble(FailureCode.READER_SERVICE_DOWN))
        link.remove()
        service.start()
        kiosk.expect(ReaderBack())
