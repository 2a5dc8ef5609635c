# SPDX-License-Identifier: Apache-2.0
"""A marked PIN and a marked person pass through every layer, and no log, repr or exception shows them."""

from __future__ import annotations

import logging
import queue
import traceback
from dataclasses import replace

import pytest

from kiosk.auth.dialogue import (
    CardFacts,
    PhotoOpened,
    open_photo,
    read_card,
    sign_with_visual_key,
    verify_pin_and_sign,
)
from kiosk.auth.evidence import Statement, VerificationMethod
from kiosk.errors import KioskError
from kiosk.reader.cards.common import CommonCard
from kiosk.reader.info import card_info
from kiosk.reader.service import CardService
from kiosk.reader.session import CardSession
from kiosk.reader.watch import CardEvent, CardLaid, ReaderBack
from kiosk.secret import Secret
from kiosk.simulator.driver import SimulatedDriver
from kiosk.simulator.patients.people import patient
from kiosk.simulator.surface import SimulatedSurface
from tests.fakes.cards import card_of
from tests.fakes.clock import MORNING
from tests.fakes.trust import demo_trust

PIN = "8317"
PERSON = replace(patient("taro"), name="目印　印子", address="目印県目印市", pin=PIN, security_code="6620")
STATEMENT = Statement("1310000001", "K1", "01J", b"\xa7" * 32, VerificationMethod.PIN, MORNING)


def _forms(text: str) -> set[str]:
    """The ways in which a careless line could show it."""
    raw = text.encode()
    return {text, raw.hex(), raw.hex().upper(), raw.hex(" "), repr(raw)[2:-1], str(list(raw))[1:-1]}


def test_markers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    driver = SimulatedDriver()
    events: queue.SimpleQueue[CardEvent] = queue.SimpleQueue()
    results: queue.SimpleQueue[object] = queue.SimpleQueue()
    cards = CardService(driver, events.put)
    card = card_of(person=PERSON)
    printed = card.printed
    assert printed is not None
    driver.insert(card)
    shown: list[str] = []

    def ask(job: object) -> object:
        cards.submit(job, results.put)  # type: ignore[arg-type]  # any job will do
        result = results.get(timeout=20)
        shown.append(repr(result))
        if isinstance(result, KioskError):
            shown.extend(traceback.format_exception(result))
        return result

    cards.start()
    try:
        assert events.get(timeout=20) == ReaderBack()
        assert isinstance(events.get(timeout=20), CardLaid)
        facts = ask(lambda session: read_card(session, demo_trust(), MORNING))
        assert isinstance(facts, CardFacts)
        for digits in (b"0000", PIN.encode()):
            ask(lambda session, d=digits: verify_pin_and_sign(session, facts, Secret.of(d), STATEMENT))
        fields = SimulatedSurface(driver.card_in).read()
        assert fields is not None
        shown.append(repr(fields))
        photo = ask(lambda session: open_photo(session, facts, fields, demo_trust()))
        assert isinstance(photo, PhotoOpened)
        ask(lambda session: sign_with_visual_key(session, facts, STATEMENT, photo.evidence))

        def common(session: CardSession) -> object:
            application = CommonCard(session)
            assert application.select()
            return application.read_record()

        ask(common)

        def pulled(session: CardSession) -> object:
            driver.remove_after(4)
            return verify_pin_and_sign(session, facts, Secret.of(PIN.encode()), STATEMENT)

        assert isinstance(ask(pulled), KioskError)
    finally:
        assert cards.stop()
    driver.insert(card_of(person=PERSON))
    shown.append(repr(card_info(driver, "*", lambda _: "valid").document()))
    assert len([r for r in caplog.records if "VERIFY" in r.getMessage()]) >= 8  # the layers did log
    everything = "\n".join([*caplog.messages, *shown])
    markers = {
        *_forms(PIN),
        *_forms(printed.era_birth),
        *_forms(printed.number_b().decode()),
        *_forms("6620"),
        *_forms(PERSON.name),
        *_forms("目印"),
        *_forms(f"{PERSON.birth:%Y%m%d}"),
        f"{PERSON.birth}",
        facts.fingerprint,
        facts.certificate[200:210].hex(),
    }
    assert not [marker for marker in markers if marker in everything]
