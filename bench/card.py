# SPDX-License-Identifier: Apache-2.0
"""What a reception asks of the card, and how long certificate, PIN and signature take against OpenSC.

python -m bench.card [--runs N]

The first table is counted on a simulated card. The second is timed: each run is a new process, ours and
OpenSC's in turn, on the same virtual card below one pcscd of its own; that needs root, and Debian's packages
pcscd, vsmartcard-vpcd and opensc.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_HOME = tempfile.TemporaryDirectory(prefix="uketsuke-bench-")
for _variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
    os.environ[_variable] = _HOME.name  # before the fakes look: the keys of the test cards are kept there

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: E402
from cryptography.hazmat.primitives.hashes import SHA256  # noqa: E402

from kiosk.auth.dialogue import (  # noqa: E402
    CardFacts,
    PhotoOpened,
    PinSigned,
    open_photo,
    read_card,
    verify_pin_and_sign,
)
from kiosk.auth.evidence import Statement, VerificationMethod  # noqa: E402
from kiosk.reader.apdu import CommandApdu, ResponseApdu  # noqa: E402
from kiosk.reader.cards.jpki import JpkiCard  # noqa: E402
from kiosk.reader.ports import CardConnection  # noqa: E402
from kiosk.reader.session import CardSession  # noqa: E402
from kiosk.reader.surface.ports import PrintedFields  # noqa: E402
from kiosk.secret import Secret  # noqa: E402
from kiosk.simulator.card.card import VirtualCard  # noqa: E402
from kiosk.simulator.card.factory import build_card  # noqa: E402
from kiosk.simulator.driver import DEFAULT_NAMES, SimulatedDriver  # noqa: E402
from kiosk.simulator.patients.drawing import card_photo  # noqa: E402
from kiosk.simulator.patients.people import patient  # noqa: E402
from kiosk.simulator.vpcd import VpcdLink  # noqa: E402
from tests.fakes import pcscd  # noqa: E402
from tests.fakes.cards import authority  # noqa: E402
from tests.fakes.clock import MORNING  # noqa: E402
from tests.fakes.trust import demo_trust  # noqa: E402

WHO = "taro"
TOKEN = "JPKI (User Authentication PIN)"  # noqa: S105  # a label
SEEN_S = 20.0


class Counting:
    """A connection that counts."""

    def __init__(self, inner: CardConnection) -> None:
        self._inner = inner
        self.atr = inner.atr
        self.close = inner.close
        self.reset()

    def reset(self) -> None:
        self.commands = self.out = self.back = 0

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        self.commands += 1
        self.out += len(command.encode())
        response = self._inner.transmit(command)
        self.back += len(response.data) + 2
        return response

    def __enter__(self) -> Counting:  # noqa: PYI034
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def card() -> VirtualCard:
    made = build_card(patient(WHO), authority(), card_photo(WHO))
    assert isinstance(made, VirtualCard)
    return made


def printed(lying: VirtualCard) -> PrintedFields:
    assert lying.printed is not None
    fields = PrintedFields.of(
        lying.printed.era_birth.encode(),
        lying.printed.expiry_year.encode(),
        lying.printed.security_code.encode(),
    )
    assert fields is not None
    return fields


def count(*, long_reads: bool) -> None:
    """APDUs and bytes of each step, each in a powered session that goes on."""
    lying = card()
    driver = SimulatedDriver()
    driver.insert(lying)
    statement = Statement("1310000001", "K1", "01J", bytes(32), VerificationMethod.PIN, MORNING)
    with Counting(driver.connect(DEFAULT_NAMES[0])) as connection:
        session = CardSession(connection, extended_reads=long_reads)
        jpki = JpkiCard(session)

        def detect() -> None:
            assert jpki.select()
            jpki.token_kind()

        def whole() -> CardFacts:
            facts = read_card(session, demo_trust(), MORNING)
            assert isinstance(facts, CardFacts)
            return facts

        facts = whole()

        def sign() -> None:
            pin = Secret.of(patient(WHO).pin.encode())
            assert isinstance(verify_pin_and_sign(session, facts, pin, statement), PinSigned)

        def photo() -> None:
            assert isinstance(open_photo(session, facts, printed(lying), demo_trust()), PhotoOpened)

        steps: list[tuple[str, Callable[[], object]]] = [
            ("detect: SELECT, token kind", detect),
            ("certificate: SELECT file, read", jpki.read_certificate),
            ("whole reading: the two, presence, counter", whole),
            ("PIN + signature, counter first", sign),
            ("photo: open, read, its certificate", photo),
        ]
        for name, step in steps:
            connection.reset()
            step()
            reads = "long" if long_reads else "short"
            print(f"| {name} | {reads} | {connection.commands} | {connection.out} | {connection.back} |")


def timed(command: list[str], digits: bytes) -> float:
    began = time.monotonic()
    done = subprocess.run(command, input=digits, capture_output=True, check=False)
    took = time.monotonic() - began
    assert done.returncode == 0, done.stderr.decode()
    return took


def check(message: Path, signature: Path, certificate: Path) -> None:
    """Both must really have done it."""
    key = x509.load_der_x509_certificate(certificate.read_bytes()).public_key()
    assert isinstance(key, RSAPublicKey)
    key.verify(signature.read_bytes(), message.read_bytes(), PKCS1v15(), SHA256())
    signature.unlink()


def race(runs: int) -> None:
    digits = patient(WHO).pin.encode()
    with tempfile.TemporaryDirectory() as name, pcscd.PrivatePcscd() as service:
        folder = Path(name)
        message, signature, certificate = (folder / part for part in ("message", "signature", "certificate"))
        message.write_bytes(b"What the card signs.")
        files = [str(message), str(signature), str(certificate)]
        ours = [sys.executable, "-m", "bench.card_client", service.reader, *files]
        theirs = [
            *("pkcs11-tool", "--token-label", TOKEN, "--login", "--pin", digits.decode(), "--sign"),
            *("--mechanism", "SHA256-RSA-PKCS", "--id", "01"),
            *("--input-file", files[0], "--output-file", files[1]),
        ]
        seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
        with VpcdLink(port=service.port) as link:
            link.insert(card())
            listing = ["opensc-tool", "--list-readers"]
            assert pcscd.wait_until(
                lambda: b"Yes" in subprocess.run(listing, capture_output=True, check=False).stdout, SEEN_S
            )
            for run in range(runs + 1):
                for who, command in (("ours", ours), ("theirs", theirs)):
                    took = timed(command, digits + b"\n")
                    check(message, signature, certificate)
                    if run:  # the first of each warms the caches
                        seconds[who].append(took)
    ratios = [a / b for a, b in zip(seconds["ours"], seconds["theirs"], strict=True)]
    print("\n| cold process | min s | median s | max s |\n|---|---|---|---|")
    for who, title in (("ours", "ours"), ("theirs", "OpenSC's pkcs11-tool")):
        took = seconds[who]
        print(f"| {title} | {min(took):.3f} | {statistics.median(took):.3f} | {max(took):.3f} |")
    print(
        f"\nratio ours / OpenSC, pair by pair, of {runs} runs: median {statistics.median(ratios):.2f}, "
        f"from {min(ratios):.2f} to {max(ratios):.2f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    print("| step | reads | APDUs | bytes out | bytes back |\n|---|---|---|---|---|")
    for long_reads in (False, True):
        count(long_reads=long_reads)
    reason = pcscd.missing()
    if reason is not None:
        print(f"not timed: {reason}")
        return 3
    race(runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
