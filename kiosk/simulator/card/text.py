# SPDX-License-Identifier: Apache-2.0
"""券面事項入力補助AP: the four attributes as text, signed (facts: card.md 5.5 and 5.6)."""

from __future__ import annotations

import hashlib

from kiosk.simulator.card import cvc
from kiosk.simulator.card.files import Application, CardFile, KeyFile, TransparentFile
from kiosk.simulator.card.holder import Holder, wrong_my_number
from kiosk.simulator.card.references import ReferenceName
from kiosk.simulator.card.tlv import FILLER, filled

AID_TEXT = bytes.fromhex("D3921000310001010408")
NUMBER_FILE_SIZE = 17
_LAYOUT = bytes.fromhex("01030E01")
_BASIC_INFO_SIZE = 256

_PIN_OR_A = frozenset({ReferenceName.TEXT_PIN, ReferenceName.TEXT_NUMBER_A})
_PIN_OR_B = frozenset({ReferenceName.TEXT_PIN, ReferenceName.TEXT_NUMBER_B})
_ANY = _PIN_OR_A | _PIN_OR_B


def text(holder: Holder) -> Application:
    """The application with its files."""
    write = holder.writer
    number = filled(write.outer(0xFF10, wrong_my_number(holder.patient).encode("ascii")), NUMBER_FILE_SIZE)
    attributes = _attributes(holder)
    key = holder.material.text_key
    signer = holder.text_signer

    hashes = write.inner(0xDF31, hashlib.sha256(number).digest()) + write.inner(
        0xDF32, hashlib.sha256(b"".join(attributes)).digest()
    )
    signatures = write.outer(0xFF30, hashes + write.inner(0xDF33, cvc.sign(signer.key, hashes)))
    own_key = write.inner(0xDF51, cvc.public_key_value(key.public_key()))
    basic_info = write.outer(
        0xFF40,
        write.inner(0xDF41, _LAYOUT) + write.inner(0xDF42, signer.key_id) + write.inner(0xDF43, bytes(128)),
    )
    files: dict[int, CardFile] = {
        0x0001: TransparentFile(number, _PIN_OR_A),
        0x0002: TransparentFile(write.with_offsets(0xFF20, 0xDF21, attributes) + FILLER * 8, _PIN_OR_B),
        0x0003: TransparentFile(signatures, _ANY),
        0x0004: TransparentFile(signer.cv_certificate),
        0x0005: TransparentFile(filled(basic_info, _BASIC_INFO_SIZE)),
        0x0006: TransparentFile(
            write.outer(0xA1, cvc.public_key_value(holder.session_key.public_key())), _ANY
        ),
        0x0007: TransparentFile(
            write.outer(0xFF50, own_key + write.inner(0xDF52, cvc.sign(signer.key, own_key))), _ANY
        ),
        0x0008: TransparentFile(FILLER * 16, sealed=True),
        0x0011: holder.reference(ReferenceName.TEXT_PIN),
        0x0012: holder.reference(ReferenceName.TEXT_UNKNOWN),
        0x0013: KeyFile(lambda: holder.signing(key)),
        0x0014: holder.reference(ReferenceName.TEXT_NUMBER_A),
        0x0015: holder.reference(ReferenceName.TEXT_NUMBER_B),
    }
    return Application(AID_TEXT, files, default_key=0x0013)


def _attributes(holder: Holder) -> list[bytes]:
    """氏名, 住所, 生年月日 and 性別 as whole objects."""
    patient, write = holder.patient, holder.writer
    return [
        write.inner(0xDF22, patient.name.encode()),
        write.inner(0xDF23, patient.address.encode()),
        write.inner(0xDF24, f"{patient.birth:%Y%m%d}".encode("ascii")),
        write.inner(0xDF25, patient.sex.value.encode("ascii")),
    ]
