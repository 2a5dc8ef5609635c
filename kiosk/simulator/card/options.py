# SPDX-License-Identifier: Apache-2.0
"""How one simulated card differs from another: the variations seen in the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.simulator.card.references import ReferenceName
from kiosk.simulator.card.tlv import LengthForm

ATR_CONTACTLESS = bytes.fromhex("3B 88 80 01 00 00 05 E0 B3 81 A1 00 7F")
ATR_CONTACT = bytes.fromhex("3B F5 91 00 FF 91 81 71 FE 40 00 42 00 01 00 D1 D6")
ATR_OTHER_CARD = bytes.fromhex("3B 88 80 01 00 00 00 00 00 00 00 00 09")


class TokenKind(StrEnum):
    """What the JPKI application says it lives in (EF 0006, label)."""

    CARD = "JPKIAPICCTOKEN2"
    OLD_CARD = "JPKIAPICCTOKEN"
    ANDROID = "JPKIAPGPSETOKEN"
    IPHONE = "JPKIAPIOSTOKEN"

    @property
    def is_phone(self) -> bool:
        """A phone answers with the JPKI application only."""
        return self in {TokenKind.ANDROID, TokenKind.IPHONE}


@dataclass(frozen=True, slots=True)
class CardOptions:
    """The switches of one card; the defaults are a card as most are."""

    token: TokenKind = TokenKind.CARD
    atr: bytes = ATR_CONTACTLESS
    length_form: LengthForm = LengthForm.SHORT
    tries: Mapping[ReferenceName, int] = field(default_factory=dict)
    signature_certificate: bool = True
    certificate_filler: int = 0
    first_command_fails: bool = False  # 6F00 once after each power-on
    empty_past_end: bool = False  # no bytes and 9000 at the end of a file, where most say 6B00
    end_of_file_warning: bool = False  # 6282 with the last bytes of a file
    extended_length: bool = True
    verified_query_succeeds: bool = False  # 9000 to the empty VERIFY once verified
    blocked_query_refused: bool = False  # 6984 to the empty VERIFY once blocked, where most say 63C0
    warm_reset_clears: bool = False
    forged_photo: bool = False  # another photo than the one that was signed
    cloned: bool = False  # right files, but the keys that belong to them are missing
