# SPDX-License-Identifier: Apache-2.0
"""The steps from each released form of the tables to the next, run when the store is opened."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

HEAD = "0005"
"""The form this program knows; a test keeps it equal to the newest step."""


def revision(connection: Connection) -> str | None:
    """The form the database has; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, target: str = HEAD) -> None:
    """Bring the database to `target` inside the caller's transaction: all of it or nothing."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
