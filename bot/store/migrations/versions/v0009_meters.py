"""What all processes together may do only so often."""

import sqlalchemy as sa
from alembic import op

revision = "0009_meters"
down_revision = "0008_leases"


def upgrade() -> None:
    op.create_table(
        "meters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_until", sa.BigInteger()),
        sa.Column("first_until", sa.BigInteger()),
        sa.Column("second_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name", name="pk_meters"),
    )
