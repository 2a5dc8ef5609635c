# SPDX-License-Identifier: Apache-2.0
"""Every parser of the product as a function of bytes, which may raise errors of ours and nothing else.

Each comes with inputs that are well, from which a fuzzer starts.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from kiosk import settings
from kiosk.auth import dialogue
from kiosk.auth.certificate.chain import check_certificate
from kiosk.auth.certificate.crl import read_lists, standing_in
from kiosk.auth.certificate.cv import CvCertificate, certified_key, check_face, face_evidence
from kiosk.auth.certificate.ocsp import Question, read_answer
from kiosk.auth.certificate.text import check_text
from kiosk.auth.evidence import Statement, VerificationMethod
from kiosk.eligibility import codec_json, codec_xml
from kiosk.eligibility.message import Spelling, strange, typed
from kiosk.eligibility.model import NumberRequest
from kiosk.eligibility.other_messages import (
    BulkAnswer,
    BulkRequest,
    RecordsAnswer,
    ReferenceAnswer,
    ReferenceRequest,
)
from kiosk.eligibility.request import InsuranceNumbers, number_check_body, number_request
from kiosk.errors import KioskError
from kiosk.reader.apdu import CommandApdu, ResponseApdu, describe
from kiosk.reader.cards.common import CommonRecord
from kiosk.reader.cards.jpki import TokenKind
from kiosk.reader.cards.text import TextAttributes, TextSignatures
from kiosk.reader.cards.visual import CardFace
from kiosk.reader.identity import identity_of
from kiosk.reader.session import MAX_FILE, CardSession
from kiosk.reader.status import TryCounter, meaning, tries_from_sw
from kiosk.reader.surface.parse import GregorianDate, is_birth_date, parse_birth
from kiosk.reader.surface.ports import PrintedFields
from kiosk.reader.tlv import Children, Head, Tlv
from kiosk.secret import Secret
from kiosk.simulator.card.card import VirtualCard
from kiosk.simulator.card.commands import Refusal
from kiosk.simulator.card.commands import parse as parse_command
from kiosk.simulator.card.printed import PrintedFields as CardPrint
from kiosk.simulator.remote import obey, order_in
from kiosk.simulator.world import SimulatedWorld
from tests.fakes import revocation as fake_revocation
from tests.fakes.cards import authority, card_of
from tests.fakes.checks import key_no
from tests.fakes.clock import MORNING
from tests.fakes.outbox import answer
from tests.fakes.trust import demo_trust

_TODAY = date(2026, 6, 1)
_STATEMENT = Statement("1310000001", "K1", "01J", bytes(32), VerificationMethod.PIN, MORNING)
_VISUAL = bytes.fromhex("D3921000310001010402")
_TEXT = bytes.fromhex("D3921000310001010408")
_COMMON = bytes.fromhex("D3921000310001010100")
_JPKI = bytes.fromhex("D392F000260100000001")

Parser = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Target:
    """One parser, what to begin with, and its share of a run in thousands of inputs."""

    parse: Parser
    seeds: Callable[[], list[bytes]]
    thousands: float
    longest: int = 4096


class _Answers:
    """A card that gives pieces of one input as answers, whatever is asked: length, data, status word."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.atr = b""
        self.presented = 0

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        if command.ins == 0x20 and command.lc:
            self.presented += 1
        describe(command)
        if not self._data:
            return ResponseApdu(b"", 0x6A82)
        size = int.from_bytes(self._data[:2], "big") % 2050
        piece, self._data = self._data[2 : 2 + size], self._data[2 + size :]
        response = ResponseApdu.parse(piece)
        return response if response is not None else ResponseApdu(b"", 0x9000)

    def close(self) -> None:
        """It is no card."""

    def __enter__(self) -> _Answers:  # noqa: PYI034
        return self

    def __exit__(self, *_: object) -> None:
        """It is no card."""


def _say(*answers: bytes) -> bytes:
    return b"".join(len(item).to_bytes(2, "big") + item for item in answers)


# --- the card's content ----------------------------------------------------------------------------------


def tlv(data: bytes) -> None:
    """Objects, heads and children."""
    for step in (Head.read, Tlv.parse, Children.parse):
        with suppress(KioskError):
            found = step(data)
            repr(found)
            if isinstance(found, Tlv):
                assert len(found.raw) <= len(data)
                with suppress(KioskError):
                    found.children()


def card_face(data: bytes) -> None:
    """The card's face, its dates and the chain over it."""
    face = CardFace.parse(data)
    repr((face, face.birth_date, len(face.photo_jp2)))
    check_face(face_evidence(face, _cv()), demo_trust().cv_issuers)


def cv_certificate(data: bytes) -> None:
    """A card-verifiable certificate, and the face under it."""
    with suppress(KioskError):
        CvCertificate.parse(data)
        certified_key(data, demo_trust().cv_issuers)
    check_face(face_evidence(_face(), data), demo_trust().cv_issuers)


def certificate(data: bytes) -> None:
    """A user-authentication certificate, which never raises at all."""
    repr(check_certificate(data, demo_trust(), MORNING))


def revocation_list(data: bytes) -> None:
    """A CRL, and what it says."""
    lists = read_lists(data, demo_trust().authorities)
    if isinstance(lists, tuple):
        known = _certificate()
        standing_in(lists, known, demo_trust().authorities[0], MORNING, timedelta(days=7))


def ocsp_answer(data: bytes) -> None:
    """An OCSP responder's answer."""
    question = Question(_certificate(), demo_trust().authorities[0], bytes(16))
    repr(read_answer(data, question, MORNING))


def text_files(data: bytes) -> None:
    """The four attributes, or the signatures over them."""
    with suppress(KioskError):
        attributes = TextAttributes.parse(data)
        repr((attributes.name_text, attributes.address_text, attributes.birth_date, attributes))
        check_text(attributes, _text_signatures(), _text_cv(), demo_trust().cv_issuers)
    with suppress(KioskError):
        check_text(_text_attributes(), TextSignatures.parse(data), _text_cv(), demo_trust().cv_issuers)


def common_record(data: bytes) -> None:
    """The free record."""
    repr(CommonRecord.parse(data))


def apdu(data: bytes) -> None:
    """An answer, its status word; and the same bytes as a command to the simulated card."""
    response = ResponseApdu.parse(data)
    if response is not None:
        repr((response, meaning(response.sw), tries_from_sw(response.sw)))
    with suppress(Refusal):
        parse_command(data)
    assert len(_card().transmit(data)) >= 2


def dialogue_of_card(data: bytes) -> None:
    """A card that says anything: everything that is said to a card, with bounds on what it may make us do."""
    known = _facts()
    for number, job in enumerate(_JOBS):
        card = _Answers(data)
        session = CardSession(card, extended_reads=number % 2 == 0)
        session.begin_job()
        if number:
            session.identity = known.identity
        try:
            result = job(session, known)
        except KioskError:
            result = None
        assert card.presented <= 1
        assert not isinstance(result, dialogue.PinSigned | dialogue.VisuallySigned | dialogue.PhotoOpened)


def file_of_card(data: bytes) -> None:
    """A whole object, by a card that gives it in any pieces."""
    assert len(CardSession(_Answers(data), extended_reads=True).read_object()) <= MAX_FILE


def _verify(session: CardSession, known: dialogue.CardFacts) -> object:
    pin = Secret.of(b"1470")
    return dialogue.verify_pin_and_sign(session, known, pin, _STATEMENT)


def _photo(session: CardSession, known: dialogue.CardFacts) -> object:
    printed = PrintedFields.of(b"570203", b"2031", b"1234")
    assert printed is not None
    return dialogue.open_photo(session, known, printed, demo_trust())


def _sign_visually(session: CardSession, known: dialogue.CardFacts) -> object:
    return dialogue.sign_with_visual_key(session, known, _STATEMENT, face_evidence(_face(), _cv()))


_JOBS: tuple[Callable[[CardSession, dialogue.CardFacts], object], ...] = (
    lambda session, _: dialogue.read_card(session, demo_trust(), MORNING),
    _verify,
    _photo,
    lambda session, _: dialogue.read_pin_tries(session),
    _sign_visually,
)


def printed_face(data: bytes) -> None:
    """What was recognised on the card's face, and what was typed."""
    birth = parse_birth(data)
    if birth is not None and not isinstance(birth, GregorianDate):
        is_birth_date(birth, _TODAY)
    fields = PrintedFields.of(data[:6], data[6:10], data[10:])
    if fields is not None:
        assert len(fields.number_b) == 14
        fields.clear()


# --- what comes over the wire ----------------------------------------------------------------------------


def message_xml(data: bytes) -> None:
    """An answer in XML, with what it says and what is strange in it; what can be read can be written."""
    answer = codec_xml.parse_answer(data)
    for part in (answer, answer.header, answer.body, *answer.results):
        typed(part)
    for one in strange(answer):
        str(one)
    for spelling in Spelling:
        codec_xml.write(answer, codec_xml.Encoding.CP932, spelling)
    codec_xml.write(answer)


def other_xml(data: bytes) -> None:
    """The other messages of the terminal."""
    for kind in (NumberRequest, BulkRequest, BulkAnswer, ReferenceRequest, ReferenceAnswer, RecordsAnswer):
        with suppress(KioskError):
            codec_xml.write(codec_xml.parse(kind, data))


def number_body(data: bytes) -> None:
    """The body of a check by number, as it waits in the queue and goes into a folder."""
    with suppress(ValueError, RecursionError):
        body = json.loads(data)
        if isinstance(body, dict):
            codec_xml.write(number_request(body, key_no(1)))


def message_json(data: bytes) -> None:
    """XmlMsg as JSON; what could be read can be written."""
    codec_json.write(codec_json.parse_answer(data))


class _NoWorld:
    """A world in which orders are taken and nothing happens."""

    def __getattr__(self, name: str) -> object:
        return _NoWorld()

    def __call__(self, *_: object) -> object:
        return ""


def control_order(data: bytes) -> None:
    """One line on a demo's control socket."""
    order = order_in(data)
    if order is not None:
        reply = obey(cast("SimulatedWorld", _NoWorld()), order)
        assert reply["ok"] in {True, False}


def settings_file(data: bytes) -> None:
    """A technician's TOML."""
    file = _scratch() / "settings.toml"
    file.write_bytes(data)
    settings.load(file)


# --- inputs that are well --------------------------------------------------------------------------------


@cache
def _scratch() -> Path:
    shared = Path("/dev/shm")  # noqa: S108  # a file a thousand times a second
    return Path(tempfile.mkdtemp(prefix="uketsuke-fuzz-", dir=shared if shared.is_dir() else None))


@cache
def _card() -> VirtualCard:
    card = card_of("taro")
    card.power_on()
    return card


@cache
def _read(aid: bytes, file: int, number: bytes = b"") -> bytes:
    card = card_of("taro")
    card.power_on()
    card.transmit(b"\x00\xa4\x04\x0c" + bytes((len(aid),)) + aid)
    if number:
        reference, secret = number[:2], number[2:]
        card.transmit(b"\x00\xa4\x02\x0c\x02" + reference)
        assert card.transmit(b"\x00\x20\x00\x80" + bytes((len(secret),)) + secret) == b"\x90\x00"
    card.transmit(b"\x00\xa4\x02\x0c\x02" + file.to_bytes(2, "big"))
    content = card.transmit(b"\x00\xb0\x00\x00\x00\x00\x00")
    assert content[-2:] == b"\x90\x00"
    return content[:-2]


def _number_b(reference: int) -> bytes:
    printed = _card().printed
    assert isinstance(printed, CardPrint)
    digits = printed.era_birth + printed.expiry_year + printed.security_code
    return reference.to_bytes(2, "big") + digits.encode()


@cache
def _face() -> CardFace:
    return CardFace.parse(_read(_VISUAL, 0x0002, _number_b(0x0012)))


@cache
def _cv() -> bytes:
    return _read(_VISUAL, 0x0004)


@cache
def _text_cv() -> bytes:
    return _read(_TEXT, 0x0004)


@cache
def _text_attributes() -> TextAttributes:
    return TextAttributes.parse(_read(_TEXT, 0x0002, _number_b(0x0015)))


@cache
def _text_signatures() -> TextSignatures:
    return TextSignatures.parse(_read(_TEXT, 0x0003, _number_b(0x0015)))


@cache
def _certificate() -> x509.Certificate:
    return x509.load_der_x509_certificate(_read(_JPKI, 0x000A))


@cache
def _facts() -> dialogue.CardFacts:
    der = _read(_JPKI, 0x000A)
    return dialogue.CardFacts(
        token_kind=TokenKind.CARD,
        certificate=der,
        check=check_certificate(der, demo_trust(), MORNING),
        tries=TryCounter(3),
        presence=None,
        fingerprint="",
        identity=identity_of(der),
    )


def _lists() -> list[bytes]:
    serial = _certificate().serial_number
    lists = [
        fake_revocation.revocation_list(),
        fake_revocation.revocation_list([serial, 7], reason=x509.ReasonFlags.key_compromise),
    ]
    return [item.public_bytes(Encoding.DER) for item in lists] + [lists[1].public_bytes(Encoding.PEM)]


def _ocsp() -> list[bytes]:
    """Good and revoked, signed by the issuer, to the question that the target asks."""
    authority_of = authority().user_issuer()
    answers = []
    for status, since in ((ocsp.OCSPCertStatus.GOOD, None), (ocsp.OCSPCertStatus.REVOKED, MORNING)):
        built = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=_certificate(),
                issuer=authority_of.certificate,
                algorithm=SHA1(),  # noqa: S303  # a name, not a proof
                cert_status=status,
                this_update=MORNING,
                next_update=MORNING + timedelta(days=1),
                revocation_time=since,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, authority_of.certificate)
            .add_extension(x509.OCSPNonce(bytes(16)), critical=False)
        )
        answers.append(built.sign(authority_of.key, SHA256()).public_bytes(Encoding.DER))
    return answers


def _talk() -> list[bytes]:
    done, der = b"\x90\x00", _read(_JPKI, 0x000A)
    token = _read(_JPKI, 0x0006)[:32]
    reading = (done, done, token + done, done, b"\x8f\x8f\x00" + done, done, der + done, done, b"\x63\xc3")
    signing = (done, done, b"\x63\xc3", done, done, bytes(256) + done)
    opening = (done, done, b"\x63\xca", done, done, bytes(64) + done)
    return [_say(*reading), _say(*signing), _say(*opening), _say(b"\x61\x10", b"\x6c\x10")]


def _number_body() -> bytes:
    numbers = InsuranceNumbers("138999", "4260", "19760327", "12-34", "1", limit_consent=True)
    return json.dumps(number_check_body(numbers, MORNING, "1310000001")).encode()


def _request() -> bytes:
    return codec_xml.write(number_request(json.loads(_number_body()), key_no(1)))


def _xml() -> bytes:
    return codec_xml.write(codec_json.parse_answer(answer(key_no(1))))


def _orders() -> list[bytes]:
    orders: list[dict[str, object]] = [
        {"do": "insert", "patient": "taro"},
        {"do": "tries", "patient": "taro", "reference": "jpki_user_pin", "tries": 2},
        {"do": "camera", "patient": None},
        {"do": "light", "level": "dim"},
        {"do": "upstream", "mode": "down"},
    ]
    return [json.dumps(order).encode() for order in orders]


TARGETS: dict[str, Target] = {
    "tlv": Target(tlv, lambda: [_cv(), b"\xff\x20\x82\x00\x03abc\xff", b"\xff\x10\x0c0123"], 250),
    "card_face": Target(card_face, lambda: [_read(_VISUAL, 0x0002, _number_b(0x0012))[:4096]], 200),
    "cv_certificate": Target(cv_certificate, lambda: [_cv(), _text_cv()], 100, 1024),
    "certificate": Target(certificate, lambda: [_read(_JPKI, 0x000A), _read(_JPKI, 0x000B)], 100),
    "revocation_list": Target(revocation_list, _lists, 60),
    "ocsp_answer": Target(ocsp_answer, _ocsp, 60),
    "text_files": Target(
        text_files,
        lambda: [_read(_TEXT, 0x0002, _number_b(0x0015)), _read(_TEXT, 0x0003, _number_b(0x0015))],
        150,
        1024,
    ),
    "common_record": Target(common_record, lambda: [b"\x01\x1c" + b"1" * 28], 100, 256),
    "apdu": Target(
        apdu,
        lambda: [b"\x00\xa4\x04\x0c\x0a" + _JPKI, b"\x00\xb0\x00\x00\x00", b"\x00\x20\x00\x80\x041470"],
        100,
        512,
    ),
    "dialogue_of_card": Target(dialogue_of_card, _talk, 40),
    "file_of_card": Target(file_of_card, lambda: [_say(_cv() + b"\x90\x00"), *_talk()], 60),
    "printed_face": Target(
        printed_face,
        lambda: ["昭和57年2月3日生".encode(), "平成元年12月31日".encode(), b"57020320311234"],
        150,
        128,
    ),
    "message_xml": Target(message_xml, lambda: [_xml()], 50, 8192),
    "other_xml": Target(other_xml, lambda: [_request(), _xml()], 40, 8192),
    "number_body": Target(number_body, lambda: [_number_body()], 20, 2048),
    "message_json": Target(message_json, lambda: [answer(key_no(1))], 60, 8192),
    "control_order": Target(control_order, _orders, 100),
    "settings_file": Target(settings_file, lambda: [b'[kiosk]\nid = "K1"\n', b"[flow]\nidle_s = 60.0\n"], 4),
}


def run(name: str, data: bytes) -> None:
    """One input; any exception that comes out is a fault."""
    with suppress(KioskError):
        TARGETS[name].parse(data)
