# SPDX-License-Identifier: Apache-2.0
"""Lines of print are found whatever else is dark beside them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.reader.surface.fields import LINE_HEIGHT, line_of_print

PAPER, INK = 200, 100


def place(*, photo: int | None, blur: float) -> np.ndarray:
    """Where the code is expected, with print below the middle and perhaps a photo that ends above it."""
    picture = np.full((56, 160), PAPER, dtype=np.uint8)
    cv2.putText(picture, "1029", (40, 50), cv2.FONT_HERSHEY_SIMPLEX, 0.75, INK, 2, cv2.LINE_AA)
    if photo is not None:
        picture[:9, :50] = picture[:9, 100:] = photo
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture, dtype=np.uint8)


@pytest.mark.parametrize("photo", [None, 0])
@pytest.mark.parametrize("blur", [0, 1.5, 3.2])
def test_pale_print_is_found_below_a_dark_photo(photo: int | None, blur: float) -> None:
    line = line_of_print(place(photo=photo, blur=blur))
    assert line is not None
    assert line.print.shape[0] == LINE_HEIGHT
    assert 1.3 < line.print.shape[1] / LINE_HEIGHT < 2.9


def test_there_is_no_line_where_there_is_no_print() -> None:
    assert line_of_print(np.full((56, 160), PAPER, dtype=np.uint8)) is None
    alone = np.full((56, 160), PAPER, dtype=np.uint8)
    alone[:9, :50] = 0
    assert line_of_print(alone) is None
