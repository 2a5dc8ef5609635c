# SPDX-License-Identifier: Apache-2.0
"""The keys and certificates of the simulated cards, and where relying parties find what to trust."""

from __future__ import annotations

import json
import multiprocessing
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import EnvironmentProblem, FailureCode
from kiosk.simulator.card.certificates import user_serial
from kiosk.simulator.card.keystore import KeyStore
from kiosk.simulator.card.pki import (
    TestAuthority,
    current_validity,
    expired_validity,
    grace_end,
)
from kiosk.simulator.card.printed import card_expiry
from kiosk.simulator.patients.people import PATIENTS, patient
from tests.fakes.cards import authority, authority_at
from tests.fakes.clock import MORNING, FakeClock


def certificate_of(key: str, source: TestAuthority | None = None) -> x509.Certificate:
    return x509.load_der_x509_certificate((source or authority()).material(patient(key)).user_certificate)


def test_the_user_certificate_has_the_cards_profile() -> None:
    certificate = certificate_of("hanako")
    issuer = [attribute.value for attribute in certificate.issuer]
    assert issuer == [
        "JP",
        "UKETSUKE-TEST",
        "JPKI for user authentication",
        "Japan Agency for Local Authority Information Systems",
    ]
    assert certificate.version is x509.Version.v3
    assert certificate.serial_number.bit_length() in range(25, 32)
    assert certificate.serial_number == user_serial("hanako")
    assert [attribute.oid for attribute in certificate.subject] == [NameOID.COUNTRY_NAME, NameOID.COMMON_NAME]
    common_name = str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    assert len(common_name) == 23
    assert common_name[14:19] == "99991"
    assert common_name[19:22].isdigit()
    extensions = certificate.extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.content_commitment
    purpose = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purpose) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    policies = extensions.get_extension_for_class(x509.CertificatePolicies)
    assert policies.critical
    assert [policy.policy_identifier.dotted_string for policy in policies.value] == [
        "1.2.392.200149.8.5.1.3.30"
    ]
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [entry.access_method for entry in access] == [AuthorityInformationAccessOID.OCSP]
    assert extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0].full_name
    assert certificate.signature_algorithm_oid.dotted_string == "1.2.840.113549.1.1.11"
    assert 1200 < len(certificate.public_bytes(Encoding.DER)) < 1700


def test_it_ends_at_the_end_of_a_birthday_in_japan() -> None:
    for person in PATIENTS[:3]:
        end = certificate_of(person.key).not_valid_after_utc
        assert (end.hour, end.minute, end.second) == (14, 59, 59)
        assert (end.month, end.day) == (person.birth.month, person.birth.day)
        assert end > MORNING + timedelta(days=120)


def test_the_certificate_says_nothing_about_the_person() -> None:
    der = authority().material(patient("hanako")).user_certificate
    for known in ("花子", "架空区", "19760327"):
        assert known.encode() not in der


def test_the_expired_one_is_beyond_its_grace() -> None:
    certificate = certificate_of("akira")
    assert certificate.not_valid_after_utc.date() == date(2026, 2, 11)
    assert grace_end(date(2026, 2, 11)) == date(2026, 5, 31)
    earlier = authority_at(FakeClock(datetime(2026, 5, 31, 3, tzinfo=UTC)))
    assert certificate_of("akira", earlier).not_valid_after_utc.date() == date(2025, 2, 11)


DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2060, 1, 1))


@given(today=DAYS)
def test_validity_always_suits_the_day(today: date) -> None:
    for person in PATIENTS:
        now = current_validity(person, today)
        assert now.first < today
        assert now.last > today + timedelta(days=120)
        assert now.last <= card_expiry(person, today)
        assert (now.last.month, now.last.day) == (person.birth.month, person.birth.day)
        gone = expired_validity(person, today)
        assert gone.first < gone.last
        assert grace_end(gone.last) < today <= grace_end(gone.last.replace(year=gone.last.year + 1))


def test_certificates_stay_until_they_are_about_to_end(tmp_path: Path) -> None:
    clock = FakeClock()
    store = TestAuthority(tmp_path, clock)
    first = store.material(patient("taro")).user_certificate
    clock.advance(200 * 86400)
    assert TestAuthority(tmp_path, clock).material(patient("taro")).user_certificate == first
    end = x509.load_der_x509_certificate(first).not_valid_after_utc
    clock.jump(end - timedelta(days=60))
    later = TestAuthority(tmp_path, clock).material(patient("taro")).user_certificate
    assert x509.load_der_x509_certificate(later).not_valid_after_utc > end


def test_relying_parties_find_their_anchors_as_files() -> None:
    anchors = authority().trust_anchors()
    for file, der in ((anchors.user_ca_file, anchors.user_ca), (anchors.sign_ca_file, anchors.sign_ca)):
        assert x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(Encoding.DER) == der
    issuers = json.loads(anchors.cv_issuers_file.read_text())
    assert {bytes.fromhex(key) for key in issuers} == {b"9000033000000001", b"9000023000000001"}
    for key, numbers in issuers.items():
        known = anchors.cv_issuers[bytes.fromhex(key)]
        assert int(numbers["modulus"], 16) == known.modulus
        assert int(numbers["exponent"], 16) == known.exponent == 65537


def test_files_are_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "cache"
    TestAuthority(folder, FakeClock()).trust_anchors()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.rglob("*.pem"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", [b"", b"not a key", None])
def test_what_is_unreadable_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    person = patient("hanako")
    before = TestAuthority(tmp_path, FakeClock()).material(person)
    for name in ("keys/hanako-user.pem", "certificates/hanako-user.der", "user-ca.pem"):
        if damage is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(damage)
    fresh = TestAuthority(tmp_path, FakeClock())
    after = fresh.material(person)
    assert after.user_key.public_key() != before.user_key.public_key()
    certificate = x509.load_der_x509_certificate(after.user_certificate)
    assert certificate.public_key() == after.user_key.public_key()
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(fresh.trust_anchors().user_ca))


def test_a_new_authority_key_reissues_what_the_old_one_signed(tmp_path: Path) -> None:
    person = patient("hanako")
    TestAuthority(tmp_path, FakeClock()).material(person)
    (tmp_path / "keys/user-ca.pem").unlink()
    fresh = TestAuthority(tmp_path, FakeClock())
    certificate = x509.load_der_x509_certificate(fresh.material(person).user_certificate)
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(fresh.trust_anchors().user_ca))


def _public_key_of(folder: str) -> int:
    return KeyStore(Path(folder)).key("shared").public_key().public_numbers().n


def test_two_processes_at_once_get_the_same_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.map(_public_key_of, [str(tmp_path)] * 2, chunksize=1)
    assert first == second
    assert not list(tmp_path.rglob(".new-*"))


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem) as caught:
        KeyStore(tmp_path / "file" / "cache")
    assert caught.value.code is FailureCode.FOLDER_MISSING
