# SPDX-License-Identifier: Apache-2.0
"""The first form of the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "receptions",
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("occurred_at", sa.Text, nullable=False),
        sa.Column("committed_at", sa.Text, nullable=False),
        sa.Column("verification", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("outcome_code", sa.Text),
        sa.PrimaryKeyConstraint("session_id", name="pk_receptions"),
        sa.UniqueConstraint("day", "number", name="uq_receptions_day_number"),
    )
    op.create_table(
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
    _create_outbox()
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("note_sealed", sa.LargeBinary),
        sa.Column("note_digest", sa.LargeBinary, nullable=False),
        sa.Column("prev_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_table(
        "number_counters",
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("letter", "day", name="pk_number_counters"),
    )
    op.create_table(
        "visits",
        sa.Column("mark", sa.LargeBinary, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("first_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_visits"),
    )
    op.create_index("ix_visits_day", "visits", ["day"])
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("needs_staff", sa.Boolean, nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("payload_sealed", sa.LargeBinary),
        sa.Column("answer_sealed", sa.LargeBinary),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.Text),
        sa.Column("last_status", sa.Integer),
        sa.Column("last_error_code", sa.Text),
        sa.Column("depends_on", sa.Text),
        sa.Column("acked_at", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["session_id"], ["receptions.session_id"], name="fk_outbox_session_id"),
        sa.ForeignKeyConstraint(["depends_on"], ["outbox.id"], name="fk_outbox_depends_on"),
        sa.CheckConstraint(
            "state IN ('pending', 'in_flight', 'accepted', 'done', 'refused')", name="ck_outbox_state"
        ),
    )
    op.create_index(
        "ix_outbox_fresh",
        "outbox",
        ["next_attempt_at", "id"],
        sqlite_where=sa.text("state = 'pending' AND attempts = 0"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_attempt_at", "id"],
        sqlite_where=sa.text("state IN ('pending', 'accepted') AND attempts > 0"),
    )
    op.create_index("ix_outbox_out", "outbox", ["id"], sqlite_where=sa.text("state = 'in_flight'"))
    op.create_index("ix_outbox_needs_staff_state", "outbox", ["needs_staff", "state"])
    op.create_index("ix_outbox_acked_at", "outbox", ["acked_at"])
    op.create_index("ix_outbox_depends_on", "outbox", ["depends_on"])
