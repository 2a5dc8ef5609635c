# SPDX-License-Identifier: Apache-2.0
"""OpenSC, which knows real cards and nothing of us, takes the simulated card for one."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.reader.cards.jpki import JpkiCard
from kiosk.reader.pcsc.driver import PcscDriver
from kiosk.reader.pcsc.library import load_scard
from kiosk.reader.ports import CardPresence
from kiosk.reader.session import CardSession
from kiosk.simulator.card.card import VirtualCard
from kiosk.simulator.card.holder import sign_password
from kiosk.simulator.card.options import ATR_CONTACTLESS, CardOptions
from kiosk.simulator.card.pki import HolderMaterial
from kiosk.simulator.card.references import ReferenceName
from kiosk.simulator.patients.people import patient
from kiosk.simulator.vpcd import VpcdLink
from tests.fakes import pcscd
from tests.fakes.cards import authority, card_of

PROGRAMS = ("opensc-tool", "pkcs15-tool", "pkcs11-tool", "openssl")
COMMAND_TIMEOUT_S = 180
SEEN_TIMEOUT_S = 60.0
USER_TOKEN = "JPKI (User Authentication PIN)"


def missing() -> str | None:
    for program in PROGRAMS:
        if shutil.which(program) is None:
            return f"{program} is not installed"
    return pcscd.missing()


pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(missing() is not None, reason=missing() or ""),
]


@pytest.fixture(scope="module")
def service() -> Iterator[pcscd.PrivatePcscd]:
    with pcscd.PrivatePcscd() as running:
        yield running


@pytest.fixture
def link(service: pcscd.PrivatePcscd) -> Iterator[VpcdLink]:
    with VpcdLink(port=service.port) as opened:
        yield opened
    assert pcscd.wait_until(lambda: not card_is_seen(), SEEN_TIMEOUT_S)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_TIMEOUT_S, check=False)


def output(*command: str) -> str:
    done = run(*command)
    assert done.returncode == 0, done.stderr
    return done.stdout


def card_is_seen() -> bool:
    return re.search(r"^0\s+Yes", run("opensc-tool", "--list-readers").stdout, re.MULTILINE) is not None


def lay(link: VpcdLink, card: VirtualCard) -> VirtualCard:
    link.insert(card)
    assert pcscd.wait_until(card_is_seen, SEEN_TIMEOUT_S)
    return card


def pkcs15(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run("pkcs15-tool", "--reader", "0", *arguments)


def tries_left() -> list[int]:
    done = pkcs15("--list-pins")
    assert done.returncode == 0, done.stderr
    return [int(number) for number in re.findall(r"Tries left\s*: (\d+)", done.stdout)]


def hanako() -> HolderMaterial:
    return authority().material(patient("hanako"))


def test_the_card_is_recognised_and_all_its_objects_are_listed(link: VpcdLink) -> None:
    lay(link, card_of())
    assert output("opensc-tool", "--reader", "0", "--name").strip() == "jpki"
    atr = output("opensc-tool", "--reader", "0", "--atr").strip()
    assert bytes.fromhex(atr.replace(":", "")) == ATR_CONTACTLESS
    dump = pkcs15("--dump")
    assert dump.returncode == 0, dump.stderr
    for title in (
        "PIN [User Authentication PIN]",
        "PIN [Digital Signature PIN]",
        "Private RSA Key [User Authentication Key]",
        "Private RSA Key [Digital Signature Key]",
        "X.509 Certificate [User Authentication Certificate]",
        "X.509 Certificate [Digital Signature Certificate]",
        "X.509 Certificate [User Authentication Certificate CA]",
        "X.509 Certificate [Digital Signature Certificate CA]",
    ):
        assert title in dump.stdout


def test_certificates_are_read_as_they_were_issued(link: VpcdLink, tmp_path: Path) -> None:
    lay(link, card_of(options=CardOptions(certificate_filler=30)))
    anchors = authority().trust_anchors()
    for identifier, expected in (
        ("01", hanako().user_certificate),
        ("03", anchors.user_ca),
        ("04", anchors.sign_ca),
    ):
        file = tmp_path / f"{identifier}.pem"
        assert pkcs15("--read-certificate", identifier, "--output", str(file)).returncode == 0
        assert x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(Encoding.DER) == expected


def test_the_signature_certificate_wants_its_password(link: VpcdLink, tmp_path: Path) -> None:
    lay(link, card_of())
    file = tmp_path / "sign.pem"
    reading = ("--read-certificate", "02", "--output", str(file))
    assert pkcs15(*reading).returncode != 0
    assert not file.exists() or not file.read_bytes()
    password = sign_password(patient("hanako"))
    done = pkcs15(*reading, "--auth-id", "02", "--verify-pin", "--pin", password)
    assert done.returncode == 0, done.stderr
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    assert certificate.public_bytes(Encoding.DER) == hanako().sign_certificate


def test_pins_are_counted_as_opensc_counts_them(link: VpcdLink) -> None:
    card = lay(link, card_of())
    verify = ("--verify-pin", "--auth-id", "01", "--pin")
    assert tries_left() == [3, 5]
    assert "incorrect" in pkcs15(*verify, "0000").stderr
    assert tries_left() == [2, 5]
    assert pkcs15(*verify, "2580").returncode == 0
    assert tries_left() == [3, 5]
    card.set_tries(ReferenceName.JPKI_USER_PIN, 1)
    assert "incorrect" in pkcs15(*verify, "0000").stderr
    assert card.tries(ReferenceName.JPKI_USER_PIN) == 0
    assert "not usable" in pkcs15(*verify, "2580").stderr


def test_a_card_without_usable_pins_still_lists(link: VpcdLink) -> None:
    lay(link, card_of("masao"))
    assert tries_left() == [0, 0]


def test_a_blocked_pin_is_seen_as_blocked_and_stays_so(link: VpcdLink) -> None:
    card = lay(link, card_of("yuki"))
    verify = ("--verify-pin", "--auth-id", "01", "--pin", patient("yuki").pin)
    assert tries_left()[0] == 0
    for _ in range(2):
        refused = pkcs15(*verify)
        assert refused.returncode != 0
        assert "not usable" in refused.stderr
    assert card.tries(ReferenceName.JPKI_USER_PIN) == 0
    login = run(
        "pkcs11-tool", "--token-label", USER_TOKEN, "--login", "--pin", patient("yuki").pin, "--list-objects"
    )
    assert login.returncode != 0


@pytest.mark.parametrize(
    ("command", "sw"),
    [
        ("00A4040007A0000000620202", "6A82"),
        ("00A4040C07A0000000620202", "6A82"),
        ("00A4000C023F00", "6A82"),
        ("00CADF3005", "6D00"),
        ("00CB3FFF035C017E08", "6D00"),
    ],
)
def test_what_is_meant_for_other_cards_is_refused(link: VpcdLink, command: str, sw: str) -> None:
    lay(link, card_of())
    said = output("opensc-tool", "--reader", "0", "--send-apdu", command)
    assert f"SW1=0x{sw[:2]}, SW2=0x{sw[2:]}" in said


def test_a_card_without_signature_certificate_signs_all_the_same(link: VpcdLink, tmp_path: Path) -> None:
    lay(link, card_of(options=CardOptions(signature_certificate=False)))
    message, signature = tmp_path / "message", tmp_path / "signature"
    message.write_bytes(b"What the card signs.")
    output(
        *("pkcs11-tool", "--token-label", USER_TOKEN, "--login", "--pin", "2580", "--sign", "--id", "01"),
        *("--mechanism", "SHA256-RSA-PKCS", "--input-file", str(message), "--output-file", str(signature)),
    )
    assert len(signature.read_bytes()) == 256


def test_a_signature_made_through_pkcs11_holds(link: VpcdLink, tmp_path: Path) -> None:
    card = lay(link, card_of())
    message, signature, public = (tmp_path / name for name in ("message", "signature", "public.pem"))
    message.write_bytes(b"What the card signs.")
    certificate = tmp_path / "user.pem"
    certificate.write_bytes(
        x509.load_der_x509_certificate(hanako().user_certificate).public_bytes(Encoding.PEM)
    )
    signing = ("--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "01", "--input-file", str(message))
    output(
        *("pkcs11-tool", "--token-label", USER_TOKEN, "--login", "--pin", "2580"),
        *signing,
        *("--output-file", str(signature)),
    )
    public.write_text(output("openssl", "x509", "-in", str(certificate), "-pubkey", "-noout"))
    verified = run(
        *("openssl", "dgst", "-sha256", "-verify", str(public), "-signature", str(signature), str(message))
    )
    assert verified.stdout.strip() == "Verified OK"
    assert card.tries(ReferenceName.JPKI_USER_PIN) == 3


def test_our_reader_finds_the_card_as_it_should_after_opensc_used_it(
    link: VpcdLink, service: pcscd.PrivatePcscd
) -> None:
    lay(link, card_of())
    assert pkcs15("--verify-pin", "--auth-id", "01", "--pin", "2580").returncode == 0
    driver = PcscDriver(load_scard())
    try:
        lying = {state.name: state.card for state in driver.snapshot().readers}
        assert lying[service.reader] is CardPresence.PRESENT
        with driver.connect(service.reader) as connection:
            card = JpkiCard(CardSession(connection))
            assert card.select()
            assert card.read_certificate() == hanako().user_certificate
    finally:
        driver.close()
