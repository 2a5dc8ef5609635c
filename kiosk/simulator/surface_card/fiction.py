# SPDX-License-Identifier: Apache-2.0
"""Fictional people in any number, for drawing many different cards; the seed decides who they are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np

from kiosk.simulator.patients.people import Sex
from kiosk.simulator.surface_card.face import CardFace, DateForm, Padding

_OLDEST: Final = date(1921, 1, 1)
_LIFE_DAYS: Final = 365 * 104
_FAMILIES: Final = (
    "試験",
    "見本",
    "例山",
    "仮野",
    "仮谷",
    "架川",
    "空木",
    "幻田",
    "夢原",
    "絵野",
    "虚谷",
    "雛形",
)
_GIVEN: Final = (
    "花子",
    "太郎",
    "トメ",
    "謙一",
    "涼子",
    "五郎",
    "雪",
    "正夫",
    "明",
    "さくら",
    "一二三",
    "八十八",
)
_FOREIGN: Final = (
    "ＥＸＡＭＰＬＥ　ＡＮＮＡ　ＭＡＲＩＡ　ＭＡＧＤＡＬＥＮＡ　ＴＥＳＴＯＷＳＫＡ",
    "ＳＡＭＰＬＥ　ＪＯＨＮ",
    "ＭＵＳＴＥＲ　ＭＡＸ　ＦＥＲＤＩＮＡＮＤ　ＡＬＥＸＡＮＤＥＲ　ＶＯＮ　ＢＥＩＳＰＩＥＬ",
)
_LONG_FAMILIES: Final = ("試験見本例山仮野仮谷架川", "（旧姓　空木）架空幻田夢原絵野")
# written out, since one more drawn person would change every invented card that was ever measured
_PHOTOS: Final = (
    *("akira", "goro", "hanako", "isamu", "kenichi", "masao", "midori", "ryoko", "taro", "tome", "yuki"),
)


def invented_face(rng: np.random.Generator, today: date, form: DateForm = DateForm.ERA) -> CardFace:
    """Somebody who does not exist; every birth day from 1921 to now and every code is possible."""

    def one(of: tuple[str, ...]) -> str:
        return of[int(rng.integers(len(of)))]

    birth = min(_OLDEST + timedelta(days=int(rng.integers(_LIFE_DAYS))), today - timedelta(days=400))
    if form is DateForm.GREGORIAN:
        name = one(_FOREIGN)
    elif rng.random() < 0.2:
        name = f"{one(_LONG_FAMILIES)}　{one(_GIVEN)}"
    else:
        name = f"{one(_FAMILIES)}　{one(_GIVEN)}"
    block, house, room = (int(number) for number in rng.integers(1, 30, 3))
    address = f"東京都架空区{'一二三四五六七八九'[int(rng.integers(9))]}丁目{block}番{house}号"
    if rng.random() < 0.4:
        address += f"　仮想マンション架空一番館{room}{room:02d}号室"
    years = int(rng.integers(0, 11))
    expiry = _birthday_in(birth, today.year + years)
    if expiry < today:
        expiry = _birthday_in(birth, today.year + years + 1)
    return CardFace(
        name=name,
        address=address,
        birth=birth,
        sex=Sex.MALE if rng.random() < 0.5 else Sex.FEMALE,
        expiry=expiry,
        security_code=f"{int(rng.integers(10000)):04d}",
        photo=one(_PHOTOS),
        form=form,
        padding=tuple(Padding)[int(rng.integers(3))],
    )


def _birthday_in(birth: date, year: int) -> date:
    """A card ends on a birthday; 28 February stands in for a missing leap day."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
