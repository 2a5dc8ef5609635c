# SPDX-License-Identifier: Apache-2.0
"""Certificate, PIN and one signature through PC/SC, as a process of its own: what `bench/card.py` times.

python -m bench.card_client READER MESSAGE SIGNATURE CERTIFICATE < digits
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from kiosk.auth.certificate.rsa import digest_info
from kiosk.reader.cards.jpki import JpkiCard
from kiosk.reader.pcsc.driver import PcscDriver
from kiosk.reader.pcsc.library import load_scard
from kiosk.reader.references import Presented
from kiosk.reader.session import CardSession
from kiosk.secret import Secret


def main(reader: str, message: str, signature: str, certificate: str) -> int:
    driver = PcscDriver(load_scard())
    try:
        with (
            Secret.of(sys.stdin.buffer.readline().strip()) as pin,
            driver.connect(reader) as connection,
        ):
            session = CardSession(connection, extended_reads=True)
            jpki = JpkiCard(session)
            if not jpki.select():
                return 1
            Path(certificate).write_bytes(jpki.read_certificate())
            if jpki.verify_pin(pin).result is not Presented.ACCEPTED:
                return 1
            digest = hashlib.sha256(Path(message).read_bytes()).digest()
            Path(signature).write_bytes(jpki.sign(digest_info(digest)))
    finally:
        driver.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
