# SPDX-License-Identifier: Apache-2.0
"""What is typed on the command line as values, each refused with one sentence."""

from __future__ import annotations

import argparse


def count(text: str) -> int:
    """Some, but not endlessly many."""
    return between(text, 1, 100_000)


def probes(text: str) -> int:
    """So many pictures of each person."""
    return between(text, 1, 5)


def port(text: str) -> int:
    """A TCP port; 0 is any."""
    return between(text, 0, 65_535)


def between(text: str, least: int, most: int) -> int:
    """A whole number between two."""
    if not text.isdecimal() or not least <= int(text) <= most:
        message = f"a number from {least} to {most} is wanted"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def words(text: str) -> str:
    """Text that says something."""
    if not text.strip():
        message = "it may not be empty"
        raise argparse.ArgumentTypeError(message)
    return text


def address(text: str) -> tuple[str, int]:
    """``HOST:PORT``."""
    host, colon, number = text.rpartition(":")
    if not colon or not host:
        message = "HOST:PORT is wanted"
        raise argparse.ArgumentTypeError(message)
    return host, port(number)
