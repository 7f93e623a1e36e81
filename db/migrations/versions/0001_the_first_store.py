"""The first store"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absent",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("first_missed_at", sa.String(), nullable=False),
        sa.Column("last_missed_at", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "source", "id"),
    )
    op.create_table(
        "claim",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("study", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "study", "by"),
    )
    op.create_table(
        "cursor",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("watermark", sa.String(), nullable=True),
        sa.Column("query_digest", sa.String(), nullable=False),
        sa.Column("last_complete_at", sa.String(), nullable=True),
        sa.Column("last_attempt_at", sa.String(), nullable=True),
        sa.Column("next_due_at", sa.String(), nullable=True),
        sa.Column("data_timestamp", sa.String(), nullable=False),
        sa.Column("translation", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.CheckConstraint("failures >= 0", name="ck_cursor_failures"),
        sa.PrimaryKeyConstraint("topic", "source"),
    )
    op.create_index("ix_cursor_next_due_at", "cursor", ["next_due_at"])

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("inputs_digest", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("topic", "inputs_digest", name="uq_decision_once"),
    )
    op.create_table(
        "ledger",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column(
            "kind", sa.String(), sa.Computed("json_extract(body, '$.kind')", persisted=True), nullable=False
        ),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("seq >= 1 AND by <> '' AND length(hash) = 64", name="ck_ledger_line"),
        sa.PrimaryKeyConstraint("topic", "seq"),
    )
    op.create_index("ix_ledger_kind", "ledger", ["topic", "kind", "seq"])

    op.create_table(
        "operation",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_operation_kind", "operation", ["kind"])

    op.create_table(
        "payload",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "published",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("manifest_sha256", sa.String(), nullable=False),
        sa.Column("ledger_seq", sa.Integer(), nullable=False),
        sa.Column("ledger_head", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("topic", "version", name="uq_published_once"),
    )
    op.create_table(
        "record",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seeded", sa.Boolean(), nullable=False),
        sa.Column("last_update_posted", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("has_results", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "key"),
    )
    op.create_index("ix_record_source", "record", ["topic", "source"])

    op.create_table(
        "release",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "version"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("appended", sa.Integer(), nullable=False),
        sa.Column("absent", sa.Integer(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.CheckConstraint(
            "outcome = 'failed' OR (listed = skipped + fetched + absent AND fetched = appended + unchanged)",
            name="ck_run_reconciles",
        ),
        sa.CheckConstraint("outcome IN ('complete', 'failed')", name="ck_run_outcome"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_run_source", "run", ["topic", "source", "id"])

    op.create_table(
        "subscriber",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("address", sa.String(collation="NOCASE"), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("confirm_hash", sa.String(), nullable=True),
        sa.Column("leave_hash", sa.String(), nullable=True),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.String(), nullable=True),
        sa.Column("left_at", sa.String(), nullable=True),
        sa.CheckConstraint(
            "level IN ('every_bulletin', 'new_study', 'conclusions', 'retraction')",
            name="ck_subscriber_level",
        ),
        sa.CheckConstraint("state IN ('pending', 'confirmed', 'left')", name="ck_subscriber_state"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("confirm_hash"),
        sa.UniqueConstraint("leave_hash"),
        sa.UniqueConstraint("topic", "address", name="uq_subscriber_address"),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subscriber", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.String(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("changed_at", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.CheckConstraint("state <> 'leased' OR lease_owner <> ''", name="ck_letter_lease"),
        sa.CheckConstraint(
            "state IN ('queued', 'leased', 'sending', 'sent', 'retry', 'failed', 'unknown', 'withdrawn')",
            name="ck_letter_state",
        ),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscriber.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id"),
        sa.UniqueConstraint("topic", "event", "subscriber", "kind", name="uq_letter_once"),
    )
    op.create_index("ix_letter_due", "letter", ["state", "next_try_at"])
    op.create_index("ix_letter_subscriber", "letter", ["subscriber"])
