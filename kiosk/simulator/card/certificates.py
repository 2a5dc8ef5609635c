# SPDX-License-Identifier: Apache-2.0
"""X.509 certificates with the profile of the card's, issued by test authorities (facts: card.md 6)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from kiosk.simulator.patients.people import Patient

TEST_ORGANISATION = "UKETSUKE-TEST"
MUNICIPALITY_CODE = "99991"  # no prefecture has the number 99
_USER_UNIT = "JPKI for user authentication"
_SIGN_UNIT = "JPKI for digital signature"
_AGENCY_UNIT = "Japan Agency for Local Authority Information Systems"
_POLICY_USER = x509.ObjectIdentifier("1.2.392.200149.8.5.1.3.30")
_POLICY_SIGN = x509.ObjectIdentifier("1.2.392.200149.8.5.1.1.20")
_ATTRIBUTE_ARC = "1.2.392.200149.8.5.5"
_CPS = "http://www.jpki.go.jp/cps.html"
NO_RESPONDER = "http://ocsp.uketsuke.invalid/"  # reserved: such a host is nowhere
_CA_START = datetime(2014, 1, 1, tzinfo=UTC)
_CA_END = datetime(2075, 1, 1, tzinfo=UTC)
_CA_SERIAL = 1
END_OF_DAY = time(14, 59, 59)  # 23:59:59 in Japan


@dataclass(frozen=True, slots=True)
class Validity:
    """The first and the last day of a certificate."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """The moment from which it is valid."""
        return datetime.combine(self.first, time(), tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The last second, the end of the day in Japan."""
        return datetime.combine(self.last, END_OF_DAY, tzinfo=UTC)


def user_ca(key: RSAPrivateKey) -> x509.Certificate:
    """The authority that issues user-authentication certificates, signed by itself."""
    return _authority(_name(_USER_UNIT), key)


def sign_ca(key: RSAPrivateKey) -> x509.Certificate:
    """The authority that issues signature certificates, signed by itself."""
    return _authority(_name(_SIGN_UNIT), key)


def user_serial(patient_key: str) -> int:
    """The serial number of that patient's user-authentication certificate: four bytes, always the same."""
    return _serial("user", patient_key)


def user_certificate(
    patient: Patient,
    public_key: RSAPublicKey,
    issuer_key: RSAPrivateKey,
    validity: Validity,
    ocsp_url: str = NO_RESPONDER,
) -> x509.Certificate:
    """利用者証明用電子証明書: says nothing about the person but a number."""
    common_name = _common_name("user", patient.key)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    issuer = _name(_USER_UNIT)
    builder = (
        _leaf(subject, issuer, public_key, validity, user_serial(patient.key))
        .add_extension(_key_usage(non_repudiation=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(_policy(_POLICY_USER), critical=True)
    )
    return _with_services(builder, issuer, issuer_key, ocsp_url).sign(issuer_key, SHA256())


def responder_certificate(
    public_key: RSAPublicKey, issuer: x509.Certificate, issuer_key: RSAPrivateKey, validity: Validity
) -> x509.Certificate:
    """Whom the authority for user authentication lets answer OCSP in its place."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, TEST_ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, "OCSP Responder"),
        ]
    )
    return (
        _leaf(name, issuer.subject, public_key, validity, _serial("responder", "ocsp"))
        .add_extension(_key_usage(non_repudiation=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        .add_extension(x509.OCSPNoCheck(), critical=False)
        .sign(issuer_key, SHA256())
    )


def sign_certificate(
    patient: Patient,
    public_key: RSAPublicKey,
    issuer_key: RSAPrivateKey,
    validity: Validity,
    ocsp_url: str = NO_RESPONDER,
) -> x509.Certificate:
    """署名用電子証明書: carries name, sex, birth date and address as other names."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "Kaku-ku"),
            x509.NameAttribute(NameOID.COMMON_NAME, _common_name("sign", patient.key)),
        ]
    )
    issuer = _name(_SIGN_UNIT)
    attributes = (
        (1, patient.name),
        (3, patient.sex.value),
        (4, f"0{patient.birth:%Y%m%d}"),
        (5, patient.address),
    )
    other_names = [
        x509.OtherName(x509.ObjectIdentifier(f"{_ATTRIBUTE_ARC}.{arc}"), _utf8_string(text))
        for arc, text in attributes
    ]
    builder = (
        _leaf(subject, issuer, public_key, validity, _serial("sign", patient.key))
        .add_extension(_key_usage(non_repudiation=True), critical=True)
        .add_extension(_policy(_POLICY_SIGN), critical=True)
        .add_extension(x509.SubjectAlternativeName(other_names), critical=False)
    )
    return _with_services(builder, issuer, issuer_key, ocsp_url).sign(issuer_key, SHA256())


def _authority(name: x509.Name, key: RSAPrivateKey) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(_CA_SERIAL)
        .not_valid_before(_CA_START)
        .not_valid_after(_CA_END)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _leaf(
    subject: x509.Name, issuer: x509.Name, public_key: RSAPublicKey, validity: Validity, serial: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(validity.start)
        .not_valid_after(validity.end)
    )


def _with_services(
    builder: x509.CertificateBuilder, issuer: x509.Name, issuer_key: RSAPrivateKey, ocsp_url: str
) -> x509.CertificateBuilder:
    """What the two kinds have in common: where to ask about revocation, and the issuer's other name."""
    alternative = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "受付試験用認証局"),
        ]
    )
    point = x509.Name(
        [
            *issuer,
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "CRL Distribution Points"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Kakuu-to"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Kaku-ku CRLDP"),
        ]
    )
    return (
        builder.add_extension(x509.IssuerAlternativeName([x509.DirectoryName(alternative)]), critical=False)
        .add_extension(
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([x509.DirectoryName(point)], None, None, None)]
            ),
            critical=False,
        )
        .add_extension(
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp_url)
                    )
                ]
            ),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )


def _key_usage(*, non_repudiation: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=non_repudiation,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _policy(identifier: x509.ObjectIdentifier) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(identifier, [_CPS])])


def _name(unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, TEST_ORGANISATION),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, _AGENCY_UNIT),
        ]
    )


def _common_name(kind: str, patient_key: str) -> str:
    """23 characters: fourteen of no public meaning, the municipality's five, three digits and a letter."""
    digest = hashlib.sha256(f"{kind} common name {patient_key}".encode()).hexdigest().upper()
    return f"{digest[:14]}{MUNICIPALITY_CODE}001A"


def _serial(kind: str, patient_key: str) -> int:
    """Four bytes; the first keeps to 40..7F so that the number is positive and never shorter."""
    digest = hashlib.sha256(f"{kind} serial {patient_key}".encode()).digest()
    return int.from_bytes(bytes((0x40 | digest[0] & 0x3F,)) + digest[1:4], "big")


def _utf8_string(text: str) -> bytes:
    value = text.encode()
    size = len(value)
    prefix = bytes((size,)) if size < 0x80 else b"\x81" + bytes((size,))
    return b"\x0c" + prefix + value
