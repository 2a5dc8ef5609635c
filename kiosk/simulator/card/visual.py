# SPDX-License-Identifier: Apache-2.0
"""券面事項確認AP: the card's face as pictures, signed (facts: card.md 5.7)."""

from __future__ import annotations

from kiosk.simulator.card import cvc
from kiosk.simulator.card.certificates import MUNICIPALITY_CODE
from kiosk.simulator.card.files import Application, CardFile, KeyFile, TransparentFile
from kiosk.simulator.card.holder import Holder, wrong_my_number
from kiosk.simulator.card.images import digits_image, photo_jp2, text_image
from kiosk.simulator.card.references import ReferenceName
from kiosk.simulator.card.tlv import FILLER

AID_VISUAL = bytes.fromhex("D3921000310001010402")
_LAYOUT = bytes.fromhex("06030E01")
_INFO_VERSION = b"\x01"

_NUMBER_A = frozenset({ReferenceName.VISUAL_NUMBER_A})
_A_OR_B = frozenset({ReferenceName.VISUAL_NUMBER_A, ReferenceName.VISUAL_NUMBER_B})


def visual(holder: Holder) -> Application:
    """The application with its files."""
    key = holder.material.visual_key
    files: dict[int, CardFile] = {
        0x0001: TransparentFile(_age(holder), frozenset({ReferenceName.VISUAL_BIRTH})),
        0x0002: TransparentFile(_face(holder) + FILLER * 16, _A_OR_B),
        0x0003: TransparentFile(_basic_info(holder)),
        0x0004: TransparentFile(holder.visual_signer.cv_certificate),
        0x0005: TransparentFile(_number(holder), _NUMBER_A),
        0x0006: TransparentFile(FILLER * 16, _A_OR_B),
        0x0011: holder.reference(ReferenceName.VISUAL_BIRTH),
        0x0012: holder.reference(ReferenceName.VISUAL_NUMBER_B),
        0x0013: holder.reference(ReferenceName.VISUAL_NUMBER_A),
        0x001A: KeyFile(lambda: holder.signing(key)),
    }
    return Application(AID_VISUAL, files, default_key=0x001A)


def _face(holder: Holder) -> bytes:
    """EF 0002. Expiry and security code are not signed, as on the card."""
    patient, write = holder.patient, holder.writer
    person = [
        write.inner(0xDF22, f"{patient.birth:%Y%m%d}".encode("ascii")),
        write.inner(0xDF23, patient.sex.value.encode("ascii")),
        write.inner(0xDF24, _own_key(holder)),
    ]
    images = [
        write.inner(0xDF25, text_image(patient.name)),
        write.inner(0xDF26, text_image(patient.address)),
    ]
    photo = write.inner(0xDF27, photo_jp2(holder.photo))
    signature = cvc.sign_three_hashes(holder.visual_signer.key, b"".join(person), b"".join(images), photo)
    if holder.options.forged_photo:
        photo = write.inner(0xDF27, photo_jp2(255 - holder.photo))
    return write.with_offsets(
        0xFF20,
        0xDF21,
        [
            *person,
            *images,
            photo,
            write.inner(0xDF28, signature),
            write.inner(0xDF29, f"{holder.expiry:%Y%m%d}".encode("ascii")),
            write.inner(0xDF2A, digits_image(patient.security_code)),
        ],
    )


def _age(holder: Holder) -> bytes:
    """EF 0001: birth date and card key, signed."""
    write = holder.writer
    signed = write.inner(0xDF11, f"{holder.patient.birth:%Y%m%d}".encode("ascii")) + write.inner(
        0xDF12, _own_key(holder)
    )
    return write.outer(0xFF10, signed + write.inner(0xDF13, cvc.sign(holder.visual_signer.key, signed)))


def _number(holder: Holder) -> bytes:
    """EF 0005: the My Number as a picture and the card key, signed; the number is nobody's."""
    write = holder.writer
    signed = write.inner(0xDF41, digits_image(wrong_my_number(holder.patient))) + write.inner(
        0xDF42, _own_key(holder)
    )
    return write.outer(0xFF40, signed + write.inner(0xDF43, cvc.sign(holder.visual_signer.key, signed)))


def _basic_info(holder: Holder) -> bytes:
    """EF 0003: layout, key id, version, municipality, and bytes whose meaning is not public."""
    write = holder.writer
    key_id = holder.visual_signer.key_id
    return write.outer(
        0xFF30,
        write.inner(0xDF31, _LAYOUT)
        + write.inner(0xDF32, key_id)
        + write.inner(0xDF33, _INFO_VERSION)
        + write.inner(0xDF34, MUNICIPALITY_CODE.encode("ascii"))
        + write.inner(0xDF35, key_id + bytes(256)),
    )


def _own_key(holder: Holder) -> bytes:
    return cvc.public_key_value(holder.material.visual_key.public_key())
