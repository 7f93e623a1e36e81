"""Letters by level of change: how often, what waits for a digest, what bounced, what was told, who asked"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite adds a column with its own CHECK; making the table anew would break the letters that point to it.
    op.execute(
        "ALTER TABLE subscriber ADD COLUMN pace VARCHAR NOT NULL DEFAULT 'at_once' "
        "CONSTRAINT ck_subscriber_pace CHECK (pace IN ('at_once', 'weekly', 'monthly'))"
    )
    op.execute("ALTER TABLE subscriber ADD COLUMN stopped VARCHAR NOT NULL DEFAULT ''")
    op.create_table(
        "held",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subscriber", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("letter", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["subscriber"], ["subscriber.id"]),
        sa.ForeignKeyConstraint(["letter"], ["letter.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("topic", "event", "subscriber", "kind", name="uq_held_once"),
    )
    op.create_index("ix_held_subscriber", "held", ["subscriber"])
    op.create_index("ix_held_letter", "held", ["letter"])
    op.create_table(
        "bounce",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("subscriber", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber"], ["subscriber.id"]),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("ix_bounce_subscriber", "bounce", ["subscriber"])
    op.create_table(
        "told",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "event"),
    )
    op.create_table(
        "asked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_asked_who", "asked", ["who"])
    op.create_index("ix_asked_at", "asked", ["at"])
