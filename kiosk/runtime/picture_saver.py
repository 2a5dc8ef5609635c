# SPDX-License-Identifier: Apache-2.0
"""Writes the pictures of a rehearsal beside the play."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QRunnable
from PySide6.QtGui import QImage

from kiosk.errors import FailureCode

_LOGGER = logging.getLogger("kiosk.rehearsal")


class PictureSaver(QRunnable):
    """Writes one picture, beside the play. Lives on: a pool thread."""

    def __init__(self, picture: QImage, file: Path) -> None:
        super().__init__()
        self._picture = picture
        self._file = file

    def run(self) -> None:
        """Write it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        if not self._picture.save(str(self._file)):
            _LOGGER.error("a picture could not be written: %s", FailureCode.FOLDER_MISSING.value)
