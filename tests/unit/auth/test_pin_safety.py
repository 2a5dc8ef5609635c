# SPDX-License-Identifier: Apache-2.0
"""Over any answers of a card: one VERIFY an entry at most, none on the last try, none of a wrong length."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.auth.certificate.chain import CertificateCheck, Verdict
from kiosk.auth.dialogue import CardFacts, PinSigned, verify_pin_and_sign
from kiosk.auth.evidence import Statement, VerificationMethod
from kiosk.errors import KioskError
from kiosk.reader.apdu import CommandApdu, ResponseApdu
from kiosk.reader.cards.jpki import TokenKind
from kiosk.reader.errors import CardCommunicationError, CardRemovedError, CardResetError
from kiosk.reader.identity import identity_of
from kiosk.reader.session import CardSession
from kiosk.reader.status import TryCounter
from kiosk.secret import Secret

STATEMENT = Statement(
    "1310000001", "K1", "01J", bytes(32), VerificationMethod.PIN, datetime(2026, 6, 1, tzinfo=UTC)
)
CERTIFICATE = b"\x30\x03\x02\x01\x07"
QUERY_ANSWERS = [0x63C0, 0x63C1, 0x63C2, 0x63C3, 0x6300, 0x9000, 0x6983, 0x6984, 0x6700, 0x6F00, 0x6C04]
VERIFY_ANSWERS = [*QUERY_ANSWERS, 0x6A80, 0x6982, 0x6104, 0x6D00]


class MoodyCard:
    """Answers from lists in turn, and remembers what was said and what it had said before."""

    def __init__(self, queries: list[int], verifies: list[int | Exception], others: list[int]) -> None:
        self._queries, self._verifies, self._others = queries, verifies, others
        self.said: int | None = None
        self.presented: list[tuple[bytes, int | None]] = []

    @property
    def atr(self) -> bytes:
        return b""

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        if command.ins == 0x20 and command.lc:
            self.presented.append((bytes(command.encode()[5:]), self.said))
            answer = self._verifies.pop(0) if self._verifies else 0x6F00
            if isinstance(answer, Exception):
                raise answer
            return ResponseApdu(b"", answer)
        if command.ins == 0x20:
            self.said = self._queries.pop(0) if self._queries else 0x63C3
            return ResponseApdu(b"", self.said)
        if command.ins == 0xB0:
            return ResponseApdu(CERTIFICATE, 0x9000)
        sw = self._others.pop(0) if self._others else 0x9000
        return ResponseApdu(bytes(256) if command.ins == 0x2A else b"", sw)

    def close(self) -> None:
        """Nothing to power off."""

    def __enter__(self) -> MoodyCard:  # noqa: PYI034  # never subclassed
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to power off."""


def _facts(key: RSAPublicKey | None = None) -> CardFacts:
    return CardFacts(
        token_kind=TokenKind.CARD,
        certificate=CERTIFICATE,
        check=CertificateCheck(Verdict.VALID, key),
        tries=TryCounter(3),
        presence=None,
        fingerprint="",
        identity=identity_of(CERTIFICATE),
    )


_errors = st.sampled_from([CardRemovedError(), CardResetError(), CardCommunicationError()])


@settings(max_examples=400)
@given(
    pin=st.binary(min_size=0, max_size=16),
    allow=st.booleans(),
    entries=st.integers(1, 4),
    queries=st.lists(st.sampled_from(QUERY_ANSWERS), max_size=6),
    verifies=st.lists(st.sampled_from(VERIFY_ANSWERS) | _errors, max_size=6),
    others=st.lists(st.sampled_from([0x9000, 0x9000, 0x9000, 0x6A82, 0x6F00, 0x6982]), max_size=20),
)
def test_no_try_is_spent_by_mistake(
    pin: bytes,
    allow: bool,
    entries: int,
    queries: list[int],
    verifies: list[int | Exception],
    others: list[int],
) -> None:
    card = MoodyCard(queries, verifies, others)
    session = CardSession(card)
    for _ in range(entries):
        before = len(card.presented)
        secret = Secret.of(pin)
        try:
            result: object = verify_pin_and_sign(
                session, _facts(), secret, STATEMENT, allow_last_attempt=allow
            )
        except KioskError:
            result = None
        assert not isinstance(result, PinSigned)  # no key, no proof
        assert len(card.presented) - before <= 1
        assert len(secret) == 0
    for digits, told in card.presented:
        assert digits == pin
        assert len(digits) == 4
        # what the card itself said just before: a number, and tries enough
        assert told in ({0x63C1, 0x63C2, 0x63C3} if allow else {0x63C2, 0x63C3})
