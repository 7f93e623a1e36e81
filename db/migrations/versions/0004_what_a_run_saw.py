"""What a search asked and how it was answered, beside its counts"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("details", sa.String(), nullable=False, server_default="{}"))
