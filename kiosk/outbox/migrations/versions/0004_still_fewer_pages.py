# SPDX-License-Identifier: Apache-2.0
"""Receptions are their own index and count themselves; an index holds only what is looked for in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the receptions anew with all their rows; the last number of a day is read off them."""
    op.create_table(
        "new_receptions",
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("occurred_at", sa.Text, nullable=False),
        sa.Column("committed_at", sa.Text, nullable=False),
        sa.Column("verification", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("outcome_code", sa.Text),
        sa.PrimaryKeyConstraint("session_id", name="pk_receptions"),
        sa.UniqueConstraint("day", "letter", "ordinal", name="uq_receptions_day_letter_ordinal"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO new_receptions SELECT session_id, substr(number, 1, instr(number, '-') - 1),"
        " CAST(substr(number, instr(number, '-') + 1) AS INTEGER),"
        " day, occurred_at, committed_at, verification, outcome, outcome_code FROM receptions"
    )
    op.drop_table("receptions")  # foreign keys are not enforced here: those who refer to it keep its name
    op.rename_table("new_receptions", "receptions")
    op.drop_table("number_counters")
    op.drop_index("ix_outbox_needs_staff_state", "outbox")
    op.drop_index("ix_outbox_waiting", "outbox")
    op.drop_index("ix_outbox_acked_at", "outbox")
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_attempt_at", "id", "state"],
        sqlite_where=sa.text("state IN ('pending', 'accepted') AND attempts > 0"),
    )
    op.create_index(
        "ix_outbox_ended", "outbox", ["acked_at", "state"], sqlite_where=sa.text("acked_at IS NOT NULL")
    )
    op.create_index("ix_outbox_needs_staff", "outbox", ["id"], sqlite_where=sa.text("needs_staff = 1"))
