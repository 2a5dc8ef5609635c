# SPDX-License-Identifier: Apache-2.0
"""The sentences of one part of the product, which are kept in a file of their own."""

from __future__ import annotations

from pathlib import Path

from kiosk.texts import Catalogue


def part_of_catalogue(folder: Path, part: str, whole: Catalogue) -> Catalogue:
    """``<part>.<language>.toml`` in the language of `whole`, together with its failures."""
    sentences = Catalogue.load(folder, f"{part}.{whole.language}").texts
    return Catalogue(whole.language, sentences, whole.failures)
