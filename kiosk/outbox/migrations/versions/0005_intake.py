# SPDX-License-Identifier: Apache-2.0
"""A reception is taken in as one row, and filed in its tables afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table more."""
    op.create_table(
        "intake",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("committed_at", sa.Text, nullable=False),
        sa.Column("item_id", sa.Text),
        sa.Column("record_sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["outbox.id"], name="fk_intake_item_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_intake"),
    )
