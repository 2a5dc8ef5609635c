# SPDX-License-Identifier: Apache-2.0
"""What alembic runs to reach the database: the connection handed over by `upgrade`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from kiosk.outbox.schema import Base

connection = context.config.attributes["connection"]
if not isinstance(connection, Connection):
    raise TypeError("migrations run on a connection that is handed over")
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=False)
# the caller's transaction is the only one: SQLite can undo its table changes with it
context.run_migrations()
