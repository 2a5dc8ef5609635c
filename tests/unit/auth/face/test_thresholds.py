# SPDX-License-Identifier: Apache-2.0
"""The table of thresholds: the shipped one, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.auth.face.calibration import SHIPPED_FILE, load_table, per_try, shipped_table
from kiosk.errors import ConfigurationError, FailureCode

Document = dict[str, Any]


def test_the_shipped_table_says_where_it_comes_from() -> None:
    table = shipped_table()
    assert table.people >= 50
    assert "LFW" in table.origin
    assert table.made[:2] == "20"
    assert all(row.pairs_different > 10_000 for row in table.rows)
    assert json.loads(SHIPPED_FILE.read_text()) == json.loads(json.dumps(table.as_dict()))


def test_more_frames_need_a_stricter_threshold_and_what_cannot_be_counted_is_marked() -> None:
    table = shipped_table()
    single, three = table.rows[0].thresholds, table.rows[2].thresholds
    for one, mean in zip(single, three, strict=True):
        assert mean.threshold < one.threshold
        assert mean.threshold < mean.estimate
    for row in table.rows:
        for each in row.thresholds:
            assert each.counted == (each.rate * row.pairs_different >= 10)
    assert not three[4].counted  # what the default rests on is a curve drawn further


def test_a_rate_between_two_rows_takes_the_stricter() -> None:
    table = shipped_table()
    assert table.thresholds(9.9e-4) == table.thresholds(3e-4)
    assert table.thresholds(per_try(3e-4, 3)) == table.thresholds(1e-4)  # not lost to rounding
    with pytest.raises(ConfigurationError, match="goes down to 1e-05"):
        table.thresholds(9e-6)


def test_nothing_of_a_single_person_is_shipped() -> None:
    """A mean of many is much shorter than a step from it to anybody; an embedding of somebody is not it."""
    mean = np.array(shipped_table().mean)
    assert mean.shape == (128,)
    assert set(json.loads(SHIPPED_FILE.read_text())) == {
        "pipeline", "origin", "made", "people", "images", "images_unusable", "rows", "mean",
    }  # fmt: skip


def less(document: Document) -> None:
    del document["mean"]


def few(document: Document) -> None:
    document["people"] = 49


def other(document: Document) -> None:
    document["pipeline"] = "another"


def lax(document: Document) -> None:
    document["rows"][2]["thresholds"][4]["threshold"] = 0.9


def eased(document: Document) -> None:
    """All alike, so that they are in order still."""
    for row in document["rows"]:
        for each in row["thresholds"]:
            each["threshold"] += 0.1


def unordered(document: Document) -> None:
    document["rows"][2]["thresholds"].reverse()


def without_row(document: Document) -> None:
    del document["rows"][3]


def no_number(document: Document) -> None:
    document["mean"][7] = float("nan")


def words(document: Document) -> None:
    document["rows"] = "none"


def empty(document: Document) -> None:
    document["rows"][0]["thresholds"] = []


@pytest.mark.parametrize(
    "spoil",
    [less, few, other, lax, eased, unordered, without_row, no_number, words, empty],
    ids=lambda f: f.__name__,
)
def test_a_spoiled_table_is_refused(tmp_path: Path, spoil: Callable[[Document], None]) -> None:
    document = json.loads(SHIPPED_FILE.read_text())
    file = tmp_path / "own.json"
    file.write_text(json.dumps(document))
    load_table(str(file))
    spoil(document)
    file.write_text(json.dumps(document))
    with pytest.raises(ConfigurationError, match=r"own\.json") as raised:
        load_table(str(file))
    assert raised.value.code is FailureCode.CONFIG_INVALID


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"\xff\xfe", b"[" * 100_000, b"{}" + b" " * 1_000_001],
    ids=["0", "list", "b", "deep", "long"],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "own.json"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        load_table(str(file))
    assert raised.value.code is FailureCode.CONFIG_INVALID


def test_no_table_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_table(str(tmp_path / "none.json"))
    assert raised.value.code is FailureCode.CONFIG_MISSING
