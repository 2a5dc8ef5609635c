# SPDX-License-Identifier: Apache-2.0
"""Files that others watch for: written whole, on the disk before they have their name, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def write_synced(path: Path, content: bytes, mode: int = 0o640) -> None:
    """Write a file, and return when it is on the disk; a link is never followed."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the folder's names are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # network file systems have no such thing for folders
            raise
    finally:
        os.close(handle)
