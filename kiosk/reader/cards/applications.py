# SPDX-License-Identifier: Apache-2.0
"""The applications of the card that the kiosk speaks with (facts: card.md 2)."""

from __future__ import annotations

from enum import Enum


class Application(Enum):
    """Each with its whole AID: a shortened one would match others by prefix."""

    JPKI = "D392F000260100000001"  # 公的個人認証
    VISUAL = "D3921000310001010402"  # 券面事項確認
    TEXT = "D3921000310001010408"  # 券面事項入力補助
    COMMON = "D3921000310001010100"  # 共通カード

    @property
    def aid(self) -> bytes:
        """The name the card knows it by."""
        return bytes.fromhex(self.value)
