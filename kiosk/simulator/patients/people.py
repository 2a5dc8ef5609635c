# SPDX-License-Identifier: Apache-2.0
"""The fictional people of demos and tests: who they are, what is on their cards, how they are insured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Sex(StrEnum):
    """As the card codes it (ISO 5218)."""

    MALE = "1"
    FEMALE = "2"


class CardQuirk(StrEnum):
    """What is unusual about a patient's card."""

    PIN_LAST_TRY = "pin_last_try"
    PIN_BLOCKED = "pin_blocked"
    NO_PIN = "no_pin"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_REVOKED = "certificate_revoked"
    CERTIFICATE_GRACE = "certificate_grace"
    ANDROID_PHONE = "android_phone"
    NOT_MY_NUMBER = "not_my_number"


@dataclass(frozen=True, slots=True)
class Insurance:
    """What upstream answers about a person; codes as in facts/oqs.md 2.3 to 2.5."""

    insurer_number: str = "  138999"
    insurer_name: str = "架空区"
    symbol: str = "12-34"
    number: str = "4260"
    branch: str = "01"
    card_class: str = "01"
    family: str = "1"
    validity: str = "1"
    limit_class: str = ""
    elderly_ratio: str = ""
    partial_ratio: str = ""
    disease: str = ""  # category of a 特定疾病療養受療証, and its cap is then the usual one
    answered_name: str = ""  # where the answer's spelling differs from the card's, as with ●


@dataclass(frozen=True, slots=True)
class Patient:
    """One fictional person. Addresses, numbers and insurers exist nowhere.

    `face` names the person whose drawn face this is, where one person has a card and a phone. `registered` is
    whether the card is known as an insurance card; `moves_to` where a story says that the person moves.
    """

    key: str
    name: str
    kana: str
    birth: date
    sex: Sex
    address: str
    pin: str
    security_code: str
    insurance: Insurance = Insurance()
    quirk: CardQuirk | None = None
    face: str = ""
    registered: bool = True
    moves_to: str = ""


PATIENTS: tuple[Patient, ...] = (
    Patient(
        "hanako",
        "試験　花子",
        "ｼｹﾝ ﾊﾅｺ",
        date(1976, 3, 27),
        Sex.FEMALE,
        "東京都架空区一丁目２番３号",
        "2580",
        "1029",
        Insurance(limit_class="A03"),
    ),
    Patient(
        "taro",
        "見本　太郎",
        "ﾐﾎﾝ ﾀﾛｳ",
        date(1998, 7, 5),
        Sex.MALE,
        "東京都架空区二丁目８番１号",
        "1470",
        "3377",
        Insurance(number="5181", limit_class="A04"),
    ),
    Patient(
        "tome",
        "例山　トメ",
        "ﾚｲﾔﾏ ﾄﾒ",
        date(1948, 1, 15),
        Sex.FEMALE,
        "東京都架空区三丁目１番９号",
        "3690",
        "8842",
        Insurance(
            insurer_number="39138999",
            insurer_name="架空都後期高齢者医療広域連合",
            symbol="",
            number="00912345",
            branch="",
            partial_ratio="010",
            limit_class="B10",
        ),
    ),
    Patient(
        "kenichi",
        "髙槗　謙一",
        "ﾀｶﾊｼ ｹﾝｲﾁ",
        date(1969, 11, 2),
        Sex.MALE,
        "東京都架空区四丁目５番６号",
        "9512",
        "4410",
        Insurance(number="7790", limit_class="A03", answered_name="●●　謙一"),
    ),
    Patient(
        "ryoko",
        "仮野　涼子",
        "ｶﾘﾉ ﾘｮｳｺ",
        date(1987, 5, 19),
        Sex.FEMALE,
        "東京都架空区五丁目３番７号",
        "7531",
        "2096",
        Insurance(number="6604", validity="3"),
    ),
    Patient(
        "goro",
        "仮谷　五郎",
        "ｶﾘﾔ ｺﾞﾛｳ",
        date(1957, 9, 30),
        Sex.MALE,
        "東京都架空区六丁目４番２号",
        "8024",
        "5518",
        Insurance(number="3318", limit_class="A03"),
        CardQuirk.PIN_LAST_TRY,
    ),
    Patient(
        "yuki",
        "架川　雪",
        "ｶｹｶﾜ ﾕｷ",
        date(2003, 12, 24),
        Sex.FEMALE,
        "東京都架空区七丁目６番５号",
        "1593",
        "7003",
        Insurance(number="9127", limit_class="A05"),
        CardQuirk.PIN_BLOCKED,
    ),
    Patient(
        "masao",
        "空木　正夫",
        "ｳﾂｷﾞ ﾏｻｵ",
        date(1940, 4, 29),
        Sex.MALE,
        "東京都架空区八丁目７番４号",
        "0000",
        "6625",
        Insurance(
            insurer_number="39138999",
            insurer_name="架空都後期高齢者医療広域連合",
            symbol="",
            number="00954321",
            branch="",
            partial_ratio="020",
            limit_class="B09",
        ),
        CardQuirk.NO_PIN,
    ),
    Patient(
        "akira",
        "幻田　明",
        "ﾏﾎﾞﾛﾀﾞ ｱｷﾗ",
        date(1981, 2, 11),
        Sex.MALE,
        "東京都架空区九丁目８番８号",
        "4826",
        "9150",
        Insurance(number="2245", limit_class="A02"),
        CardQuirk.CERTIFICATE_EXPIRED,
    ),
    Patient(
        "midori",
        "無川　みどり",
        "ﾅｼｶﾜ ﾐﾄﾞﾘ",
        date(1992, 8, 8),
        Sex.FEMALE,
        "東京都架空区十丁目９番１号",
        "6173",
        "3846",
        Insurance(number="4407", limit_class="A04"),
        CardQuirk.CERTIFICATE_REVOKED,
    ),
    Patient(
        "isamu",
        "暮田　勇",
        "ｸﾚﾀ ｲｻﾑ",
        date(1964, 6, 10),
        Sex.MALE,
        "東京都架空区十一丁目２番７号",
        "3940",
        "7261",
        Insurance(number="8152", limit_class="A03"),
        CardQuirk.CERTIFICATE_GRACE,
    ),
    Patient(
        "fumi",
        "重川　フミ",
        "ｶｻｶﾜ ﾌﾐ",
        date(1953, 10, 1),
        Sex.FEMALE,
        "東京都架空区十二丁目６番１号",
        "5739",
        "4082",
        Insurance(number="1190", validity="5"),
    ),
    Patient(
        "satoru",
        "見付　悟",
        "ﾐﾂｹ ｻﾄﾙ",
        date(1995, 4, 17),
        Sex.MALE,
        "東京都架空区十三丁目１番８号",
        "6204",
        "1957",
        Insurance(number="2736", validity="4"),
    ),
    Patient(
        "nozomi",
        "初瀬　望",
        "ﾊﾂｾ ﾉｿﾞﾐ",
        date(2001, 9, 9),
        Sex.FEMALE,
        "東京都架空区十四丁目３番３号",
        "8315",
        "6640",
        Insurance(number="5502", limit_class="A04"),
        registered=False,
    ),
    Patient(
        "kanae",
        "移川　香苗",
        "ｳﾂﾘｶﾜ ｶﾅｴ",
        date(1983, 12, 3),
        Sex.FEMALE,
        "東京都架空区十五丁目４番６号",
        "2967",
        "8213",
        Insurance(number="7045", limit_class="A03"),
        moves_to="東京都幻想市北町一丁目７番２号",
    ),
    Patient(
        "takeo",
        "扶川　武雄",
        "ﾀｽｶﾜ ﾀｹｵ",
        date(1961, 2, 20),
        Sex.MALE,
        "東京都架空区十六丁目５番９号",
        "4178",
        "3305",
        Insurance(
            insurer_number="12138999",
            insurer_name="架空区福祉事務所",
            symbol="",
            number="0001234",
            branch="",
            card_class="A1",
        ),
    ),
    Patient(
        "shizue",
        "透野　静江",
        "ﾄｳﾉ ｼｽﾞｴ",
        date(1958, 8, 25),
        Sex.FEMALE,
        "東京都架空区十七丁目２番４号",
        "9601",
        "5174",
        Insurance(number="8321", limit_class="A03", disease="1"),
    ),
    Patient(
        "taro-phone",
        "見本　太郎",
        "ﾐﾎﾝ ﾀﾛｳ",
        date(1998, 7, 5),
        Sex.MALE,
        "東京都架空区二丁目８番１号",
        "1470",
        "3377",
        Insurance(number="5181", limit_class="A04"),
        CardQuirk.ANDROID_PHONE,
        face="taro",
    ),
    Patient(
        "licence",
        "",
        "",
        date(1990, 1, 1),
        Sex.MALE,
        "",
        "0000",
        "0000",
        Insurance(),
        CardQuirk.NOT_MY_NUMBER,
    ),
)


OTHERS: tuple[Patient, ...] = (
    Patient(
        "mei",
        "架川　芽衣",
        "ｶｹｶﾜ ﾒｲ",
        date(2020, 4, 20),
        Sex.FEMALE,
        "東京都架空区七丁目６番５号",
        "1357",
        "4141",
        Insurance(number="9127", branch="02", family="2"),
    ),
    Patient(
        "akane",
        "双葉　茜",
        "ﾌﾀﾊﾞ ｱｶﾈ",
        date(1990, 10, 12),
        Sex.FEMALE,
        "東京都架空区十二丁目３番１号",
        "2846",
        "5208",
        Insurance(number="6110"),
    ),
    Patient(
        "aoi",
        "双葉　葵",
        "ﾌﾀﾊﾞ ｱｵｲ",
        date(1990, 10, 12),
        Sex.FEMALE,
        "東京都架空区十二丁目３番１号",
        "9053",
        "5216",
        Insurance(number="6111"),
    ),
)
"""People of single stories: no card of theirs lies in the tray, and nobody keeps their faces apart."""

EVERYBODY = PATIENTS + OTHERS


def patient(key: str) -> Patient:
    """The person of that key; raises `KeyError` for a stranger."""
    for person in EVERYBODY:
        if person.key == key:
            return person
    raise KeyError(key)
