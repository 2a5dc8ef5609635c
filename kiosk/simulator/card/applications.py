# SPDX-License-Identifier: Apache-2.0
"""The applications around the visual and the text one: JPKI, card-common, resident registry, card manager."""

from __future__ import annotations

from kiosk.simulator.card.certificates import MUNICIPALITY_CODE
from kiosk.simulator.card.files import (
    Application,
    CardFile,
    KeyFile,
    OpaqueFile,
    RecordFile,
    TransparentFile,
)
from kiosk.simulator.card.holder import Holder
from kiosk.simulator.card.options import ATR_CONTACT
from kiosk.simulator.card.references import ReferenceName
from kiosk.simulator.card.tlv import FILLER

AID_JPKI = bytes.fromhex("D392F000260100000001")
AID_COMMON = bytes.fromhex("D3921000310001010100")
AID_RESIDENT = bytes.fromhex("D3921000310001010401")
AID_CARD_MANAGER = bytes.fromhex("A0000001510000")

_PRESENT = 0x8F
_TOKEN_FLAGS = 0x040D  # RNG, login required, user PIN and token initialised
_UNKNOWN_MEMORY = b"\xff" * 4


def jpki(holder: Holder) -> Application:
    """公的個人認証AP: two keys, two certificates, their issuers."""
    options = holder.options
    certificate_access = (
        frozenset({ReferenceName.JPKI_USER_PIN}) if options.token.is_phone else frozenset[ReferenceName]()
    )
    filler = FILLER * options.certificate_filler
    material, anchors = holder.material, holder.anchors
    files: dict[int, CardFile] = {
        0x0002: TransparentFile(anchors.sign_ca + filler),
        0x0006: TransparentFile(token_info(options.token.value)),
        0x0008: TransparentFile(bytes((_PRESENT if holder.has_signature else 0, _PRESENT, 0))),
        0x0009: TransparentFile(FILLER * 16, sealed=True),
        0x000A: TransparentFile(material.user_certificate + filler, certificate_access),
        0x000B: TransparentFile(anchors.user_ca + filler),
        0x0010: OpaqueFile(),
        0x0016: OpaqueFile(),
        0x0017: KeyFile(lambda: holder.signing(material.user_key), needs=ReferenceName.JPKI_USER_PIN),
        0x0018: holder.reference(ReferenceName.JPKI_USER_PIN),
        0x001A: KeyFile(lambda: holder.signing(material.sign_key), needs=ReferenceName.JPKI_SIGN_PASSWORD),
        0x001B: holder.reference(ReferenceName.JPKI_SIGN_PASSWORD),
    }
    if holder.has_signature:
        files[0x0001] = TransparentFile(
            material.sign_certificate + filler, frozenset({ReferenceName.JPKI_SIGN_PASSWORD})
        )
    return Application(AID_JPKI, files)


def token_info(label: str) -> bytes:
    """EF 0006: PKCS#11's CK_TOKEN_INFO written out, 160 bytes."""

    def text(value: str, size: int) -> bytes:
        return value.encode("ascii").ljust(size)

    counts = b"".join(number.to_bytes(4, "big") for number in (_TOKEN_FLAGS, 1, 0, 1, 0, 16, 6))
    return (
        text(label, 32)
        + text("UKETSUKE-TEST", 32)
        + text("SIMULATED", 16)
        + text("0000000000000000", 16)
        + counts
        + _UNKNOWN_MEMORY * 4
        + b"03"
        + b"01"
        + b"9" * 16
    )


def common(holder: Holder) -> Application:
    """共通カードAP: the card's serial, the municipality and the expiry as one record."""
    digits = f"{holder.card_serial}{MUNICIPALITY_CODE}{holder.expiry:%Y%m%d}".encode("ascii")
    material = holder.material
    return Application(
        AID_COMMON,
        {
            0x0001: RecordFile((bytes((0x01, len(digits))) + digits,)),
            0x0002: OpaqueFile(),
            0x0019: KeyFile(material.common_key, signs=False, authenticates=True),
            0x001C: holder.reference(ReferenceName.COMMON_PIN),
        },
    )


def resident(holder: Holder) -> Application:
    """住基AP: only that it is there, with its PIN."""
    return Application(
        AID_RESIDENT, {0x0002: OpaqueFile(), 0x001C: holder.reference(ReferenceName.RESIDENT_PIN)}
    )


def card_manager(holder: Holder) -> Application:
    """What is selected at power-on; it tells the card's number and the answer to reset of its contacts."""
    return Application(
        AID_CARD_MANAGER,
        data_objects={0x0045: holder.card_serial.encode("ascii"), 0x5F51: ATR_CONTACT[1:]},
    )
