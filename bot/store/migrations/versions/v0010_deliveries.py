"""What Slack delivered and a process took up, so that no other one does so as well."""

import sqlalchemy as sa
from alembic import op

revision = "0010_deliveries"
down_revision = "0009_meters"


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_deliveries_at", "deliveries", ["at"])
