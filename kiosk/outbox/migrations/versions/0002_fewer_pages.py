# SPDX-License-Identifier: Apache-2.0
"""Indices that hold only what is looked for, tables that are their own index: a commit writes fewer pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Most items have no end yet and wait for no other: they need no place in those two indices."""
    op.drop_index("ix_outbox_acked_at", "outbox")
    op.drop_index("ix_outbox_depends_on", "outbox")
    op.drop_index("ix_visits_day", "visits")  # a day's visits are few enough to look through
    _rebuild(
        "consents",
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("text_version", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("decided_at", sa.Text, nullable=False),
        sa.Column("given", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "item", name="pk_consents"),
        sa.ForeignKeyConstraint(["session_id"], ["receptions.session_id"], name="fk_consents_session_id"),
    )
    _rebuild(
        "visits",
        sa.Column("mark", sa.LargeBinary, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("first_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_visits"),
    )
    op.create_index(
        "ix_outbox_acked_at", "outbox", ["acked_at"], sqlite_where=sa.text("acked_at IS NOT NULL")
    )
    op.create_index(
        "ix_outbox_depends_on", "outbox", ["depends_on"], sqlite_where=sa.text("depends_on IS NOT NULL")
    )


def _rebuild(table: str, *parts: sa.schema.SchemaItem) -> None:
    """Make a table anew as its own index, with all its rows; nothing may refer to it."""
    op.rename_table(table, f"old_{table}")
    op.create_table(table, *parts, sqlite_with_rowid=False)
    op.execute(f"INSERT INTO {table} SELECT * FROM old_{table}")  # noqa: S608  # our own two names
    op.drop_table(f"old_{table}")
