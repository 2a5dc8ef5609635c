# SPDX-License-Identifier: Apache-2.0
"""Labelled pairs: who is who, and files that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.auth.face.labels import read_labels
from kiosk.errors import ConfigurationError, FailureCode


def labels_of(tmp_path: Path, rows: str) -> list[set[str]]:
    """The people as sets of names."""
    file = tmp_path / "pairs.csv"
    file.write_text("img1,img2,same\n" + rows)
    labels = read_labels(file)
    found: dict[int, set[str]] = {}
    for image, person in zip(labels.images, labels.person, strict=True):
        found.setdefault(person, set()).add(image.name)
    return [found[person] for person in range(labels.people)]


def test_pairs_of_one_person_make_the_person(tmp_path: Path) -> None:
    rows = "a.png,b.png,1\nb.png,c.png,1\na.png,d.png,0\ne.png,d.png,1\n"
    assert labels_of(tmp_path, rows) == [{"a.png", "b.png", "c.png"}, {"d.png", "e.png"}]


def test_a_folder_is_a_person_where_no_label_says_otherwise(tmp_path: Path) -> None:
    assert labels_of(tmp_path, "x/1.png,y/2.png,0\nx/3.png,y/4.png,0\n") == [
        {"1.png", "3.png"},
        {"2.png", "4.png"},
    ]
    apart = "x/1.png,y/2.png,0\nx/3.png,x/1.png,0\n"
    assert labels_of(tmp_path, apart) == [{"1.png"}, {"2.png"}, {"3.png"}]
    assert labels_of(tmp_path, "1.png,2.png,0\n2.png,3.png,1\n") == [{"1.png"}, {"2.png", "3.png"}]


def test_one_picture_under_two_spellings_is_one(tmp_path: Path) -> None:
    assert labels_of(tmp_path, "x/../a.png,b.png,0\na.png,c.png,0\n") == [{"a.png"}, {"b.png"}, {"c.png"}]


def test_a_picture_with_itself_is_counted_and_left_out(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("img1,img2,same\na.png,a.png,1\na.png,b.png,0\n")
    labels = read_labels(file)
    assert (len(labels.pairs), labels.with_itself) == (1, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "columns needed"),
        (b"a,b\n1,2\n", "columns needed"),
        (b"img1,img2,same\na.png,b.png,yes\n", "line 2: same must be 1 or 0"),
        (b"img1,img2,same\na.png,b.png,1\na.png\n", "line 3: a pair needs"),
        (b"img1,img2,same\n,b.png,1\n", "line 2: a pair needs"),
        (b"img1,img2,same\na.png,a.png,0\n", "cannot differ from itself"),
        (b"img1,img2,same\na,b,1\nb,c,1\na,c,0\n", "contradicts itself: a and c"),
        (b"img1,img2,same\n\xff\xfe,b,1\n", "UTF-8"),
        (b"img1,img2,same\n" + b"a" * 200_000 + b",b,1\n", "no table of pairs"),
        (b"img1,img2,same\na\0,b,1\n", "pair"),
    ],
)
def test_files_that_are_wrong_are_told(tmp_path: Path, text: bytes, said: str) -> None:
    file = tmp_path / "pairs.csv"
    file.write_bytes(text)
    with pytest.raises(ConfigurationError) as raised:
        read_labels(file)
    assert raised.value.code is FailureCode.CONFIG_INVALID
    assert said in raised.value.detail
    assert raised.value.detail.startswith("pairs.csv")


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_no_file_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_labels(tmp_path / name)
    assert raised.value.code is FailureCode.CONFIG_MISSING


def test_a_spreadsheets_byte_order_mark_and_more_columns_do_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_bytes(b"\xef\xbb\xbfimg1,img2,same,remark\r\na.png,b.png, 1 ,x\r\n")
    assert read_labels(file).pairs[0].same
