# SPDX-License-Identifier: Apache-2.0
"""Pages as PDF files, drawn by Qt with the fonts of the screens."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextDocument

_SLIP_MM = QSizeF(80, 105)  # what receipt printers have; on larger paper it stands in the corner
_RESOLUTION = 300


def draw_sheet(page: str, *, small: bool) -> bytes:
    """The page as a PDF file of one sheet; on the main thread, with a `QGuiApplication`."""
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_RESOLUTION)
    writer.setTitle("Uketsuke")
    if small:
        size, margin = QPageSize(_SLIP_MM, QPageSize.Unit.Millimeter, "slip"), 4.0
    else:
        size, margin = QPageSize(QPageSize.PageSizeId.A4), 18.0
    writer.setPageSize(size)
    writer.setPageMargins(QMarginsF(margin, margin, margin, margin), QPageLayout.Unit.Millimeter)
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.documentLayout().setPaintDevice(writer)
    document.setDefaultFont(QFont("BIZ UDGothic", 11))
    document.setHtml(page)
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    document.print_(writer)
    del writer  # the file is only whole once its writer is gone
    buffer.close()
    return bytes(held.data())
