# SPDX-License-Identifier: Apache-2.0
"""Certificates: who signed them, and what they are worth on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from kiosk.auth.certificate.chain import (
    Verdict,
    check_certificate,
    end_of_grace,
    months_before,
    signed_by,
)
from kiosk.auth.certificate.trust import Trust
from kiosk.errors import ConfigurationError, FailureCode
from tests.fakes.trust import demo_trust

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
END = datetime(2026, 3, 27, 14, 59, 59, tzinfo=UTC)
DAY = timedelta(days=1)


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def name(organisation: str = "JPKI") -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)])


def made(
    issuer: str = "ca",
    *,
    subject_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None = None,
    organisation: str = "JPKI",
    start: datetime = datetime(2021, 3, 28, tzinfo=UTC),
    end: datetime = END,
    ca: bool | None = None,
    signs: bool | None = None,
    extra: x509.ExtensionType | None = None,
    critical: bool = True,
    padding: PSS | None = None,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name("someone"))
        .issuer_name(name(organisation))
        .public_key(subject_key or key("holder").public_key())
        .serial_number(7)
        .not_valid_before(start)
        .not_valid_after(end)
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if signs is not None:
        usage = [signs, False, not signs, False, False, False, False, False, False]
        builder = builder.add_extension(x509.KeyUsage(*usage), critical=True)
    if extra is not None:
        builder = builder.add_extension(extra, critical=critical)
    return builder.sign(key(issuer), SHA256(), rsa_padding=padding)


@cache
def authority(
    issuer: str = "ca", start: int = 2014, end: int = 2034, organisation: str = "JPKI"
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(name(organisation))
        .issuer_name(name(organisation))
        .public_key(key(issuer).public_key())
        .serial_number(1)
        .not_valid_before(datetime(start, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(end, 1, 1, tzinfo=UTC))
        .sign(key(issuer), SHA256())
    )


def trust(*authorities: x509.Certificate, allow_test: bool = False) -> Trust:
    return Trust.of(authorities or (authority(),), {}, allow_test=allow_test)


def verdict(certificate: x509.Certificate, now: datetime = NOW, anchors: Trust | None = None) -> Verdict:
    return check_certificate(certificate.public_bytes(Encoding.DER), anchors or trust(), now).verdict


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2025, 12, 26, 14, 59, 59, tzinfo=UTC), Verdict.VALID),  # 26 December in Tokyo, to its end
        (datetime(2025, 12, 26, 15, 0, tzinfo=UTC), Verdict.EXPIRING),
        (END, Verdict.EXPIRING),
        (END + timedelta(seconds=1), Verdict.GRACE),
        (datetime(2026, 6, 30, 14, 59, 59, tzinfo=UTC), Verdict.GRACE),
        (datetime(2026, 6, 30, 15, 0, tzinfo=UTC), Verdict.EXPIRED),
        (datetime(2021, 3, 27, tzinfo=UTC), Verdict.UNTRUSTED),
    ],
)
def test_dates(now: datetime, expected: Verdict) -> None:
    assert verdict(made(), now) is expected


@pytest.mark.parametrize(
    ("last_day", "grace"),
    [
        (date(2026, 3, 27), date(2026, 6, 30)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 1), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 3, 31)),
    ],
)
def test_grace_ends_with_a_month(last_day: date, grace: date) -> None:
    assert end_of_grace(last_day) == grace


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_the_notice_begins_about_three_months_before(day: date) -> None:
    assert 89 <= (day - months_before(day, 3)).days <= 92


def test_the_issuer_is_found_by_its_signature_not_its_name() -> None:
    generations = trust(authority("old", 2015, 2025), authority("older"), authority("ca"))
    assert verdict(made(), anchors=generations) is Verdict.GRACE
    assert verdict(made("stranger"), anchors=generations) is Verdict.UNTRUSTED
    assert verdict(made(), anchors=trust(authority("older"))) is Verdict.UNTRUSTED
    assert verdict(made(), anchors=Trust((), {})) is Verdict.UNTRUSTED


def test_three_generations_of_one_name_are_told_apart_by_their_keys() -> None:
    """As the user-authentication authorities are: one name, three keys, each of its own ten years."""
    first, second, third = (
        authority("first", 2015, 2025),
        authority("second", 2019, 2029),
        authority("third", 2023, 2033),
    )
    assert first.subject == second.subject == third.subject
    for generation, starts in (("first", 2019), ("second", 2022), ("third", 2025)):
        certificate = made(generation, start=datetime(starts, 6, 1, tzinfo=UTC))
        check = check_certificate(
            certificate.public_bytes(Encoding.DER), trust(first, second, third), END - 200 * DAY
        )
        assert check.verdict is Verdict.VALID
        assert check.issuer is {"first": first, "second": second, "third": third}[generation]
        others = [each for each in (first, second, third) if each is not check.issuer]
        assert verdict(certificate, END - 200 * DAY, trust(*others)) is Verdict.UNTRUSTED


def test_the_third_generation_did_not_issue_before_its_time() -> None:
    early = made("third", start=datetime(2022, 6, 1, tzinfo=UTC))
    assert verdict(early, END - 200 * DAY, trust(authority("third", 2023, 2033))) is Verdict.UNTRUSTED


@pytest.mark.parametrize("organisation", ["UKETSUKE-TEST", "JPKI-TEST"])
def test_files_of_test_hierarchies_are_refused_outside_a_demo(tmp_path: Path, organisation: str) -> None:
    file = tmp_path / "ca.pem"
    good, test = authority(), authority(organisation=organisation)
    file.write_bytes(good.public_bytes(Encoding.PEM) + test.public_bytes(Encoding.PEM))
    with pytest.raises(ConfigurationError) as raised:
        Trust.load([file], None, allow_test=False)
    assert raised.value.code is FailureCode.CONFIG_INVALID
    assert len(Trust.load([file], None, allow_test=True).authorities) == 2


def test_an_authority_may_have_ended_but_not_issued_out_of_its_time() -> None:
    assert verdict(made(), anchors=trust(authority(start=2020, end=2022))) is Verdict.GRACE
    assert verdict(made(), anchors=trust(authority(start=2014, end=2020))) is Verdict.UNTRUSTED
    assert verdict(made(), anchors=trust(authority(start=2022, end=2034))) is Verdict.UNTRUSTED


@pytest.mark.parametrize("organisation", ["UKETSUKE-TEST", "JPKI-TEST"])
def test_test_hierarchies_count_in_a_demo_only(organisation: str) -> None:
    certificate = made(organisation=organisation)
    assert verdict(certificate) is Verdict.UNTRUSTED
    root = authority(organisation=organisation)
    with pytest.raises(ConfigurationError) as raised:
        trust(root)
    assert raised.value.code is FailureCode.CONFIG_INVALID
    assert verdict(certificate, anchors=trust(root, allow_test=True)) is Verdict.GRACE


def test_certificates_of_another_kind_are_not_taken() -> None:
    assert verdict(made(ca=False, signs=True)) is Verdict.GRACE
    assert verdict(made(ca=True)) is Verdict.UNTRUSTED
    assert verdict(made(signs=False)) is Verdict.UNTRUSTED
    assert (
        verdict(made(subject_key=ec.generate_private_key(ec.SECP256R1()).public_key())) is Verdict.UNTRUSTED
    )
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()  # noqa: S505  # is to be refused
    assert verdict(made(subject_key=small)) is Verdict.UNTRUSTED


@pytest.mark.parametrize(
    ("extra", "critical", "expected"),
    [
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), True, Verdict.GRACE),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False, Verdict.UNTRUSTED),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), True, Verdict.UNTRUSTED),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True, Verdict.UNTRUSTED),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False, Verdict.GRACE),
        (x509.UnrecognizedExtension(ExtensionOID.KEY_USAGE, b"\xff\xff"), True, Verdict.UNREADABLE),
    ],
)
def test_what_a_certificate_demands_is_understood_or_it_does_not_count(
    extra: x509.ExtensionType, expected: Verdict, *, critical: bool
) -> None:
    assert verdict(made(extra=extra, critical=critical)) is expected


def test_signatures_of_another_form_and_ends_that_never_come() -> None:
    assert verdict(made(padding=PSS(MGF1(SHA256()), 32))) is Verdict.UNTRUSTED
    assert verdict(made(end=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))) is Verdict.UNREADABLE


def test_a_changed_byte_is_noticed() -> None:
    der = bytearray(made().public_bytes(Encoding.DER))
    der[-1] ^= 1
    assert check_certificate(bytes(der), trust(), NOW).verdict is Verdict.UNTRUSTED


@pytest.mark.parametrize("der", [b"", b"\x30\x00", b"\x30\x82\x00\x04abcd", bytes(70000)])
def test_what_is_no_certificate(der: bytes) -> None:
    check = check_certificate(der, trust(), NOW)
    assert check.verdict is Verdict.UNREADABLE
    assert check.key is None


@given(st.integers(0, 900), st.integers(1, 255))
def test_no_damage_raises(position: int, change: int) -> None:
    der = bytearray(made().public_bytes(Encoding.DER))
    der[position % len(der)] ^= change
    assert not check_certificate(bytes(der), trust(), NOW).verdict.counts


def test_every_bad_verdict_has_its_code_and_no_good_one() -> None:
    assert {v for v in Verdict if v.failure is None} == {v for v in Verdict if v.counts}


def test_signatures() -> None:
    digest = bytes(range(32))
    signature = key("holder").sign(digest, PKCS1v15(), Prehashed(SHA256()))
    public = key("holder").public_key()
    assert signed_by(public, digest, signature)
    assert not signed_by(public, digest, signature[:-1])
    assert not signed_by(public, bytes(32), signature)
    assert not signed_by(key("ca").public_key(), digest, signature)
    assert not signed_by(public, digest, b"")


def test_trust_is_read_from_files(tmp_path: Path) -> None:
    root = tmp_path / "ca.pem"
    root.write_bytes(authority().public_bytes(Encoding.PEM) + authority("old").public_bytes(Encoding.PEM))
    issuers = tmp_path / "cv.json"
    number = key("ca").public_key().public_numbers().n
    issuers.write_text(f'{{"{"35" * 16}": {{"modulus": "{number:x}", "exponent": "10001"}}}}')
    loaded = Trust.load([root], issuers, allow_test=False)
    assert len(loaded.authorities) == 2
    assert loaded.cv_issuers[b"5" * 16].modulus == number


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"35": {"modulus": "1", "exponent": "3"}}', '{"zz": 1}', '{"' + "35" * 16 + '": 1}'],
)
def test_trust_files_that_hold_something_else(tmp_path: Path, content: str) -> None:
    root, issuers = tmp_path / "ca.pem", tmp_path / "cv.json"
    root.write_bytes(authority().public_bytes(Encoding.PEM))
    issuers.write_text(content)
    with pytest.raises(ConfigurationError) as raised:
        Trust.load([root], issuers, allow_test=True)
    assert raised.value.code is FailureCode.CONFIG_INVALID
    root.write_text("no certificate")
    with pytest.raises(ConfigurationError):
        Trust.load([root], None, allow_test=True)
    with pytest.raises(ConfigurationError) as missing:
        Trust.load([tmp_path / "absent"], None, allow_test=True)
    assert missing.value.code is FailureCode.CONFIG_MISSING


def test_the_simulators_issuers_are_refused_outside_a_demo() -> None:
    demo = demo_trust()
    with pytest.raises(ConfigurationError):
        Trust.of((), demo.cv_issuers, allow_test=False)
