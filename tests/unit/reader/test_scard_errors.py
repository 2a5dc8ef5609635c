# SPDX-License-Identifier: Apache-2.0
"""Each PC/SC result has its own error: a row of the table, a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.reader.errors import (
    CardCommunicationError,
    CardRemovedError,
    CardResetError,
    CardUnreadableError,
    NoReaderError,
    ReaderBusyError,
    ReaderLostError,
    ReaderServiceDownError,
    UnsupportedCardError,
)
from kiosk.reader.pcsc.scard_errors import Scard, error_for
from kiosk.texts import Catalogue

ASSETS = Path(__file__).resolve().parents[3] / "assets"


@pytest.mark.parametrize(
    ("result", "error", "code"),
    [
        (0x8010001D, ReaderServiceDownError, FailureCode.READER_SERVICE_DOWN),
        (0x8010001E, ReaderServiceDownError, FailureCode.READER_SERVICE_DOWN),
        (0x80100013, ReaderServiceDownError, FailureCode.READER_SERVICE_DOWN),
        (0x80100003, ReaderServiceDownError, FailureCode.READER_SERVICE_DOWN),
        (0x8010002E, NoReaderError, FailureCode.NO_READER),
        (0x80100009, ReaderLostError, FailureCode.READER_LOST),
        (0x80100017, ReaderLostError, FailureCode.READER_LOST),
        (0x8010000C, CardRemovedError, FailureCode.CARD_REMOVED),
        (0x80100069, CardRemovedError, FailureCode.CARD_REMOVED),
        (0x80100066, CardUnreadableError, FailureCode.CARD_UNREADABLE),
        (0x80100067, CardUnreadableError, FailureCode.CARD_UNREADABLE),
        (0x80100068, CardResetError, FailureCode.CARD_COMMUNICATION),
        (0x8010000B, ReaderBusyError, FailureCode.READER_BUSY),
        (0x8010000F, UnsupportedCardError, FailureCode.CARD_NOT_MY_NUMBER),
        (0x80100065, UnsupportedCardError, FailureCode.CARD_NOT_MY_NUMBER),
        (0x80100016, CardCommunicationError, FailureCode.CARD_COMMUNICATION),
        (0x80100001, CardCommunicationError, FailureCode.CARD_COMMUNICATION),
        (0x1234, CardCommunicationError, FailureCode.CARD_COMMUNICATION),
    ],
)
@pytest.mark.parametrize("negative", [False, True])
def test_row(result: int, error: type[EnvironmentProblem], code: FailureCode, *, negative: bool) -> None:
    raised = error_for(result - (1 << 32) if negative else result, "connect")
    assert type(raised) is error
    assert raised.code is code
    assert f"{result & 0xFFFFFFFF:08X}" in raised.detail or negative


ROWS = [code.value for code in Scard if code not in {Scard.OK, Scard.CANCELLED, Scard.TIMEOUT}]


@pytest.mark.parametrize("result", [*ROWS, 0x80100001])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_row_has_its_sentences(result: int, language: str) -> None:
    catalogue = Catalogue.load(ASSETS / "i18n", language)
    text = catalogue.failure(error_for(result, "transmit").code)
    for sentence in (text.patient, text.staff, text.technician):
        assert sentence
        assert "0x" not in sentence
        assert f"{result:08X}" not in sentence.upper()


def test_different_troubles_have_different_sentences() -> None:
    catalogue = Catalogue.load(ASSETS / "i18n", "en")
    codes = {error_for(result, "transmit").code for result in ROWS}
    assert len({catalogue.failure(code).staff for code in codes}) == len(codes) == 8


def test_every_code_that_is_named_is_a_row_of_the_table() -> None:
    """What is not in the table is trouble of the talk; a name without a row would be one by accident."""
    talk = {result for result in ROWS if type(error_for(result, "transmit")) is CardCommunicationError}
    assert talk == {Scard.NOT_TRANSACTED}


def test_another_protocol_in_the_middle_of_the_talk_is_a_card_powered_anew() -> None:
    assert isinstance(error_for(0x8010000F, "transmit"), CardResetError)
    assert isinstance(error_for(0x8010000F, "connect"), UnsupportedCardError)
