# SPDX-License-Identifier: Apache-2.0
"""The vault stays empty once it was emptied, and takes no digit more than a PIN has."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import date
from typing import cast

import pytest

from kiosk.auth import dialogue
from kiosk.auth.certificate.trust import Trust
from kiosk.auth.evidence import VisualEvidence
from kiosk.clock import SystemClock
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.reader.service import CardService
from kiosk.runtime.card_effects import CardEffects, KioskIdentity
from kiosk.runtime.face_effects import FaceEffects
from kiosk.runtime.house_effects import HouseEffects
from kiosk.runtime.ports import Surfaces
from kiosk.runtime.vault import SessionVault


class _SlowCard:
    """A card service whose jobs end when the test says so."""

    def __init__(self) -> None:
        self.jobs: deque[Callable[[], None]] = deque()

    def submit(self, _job: object, on_done: Callable[[dialogue.PhotoOpened], None], **_options: bool) -> None:
        opened = dialogue.PhotoOpened(b"a face", None, cast("VisualEvidence", object()))
        self.jobs.append(lambda: on_done(opened))

    def power_off(self, on_done: Callable[[], None]) -> None:
        self.jobs.append(on_done)


class _NoFace:
    def forget(self) -> None:
        """Nothing is held."""


def test_a_photo_that_comes_after_the_wiping_is_not_kept() -> None:
    vault, slow, posted = SessionVault(), _SlowCard(), list[ev.Event]()
    service = cast("CardService", slow)
    vault.open(1, "01")
    vault.card = cast("dialogue.CardFacts", object())
    card = CardEffects(
        service,
        trust=cast("Trust", None),
        revocation=None,
        surface=None,
        identity=KioskIdentity("1312345678", "k"),
        vault=vault,
        clock=SystemClock(),
        post=posted.append,
        to_main_thread=lambda call: call(),
    )
    house = HouseEffects(
        vault, service, cast("FaceEffects", _NoFace()), posted.append, cast("Surfaces", None)
    )
    card.perform(ef.OpenPhoto(session_no=1))
    house.perform(ef.ClearSecrets(session_no=1))
    while slow.jobs:
        slow.jobs.popleft()()
    assert posted == [ev.SecretsCleared(session_no=1)]
    assert vault.is_empty()


@pytest.mark.parametrize(
    ("typed", "counts"),
    [
        ("51032720331234", True),
        ("01010820331234", True),  # 平成元年, or another first year
        ("64010720331234", True),
        ("00010820331234", False),
        ("76032720331234", False),  # 1976: no era has so many years
        ("65010120331234", False),
        ("64010820331234", False),  # 昭和 ended the day before
        ("51023020331234", False),
        ("51032720251234", True),  # ended last year: its certificate may be in its grace
        ("51032720241234", False),
        ("51032720381234", False),
        ("5103272033123", False),
        ("", False),
    ],
)
def test_typed_fields_that_can_stand_on_no_card_are_none(typed: str, counts: bool) -> None:
    vault = SessionVault()
    for digit in typed:
        vault.add_field_digit(int(digit))
    fields = vault.take_fields(date(2026, 11, 24))
    assert (fields is not None) is counts
    assert vault.typed_fields() == ""
    if fields is not None:
        assert bytes(fields.number_b.view()) == typed.encode()


def test_a_fifth_digit_of_a_second_finger_is_left_out() -> None:
    vault = SessionVault()
    for digit in (1, 2, 3, 4, 5):
        vault.add_pin_digit(digit)
    assert len(vault.pin) == 4
