# SPDX-License-Identifier: Apache-2.0
"""Whose certificate is watched for news of the person, with their consent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "person_updates",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("mark", sa.LargeBinary),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("last_session_id", sa.Text, nullable=False),
        sa.Column("agreed_at", sa.Text, nullable=False),
        sa.Column("certificate_sealed", sa.LargeBinary),
        sa.Column("item_id", sa.Text),
        sa.Column("asked_at", sa.Text),
        sa.Column("change_sealed", sa.LargeBinary),
        sa.Column("changed_at", sa.Text),
        sa.Column("taken_at", sa.Text),
        sa.Column("taken_by", sa.Text),
        sa.Column("withdrawn_at", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_person_updates"),
        sa.UniqueConstraint("mark", name="uq_person_updates_mark"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["receptions.session_id"], name="fk_person_updates_session_id"
        ),
        sa.ForeignKeyConstraint(
            ["last_session_id"], ["receptions.session_id"], name="fk_person_updates_last_session_id"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["outbox.id"], name="fk_person_updates_item_id"),
    )
    op.create_index("ix_person_updates_item_id", "person_updates", ["item_id"])
